"""The quick part of `make boot`: example kernels on emulated machines, one result for each boot."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from ci.suite.check import Check, Failure, Result, Skip
from ci.suite.tree import ROOT, run, tail, tool

SUMMARY = ROOT / "build/boot/summary.json"
CANNOT = 2  # make boot's exit status on a machine that lacks packages


def quick() -> Iterator[Result]:
    SUMMARY.unlink(missing_ok=True)
    jobs = str(len(os.sched_getaffinity(0)))
    done = run([tool("PYTHON"), "-m", "ci.boot", "run", "--quick", "--jobs", jobs], timeout=600)
    if "missing packages:" in done.stdout:
        raise Skip(tail(done.stdout, 2))
    if done.returncode == CANNOT or not SUMMARY.exists():
        raise Failure(f"exit {done.returncode}\n{tail(done.stdout)}")
    for boot in json.loads(SUMMARY.read_text())["boots"]:
        wrong = f"{boot['wrong']}\nmake boot ONLY={boot['name']}" if boot["wrong"] else None
        yield Result(f"boot: {boot['loader']}, {boot['CPUs']} CPUs, {boot['memory']}, {boot['compiler']}", wrong)
    if done.returncode:
        yield Result("make boot QUICK=1 ends with exit status 0", f"exit {done.returncode}\n{tail(done.stdout)}")


def checks() -> Iterator[Check]:
    yield Check("example kernels boot: make boot QUICK=1", quick, 2, alone=True)
