"""What is fuzzed: the builds of one allocator, made by the Makefile, and whether they are sound."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from fuzz.campaign.naming import plainly
from fuzz.campaign.plan import UsageError
from fuzz.campaign.process import run
from fuzz.campaign.shared_memory import SUFFIX
from fuzz.command.guard import Trouble

OURS = "fuzz/allocators/pmm.c"
BUILD_SECONDS = 600
CONCURRENT = ("asan", "plain")  # variants with simulated CPUs; MSan does not know fibers
CHECK_SECONDS = 120
PASSED_ON = ("ALLOCATOR_SOURCES", "ALLOCATOR_CFLAGS", "ALLOCATOR_LDFLAGS", "SEAM")  # to make, by environment
HALLMARKS = {  # a symbol that only this instrumentation leaves in a program
    "asan": (b"__asan_init", b"__ubsan_handle"),
    "msan": (b"__msan_init",),
    "libfuzzer": (b"__asan_init", b"__ubsan_handle", b"LLVMFuzzerRunDriver", b"cov_8bit_counters_init"),
    "afl": (b"__afl_area_ptr", b"__afl_persistent_loop"),
}


def engines_here(choices: Path = Path("build/tools.mk")) -> list[str]:
    """The engines that set-up found a way to build for; libFuzzer alone where no AFL++ works."""
    way = re.search(r"^AFL_CC *:= *\S", choices.read_text() if choices.exists() else "", re.MULTILINE)
    return ["libfuzzer", "afl"] if way else ["libfuzzer"]


class Unhealthy(Trouble):
    """The campaign cannot be trusted; the text says why and what to look at."""


@dataclass(frozen=True)
class Builds:
    """Where the programs of one allocator under test lie."""

    allocator: str
    out: Path
    ops_tool: Path = Path("build/pmm-ops")
    mutator: Path = Path("build/afl/mutator.so")

    def replayer(self, variant: str) -> Path:
        return self.out / variant / "replay"

    def minimizer(self, variant: str) -> Path:
        return self.out / variant / "minimize"

    def concurrent_replayer(self, variant: str) -> Path:
        return self.out / variant / "replay-smp"

    def replayer_of(self, target: str, variant: str) -> Path:
        return self.concurrent_replayer(variant) if target == "smp" else self.replayer(variant)

    def fuzzer(self, engine: str, target: str) -> Path:
        return self.out / engine / target

    def replay_command(self, path: Path) -> str:
        """A line to paste; it names another allocator than ours, and how that one is built."""
        words = ["make", "replay", f"INPUT={shlex.quote(str(path))}"]
        if self.allocator != OURS:
            words.append(f"ALLOCATOR={shlex.quote(self.allocator)}")
            words += [f"{name}={shlex.quote(os.environ[name])}" for name in PASSED_ON if os.environ.get(name)]
        return " ".join(words)


def make(allocator: str, *words: str) -> str:
    """Runs the Makefile for one allocator, whatever its file is called; what make says."""
    named, flags = plainly(allocator)
    flags = f"{os.environ.get('ALLOCATOR_CFLAGS', '')} {flags}".strip()
    command = ["make", "-s", f"ALLOCATOR={named}", *words]
    added = {"PMM_SET_UP": "1"} | ({"ALLOCATOR_CFLAGS": flags} if flags else {})
    code, output = run(command, BUILD_SECONDS, added)
    if code != 0:
        raise Unhealthy(f"the build failed: {' '.join(command)}\n{output.strip()[-3000:]}")
    return output


def place(allocator: str) -> Builds:
    """Where the programs of an allocator go; what they print names it as the user did."""
    if not Path(allocator).is_file():
        hint = "name an adapter, see fuzz/allocators/TESTING-YOURS.md"
        raise UsageError(f"ALLOCATOR={allocator} is no file: {hint}")
    if allocator != OURS:
        os.environ["ALLOCATOR"] = allocator  # read by fuzz/run/fail.c
    return Builds(allocator, Path(make(allocator, "where").strip()))


def build(allocator: str, targets: list[str], engines: list[str], jobs: int) -> Builds:
    builds = place(allocator)
    wanted = [*tools(builds, "smp" in targets), builds.mutator]
    wanted += [builds.fuzzer(engine, target) for engine in {"libfuzzer", *engines} for target in targets]
    make(allocator, f"-j{jobs}", *map(str, wanted))
    return builds


def tools(builds: Builds, concurrent: bool) -> list[Path]:
    """What replays, minimises and converts programs."""
    found = [builds.ops_tool]
    for variant in ("plain", "asan", "msan"):
        found += [builds.replayer(variant), builds.minimizer(variant)]
        if concurrent and variant in CONCURRENT:
            found.append(builds.concurrent_replayer(variant))
    return found


def check_hallmarks(builds: Builds, targets: list[str], engines: list[str]) -> None:
    """The right sanitizer and engine in each program: without them it finds nothing, and says so."""
    programs = [(variant, builds.replayer(variant)) for variant in ("asan", "msan")]
    programs += [(engine, builds.fuzzer(engine, target)) for engine in engines for target in targets]
    for kind, program in programs:
        content = program.read_bytes()
        for hallmark in HALLMARKS[kind]:
            if hallmark not in content:
                raise Unhealthy(f"{program}: no {hallmark.decode()}, no {kind} build. Try make clean")
    for other, program in programs:
        if other != "msan" and b"__msan_init" in program.read_bytes():
            raise Unhealthy(f"{program} mixes sanitizers. make clean, try again")


def libfuzzer_counters(builds: Builds, target: str) -> int:
    """How many edges of the allocator libFuzzer watches."""
    program = builds.fuzzer("libfuzzer", target)
    code, log = run([str(program), "-runs=0", f"-artifact_prefix={program}-"], CHECK_SECONDS)
    counters = re.search(r"Loaded \d+ modules\s+\((\d+) inline 8-bit counters\)", log)
    if code is None or not counters:  # an allocator that fails on the empty program is for the findings
        raise Unhealthy(f"{program} does not start:\n{log[-1500:]}")
    return int(counters[1])


def afl_edges(builds: Builds, target: str, sample: Path) -> int:
    """How many edges AFL++ sees on one input."""
    program = str(builds.fuzzer("afl", target))
    showmap = ["afl-showmap", "-t", "10000", "-o", "/dev/stdout", "--"]
    code, log = run([*showmap, program, str(sample)], CHECK_SECONDS, note=Path(f"{program}{SUFFIX}"))
    edges = len(re.findall(r"^\d{6}:\d+$", log, re.MULTILINE))
    if code is None or not edges:
        raise Unhealthy(f"AFL++ sees no instrumentation in {program}:\n{log[-1500:]}")
    return edges


def check_instrumented(builds: Builds, targets: list[str], engines: list[str], sample: Path) -> None:
    """Both engines see the allocator: a handful of edges would be the harness's glue alone."""
    for target in targets:
        if "libfuzzer" in engines and libfuzzer_counters(builds, target) < 20:
            raise Unhealthy(f"libFuzzer watches next to nothing in {target}: are ALLOCATOR_SOURCES complete?")
        if "afl" in engines and afl_edges(builds, target, sample) < 5:
            raise Unhealthy(f"AFL++ watches next to nothing in {target}: are ALLOCATOR_SOURCES complete?")


