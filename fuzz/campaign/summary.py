"""The state of a campaign, and the files that show it: summary.json for programs, report.html for people.

Both are replaced as a whole, so they can be read at any moment.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import jinja2

from fuzz.campaign.engines import Progress
from fuzz.campaign.files import write_whole
from fuzz.campaign.findings import Finding
from fuzz.campaign.plan import Role

EXIT = {"clean": 0, "findings": 1, "unhealthy": 2}


@dataclass
class Tally:
    """What one role has done in all its turns."""

    seconds: float = 0.0
    turns: int = 0
    executions: int = 0
    coverage: dict[str, float] = field(default_factory=dict)
    stability: float | None = None

    def add(self, progress: Progress, seconds: float) -> None:
        """A turn that has ended. Coverage is the engine's own count, over the whole corpus each time."""
        self.seconds += seconds
        self.turns += 1
        self.executions += progress.executions
        for name, value in progress.coverage.items():
            self.coverage[name] = max(value, self.coverage.get(name, 0))
        if progress.stability is not None:
            self.stability = min(progress.stability, self.stability or 100.0)


@dataclass
class State:
    """Everything the summary tells."""

    allocator: str
    planned_seconds: float
    jobs: int
    roles: dict[Role, Tally]
    started: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    reach: dict[str, bool] = field(default_factory=dict)
    inputs: dict[str, int] = field(default_factory=dict)  # corpus size by target
    finished: bool = False
    interrupted: bool = False

    @property
    def verdict(self) -> str:
        """A finding is a finding, whatever else went wrong; only without one do problems decide."""
        if self.findings:
            return "findings"
        return "unhealthy" if self.problems else "clean"

    @property
    def executions(self) -> int:
        return sum(tally.executions for tally in self.roles.values())

    @property
    def targets(self) -> list[str]:
        return list(dict.fromkeys(role.target for role in self.roles))


def target_entry(state: State, target: str) -> dict[str, object]:
    tallies = [tally for role, tally in state.roles.items() if role.target == target]
    return {
        "executions": sum(tally.executions for tally in tallies),
        "core_seconds": round(sum(tally.seconds for tally in tallies), 1),
        "inputs": state.inputs.get(target, 0),
    }


def target_coverage(state: State, target: str) -> dict[str, dict[str, float]]:
    """Per engine the best of its instances: edges are counted differently, so they do not add up."""
    best: dict[str, dict[str, float]] = {}
    for role, tally in state.roles.items():
        if role.target == target and tally.coverage:
            entry = best.setdefault(role.engine, {})
            entry.update({key: max(value, entry.get(key, 0)) for key, value in tally.coverage.items()})
    return best


def stability(state: State) -> dict[str, float | None]:
    measured: dict[str, float | None] = {}
    for target in state.targets:
        tallies = [tally for role, tally in state.roles.items() if role.target == target]
        measured[target] = min((t.stability for t in tallies if t.stability is not None), default=None)
    return measured


def as_data(state: State) -> dict[str, object]:
    return {
        "verdict": state.verdict,
        "finished": state.finished,
        "interrupted": state.interrupted,
        "allocator": state.allocator,
        "started": state.started.isoformat(timespec="seconds"),
        "planned_seconds": state.planned_seconds,
        "seconds": round(state.seconds, 1),
        "jobs": state.jobs,
        "executions": state.executions,
        "executions_per_second": round(state.executions / state.seconds, 1) if state.seconds else 0.0,
        "findings": [asdict(finding) for finding in state.findings],
        "problems": state.problems,
        "targets": {target: target_entry(state, target) for target in state.targets},
        "reach": {
            "hit": sorted(name for name, hit in state.reach.items() if hit),
            "missing": sorted(name for name, hit in state.reach.items() if not hit),
        },
        "coverage": {target: target_coverage(state, target) for target in state.targets},
        "stability": stability(state),
        "roles": [
            {
                "name": role.name,
                "target": role.target,
                "engine": role.engine,
                "instance": role.instance,
                "turns": tally.turns,
                "core_seconds": round(tally.seconds, 1),
                "executions": tally.executions,
            }
            for role, tally in state.roles.items()
        ],
    }


def write(state: State, folder: Path) -> None:
    data = as_data(state)
    write_whole(folder / "summary.json", json.dumps(data, indent=2) + "\n")
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    write_whole(folder / "report.html", templates.get_template("report.html").render(data))
