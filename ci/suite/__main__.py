"""`python -m ci.suite run`: every check, a line each, and the closing line `N passed, N failed`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

from ci.suite import bench, boot, builds, campaign, canaries, concurrent, corpus, counts, freestanding
from ci.suite import python_tests, style, threads
from ci.suite.check import Check, run_checks


def all_checks(jobs: int) -> Iterator[Check]:
    yield from builds.checks(jobs)
    yield from corpus.checks()
    yield from concurrent.checks()
    yield from threads.checks(jobs)
    yield from canaries.checks()
    yield from freestanding.checks()
    yield from counts.checks()
    yield from style.checks()
    yield from python_tests.checks()
    yield from bench.checks(jobs)
    yield from boot.checks()
    yield from campaign.checks()


def chosen(jobs: int, only: str) -> list[Check]:
    """Checks whose names contain `only`; with the builds, which the others need."""
    return [check for check in all_checks(jobs) if only in check.name or check.stage == 0]


def run(jobs: int, only: str) -> int:
    start = time.monotonic()
    passed, failures = 0, []
    for result, seconds in run_checks(chosen(jobs, only), jobs):
        verdict = "FAILED" if result.failure else "ok    "
        print(f"{time.monotonic() - start:4.0f}s  {verdict}  {result.name}  ({seconds:.1f}s)", flush=True)
        if result.failure:
            failures.append(result)
            print("    " + result.failure.replace("\n", "\n    "), flush=True)
        else:
            passed += 1
    if failures:
        print("\nFailed:")
        print("\n".join(f"  {result.name}" for result in failures))
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0


def list_names(jobs: int) -> int:
    print("\n".join(check.name for check in all_checks(jobs)))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ci.suite", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (("run", "run the checks"), ("list", "name the checks")):
        command = commands.add_parser(name, help=what)
        command.add_argument("--jobs", type=int, default=2, help="checks that run at the same time")
        if name == "run":
            command.add_argument("--only", default="", help="only checks whose names contain this")
    options = parser.parse_args()
    jobs = max(1, options.jobs)
    return list_names(jobs) if options.command == "list" else run(jobs, options.only)


if __name__ == "__main__":
    sys.exit(main())
