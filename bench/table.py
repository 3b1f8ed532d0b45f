"""The figures as tables: ours against the targets, then every allocator beside it."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from bench.results import FLOOR, Results
from bench.targets import MILLISECONDS, Verdict, verdicts

OURS = "pmm"
NUMBERS = ("cost", "lowest", "highest", "ratio", "now")


def nanoseconds(ns: float) -> str:
    for limit, unit in ((1e6, "ms"), (1e4, "us")):
        if ns >= limit:
            return f"{ns / (1e6 if unit == 'ms' else 1e3):.3g} {unit}"
    return f"{ns:.3g} ns" if ns < 1000 else f"{ns:.0f} ns"


def times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}" if ratio < 100 else f"{ratio:.0f}"


def target_cells(verdict: Verdict | None) -> tuple[str, str, str]:
    """The target, how it is now, and whether that is good enough."""
    if verdict is None:
        return "", "", ""
    target = verdict.target
    against = "" if target.against == FLOOR else f" x {target.against.removeprefix('pmm/')}"
    if target.against == MILLISECONDS:
        against = " ms"
    met = "[green]met[/green]" if verdict.met else "[red]not met[/red]"
    return f"<= {target.at_most:g}{against}", times(verdict.ratio), met


def extras(counters: dict[str, float]) -> str:
    """What was counted beside the time, in few words."""
    words = []
    if "whole_after" in counters:
        words.append(f"{counters['whole_after']:.0f} of {counters['whole_at_best']:.0f} blocks whole")
    if "metadata_budget" in counters:
        words.append(f"metadata {counters['metadata_bytes'] / counters['metadata_budget']:.0%} of the budget")
    return ", ".join(words)


def ours(results: Results) -> Table:
    judged = verdicts(results)
    table = Table(title="pmm, called directly; ratio: to floor/locked_rmw_pair of the same run")
    for heading in ("benchmark", "cost", "lowest", "highest", "ratio", "target", "now", "", "counted"):
        table.add_column(heading, justify="right" if heading in NUMBERS else "left")
    for name, figure in results.figures.items():
        if name.split("/")[0] not in ("floor", OURS):
            continue
        cost = [nanoseconds(ns) for ns in (figure.ns, figure.lowest, figure.highest)]
        ratio = results.ratio(name) if "init" not in name and "memset" not in name else None
        table.add_row(name, *cost, times(ratio), *target_cells(judged.get(name)), extras(figure.counters))
    return table


def allocators(results: Results) -> list[str]:
    names = dict.fromkeys(name.split("/")[0] for name in results.figures)
    return [name for name in names if name != "floor"]


def workloads(results: Results) -> list[str]:
    """What others than we did, in order, without the allocator's name."""
    found = [name.partition("/") for name in results.figures]
    others = {workload for allocator, _, workload in found if allocator not in ("floor", OURS)}
    return list(dict.fromkeys(workload for _, _, workload in found if workload in others))


def beside(results: Results) -> Table | None:
    """None when there is nobody beside us."""
    names, rows = allocators(results), workloads(results)
    if not rows:
        return None
    table = Table(title="ratios to floor/locked_rmw_pair (init: time; frag: and whole blocks)")
    table.add_column("workload")
    for name in names:
        table.add_column(name, justify="right")
    for workload in rows:
        cells = []
        for name in names:
            figure = results.figures.get(f"{name}/{workload}")
            if figure is None:
                cells.append("")
            elif workload.startswith("init"):
                cells.append(nanoseconds(figure.ns))
            else:
                whole = f" ({figure.counters['whole_after']:.0f})" if "whole_after" in figure.counters else ""
                cells.append(times(results.ratio(figure.name)) + whole)
        table.add_row(workload, *cells)
    return table


def show(results: Results, console: Console) -> None:
    console.print(ours(results))
    others = beside(results)
    if others is not None:
        console.print(others)
    for reason in sorted(set(results.skipped.values())):
        names = [name for name, given in results.skipped.items() if given == reason]
        console.print(f"skipped ({reason}): {' '.join(names)}")
    for name, error in results.errors.items():
        console.print(f"[red]{name}: {error}[/red]")
    judged = verdicts(results).values()
    missed = [verdict.target for verdict in judged if not verdict.met]
    if judged:
        console.print(f"targets: {len(judged) - len(missed)} met, {len(missed)} not met")
    for target in missed:
        console.print(f"  {target.name}: {target.held_back or 'nothing is known that holds it back'}")
