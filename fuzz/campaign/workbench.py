"""What people call on single programs and findings: `make minimize`, `make adopt`."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import NoReturn

from fuzz.campaign import builds as making
from fuzz.campaign.builds import Builds
from fuzz.campaign.files import write_whole
from fuzz.campaign.findings import Finding, load
from fuzz.campaign.minimize import explain, formatted, minimize
from fuzz.campaign.naming import operand, plain_stem
from fuzz.campaign.plan import UsageError
from fuzz.campaign.process import run
from fuzz.campaign.triage import REPLAY_SECONDS, replay

OUT = Path("build/minimized")
REGRESSIONS = Path("corpus/regress")
TESTS = Path("ci/tests")


def readable(builds: Builds, path: Path, text: Path) -> Path:
    """The program as text: decoded, when it is an engine's bytes."""
    if path.suffix == ".ops" or path.read_bytes().lstrip().startswith((b"ops ", b"#")):
        code, log = run([str(builds.ops_tool), "lint", str(path)], REPLAY_SECONDS)
        if code == 0:
            shutil.copyfile(path, text)
    else:
        code, log = run([str(builds.ops_tool), "decode", str(path), str(text)], REPLAY_SECONDS)
    if code != 0:
        wrong = [line for line in log.splitlines() if str(path) in line] or log.splitlines()
        raise UsageError(f"INPUT={path} is no program: {' '.join(wrong[:1])}")
    return text


def minimize_input(path: Path, allocator: str, jobs: int) -> int:
    """Makes one program small and explains it; raises UsageError when it does not fail."""
    path = Path(operand(str(path)))
    if not path.is_file():
        raise UsageError(f"INPUT={path} is no file: name a program, as text or an engine's bytes")
    built = making.place(allocator)
    making.make(allocator, f"-j{jobs}", *map(str, making.tools(built, concurrent=True)))
    home = OUT / plain_stem(path)
    home.mkdir(parents=True, exist_ok=True)
    program = readable(built, path, home / "original.ops")
    target = "smp" if "\nschedule " in program.read_text() else "ops"
    seen = replay(built, target, program)
    if not seen:
        raise UsageError(f"{path} does not fail, nothing is to be made small: {built.replay_command(path)}")
    variant, verdict = seen
    small = home / f"{verdict.id}.ops"
    said = minimize(built, variant, verdict.id, program, small)
    if said is None:
        unseen = f"{path} fails with {verdict.id} {verdict.name}, and the minimiser does not see it"
        raise UsageError(f"{unseen}: {built.replay_command(path)}")
    done = explain(built, variant, verdict.id, program, small, said)
    print(small.read_text(), end="")
    print(f"{said}\ntrace:     {done.trace}")
    if done.moment:
        print(f"states:    {done.moment}")
    print(f"unit test: {done.unit_test or '-'} ({done.note})\n{built.replay_command(small)}")
    return 0


def replay_input(path: str, allocator: str, jobs: int) -> NoReturn:
    """Builds the replayer and becomes it: its exit code is the answer."""
    if not path:
        raise UsageError("say which program: make replay INPUT=file")
    built = making.place(allocator)
    replayer = str(built.out / "replay")
    print(f"building {replayer}", file=sys.stderr) if not Path(replayer).exists() else None
    making.make(allocator, f"-j{jobs}", replayer, str(built.out / "replay-smp"))
    os.execv(replayer, [replayer, "--thorough", operand(path)])


def title(finding: Finding) -> str:
    return re.sub(r"[^a-z0-9]+", "-", finding.name.lower()).strip("-")


def free_name(folder: Path, stem: str, suffix: str, content: str) -> Path:
    """A name that is free, or that has the same content already."""
    for number in range(1, 1000):
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}{suffix}"
        if not path.exists() or path.read_text() == content:
            return path
    raise UsageError(f"{folder} has a thousand files called {stem}: tidy it first")


def adopt(failure: str, folder: Path) -> int:
    """Commits nothing: puts the regression, and its C test, where the checks of `make test` find them."""
    known = {finding.id: finding for finding in load(folder / "findings")}
    finding = known.get(failure)
    if not finding:
        raise UsageError(f"FINDING={failure}: {folder} has {' '.join(sorted(known)) or 'no findings'}")
    if not finding.minimized:
        raise UsageError(f"{failure} has no minimised program yet: make minimize INPUT={finding.input}")
    lines = Path(finding.minimized).read_text().split("\n", 1)
    program = f"{lines[0]}\n# {finding.meaning[:1].upper()}{finding.meaning[1:]}.\n{lines[1]}"
    stem = f"{finding.id}-{title(finding)}"
    kept = free_name(REGRESSIONS, stem, ".ops", program)
    write_whole(kept, program)
    print(f"{kept}: {finding.operations} operations")
    tested = bool(finding.unit_test) and adopt_test(finding, kept.stem)
    print(f"next: mend the allocator, then make test ONLY={'regress' if tested else 'corpus'}")
    return 0


def adopt_test(finding: Finding, stem: str) -> bool:
    """Puts the C test where `make test` builds it, if it can be built there."""
    source = Path(str(finding.unit_test)).read_text()
    if "pmm_harness_cpu" in source:
        print("no C test: it needs several CPUs, and ci/tests/ builds core/ for one")
        return False
    if "PMM_ATOMIC_SEAM" in source:
        print("no C test: it is a seam of core/ itself, and ci/tests/ builds core/ without one")
        return False
    source = formatted(source.replace('#include "pmm.h"', '#include "../../core/pmm.h"'))
    test = free_name(TESTS, f"regress_{stem.lower().replace('-', '_')}", "_test.c", source)
    write_whole(test, source)
    print(f"{test}: {finding.test_note}")
    return True
