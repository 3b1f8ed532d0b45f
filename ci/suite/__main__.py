"""`python -m ci.suite run`: every check, a line each, and the closing line `N passed, N failed`.

Where a tool is missing, `, N skipped` follows, and each skipped check says which.
"""

from __future__ import annotations

if __name__ == "__main__":  # before other imports, which the shell's environment could lead astray
    from fuzz.command.launch import again

    again("ci.suite.__main__")

import argparse
import json
import resource
import time
from collections.abc import Iterator

from ci.suite import bench, boot, builds, campaign, canaries, concurrent, corpus, counts, freestanding
from ci.suite import python_tests, stack, style, threads
from ci.suite.check import Check, run_checks
from ci.suite.tree import ROOT
from fuzz.campaign.files import write_whole
from fuzz.command.guard import Trouble

SECONDS = "build/suite-seconds.json"  # what each check took last: the longest begin first
SLOWEST = 5


def all_checks(jobs: int) -> Iterator[Check]:
    yield from builds.checks(jobs)
    yield from corpus.checks()
    yield from concurrent.checks()
    yield from threads.checks(jobs)
    yield from canaries.checks()
    yield from freestanding.checks()
    yield from stack.checks()
    yield from counts.checks()
    yield from style.checks()
    yield from python_tests.checks()
    yield from bench.checks(jobs)
    yield from boot.checks()
    yield from campaign.checks()


def chosen(jobs: int, only: str) -> list[Check]:
    """Checks whose names contain `only`; with the builds, which the others need."""
    return [check for check in all_checks(jobs) if only in check.name or check.stage == 0]


def read_seconds() -> dict[str, float]:
    """How long each check took when it last ran; a file that is no such thing says nothing."""
    try:
        known = json.loads((ROOT / SECONDS).read_text())
        return {str(name): float(seconds) for name, seconds in known.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def cost(took: dict[str, float]) -> str:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    slowest = sorted(took, key=lambda name: -took[name])[:SLOWEST]
    told = "\n".join(f"  {took[name]:5.1f}s  {name}" for name in slowest)
    return f"\n{usage.ru_utime + usage.ru_stime:.0f} seconds of a core; the slowest checks:\n{told}"


def run(jobs: int, only: str) -> int:
    start = time.monotonic()
    passed, skipped, failures, checks, took = 0, 0, [], chosen(jobs, only), read_seconds()
    if not any(only in check.name for check in checks):
        raise Trouble(f"ONLY={only}: no check has that in its name; python3 -m ci.suite list names them")
    for result, seconds in run_checks(checks, jobs, took):
        verdict = "FAILED " if result.failure else "skipped" if result.skipped else "ok     "
        print(f"{time.monotonic() - start:4.0f}s  {verdict}  {result.name}  ({seconds:.1f}s)", flush=True)
        if result.failure:
            failures.append(result)
            print("    " + result.failure.replace("\n", "\n    "), flush=True)
        elif result.skipped:
            skipped += 1
            print("    " + result.skipped, flush=True)
        else:
            passed += 1
    write_whole(ROOT / SECONDS, json.dumps(took, indent=1) + "\n")
    print(cost({check.name: took[check.name] for check in checks}))
    if failures:
        print("\nFailed:")
        print("\n".join(f"  {result.name}" for result in failures))
    print(f"{passed} passed, {len(failures)} failed" + (f", {skipped} skipped" if skipped else ""))
    if not passed and not failures:
        raise Trouble("nothing was checked, and so nothing is known: ci/setup test names what is missing")
    return 1 if failures else 0


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
