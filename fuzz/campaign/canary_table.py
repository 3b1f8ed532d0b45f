"""What it took to find the planted faults of concurrency, as a table on the terminal and in the tree."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

TABLE = Path("fuzz/canaries/SMP.md")
REMARKS = "## "
SOON, SHARE = 5.0, 0.9  # so many seconds for such a share of the faults
SLACK = 5.0  # seconds beyond the limit: the start of the engine and its end
NUMBERS = ("executions", "seconds", "CPUs", "operations", "preemptions")
HEADINGS = ("fault", "stands for", "failure", *NUMBERS, "C test")


@dataclass
class Outcome:
    """What fuzzing one planted allocator came to; without a `problem`, it was found as it should be."""

    fault: str
    what: str
    classes: str
    id: str = ""
    executions: int = 0
    seconds: float = 0.0
    cpus: int = 0
    operations: int = 0
    preemptions: int = 0
    stale: int = 0
    interrupts: int = 0
    program: str = ""
    c_test: str = "-"  # "yes": there is one that fails on the faulty core, and not on the sound one
    problem: str = ""


def cells(outcome: Outcome, name: str) -> list[str]:
    extra = [f"{outcome.interrupts} interrupts"] if outcome.interrupts else []
    extra += [f"{outcome.stale} stale loads"] if outcome.stale else []
    size = ", ".join([str(outcome.preemptions), *extra])
    took = [f"{outcome.executions:,}", f"{outcome.seconds:.2f}"]
    sizes = [str(outcome.cpus), str(outcome.operations), size]
    return [name, outcome.classes, outcome.id or "not found", *took, *sizes, outcome.c_test]


def show(outcomes: list[Outcome]) -> None:
    table = Table(*HEADINGS)
    for outcome in outcomes:
        table.add_row(*cells(outcome, outcome.fault))
    Console(width=None if sys.stdout.isatty() else 140).print(table)


def write_table(outcomes: list[Outcome], machine: str) -> None:
    """The table in the tree; what stands below it stays."""
    rows = [cells(outcome, f"**{outcome.fault}**: {outcome.what}") for outcome in outcomes]
    aligned = ["---:" if heading in NUMBERS else "---" for heading in HEADINGS]
    lines = [
        "# Planted faults of concurrency, and what it takes to find them",
        "",
        f"`make canaries` on {machine}, {date.today()}. Each fault alone, libFuzzer with ASan and UBSan",
        "on one core, from the ordinary seeds; seconds are of that core, start included. Sizes are those",
        "of the minimised program, kept as `corpus/smp/canary-NAME.ops`. D numbers are defects of the",
        "described design, M numbers are classes of concurrency faults. C test: whether a test that needs",
        "core/ alone, and that the sound core passes, shows the fault.",
        "",
        *(f"| {' | '.join(row)} |" for row in (list(HEADINGS), aligned, *rows)),
    ]
    _, mark, remarks = TABLE.read_text().partition(REMARKS)
    TABLE.write_text("\n".join(lines) + f"\n\n{mark}{remarks}")


def lacks(outcomes: list[Outcome], seconds: float) -> list[str]:
    """Everything that is not as it should be, a sentence each."""
    told = [f"{outcome.fault}: {outcome.problem}" for outcome in outcomes if outcome.problem]
    late = [outcome for outcome in outcomes if outcome.seconds > SOON]
    if len(outcomes) - len(late) < SHARE * len(outcomes):
        names = ", ".join(f"{outcome.fault} {outcome.seconds:.0f} s" for outcome in late)
        told.append(f"{len(late)} of {len(outcomes)} took more than {SOON:.0f} s: {names}")
    slowest = [outcome for outcome in outcomes if outcome.seconds > seconds + SLACK]
    told += [f"{outcome.fault}: took {outcome.seconds:.0f} s" for outcome in slowest]
    return told
