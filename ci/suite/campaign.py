"""`make fuzz` itself: a short campaign on ours ends clean and healthy, one on a faulty design does not."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ci.suite.builds import ADAPTERS
from ci.suite.check import Check, Failure
from ci.suite.tree import run, tail, tool

KEYS = ("verdict", "seconds", "executions", "executions_per_second", "findings", "notes", "targets", "reach",
        "coverage", "stability", "roles")
# What a shell may have for other programs, and what would blind a campaign or hide a report from it.
SHELL = {"ASAN_OPTIONS": "detect_leaks=0:exitcode=0", "UBSAN_OPTIONS": "exitcode=0",
         "MSAN_OPTIONS": "exit_code=0", "LSAN_OPTIONS": "exitcode=0", "AFL_MAP_SIZE": "8",
         "AFL_NO_FORKSRV": "1", "PYTHONSAFEPATH": "1"}
VERDICTS = {0: "clean", 1: "findings", 2: "unhealthy"}


def campaign(allocator: str, targets: str, exit_code: int, seconds: int, jobs: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        options = ["--time", f"{seconds}s", "--jobs", str(jobs), "--targets", targets]
        options += ["--allocator", allocator, "--out", scratch]
        command = [tool("PYTHON"), "-I", "-B", "fuzz/command/launch.py", "fuzz.campaign.__main__", "run"]
        done = run([*command, *options], timeout=seconds + 400, env=SHELL)
        if done.returncode != exit_code:
            raise Failure(f"exit {done.returncode}, not {exit_code}\n{tail(done.stdout, 25)}")
        summary = json.loads(Path(scratch, "summary.json").read_text())
        missing = [key for key in KEYS if key not in summary]
        if missing or not Path(scratch, "report.html").exists():
            raise Failure(f"summary.json lacks {missing}, or there is no report.html")
        if summary["verdict"] != VERDICTS[exit_code]:
            raise Failure(f"verdict {summary['verdict']} with exit {exit_code}")
        nameless = [finding["input"] for finding in summary["findings"] if finding["id"].startswith("X")]
        if nameless:
            raise Failure(f"found, but not named by the harness: {' '.join(nameless)}")
        if exit_code == 0 and summary["executions"] < 1000:
            raise Failure(f"only {summary['executions']} executions in {seconds} s")


def checks() -> Iterator[Check]:
    ours = partial(campaign, ADAPTERS["pmm"], "ops map", 0, 15, jobs=1)  # less than each role's turn
    described = partial(campaign, "fuzz/canaries/described.c", "ops", 1, 6, jobs=2)
    yield Check("a campaign too short for every role ends clean, in an odd shell", ours, 2, alone=True)
    yield Check("a short campaign finds the faults of the described design", described, 2, alone=True)
