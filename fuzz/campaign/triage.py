"""From a crashing input to a failure id: what a log says, and which build says it again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fuzz.campaign.builds import CONCURRENT, Builds
from fuzz.campaign.process import run

REPLAY_SECONDS = 60
FAIL_LINE = re.compile(r"^FAIL ([A-Z]\d\d) (\S+)", re.MULTILINE)
# What the harness does not name itself. Permanent ids, like those of failures.def; the first match counts.
REPORTS = (
    ("X11", re.compile(r"ERROR: libFuzzer: (timeout)")),
    ("X12", re.compile(r"(?:libFuzzer|AddressSanitizer): (out-of-memory|requested-allocation-size\S*)")),
    ("X01", re.compile(r"ERROR: AddressSanitizer: (\S+)")),
    ("X04", re.compile(r"ERROR: LeakSanitizer: (.+)")),
    ("X03", re.compile(r"WARNING: MemorySanitizer: (\S+)")),
    ("X02", re.compile(r"runtime error: (.+)")),
    ("X10", re.compile(r"ERROR: libFuzzer: (deadly signal|fuzz target exited)")),
)


@dataclass(frozen=True)
class Verdict:
    """What is wrong, by id and name, and the log that says so."""

    id: str
    name: str
    log: str


@dataclass(frozen=True)
class Confirmed:
    """A verdict, and what shows it again: the program in text, or only the engine's build on the bytes."""

    verdict: Verdict
    by_text: bool = False
    by_engine: bool = False


def identify(exit_code: int | None, log: str) -> Verdict | None:
    """The harness's own word first, then the sanitizers', then the bare exit (None: no end in time)."""
    named = FAIL_LINE.search(log)
    if named:
        return Verdict(named[1], named[2], log)
    for failure, pattern in REPORTS:
        seen = pattern.search(log)
        if seen:
            return Verdict(failure, re.sub(r"\W+", "-", seen[1]).strip("-")[:60], log)
    if exit_code is None:
        return Verdict("X11", "timeout", log)
    if exit_code < 0 or exit_code > 128:
        return Verdict("X10", f"signal-{-exit_code if exit_code < 0 else exit_code - 128}", log)
    return None


def without_operations(program: str) -> str:
    """The header of a program in text: all that the map target looks at."""
    header = ("ops", "cpus", "below", "map", "multiboot")
    return "".join(line for line in program.splitlines(keepends=True) if line.split(" ")[0].strip() in header)


def as_text(builds: Builds, target: str, data: Path, text: Path) -> bool:
    """Writes the program that `data` stands for; False when the format's tool does not take it."""
    code, _ = run([str(builds.ops_tool), "decode", str(data), str(text)], REPLAY_SECONDS)
    if code != 0 or not text.exists():
        return False
    if target == "map":
        text.write_text(without_operations(text.read_text()))
    return True


def replay(builds: Builds, target: str, path: Path) -> Verdict | None:
    """What the first build that objects says; sanitizers name what the others only stumble over."""
    for variant in CONCURRENT if target == "smp" else ("asan", "plain", "msan"):
        code, log = run([str(builds.replayer(variant)), str(path)], REPLAY_SECONDS)
        verdict = identify(code, log)
        if verdict:
            return verdict
    return None


def confirm(builds: Builds, target: str, data: Path, text: Path) -> Confirmed | None:
    """Replays an input as text, else as bytes; then in the engine's build. None: nothing objects."""
    readable = as_text(builds, target, data, text)
    verdict = replay(builds, target, text if readable else data)
    if verdict:
        return Confirmed(verdict, by_text=readable)
    code, log = run([str(builds.fuzzer("libfuzzer", target)), str(data)], REPLAY_SECONDS)
    verdict = identify(code, log)
    return Confirmed(verdict, by_engine=True) if verdict else None