def libfuzzer_edges(builds: Builds, target: str, *folders: Path) -> int | None:
    """How many edges libFuzzer reaches by these inputs; None when one of them, or the empty one, fails."""
    program = builds.fuzzer("libfuzzer", target)
    command = [str(program), "-runs=0", f"-artifact_prefix={program}-", *map(str, folders)]
    code, log = run(command, CHECK_SECONDS)
    edges = re.findall(r"\bcov: (\d+)", log)
    return int(edges[-1]) if code == 0 and edges else None


def check_growing(builds: Builds, target: str, seeds: Path) -> None:
    """Seeds reach more than the empty input does, or the engine does not see what they do."""
    before, after = libfuzzer_edges(builds, target), libfuzzer_edges(builds, target, seeds)
    if before is not None and after is not None and after <= before:
        raise Unhealthy(f"libFuzzer sees {before} edges of {target} without seeds and {after} with {seeds}")


def check_deterministic(builds: Builds, programs: list[Path]) -> None:
    """Two runs of one program say the same, to the last line; if not, no finding could be relied on."""
    for path in programs:
        first, second = (run([str(builds.replayer("plain")), str(path)], CHECK_SECONDS) for _ in range(2))
        if first != second:
            raise Unhealthy(f"two runs of {path} differ: {builds.replay_command(path)} twice, and compare")
