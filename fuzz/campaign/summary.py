"""The state of a campaign, and the files that show it: summary.json for programs, report.html for people.

Both are replaced as a whole, so they can be read at any moment.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from fuzz.campaign.engines import Progress
from fuzz.campaign.files import write_whole
from fuzz.campaign.findings import Finding
from fuzz.campaign.history import Timeline
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
    gained: bool = True  # in its last turn: it found something new
    last_new: float | None = None  # seconds into the campaign

    def add(self, progress: Progress, seconds: float) -> None:
        """A turn that has ended. Coverage is the engine's own count, over the whole corpus each time."""
        self.seconds += seconds
        self.turns += 1
        self.executions += progress.executions
        self.gained = any(value > self.coverage.get(name, 0) for name, value in progress.coverage.items())
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
    executions_under_way: int = 0
    findings: list[Finding] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what a person has to know, and that is no problem
    reach: dict[str, bool] = field(default_factory=dict)
    inputs: dict[str, int] = field(default_factory=dict)  # corpus size by target
    edges: dict[str, float] = field(default_factory=dict)  # by target, as one engine counts them
    replayed: int = 0  # inputs looked at again under other sanitizers
    disk_bytes: int = 0
    disk_limit: int = 0
    timeline: Timeline = field(default_factory=Timeline)
    before: list[dict[str, Any]] = field(default_factory=list)  # campaigns that have ended
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
        return sum(tally.executions for tally in self.roles.values()) + self.executions_under_way

    @property
    def targets(self) -> list[str]:
        return list(dict.fromkeys(role.target for role in self.roles))

    def note_edges(self, role: Role, edges: float) -> None:
        """Engines count differently: the first one planned speaks for a target."""
        speaker = next(other for other in self.roles if other.target == role.target)
        if role.engine == speaker.engine:
            self.edges[role.target] = max(edges, self.edges.get(role.target, 0))

    @property
    def reach_hit(self) -> int:
        return sum(self.reach.values())


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


def role_entry(role: Role, tally: Tally) -> dict[str, object]:
    return {
        "name": role.name,
        "target": role.target,
        "engine": role.engine,
        "instance": role.instance,
        "turns": tally.turns,
        "core_seconds": round(tally.seconds, 1),
        "executions": tally.executions,
        "executions_per_second": round(tally.executions / tally.seconds, 1) if tally.seconds else 0.0,
        "last_new": tally.last_new,
    }


def as_data(state: State) -> dict[str, Any]:
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
        "notes": state.notes,
        "targets": {target: target_entry(state, target) for target in state.targets},
        "reach": {
            "hit": sorted(name for name, hit in state.reach.items() if hit),
            "missing": sorted(name for name, hit in state.reach.items() if not hit),
        },
        "coverage": {target: target_coverage(state, target) for target in state.targets},
        "stability": stability(state),
        "replayed": state.replayed,
        "disk": {"bytes": state.disk_bytes, "limit": state.disk_limit},
        "roles": [role_entry(role, tally) for role, tally in state.roles.items()],
    }


def sample(state: State) -> dict[str, Any]:
    """One point of the charts."""
    return {
        "seconds": state.seconds,
        "executions": state.executions,
        "edges": {target: state.edges.get(target, 0) for target in state.targets},
        "reach": state.reach_hit,
        "inputs": dict(state.inputs),
        "findings": len(state.findings),
    }


def write(state: State, folder: Path) -> None:
    from fuzz.campaign.page import render

    data = as_data(state)
    write_whole(folder / "summary.json", json.dumps(data, indent=2) + "\n")
    write_whole(folder / "report.html", render(data, state.timeline.samples, state.before))
