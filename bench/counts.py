"""Instructions and locked operations for each call of core/, as a kernel compiles it: the same in every run.

Counted by callgrind for the scenarios of bench/counted/counted.c, compared with counts.txt beside it.
What a compiler does changes them, so the table has rows for each compiler and major version. "Locked" are
instructions that lock the bus, xchg with memory included, mfence not.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fuzz.command.guard import Trouble

TABLE = Path(__file__).parent / "counted/counts.txt"
UPDATE = "make bench-counts WRITE=1"
HEAD = f"""\
# Instructions and locked operations for one call, the mean over a scenario of bench/counted/counted.c.
# More than here fails `make test`. When core/ changed for a reason: {UPDATE}
# compiler       scenario        call         instructions  locked
"""


@dataclass(frozen=True, order=True)
class Key:
    compiler: str
    scenario: str
    call: str


@dataclass(frozen=True)
class Count:
    instructions: float
    locked: float

    def exceeds(self, other: Count) -> bool:
        return self.instructions > other.instructions or self.locked > other.locked

    def __str__(self) -> str:
        return f"{self.instructions:.2f} instructions, {self.locked:.2f} locked"


Counts = dict[Key, Count]


class Unusable(Trouble):
    """The counter cannot count here; the text says why and what to do."""


def compiler_name(command: str) -> str:
    """gcc-12-x86_64, clang-22-x86_64."""
    def ask(option: str) -> str:
        return subprocess.run([*command.split(), option], capture_output=True, text=True, check=True).stdout

    family = "clang" if "clang" in ask("--version") else "gcc"
    return f"{family}-{ask('-dumpversion').split('.')[0].strip()}-{ask('-dumpmachine').split('-')[0].strip()}"


def parse(profile: str, compiler: str) -> Counts:
    """Callgrind's profile: `fn=` the scenario, `cfn=` whom it called, `calls=` how often, then the cost."""
    totals: dict[Key, list[float]] = {}
    scenario = call = ""
    calls = 0
    for line in profile.splitlines():
        name = re.fullmatch(r"(c?)fn=(\w+).*", line)
        if name:
            scenario, call = (scenario, name[2]) if name[1] else (name[2], "")
        elif line.startswith("calls="):
            calls = int(line.removeprefix("calls=").split()[0])
        elif calls:
            costs = [int(word) for word in line.split()[1:]] + [0, 0]
            if call.startswith("pmm_") and re.search(r"_(4k|2m)$", scenario):
                total = totals.setdefault(Key(compiler, scenario, call), [0, 0, 0])
                for i, cost in enumerate((calls, *costs[:2])):
                    total[i] += cost
            calls = 0
    return {key: Count(round(ir / n, 2), round(ge / n, 2)) for key, (n, ir, ge) in totals.items()}


def measure(program: Path, compiler: str) -> Counts:
    with tempfile.TemporaryDirectory() as scratch:
        profile = Path(scratch, "profile")
        options = ["--tool=callgrind", "--collect-bus=yes", "--compress-strings=no", "--compress-pos=no"]
        command = ["valgrind", *options, f"--callgrind-out-file={profile}", program.resolve()]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode or not profile.exists():
            raise Unusable(f"valgrind ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        counts = parse(profile.read_text(), compiler)
    if not counts:
        raise Unusable(f"no scenario in the profile of {program}")
    return counts


def read_table(text: str) -> Counts:
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {Key(*row[:3]): Count(float(row[3]), float(row[4])) for row in rows}


def format_table(counts: Counts) -> str:
    rows = []
    for key, count in sorted(counts.items()):
        numbers = f"{count.instructions:12.2f}  {count.locked:6.2f}"
        rows.append(f"{key.compiler:15}  {key.scenario:14}  {key.call:11}  {numbers}\n")
    return HEAD + "".join(rows)


def update(table: Counts, measured: Counts) -> Counts:
    """The rows of other compilers stay."""
    fresh = {key.compiler for key in measured}
    return {**{key: count for key, count in table.items() if key.compiler not in fresh}, **measured}


def regressions(table: Counts, measured: Counts) -> list[str]:
    """What costs more than the table says, or is not in it."""
    worse = []
    for key, count in sorted(measured.items()):
        known = table.get(key)
        name = f"{key.compiler} {key.scenario} {key.call}"
        if known is None:
            worse.append(f"{name}: {count}; not in the table")
        elif count.exceeds(known):
            worse.append(f"{name}: {count}; the table says {known}")
    return worse


def improvements(table: Counts, measured: Counts) -> list[str]:
    """What costs less in one way, and in no way more."""
    less = []
    for key, count in sorted(measured.items()):
        known = table.get(key)
        if known and known.exceeds(count) and not count.exceeds(known):
            less.append(f"{key.compiler} {key.scenario} {key.call}: {count}; the table says {known}")
    return less
