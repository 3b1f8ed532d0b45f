"""The page: report.html from what the summary says, with traces, pictures and charts inside it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from fuzz.campaign import pictures
from fuzz.campaign.screen import clock, count

SIDES = re.compile(r"^FAIL \S+ \S+ (.*?) ?allocator=(.*?) model=(.*?): make replay", re.MULTILINE)
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
    if len(rows) > lines:
        rows = [*rows[:20], f"... {len(rows) - lines} lines ...", *rows[20 - lines :]]
    return "\n".join(rows)


def sides_of(*texts: str | None) -> dict[str, str] | None:
    """What the FAIL line says of both sides, in the first of the texts that has one."""
    for text in texts:
        found = SIDES.search(text or "")
        if found:
            return {"where": found[1].rstrip(":"), "allocator": found[2], "model": found[3]}
    return None


WORDS = re.compile(r"^block\[\d+\] at (0x[0-9a-f]+).*\n((?:  \S+ +\S+ [MK]iB.*\n)+)", re.MULTILINE)


def letters(words: dict[str, list[int]], large: bool, who: str) -> str:
    """One letter a frame, from the bits that a concurrent run's report shows."""
    bits = [words[who][i // 64] >> i % 64 & 1 for i in range(512)]
    managed = [words["managed"][i // 64] >> i % 64 & 1 for i in range(512)]
    taken = "L" if large else "s"
    return "".join("." if not m else "f" if b else taken for m, b in zip(managed, bits, strict=True))


def moment_of_words(text: str | None) -> dict[str, Any] | None:
    """The same for a concurrent program: the allocator's blocks, beside what the set-up left."""
    blocks = []
    for base, lines in WORDS.findall(text or ""):
        rows = [line.split() for line in lines.splitlines()]
        words = {row[0]: [int(word, 16) for word in row[3:]] for row in rows}
        large = {row[0]: row[1] == "2" for row in rows}
        if not {"managed", "set-up", "allocator"} <= set(words):
            continue
        sides = {key: letters(words, large[key], key) for key in ("allocator", "set-up")}
        blocks.append({"base": base, "allocator": sides["allocator"], "model": sides["set-up"]})
    if not blocks:
        return None
    return {"position": "", "blocks": blocks, "all_blocks": len(blocks), "entries": [], "zones": []}


def moment_of(finding: dict[str, Any]) -> dict[str, Any] | None:
    """Both states as grids, blocks that differ first."""
    text = text_of(finding.get("moment"))
    try:
        moment = json.loads(text) if text else None
    except ValueError:
        return None
    moment = moment or moment_of_words(text_of(finding.get("trace")))
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
        "beside": "model" if moment["position"] else "as the set-up left it",
        "position": moment["position"],
        "blocks": shown,
        "more": moment["all_blocks"] - len(shown),
        "layout": pictures.layout(moment),
        "zones": [zone for zone in moment["zones"] if zone["managed"]],
    }


def finding_entry(finding: dict[str, Any]) -> dict[str, Any]:
    """A finding with everything about it that is on the disk."""
    trace, log = text_of(finding.get("trace")), text_of(finding.get("log"))
    return finding | {
        "sides": sides_of(trace, log),
        "program": text_of(finding.get("minimized")),
        "trace_text": cut(trace),
        "log_text": cut(log),
        "test_text": text_of(finding.get("unit_test")),
        "picture": moment_of(finding),
    }


def sentence(data: dict[str, Any]) -> str:
    findings = data["findings"]
    if findings:
        names = ", ".join(f"{finding['id']} {finding['name']}" for finding in findings[:3])
        more = f" and {len(findings) - 3} more" if len(findings) > 3 else ""
        return f"{len(findings)} finding{'s' if len(findings) > 1 else ''}: {names}{more}."
    if data["verdict"] == "clean" and not data["finished"]:
        return "Nothing was found so far."
    return SENTENCES[data["verdict"]]


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
