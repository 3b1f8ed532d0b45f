"""What a person sees while it runs: a table that changes in a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from fuzz.campaign.plan import Role
from fuzz.campaign.summary import State, Tally

PLAIN_EVERY = 30.0  # seconds between two lines in a log
REFRESH = 0.5
COLOURS = {"clean": "green", "findings": "red", "unhealthy": "yellow"}


def clock(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}"


def count(number: float) -> str:
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if number >= limit:
            return f"{number / limit * (10 if unit == 'k' else 1):.3g}{unit}"
    return f"{number:.0f}"


def status(state: State, running: list[Role]) -> str:
    rate = state.executions / state.seconds if state.seconds else 0.0
    found = " ".join(sorted({finding.id for finding in state.findings})) or "none"
    names = " ".join(role.name for role in running) or "-"
    return (
        f"{clock(state.seconds)} of {clock(state.planned_seconds)}  "
        f"{count(state.executions)} programs, {count(rate)}/s  findings: {found}  now: {names}"
    )


def since(state: State, tally: Tally) -> str:
    return "-" if tally.last_new is None else clock(state.seconds - tally.last_new)


def role_table(state: State, running: list[Role]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name, justify in (("role", "left"), ("programs", "right"), ("/s", "right"), ("inputs", "right"),
                          ("edges", "right"), ("since new", "right"), ("turns", "right")):
        table.add_column(name, justify=justify, no_wrap=True)
    for role, tally in state.roles.items():
        rate = tally.executions / tally.seconds if tally.seconds else 0.0
        cells = [count(tally.executions), count(rate), count(state.inputs.get(role.target, 0))]
        cells += [f"{tally.coverage.get('edges', 0):.0f}", since(state, tally), str(tally.turns)]
        table.add_row(("● " if role in running else "  ") + role.name, *cells,
                      style="bold" if role in running else "")
    return table


def panel(state: State, running: list[Role]) -> Group:
    left = max(0.0, state.planned_seconds - state.seconds)
    rate = state.executions / state.seconds if state.seconds else 0.0
    marks = f"reach {state.reach_hit} of {len(state.reach)}" if state.reach else "reach not measured yet"
    disk = f"{state.disk_bytes / 1e6:.0f} of {state.disk_limit / 1e6:.0f} MB"
    head = Text(f"{state.verdict}", style=f"bold {COLOURS[state.verdict]}")
    head.append(f"  {clock(state.seconds)}, {clock(left)} left  {count(state.executions)} programs, "
                f"{count(rate)}/s  {marks}  disk {disk}", style="default")
    lines = [head, role_table(state, running)]
    for finding in state.findings:
        waiting = "not minimised" if finding.done else "being made small"
        small = f"{finding.operations} operations" if finding.minimized else waiting
        text = f"{finding.id} {finding.name}, {finding.times}×, {small}"
        lines.append(Text(text, style="red", no_wrap=True, overflow="ellipsis"))
    return Group(*lines)


class Screen:
    """Shows the state, and messages above it."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        live = Live(console=self._console, auto_refresh=False, transient=True)
        self._live = live if sys.stdout.isatty() else None
        self._last = time.monotonic()

    def __enter__(self) -> Screen:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    def say(self, message: str, colour: str | None = None) -> None:
        self._console.print(Text(message, style=colour or ""))

    def show(self, state: State, running: list[Role]) -> None:
        now = time.monotonic()
        if now - self._last < (REFRESH if self._live else PLAIN_EVERY):
            return
        self._last = now
        if self._live:
            self._live.update(panel(state, running), refresh=True)
        else:
            self.say(status(state, running))
