"""Checks and how they are run: several at a time; each gives named results, passed or failed.

Leaves out what is checked: that is in the modules beside this one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from fuzz.command.guard import Trouble


class Failure(Trouble):
    """A check that did not hold; the text says what was seen and what to do next."""


class Skip(Exception):
    """A check that this machine cannot do; the text names what is missing."""


@dataclass(frozen=True)
class Result:
    """One property, and what is wrong with it, or why nobody looked (neither: it holds)."""

    name: str
    failure: str | None = None
    skipped: str | None = None


@dataclass(frozen=True)
class Check:
    """One unit of work. Its function raises Failure or Skip, or gives results; None stands for one passed.

    Stages run one after the other; the checks of one stage run at the same time, unless they are `alone`.
    """

    name: str
    run: Callable[[], Iterable[Result] | None]
    stage: int = 1
    alone: bool = False


def outcome(check: Check) -> list[Result]:
    """Runs one check; whatever goes wrong inside is a failed result, never the end of the others."""
    try:
        results = check.run()
        results = [Result(check.name)] if results is None else list(results)
        return results or [Result(check.name, "gave no result at all")]
    except Skip as skip:
        return [Result(check.name, skipped=str(skip))]
    except Failure as failure:
        return [Result(check.name, str(failure))]
    except Exception as error:  # a broken check must not pass for a passed one
        return [Result(check.name, f"the check itself broke: {type(error).__name__}: {error}")]


def run_checks(
    checks: list[Check], jobs: int, took: dict[str, float] | None = None
) -> Iterator[tuple[Result, float]]:
    """Results as they come, with the seconds their check took.

    `took` has the seconds of an earlier run, by the names of checks, and gets those of this one: what takes
    longest begins first, and so does what is new, so that no long check is left over for one core at the end.
    """
    took = {} if took is None else took

    def timed(check: Check) -> tuple[list[Result], float]:
        start = time.monotonic()
        results, seconds = outcome(check), time.monotonic() - start
        took[check.name] = seconds
        return results, seconds

    for stage in sorted({check.stage for check in checks}):
        for alone in (False, True):
            batch = [check for check in checks if check.stage == stage and check.alone == alone]
            if not alone:
                batch.sort(key=lambda check: -took.get(check.name, math.inf))
            with ThreadPoolExecutor(max_workers=1 if alone else jobs) as pool:
                for future in as_completed([pool.submit(timed, check) for check in batch]):
                    results, seconds = future.result()
                    yield from ((result, seconds) for result in results)
