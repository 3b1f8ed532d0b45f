"""The one table of `make boot`, its failures with the command that repeats each, and build/boot/summary.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ci.boot.cases import Case
from ci.boot.judge import Verdict

COLUMNS = ("loader", "firmware", "CPUs", "memory", "compiler", "inside calls", "seconds", "verdict")
INSIDE_WANTED = 100_000  # of a whole run


@dataclass(frozen=True)
class Row:
    case: Case
    verdict: Verdict
    seconds: float

    @property
    def word(self) -> str:
        if self.verdict.wrong:
            return "FAILED"
        return "fault found" if self.case.fault else "ok"


def loader(case: Case) -> str:
    words = [f"{case.protocol} by {case.loader}"]
    words += [f"fault: {case.fault}"] if case.fault else []
    words += ["facade"] * case.facade + ["corpus in ring 0"] * case.corpus + list(case.board[1:2])
    return ", ".join(words)


def cells(row: Row) -> list[str]:
    case = row.case
    inside = f"{row.verdict.inside:,}" if row.verdict.strikes else "-"
    return [loader(case), case.firmware, str(case.cpus), case.memory, f"{case.compiler} {case.machine}", inside,
            f"{row.seconds:.1f}", row.word]


def show(rows: list[Row], total: float, whole: bool) -> bool:
    """Prints the table; false when a row failed, or too few interrupts struck inside calls."""
    table = Table(title="make boot")
    for column in COLUMNS:
        justify = "right" if column in COLUMNS[2:4] + COLUMNS[5:7] else "left"
        table.add_column(column, justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*cells(row), style="red" if row.verdict.wrong else None)
    console = Console(highlight=False, width=118)
    console.print(table)
    inside = sum(row.verdict.inside for row in rows)
    failed = [row for row in rows if row.verdict.wrong]
    for row in failed:
        console.print(f"\nFAILED {row.case.name}: {row.verdict.wrong}", markup=False)
        console.print(f"    make boot ONLY={row.case.name}", markup=False)
    counted = f"{len(rows) - len(failed)} boots passed, {len(failed)} failed"
    console.print(f"{counted}; {inside:,} interrupts inside calls; "
                  f"{total:.0f} s")
    enough = inside >= INSIDE_WANTED or not whole or bool(failed)
    if not enough:
        console.print(f"too few interrupts struck inside calls: {INSIDE_WANTED:,} wanted")
    return not failed and enough and bool(rows)


def write(rows: list[Row], total: float, path: Path) -> None:
    boots = [dict(zip(COLUMNS, cells(row)), name=row.case.name, inside=row.verdict.inside,
                  strikes=row.verdict.strikes, wrong=row.verdict.wrong) for row in rows]
    summary = {"boots": boots, "inside": sum(row.verdict.inside for row in rows), "seconds": round(total, 1),
               "failed": sum(bool(row.verdict.wrong) for row in rows)}
    path.write_text(json.dumps(summary, indent=1) + "\n")
