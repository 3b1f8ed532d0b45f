"""Google Benchmark's JSON as figures by name: the median over the repetitions of each."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

FLOOR = "floor/locked_rmw_pair"


@dataclass(frozen=True)
class Figure:
    """One benchmark: nanoseconds for one operation, and what else was counted."""

    name: str
    ns: float
    lowest: float
    highest: float
    counters: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Results:
    figures: dict[str, Figure]
    errors: dict[str, str]
    skipped: dict[str, str]

    def ratio(self, name: str, against: str = FLOOR) -> float | None:
        """How many times the cost of another; None when one of them was not measured."""
        one, other = self.figures.get(name), self.figures.get(against)
        return one.ns / other.ns if one and other and other.ns > 0 else None


COMMON = {  # what Google Benchmark says of every repetition; all other numbers are counters
    "family_index", "per_family_instance_index", "repetitions", "repetition_index", "threads", "iterations",
    "real_time", "cpu_time",
}


def figure_of(name: str, repetitions: list[dict]) -> Figure:
    times = [run["real_time"] for run in repetitions]
    numbers = {key for run in repetitions for key, value in run.items() if isinstance(value, (int, float))}
    names = sorted(numbers - COMMON)
    counters = {key: statistics.median(run[key] for run in repetitions if key in run) for key in names}
    return Figure(name, statistics.median(times), min(times), max(times), counters)


def parse(text: str) -> Results:
    """In the order of the program, not in the random one in which they ran."""
    repetitions: dict[str, list[dict]] = defaultdict(list)
    errors: dict[str, str] = {}
    skipped: dict[str, str] = {}
    busy: dict[str, str] = {}  # counts only if no repetition could be measured
    runs = [run for run in json.loads(text)["benchmarks"] if run.get("run_type") == "iteration"]
    for run in sorted(runs, key=lambda run: run["family_index"]):
        if run.get("error_occurred"):
            kind, _, reason = (run.get("error_message") or "no reason given").partition(": ")
            if kind == "busy":
                busy[run["name"]] = reason
            elif kind == "skipped":
                skipped[run["name"]] = reason
            else:
                errors[run["name"]] = f"{kind}: {reason}" if reason else kind
        else:
            repetitions[run["name"]].append(run)
    errors.update({name: reason for name, reason in busy.items() if name not in repetitions})
    figures = {name: figure_of(name, runs) for name, runs in repetitions.items() if name not in errors}
    return Results(figures, errors, skipped)


def read(path: Path) -> Results:
    return parse(path.read_text())
