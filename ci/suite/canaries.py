"""Planted faults: each one in fuzz/canaries/ must be found, or the suite went blind.

A `.patch` plants a fault in a copy of our own core; a `.c` is a faulty adapter. The committed corpus finds
it; a comment `expect: ID ID ...` may say which failure ids the fault has to be named by, otherwise any do.
What no program can express is found by a C test instead: the patch says which one, and by which of its
properties, in a line `found by: ci/tests/start_test.c: each frame is what its bytes say`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from threading import Lock

from ci.suite.check import Check, Failure, Result
from ci.suite.corpus import maps, programs
from ci.suite.tree import ROOT, files, make, must, run, some, tool
from fuzz.campaign import agreement
from fuzz.campaign.agreement import programs_of
from fuzz.campaign.builds import Unhealthy
from fuzz.campaign.planting import plant

EXPECT = re.compile(r"\bexpect:((?:\s+[A-Z]\d\d)+)")
FOUND_BY = re.compile(r"^found by: (\S+): (.+)$", re.MULTILINE)
FAIL = re.compile(r"^FAIL ([A-Z]\d\d)\b", re.MULTILINE)
OUT = Path("build/canaries")
SMALL_MAP = 1 << 16  # frames
AGREED = {  # a seal that comes around hides when memory is drained before everything is freed
    "smp/seal-of-two-bits.patch": "corpus/smp/canary-seal-of-two-bits.ops",
}
LOCK = Lock()
QUICK = "-O1 -g0"  # each is compiled for one short run
SANITIZED = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def touched(patch: Path) -> list[str]:
    """The files that a patch changes."""
    return re.findall(r"^\+\+\+ b/(\S+)", (ROOT / patch).read_text(), re.MULTILINE)


@cache
def build_sound_core() -> Path:
    """Our own core as the plain replayer has it: what a fault leaves alone is not compiled again."""
    archive = OUT / "core.a"
    objects = some(sorted(Path("build/plain/under-test").glob("core-*.o")), "object in build/plain")
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.unlink(missing_ok=True)
    must(["ar", "rcs", archive, *objects])
    return archive


def sound_core() -> Path:
    with LOCK:  # checks run in threads
        return build_sound_core()


def settings_of(canary: Path) -> list[str]:
    """What make has to be told to build this faulty allocator."""
    out = OUT / canary.stem
    if canary.suffix == ".c":
        return [f"OUT={out}", f"ALLOCATOR={canary}"]
    try:
        settings = plant(canary, out)
    except Unhealthy as error:
        raise Failure(str(error)) from error
    settings["ALLOCATOR_CFLAGS"] += f" {QUICK}"
    changed = touched(canary)
    if all(path.startswith("core/") and path.endswith(".c") for path in changed):  # no header
        settings["ALLOCATOR_SOURCES"] = " ".join(f"{out}/tree/{path}" for path in changed)
        settings["ALLOCATOR_LDFLAGS"] = str(sound_core())
    return [f"{name}={value}" for name, value in settings.items()]


def named(canary: Path) -> Iterator[Result]:
    replayer = OUT / canary.stem / "plain/replay"
    make(str(replayer), *settings_of(canary))
    seen: set[str] = set()
    for inputs in (programs(), maps(SMALL_MAP)):  # larger ones say nothing new about a fault
        seen.update(FAIL.findall(run([replayer, "--quiet", *inputs]).stdout))
    wanted = {word for line in EXPECT.findall((ROOT / canary).read_text()) for word in line.split()}
    if not seen or not wanted <= seen:
        missed = " ".join(sorted(wanted - seen)) or "any failure id"
        raise Failure(f"not named by {missed}, but by {' '.join(sorted(seen)) or 'nothing'}: add a program")
    yield Result(f"the corpus names the planted fault {canary.stem}: {' '.join(sorted(seen))}")


def agreed(patch: str, program: str) -> None:
    """`python -m fuzz.campaign.canaries replay` asks the same of every planted fault."""
    out, path = OUT / "agreement" / Path(patch).stem, Path(program)
    settings = plant(Path("fuzz/canaries", patch), out)
    settings["ALLOCATOR_CFLAGS"] += f" {QUICK}"
    make(*programs_of(out, path, agreement.QUICK), *(f"{name}={value}" for name, value in settings.items()))
    odd = agreement.disagreement(out, path, agreement.QUICK)
    if odd:
        raise Failure(odd)


def faulty_test(canary: Path, test: Path) -> Path:
    """This C test, built with the faulty core; files that the fault does not touch are linked as they are."""
    settings_of(canary)
    tree = OUT / canary.stem / "tree"
    shutil.copytree(test.parent, tree / test.parent)  # it includes core/ from where it lies
    changed = [tree / name for name in touched(canary)]
    if any(path.suffix == ".h" for path in changed):
        changed = sorted((tree / "core").glob("*.c"))
    program = OUT / canary.stem / test.stem
    words = [tool("CLANG"), "-std=c11", "-D_POSIX_C_SOURCE=200809L", *SANITIZED, "-o", program]
    must([*words, tree / test, *changed, "build/asan/tests.a"])
    return program


def holds(program: Path, held: str) -> bool:
    """Whether a test program says so of one of its properties, of which it runs no other."""
    return f"ok - {held}" in run([program, held]).stdout.splitlines()


def shown(canary: Path, test: Path, held: str) -> None:
    """The test fails on the faulty core, and for no other reason: it passes on ours."""
    sound = Path("build/asan", test.with_suffix(""))
    if not holds(sound, held):
        raise Failure(f"{sound} has no passing '{held}': name a property of {test} in {canary}")
    if holds(faulty_test(canary, test), held):
        raise Failure(f"'{held}' passes with {canary} too: extend {test}")


def checks() -> Iterator[Check]:
    for patch, program in AGREED.items():
        name = f"every way to run a failing program names the same failure [{Path(patch).stem}]"
        yield Check(name, partial(agreed, patch, program))
    for canary in files(".c", ".patch", under="fuzz/canaries"):
        if canary.parent.name == "smp":
            continue  # faults of concurrency have a command of their own, `make canaries`
        by = FOUND_BY.search((ROOT / canary).read_text())
        if by:
            what = partial(shown, canary, Path(by[1]), by[2])
            yield Check(f"{Path(by[1]).stem} shows the planted fault {canary.stem}", what)
        else:
            yield Check(f"the corpus names the planted fault {canary.stem}", partial(named, canary))
