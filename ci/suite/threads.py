"""The concurrent programs under ThreadSanitizer: on its fibers, one schedule each, and on real threads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ci.suite.check import Check, Failure
from ci.suite.concurrent import programs, replayer
from ci.suite.tree import make, must, run, tail

SECONDS = {"threads": 2, "tsan": 6}
RACE = 66  # TSan's exit status
HALT = {"TSAN_OPTIONS": f"halt_on_error=1:exitcode={RACE}"}


def build(jobs: int) -> None:
    make(f"-j{jobs}", "-k", *(f"build/{variant}/stress" for variant in SECONDS), replayer("fibers"))


def on_fibers() -> None:
    """No race in the order of the schedule, and the same hashes as without TSan."""
    under_tsan = must([replayer("fibers"), "--quiet", *programs()], env=HALT)
    if under_tsan != must([replayer("plain"), "--quiet", *programs()]):
        raise Failure(f"a trace hash differs under TSan: {replayer('fibers')} --quiet")


def on_threads(variant: str) -> None:
    done = run([f"build/{variant}/stress", str(SECONDS[variant]), *programs()], env=HALT)
    if done.returncode or " 0 calls," in done.stdout:
        raise Failure(f"exit {done.returncode}\n{tail(done.stdout, 30)}")


def race_is_seen() -> None:
    done = run(["build/tsan/stress", "--disordered", str(SECONDS["tsan"]), *programs()], env=HALT)
    if done.returncode != RACE or "data race" not in done.stdout:
        raise Failure(f"exit {done.returncode}, not {RACE}: races pass unseen\n{tail(done.stdout)}")


def checks(jobs: int) -> Iterator[Check]:
    name = "everything builds without a warning [threads, tsan, fibers]"
    yield Check(name, partial(build, jobs), 0, alone=True)
    yield Check("concurrent programs have no race on TSan's fibers", on_fibers)
    for variant in SECONDS:
        yield Check(f"concurrent programs hold on real threads [{variant}]", partial(on_threads, variant))
    yield Check("a race on real threads is seen [tsan]", race_is_seen)
