"""From a crashing input to a failure id: what a log says, and which build says it again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fuzz.campaign.builds import CONCURRENT, Builds
from fuzz.campaign.process import run
from fuzz.campaign.tables import failures, signs

REPLAY_SECONDS = 60
SEQUENTIAL_SECONDS = 180  # some 50 programs, of which each may hang
FAIL_LINE = re.compile(r"^FAIL ([A-Z]\d\d) (\S+)", re.MULTILINE)
KIND = re.compile(r"[^\d\n]*?(?= on |[\d\n]|$)")  # as in fuzz/run/signs.c
UNCONFIRMED = "X20"
SANITIZERS = ("X01", "X02", "X03", "X04")  # their words tell the kind


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
    variant: str = ""  # of the replayer that objects; empty: none does
    by_text: bool = False
    by_engine: bool = False


def kind_of(text: str) -> str:
    """The words behind a sign, without what changes from run to run."""
    found = KIND.match(text)
    return re.sub(r"[^A-Za-z]+", "-", found[0] if found else "").strip("-")[:39]


def identify(exit_code: int | None, log: str) -> Verdict | None:
    """The harness's own word first, then the sanitizers', then the bare exit (None: no end in time)."""
    named = FAIL_LINE.search(log)
    if named:
        return Verdict(named[1], named[2], log)
    for failure, text in signs():
        at = log.find(text)
        if at >= 0:
            kind = kind_of(log[at + len(text) :]) if failure in SANITIZERS else ""
            return Verdict(failure, kind or failures()[failure].name, log)
    if exit_code is None:
        return Verdict("X11", failures()["X11"].name, log)
    if exit_code < 0 or exit_code > 128:
        return Verdict("X10", f"signal-{-exit_code if exit_code < 0 else exit_code - 128}", log)
    return None


def without_operations(program: str) -> str:
    """The header of a program in text: all that the map target looks at."""
    header = ("ops", "cpus", "below", "managed-below", "map", "multiboot", "table", "reserve", "later", "place")
    return "".join(line for line in program.splitlines(keepends=True) if line.split(" ")[0].strip() in header)


def as_text(builds: Builds, target: str, data: Path, text: Path) -> bool:
    """Writes the program that `data` stands for; False when the format's tool does not take it."""
    code, _ = run([str(builds.ops_tool), "decode", str(data), str(text)], REPLAY_SECONDS)
    if code != 0 or not text.exists():
        return False
    if target == "map":
        text.write_text(without_operations(text.read_text()))
    return True


def replay_in(builds: Builds, variant: str, path: Path) -> Verdict | None:
    """What one build says of a program: everything is compared after each operation."""
    code, log = run([str(builds.replayer(variant)), "--thorough", str(path)], REPLAY_SECONDS)
    return identify(code, log)


def replay(builds: Builds, target: str, path: Path) -> tuple[str, Verdict] | None:
    """The first build that objects, and what it says; sanitizers name what the others only stumble over."""
    for variant in CONCURRENT if target == "smp" else ("asan", "plain", "msan"):
        verdict = replay_in(builds, variant, path)
        if verdict:
            return variant, verdict
    return None


def without_schedule(builds: Builds, path: Path, text: Path) -> Confirmed | None:
    """A concurrent program's operations one after another, written as `text`, if they fail so.

    Then the fault is a sequential one, and told once: whatever other name it has under a schedule.
    """
    command = [str(builds.concurrent_replayer("plain")), "--sequential", str(path), str(text)]
    if run(command, SEQUENTIAL_SECONDS)[0] != 0 or not text.exists():
        return None
    seen = replay(builds, "ops", text)
    return Confirmed(seen[1], seen[0], by_text=True) if seen else None


def confirm(builds: Builds, target: str, data: Path, text: Path) -> Confirmed | None:
    """Replays an input as text, else as bytes; then in the engine's build. None: nothing objects."""
    readable = as_text(builds, target, data, text)
    seen = replay(builds, target, text if readable else data)
    if seen:
        return Confirmed(seen[1], seen[0], by_text=readable)
    code, log = run([str(builds.fuzzer("libfuzzer", target)), str(data)], REPLAY_SECONDS)
    verdict = identify(code, log)
    return Confirmed(verdict, by_engine=True) if verdict else None
