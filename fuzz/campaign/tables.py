"""The tables of the harness, as the C sources have them: failure ids, and the signs by which logs tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

RUN = Path(__file__).resolve().parents[1] / "run"
FAILURE = re.compile(r'^FAILURE\((\w+), "([^"]*)", "([^"]*)"\)', re.MULTILINE)
SIGN = re.compile(r'^SIGN\((\w+), "([^"]*)"\)', re.MULTILINE)


@dataclass(frozen=True)
class Failure:
    """One permanent id: its name, and what it means in a sentence."""

    id: str
    name: str
    meaning: str


@cache
def failures() -> dict[str, Failure]:
    return {row[0]: Failure(*row) for row in FAILURE.findall((RUN / "failures.def").read_text())}


@cache
def signs() -> tuple[tuple[str, str], ...]:
    """(id, text in the log); the first that matches counts."""
    return tuple(SIGN.findall((RUN / "signs.def").read_text()))
