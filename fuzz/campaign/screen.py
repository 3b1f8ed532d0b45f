"""The live line: one that changes in a terminal, one now and then in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

from fuzz.campaign.plan import Role
from fuzz.campaign.summary import State

PLAIN_EVERY = 30.0  # seconds between two lines in a log
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


def status(state: State, running: list[Role], executions: int) -> str:
    rate = executions / state.seconds if state.seconds else 0.0
    found = " ".join(sorted({finding.id for finding in state.findings})) or "none"
    names = " ".join(role.name for role in running) or "-"
    return (
        f"{clock(state.seconds)} of {clock(state.planned_seconds)}  "
        f"{count(executions)} programs, {count(rate)}/s  findings: {found}  now: {names}"
    )


class Screen:
    """Shows the status line, and messages above it."""

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

    def show(self, state: State, running: list[Role], executions: int) -> None:
        line = status(state, running, executions)
        if self._live:
            text = Text(line, style=COLOURS[state.verdict], no_wrap=True, overflow="ellipsis")
            self._live.update(text, refresh=True)
        elif time.monotonic() - self._last >= PLAIN_EVERY:
            self._last = time.monotonic()
            self.say(line)
