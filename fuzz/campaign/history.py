"""How a campaign went over time, and how the ones before it ended: two files of one JSON object a line."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz.campaign.files import Damaged, read_json, write_whole

SAMPLES_MOST = 400  # when there are more, every other one goes, and they come half as often
FIRST_INTERVAL = 2.0  # seconds
CAMPAIGNS_SHOWN, CAMPAIGNS_KEPT = 12, 200
KEPT = ("started", "verdict", "seconds", "executions", "executions_per_second", "jobs", "targets")


@dataclass
class Timeline:
    """Samples of a campaign, as many as a chart can show, however long it runs."""

    samples: list[dict[str, Any]] = field(default_factory=list)
    interval: float = FIRST_INTERVAL

    def due(self, seconds: float) -> bool:
        return not self.samples or seconds - self.samples[-1]["seconds"] >= self.interval

    def add(self, sample: dict[str, Any]) -> None:
        self.samples.append(sample)
        if len(self.samples) > SAMPLES_MOST:
            self.samples = self.samples[::2]
            self.interval *= 2


def digest(summary: dict[str, Any]) -> dict[str, Any]:
    """What later campaigns are compared with."""
    line = {key: summary[key] for key in KEPT if key in summary}
    line["targets"] = sorted(summary.get("targets", {}))
    line["findings"] = [finding["id"] for finding in summary.get("findings", [])]
    line["reach_hit"] = len(summary.get("reach", {}).get("hit", []))
    line["reach_missing"] = len(summary.get("reach", {}).get("missing", []))
    line["inputs"] = sum(target.get("inputs", 0) for target in summary.get("targets", {}).values())
    line["edges"] = {
        target: max((counts.get("edges", 0) for counts in engines.values()), default=0)
        for target, engines in summary.get("coverage", {}).items()
    }
    return line


def read(folder: Path) -> list[dict[str, Any]]:
    """The campaigns that have ended here, oldest first; what is no whole line is left out."""
    path, lines = folder / "history.jsonl", []
    for line in path.read_text(errors="replace").splitlines() if path.exists() else []:
        with suppress(ValueError):
            lines.append(json.loads(line))
    return [line for line in lines if isinstance(line, dict)]


def close_last(folder: Path) -> list[dict[str, Any]]:
    """Puts the last campaign into the history, however it ended; the campaigns before this one."""
    campaigns = read(folder)
    try:
        last = digest(read_json(folder / "summary.json"))
    except (FileNotFoundError, Damaged, TypeError, AttributeError, KeyError):  # of other times, or damaged
        return campaigns
    if last.get("started") and all(campaign.get("started") != last["started"] for campaign in campaigns):
        campaigns.append(last)
        lines = [json.dumps(campaign) + "\n" for campaign in campaigns[-CAMPAIGNS_KEPT:]]
        write_whole(folder / "history.jsonl", "".join(lines))
    return campaigns
