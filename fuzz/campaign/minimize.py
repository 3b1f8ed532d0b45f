"""Small programs from failing ones, and what explains them: a trace, both states, a C test for core/ alone.

The minimiser itself is C (fuzz/minimize); here is only which build to run, and whether its test holds.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fuzz.campaign import race
from fuzz.campaign.builds import OURS, Builds
from fuzz.campaign.process import run
from fuzz.campaign.triage import REPLAY_SECONDS, replay_in

MINIMIZE_SECONDS = 300
TEST_SECONDS = 60
NOT_OK = re.compile(r"^not ok - .*: line (\d+): (.*)$", re.MULTILINE)
SANITIZE = {"plain": [], "asan": ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
            "msan": ["-fsanitize=memory"]}
FLAKY_RUNS = 10


@dataclass
class Explained:
    """A minimised program with what goes with it; paths are None where there is none, and `note` says why."""

    program: Path
    said: str  # how far the minimiser got, in its words
    operations: int
    was: int
    trace: Path
    moment: Path | None
    unit_test: Path | None
    note: str


def operations_of(program: Path) -> int:
    header = ("ops", "cpus", "below", "managed-below", "map", "multiboot", "table", "reserve", "later", "place",
              "schedule", "cpu", "handler", "at", "#")
    words = [line.split()[0] for line in program.read_text().splitlines() if line.strip()]
    return sum(word not in header and not word.startswith("#") for word in words)


def size_of(program: Path) -> tuple[int, int]:
    """What makes one program smaller than another: operations, then all its lines."""
    return operations_of(program), len(program.read_text().splitlines())


def fastest(builds: Builds, variant: str, failure: str, path: Path) -> str:
    """The plain build, when it says the same: it runs ten times as many programs as a sanitizer does."""
    if variant == "plain":
        return variant
    verdict = replay_in(builds, "plain", path)
    return "plain" if verdict and verdict.id == failure else variant


def minimize(builds: Builds, variant: str, failure: str, path: Path, small: Path) -> str | None:
    """Writes the smallest program that fails with the same id; what the tool says, None when it cannot."""
    chosen = fastest(builds, variant, failure, path)
    fresh = small.with_name(f".{small.name}.new")
    command = [str(builds.minimizer(chosen)), str(path), str(fresh), failure]
    code, log = run(command, MINIMIZE_SECONDS)
    if code != 0 or not fresh.exists():
        fresh.unlink(missing_ok=True)
        return None
    os.replace(fresh, small)
    return log.strip().splitlines()[-1].replace(str(fresh), str(small))


def core_of(builds: Builds) -> Path | None:
    """The folder of the core under test; None: the allocator is another one, with other calls."""
    if builds.allocator == OURS:
        return Path("core")
    for source in os.environ.get("ALLOCATOR_SOURCES", "").split():
        if source.endswith("/core/pmm_alloc.c"):
            return Path(source).parent
    return None


def compile_test(test: Path, core: Path, variant: str, program: Path) -> str | None:
    """Builds the test with a core and nothing else; what the compiler says when it cannot."""
    compiler = "gcc" if variant == "plain" else clang()
    text = test.read_text()
    cpus = ["-include", "fuzz/allocators/pmm_cpu.h"] if "pmm_harness_cpu" in text else []
    if "PMM_ATOMIC_SEAM" in text:  # it is a seam itself
        cpus = ["-std=gnu11", f'-DPMM_ATOMIC_SEAM="{test.resolve()}"']
    sources = [str(path) for path in sorted(core.glob("*.c")) if not path.stem.endswith("_test")]
    words = [compiler, "-std=c11", "-g", "-O1", *SANITIZE[variant], *cpus, f"-I{core}", "-o", str(program)]
    code, log = run([*words, str(test), *sources], TEST_SECONDS)
    return None if code == 0 else log.strip()[-800:]


def clang() -> str:
    for line in Path("build/tools.mk").read_text().splitlines():
        key, _, value = line.partition(":=")
        if key.strip() == "CLANG":
            return value.strip()
    return "clang"


def run_test(test: Path, core: Path, variant: str) -> tuple[bool, str]:
    """Whether the test passes with this core, and what it says."""
    program = test.with_name(f".{test.stem}-{os.getpid()}")
    wrong = compile_test(test, core, variant, program)
    if wrong:
        return False, f"does not compile: {wrong}"
    code, log = run([str(program.resolve())], TEST_SECONDS)
    program.unlink(missing_ok=True)
    if code == 0:
        return True, "passes"
    failed = NOT_OK.search(log)
    return False, f"line {failed[1]}: {failed[2]}" if failed else log.strip()[-300:] or f"ends with {code}"


def check_test(core: Path | None, test: Path, variant: str) -> tuple[Path | None, str]:
    """The test, when it fails on the core under test; else None and the reason."""
    if not test.exists():
        return None, "no C test: the calls of core/ do not show the failure"
    if core is None:
        test.unlink()
        return None, "no C test: it would call core/, and this is another allocator"
    passes, said = run_test(test, core, variant)
    if passes or said.startswith("does not compile"):
        test.rename(test.with_suffix(".c.unproven"))
        return None, f"no C test: the one that was made {said} on the allocator under test"
    return test, f"fails on the allocator under test: {said}"


def race_test(
    core: Path | None, variant: str, small: Path, trace: str, test: Path
) -> tuple[Path | None, str]:
    """The same for a concurrent program: first what every allocator holds, then the failing call's answer."""
    note = ""
    for pointed in (False, True):
        try:
            race.write_test(small, trace, test, pointed)
        except race.NoTest as reason:
            return None, note or f"no C test: {reason}"
        shown, note = check_test(core, test, variant)
        if shown or core is None:
            return shown, note
    return None, note


def write_trace(builds: Builds, variant: str, program: Path, trace: Path) -> str:
    _, log = run([str(builds.replayer(variant)), "--thorough", str(program)], REPLAY_SECONDS)
    trace.write_text(log)
    return log


def explain(builds: Builds, variant: str, failure: str, original: Path, small: Path, said: str) -> Explained:
    """Everything about a minimised program, into its folder."""
    folder = small.parent
    for name in ("test.c", "moment.json"):
        (folder / name).unlink(missing_ok=True)
    concurrent = "\nschedule " in small.read_text()
    chosen = fastest(builds, variant, failure, small)
    if not concurrent:
        run([str(builds.minimizer(chosen)), "--explain", str(small), str(folder), failure], REPLAY_SECONDS)
    trace = write_trace(builds, variant, small, folder / "trace.txt")
    core, written = core_of(builds), folder / "test.c"
    if concurrent:
        test, note = race_test(core, variant, small, trace, written)
    else:
        test, note = check_test(core, written, variant)
    moment = folder / "moment.json"
    return Explained(
        program=small,
        said=said,
        operations=operations_of(small),
        was=operations_of(original) if original.suffix == ".ops" else 0,
        trace=folder / "trace.txt",
        moment=moment if moment.exists() else None,
        unit_test=test,
        note=note,
    )


def repeats(builds: Builds, variant: str, failure: str, path: Path) -> int:
    """In how many of ten replays it fails with the same id."""
    seen = (replay_in(builds, variant, path) for _ in range(FLAKY_RUNS))
    return sum(verdict is not None and verdict.id == failure for verdict in seen)


def formatted(source: str) -> str:
    """C as this tree lays it out, by the pinned clang-format if it is there; unchanged without any."""
    for program in ("clang-format-14", "clang-format"):
        try:
            done = subprocess.run([program], input=source, capture_output=True, text=True, check=True)
            return done.stdout
        except (OSError, subprocess.CalledProcessError):
            continue
    return source
