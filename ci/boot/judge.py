"""Whether a boot went as it must: its end, its verdict, and its map as `make replay` reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ci.boot.cases import PASSED, Case
from ci.boot.images import corpus_files
from ci.boot.machine import BUILD, Boot
from ci.suite.tree import ROOT, run

REPLAY = "build/replay"
MANAGED = re.compile(r"^managed (\d+) frames: dma (\d+), dma32 (\d+), normal (\d+)", re.MULTILINE)
STRESS = re.compile(r"^stress calls \d+ timer (\d+) inside (\d+) others (\d+) inside (\d+)$", re.MULTILINE)
TAIL = 12  # lines of the log that a failure shows
TOP = 1 << 64


@dataclass(frozen=True)
class Verdict:
    """What is wrong (None: nothing), and how many interrupts struck inside calls."""

    wrong: str | None
    inside: int = 0
    strikes: int = 0


def lines_of(log: str, word: str) -> list[str]:
    return [line.removeprefix(word + " ") for line in log.splitlines() if line.startswith(word + " ")]


def tail(log: str) -> str:
    return "\n".join(log.strip().splitlines()[-TAIL:])


def map_as_seen(case: Case, log: str) -> Path:
    """The map that the kernel printed, and behind it what the kernel reserved, as a .map file."""
    path = BUILD / "maps" / f"{case.name}.map"
    path.parent.mkdir(parents=True, exist_ok=True)
    reserved = [f"{line} reserved" for line in lines_of(log, "reserved")]
    path.write_text("\n".join([*lines_of(log, "map"), *reserved, ""]))
    return path


def agrees_with_replay(case: Case, log: str) -> str | None:
    """The same frames in each zone, and as many in the ranges that pmm_init reported."""
    path = map_as_seen(case, log)
    command = [REPLAY, str(path.relative_to(ROOT))]
    done = run([*command], timeout=120)
    seen, replayed = MANAGED.search(log), MANAGED.search(done.stdout)
    if done.returncode or not seen or not replayed:
        return f"{' '.join(command)}: exit {done.returncode}, no two totals to compare\n{tail(done.stdout)}"
    if seen.groups() != replayed.groups():
        return f"the kernel: {seen[0]}\nmake replay INPUT={command[1]}: {replayed[0]}"
    frames = sum(int(line.split()[1], 16) for line in lines_of(log, "range")) >> 12
    if frames != int(seen[1]):
        return f"the ranges that pmm_init reported hold {frames} frames, not {seen[1]}"
    return None


def same_as_user_space(log: str) -> str | None:
    """The corpus: line by line what the replayer says when it is a process."""
    done = run([REPLAY, "--quiet", *corpus_files()], timeout=200)
    wanted = [line for line in done.stdout.splitlines() if line.startswith("corpus/")]
    found = [line for line in log.splitlines() if line.startswith("corpus/")]
    for here, there in zip(found, wanted):
        if here != there:
            return f"ring 0:     {here}\nuser space: {there}"
    if len(found) != len(wanted) or not wanted or done.returncode:
        return f"{len(found)} lines in ring 0, {len(wanted)} in user space (exit {done.returncode})"
    return None


def found_planted(case: Case, boot: Boot) -> str | None:
    """A planted fault is found for its reason: the kernel itself fails, in this line."""
    if boot.status in (None, PASSED) or not re.search(case.found_by, boot.log):
        return f"the planted fault `{case.fault}` is not found: wanted {case.found_by}, exit {boot.status}"
    return None


def ended_well(boot: Boot) -> str | None:
    if boot.status is None:
        return f"no end after {boot.seconds:.0f} s"
    failure = re.search(r"^FAIL .*", boot.log, re.MULTILINE)
    if failure:
        return failure[0]
    if boot.status != PASSED or not re.search(r"^PASS$", boot.log, re.MULTILINE):
        return f"exit {boot.status}, {PASSED} and the line PASS wanted {boot.errors.strip()}"
    return None


def judge(case: Case, boot: Boot) -> Verdict:
    if case.fault:
        wrong = found_planted(case, boot)
        return Verdict(wrong and f"{wrong}\n{tail(boot.log)}")
    wrong = ended_well(boot)
    if wrong:
        return Verdict(f"{wrong}\n{tail(boot.log)}")
    if case.corpus:
        return Verdict(same_as_user_space(boot.log))
    stress = STRESS.search(boot.log)
    if not stress:
        return Verdict(f"no line of the stress\n{tail(boot.log)}")
    counts = [int(number) for number in stress.groups()]
    return Verdict(agrees_with_replay(case, boot.log), counts[1] + counts[3], counts[0] + counts[2])
