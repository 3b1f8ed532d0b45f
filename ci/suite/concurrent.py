"""Concurrent programs replay clean, small ones under all their schedules; what is tested so is what ships."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ci.suite.builds import CONCURRENT
from ci.suite.check import Check, Failure, Result
from ci.suite.corpus import every_mark_hit
from ci.suite.tree import ROOT, files, must, run, some, tail

# By the first word of a program's name: the bound of its exhaustive run.
PREEMPTIONS = {"pair": 2, "interrupt": 1}
COUNT = re.compile(r": (\d+) schedules .*: complete$")
SEAM = re.compile(
    r"#ifdef PMM_ATOMIC_SEAM\n#include PMM_ATOMIC_SEAM\n#else\n(.*)"
    r"#endif /\* PMM_ATOMIC_SEAM \*/\n",
    re.DOTALL,
)
GENERATED = 100
PRODUCTION = ["-std=c11", "-O2", "-ffreestanding", "-mno-red-zone", "-mgeneral-regs-only", "-fno-pic", "-c"]


def replayer(variant: str) -> str:
    return f"build/{variant}/replay-smp"


def programs() -> list[Path]:
    """Every committed program with a schedule."""
    found = [path for folder in ("corpus/smp", "corpus/regress") for path in files(".ops", under=folder)]
    chosen = [path for path in found if "\nschedule " in (ROOT / path).read_text()]
    return some(chosen, "concurrent program in corpus/")


def replay_clean(variant: str) -> None:
    done = run([replayer(variant), "--quiet", *programs()])
    if done.returncode:
        raise Failure(f"exit {done.returncode}\n{tail(done.stdout)}")


def same_hashes() -> None:
    outputs = [must([replayer(variant), "--quiet", *programs()]) for variant in (*CONCURRENT, CONCURRENT[0])]
    if len(set(outputs)) != 1:
        builds = " and ".join(CONCURRENT)
        raise Failure(f"{builds}, or two runs, differ in a trace hash: {replayer('plain')} --quiet")


def all_schedules(kind: str) -> Iterator[Result]:
    """Exhaustive runs: complete, without a failure, and how many schedules that was."""
    chosen = [path for path in programs() if path.name.startswith(f"{kind}-")]
    interrupts = ["--interrupts", "1"] if kind == "interrupt" else []
    bound = PREEMPTIONS[kind]
    output = must([replayer("plain"), "--exhaustive", str(bound), *interrupts, *chosen])
    counts = [int(found[1]) for found in map(COUNT.search, output.splitlines()) if found]
    if len(counts) != len(some(chosen, f"corpus/smp/{kind}-*.ops")):
        raise Failure(f"{len(counts)} of {len(chosen)} programs complete\n{tail(output)}")
    many = f"all {sum(counts)} schedules of {bound} preemptions"
    yield Result(f"{len(chosen)} {kind} programs hold under {many}")


def fails_without_schedule() -> None:
    """With double frees accepted, generated programs that fail are told by the sequential id: nine of ten at least.

    An interrupt may strike several times where a flattened program runs its handler once.
    """
    planted = {"PMM_PLANTED_FAULT": "1"}
    with tempfile.TemporaryDirectory() as scratch:
        folder, flat = Path(scratch, "generated"), Path(scratch, "flat.ops")
        folder.mkdir()
        must(["build/pmm-ops", "generate-smp", "7", str(GENERATED), folder])
        said = run([replayer("plain"), "--quiet", *sorted(folder.iterdir())], env=planted).stdout
        failing = re.findall(r"^(\S+): FAIL L\d\d$", said, re.MULTILINE)
        odd = []
        for path in some([Path(name) for name in failing], "generated program that fails under its schedule"):
            if run([replayer("plain"), "--sequential", path, flat], env=planted).returncode:
                odd.append(f"{path.read_bytes().hex()}: no order of its calls fails without its schedule")
                continue
            again = run(["build/replay", "--thorough", "--quiet", flat], env=planted).stdout
            if not again.endswith("FAIL F02\n"):
                raise Failure(f"{path.read_bytes().hex()}: without its schedule {tail(again, 2)}")
        if 10 * len(odd) > len(failing):
            raise Failure("\n".join(odd))


def same_object(compiler: str) -> None:
    """The production object is byte for byte the one that a header without the seam would give."""
    tree = ROOT / "build/seamless"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(ROOT / "core", tree / "core")
    header = tree / "core/pmm_atomic.h"
    text, cuts = SEAM.subn(r"\1", header.read_text())
    if cuts != 1:
        raise Failure(f"core/pmm_atomic.h: {cuts} places where PMM_ATOMIC_SEAM takes over, 1 expected")
    header.write_text(text)
    for source in some(sorted((tree / "core").glob("*.c")), "file in core/"):
        objects = []
        for root in (ROOT, tree):
            out = tree / f"{source.stem}-{root.name}.o"
            command = [compiler, *PRODUCTION, f"core/{source.name}", "-o", str(out)]
            subprocess.run(command, cwd=root, check=True)
            objects.append(out.read_bytes())
        if objects[0] != objects[1]:
            raise Failure(f"core/{source.name}: the seam shows in the production object ({compiler})")


def checks() -> Iterator[Check]:
    for variant in CONCURRENT:
        name = f"every committed concurrent program replays clean [{variant}]"
        yield Check(name, partial(replay_clean, variant))
    yield Check("a concurrent program has one trace hash in all builds", same_hashes)
    reach = partial(every_mark_hit, replayer("plain"), programs)
    yield Check("the committed concurrent programs reach every mark of theirs", reach)
    for kind in PREEMPTIONS:
        yield Check(f"{kind} programs hold under all their schedules", partial(all_schedules, kind))
    yield Check("a fault that needs no schedule is told without one", fails_without_schedule)
    yield Check("the seam leaves the production object as it is", partial(same_object, "gcc"))
