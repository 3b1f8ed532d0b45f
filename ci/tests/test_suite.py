"""The test runner itself: nothing that did not hold may count as passed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ci.suite import __main__ as suite
from ci.suite import canaries
from ci.suite.check import Check, Failure, Result, outcome, run_checks


def fails() -> None:
    raise Failure("seen 3, wanted 4")


def breaks() -> None:
    raise ZeroDivisionError("oh")


def gives_none() -> Iterator[Result]:
    return iter(())


def gives_two() -> Iterator[Result]:
    yield Result("a")
    yield Result("b", "why")


BAD = [(fails, "wanted 4"), (breaks, "broke"), (gives_none, "no result")]


@pytest.mark.parametrize(("function", "why"), BAD)
def test_what_fails_breaks_or_says_nothing_has_not_passed(function, why: str) -> None:
    (result,) = outcome(Check("name", function))
    assert result.failure is not None and why in result.failure


def test_a_check_that_ends_quietly_has_passed() -> None:
    assert outcome(Check("name", lambda: None)) == [Result("name")]


def test_stages_run_one_after_the_other() -> None:
    order: list[int] = []
    checks = [Check(str(stage), lambda stage=stage: order.append(stage), stage) for stage in (2, 0, 1, 1, 0)]
    assert len(list(run_checks(checks, 4))) == 5
    assert order == [0, 0, 1, 1, 2]


@pytest.mark.parametrize(
    ("functions", "closing", "code"),
    [
        ([lambda: None, gives_two], "2 passed, 1 failed", 1),
        ([lambda: None], "1 passed, 0 failed", 0),
        ([], "0 passed, 0 failed", 1),
    ],
)
def test_the_closing_line_counts_and_decides_the_exit_code(
    functions, closing, code, monkeypatch, capsys
) -> None:
    checks = [Check(f"check {number}", function) for number, function in enumerate(functions)]
    monkeypatch.setattr(suite, "all_checks", lambda jobs: iter(checks))
    assert suite.run(2, "") == code
    assert capsys.readouterr().out.splitlines()[-1] == closing


FAULT, TEST = Path("fuzz/canaries/a.patch"), Path("ci/tests/start_test.c")


@pytest.mark.parametrize(
    ("sound", "faulty", "why"),
    [(True, False, None), (True, True, "passes with .* too"), (False, False, "has no passing 'what holds'")],
)
def test_a_fault_is_shown_only_by_a_property_that_holds_without_it(sound, faulty, why, monkeypatch) -> None:
    verdicts = {"faulty": faulty, "start_test": sound}
    monkeypatch.setattr(canaries, "faulty_test", lambda canary, test: Path("faulty"))
    monkeypatch.setattr(canaries, "holds", lambda program, held: verdicts[program.name])
    if why is None:
        canaries.shown(FAULT, TEST, "what holds")
        return
    with pytest.raises(Failure, match=why):
        canaries.shown(FAULT, TEST, "what holds")
