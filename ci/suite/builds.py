"""The builds that everything else needs, and the C tests that come out of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ci.suite.check import Check, Result, Skip
from ci.suite.tree import files, make, run, tail, tool

OURS = "pmm"
ADAPTERS = {path.stem: str(path) for path in files(".c", under="fuzz/allocators")}
BASELINES = sorted(name for name in ADAPTERS if name != OURS)
SECOND_OPINION = "naive"  # runs in every build, as ours does
VARIANTS = ("plain", "asan", "msan")
CONCURRENT = ("plain", "asan")  # variants with simulated CPUs: MSan does not know fibers
SIMULATED = ("fuzz/schedule/", "fuzz/concurrent/")
TEST_ROOTS = ("core", "reference", "fuzz", "ci")


def test_programs(variant: str) -> list[str]:
    """The C test programs, as paths without their suffix; the Makefile finds them by the same names."""
    programs = [str(path.with_suffix("")) for root in TEST_ROOTS for path in files("_test.c", under=root)]
    return [path for path in programs if variant in CONCURRENT or not path.startswith(SIMULATED)]


def replayer(variant: str, adapter: str) -> str:
    """The path of one replayer; the baselines' folders are named here, so that the checks know them."""
    return f"build/{variant}/replay" if adapter == OURS else f"build/{adapter}/{variant}/replay"


def variants_of(adapter: str) -> tuple[str, ...]:
    return VARIANTS if adapter in (OURS, SECOND_OPINION) else ("asan",)


def build(variant: str, jobs: int) -> None:
    tests = [f"build/{variant}/{program}" for program in test_programs(variant)]
    extra = ["all"] if variant == "plain" else []
    if variant in CONCURRENT:
        extra.append(f"build/{variant}/replay-smp")
    make(f"-j{jobs}", "-k", *extra, replayer(variant, OURS), *tests)


def build_baselines(jobs: int) -> None:
    for adapter in BASELINES:
        replayers = [replayer(variant, adapter) for variant in variants_of(adapter)]
        make(f"-j{jobs}", "-k", *replayers, f"ALLOCATOR={ADAPTERS[adapter]}", f"OUT=build/{adapter}")


def build_engine(engine: str, jobs: int) -> None:
    if engine == "afl" and not tool("AFL_CC"):
        raise Skip("no AFL++ here, or no way of instrumenting for it works: see ci/probe --every")
    programs = [f"build/{engine}/{target}" for target in ("ops", "map", "image", "smp")]
    make(f"-j{jobs}", "-k", *programs, "build/afl/mutator.so")


def c_tests(variant: str, program: str) -> Iterator[Result]:
    """Each line "ok - name" or "not ok - name: why" is a result; a crash is one more."""
    done = run([f"build/{variant}/{program}"], timeout=200)
    passed = failed = 0
    for line in done.stdout.splitlines():
        if line.startswith("ok - "):
            passed += 1
            yield Result(f"{program} [{variant}]: {line.removeprefix('ok - ')}")
        elif line.startswith("not ok - "):
            failed += 1
            name, _, why = line.removeprefix("not ok - ").rpartition(": line ")
            yield Result(f"{program} [{variant}]: {name}", f"{program}.c: line {why}")
    if done.returncode != (1 if failed else 0) or passed + failed == 0:
        why = f"exit {done.returncode} after {passed + failed} results\n{tail(done.stdout, 25)}"
        yield Result(f"{program} [{variant}]: ends in order", why)


def checks(jobs: int) -> Iterator[Check]:
    for variant in VARIANTS:
        name = f"everything builds without a warning [{variant}]"
        yield Check(name, partial(build, variant, jobs), 0, alone=True)
    yield Check("the baselines build beside ours", partial(build_baselines, jobs), 0, alone=True)
    for engine in ("libfuzzer", "afl"):
        build_it = partial(build_engine, engine, jobs)
        yield Check(f"the fuzzing engine builds [{engine}]", build_it, 0, alone=True)
    for variant in VARIANTS:
        for program in test_programs(variant):
            yield Check(f"{program} [{variant}]", partial(c_tests, variant, program))
