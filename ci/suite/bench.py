"""`make bench` itself: builds, runs, names what its targets name, writes what it promises; no speed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench import results, targets
from ci.suite.check import Check, Failure
from ci.suite.tree import make, must, tool

PROGRAM = "build/benchmark/pmm-bench"
SOME = "^(pmm|buddy)/(repeat|bulk_free|rand|oom)/.*cpus:1$|^pmm/(init/8GiB|filling/4k/cpus:1/fill:99)$"
WRITTEN = ("results.json", "table.txt", "workloads-4k.svg", "workloads-2m.svg", "init.svg")


def targets_exist(jobs: int) -> None:
    make(f"-j{jobs}", PROGRAM)
    names = {line.split()[0] for line in must([PROGRAM, "--list"]).splitlines()}
    wanted = {name for target in targets.all_targets() for name in (target.name, target.against)}
    wanted.discard(targets.MILLISECONDS)  # no benchmark, but the clock
    if len(os.sched_getaffinity(0)) == 1:  # then there are no benchmarks of two
        wanted = {name for name in wanted if "cpus:2" not in name}
    if not wanted <= names:
        raise Failure(f"bench/targets.py names what is no benchmark: {' '.join(sorted(wanted - names))}")


def some_run() -> None:
    make(PROGRAM)
    with tempfile.TemporaryDirectory() as scratch:
        options = ["--program", PROGRAM, "--out", scratch, "--only", SOME, "--repetitions", "1"]
        must([tool("PYTHON"), "-m", "bench", "run", *options])
        missing = [name for name in WRITTEN if not Path(scratch, name).exists()]
        found = results.read(Path(scratch, "results.json"))
    if missing or results.FLOOR not in found.figures or "buddy/repeat/2m/cpus:1" not in found.figures:
        raise Failure(f"not written: {' '.join(missing)}; figures: {' '.join(found.figures)}")


def checks(jobs: int) -> Iterator[Check]:
    yield Check("every target of bench names a benchmark", partial(targets_exist, jobs), 2, alone=True)
    yield Check("benchmarks run and write tables and plots", some_run, 2, alone=True)
