"""The page: report.html from what the summary says, with traces, pictures and charts inside it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from fuzz.campaign import pictures
from fuzz.campaign.screen import clock, count

TRACE_LINES = 120
BLOCKS_SHOWN = 6
SENTENCES = {
    "clean": "Nothing was found.",
    "unhealthy": "The campaign cannot be trusted: see what is wrong with it.",
}


@cache
def template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"clock": clock, "count": count, "size": pictures.size_text}
    return environment.get_template("report.html")


def text_of(path: str | None) -> str | None:
    """A file that belongs to a finding, when it is there."""
    try:
        return Path(path).read_text(errors="replace") if path else None
    except OSError:
        return None


def cut(text: str | None, lines: int = TRACE_LINES) -> str | None:
    if text is None:
        return None
    rows = text.rstrip().splitlines()
    return "\n".join(rows if len(rows) <= lines else [*rows[:20], f"... {len(rows) - lines} lines ...", *rows[20 - lines :]])


def moment_of(finding: dict[str, Any]) -> dict[str, Any] | None:
    """Both states as grids, blocks that differ first."""
    text = text_of(finding.get("moment"))
    try:
        moment = json.loads(text) if text else None
    except ValueError:
        return None
    if not moment or not moment["blocks"]:
        return None
    blocks = pictures.blocks_of(moment)
    shown = [
        {
            "title": block.title,
            "differing": block.differing,
            "allocator": pictures.grid(block.allocator, block.model, block.base),
            "model": pictures.grid(block.model, block.allocator, block.base),
        }
        for block in blocks[:BLOCKS_SHOWN]
    ]
    return {
        "position": moment["position"],
        "blocks": shown,
        "more": moment["all_blocks"] - len(shown),
        "layout": pictures.layout(moment),
        "zones": [zone for zone in moment["zones"] if zone["managed"]],
    }


def finding_entry(finding: dict[str, Any]) -> dict[str, Any]:
    """A finding with everything about it that is on the disk."""
    return finding | {
        "program": text_of(finding.get("minimized")),
        "trace_text": cut(text_of(finding.get("trace"))),
        "log_text": cut(text_of(finding.get("log"))),
        "test_text": text_of(finding.get("unit_test")),
        "picture": moment_of(finding),
    }


def sentence(data: dict[str, Any]) -> str:
    findings = data["findings"]
    if findings:
        names = ", ".join(f"{finding['id']} {finding['name']}" for finding in findings[:3])
        more = f" and {len(findings) - 3} more" if len(findings) > 3 else ""
        return f"{len(findings)} finding{'s' if len(findings) > 1 else ''}: {names}{more}."
    return SENTENCES[data["verdict"]] if data["finished"] or data["verdict"] != "clean" else "Nothing was found so far."


def compared(data: dict[str, Any], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last campaigns, newest first; this one on top."""
    from fuzz.campaign.history import CAMPAIGNS_SHOWN, digest

    return [digest(data), *reversed(before[-CAMPAIGNS_SHOWN:])]


def render(data: dict[str, Any], samples: list[dict[str, Any]], before: list[dict[str, Any]]) -> str:
    most = max((role["executions"] for role in data["roles"]), default=0) or 1
    return template().render(
        data
        | {
            "findings": [finding_entry(finding) for finding in data["findings"]],
            "sentence": sentence(data),
            "charts": pictures.charts(samples),
            "campaigns": compared(data, before),
            "most_executions": most,
        }
    )
