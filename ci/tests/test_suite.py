"""The test runner itself: nothing that did not hold may count as passed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ci.suite import __main__ as suite
from ci.suite import canaries
from ci.suite.check import Check, Failure, Result, Skip, outcome, run_checks
from fuzz.command.guard import Trouble


def fails() -> None:
    raise Failure("seen 3, wanted 4")


def breaks() -> None:
    raise ZeroDivisionError("oh")


def skips() -> None:
    raise Skip("no such tool")


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


def test_a_selection_without_any_check_is_an_error_and_no_failure(monkeypatch) -> None:
    monkeypatch.setattr(suite, "all_checks", lambda jobs: iter([Check("a build", lambda: None, 0)]))
    with pytest.raises(Trouble, match="ONLY=nothing"):
        suite.run(2, "nothing")


def test_what_took_longest_begins_first_and_what_is_new_before_that() -> None:
    order: list[str] = []
    checks = [Check(name, lambda name=name: order.append(name)) for name in ("quick", "slow", "new")]
    took = {"quick": 1.0, "slow": 9.0}
    list(run_checks(checks, 1, took))
    assert order == ["new", "slow", "quick"]
    assert took.keys() == {"quick", "slow", "new"} and took["slow"] < 9


def test_a_damaged_record_of_times_is_no_record(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(suite, "SECONDS", str(tmp_path / "seconds.json"))
    for text in ("", "[1]", '{"a": "b"}', '{"a": null}'):
        (tmp_path / "seconds.json").write_text(text)
        assert suite.read_seconds() == {}


@pytest.mark.parametrize(
    ("functions", "closing", "code"),
    [
        ([lambda: None, gives_two], "2 passed, 1 failed", 1),
        ([lambda: None], "1 passed, 0 failed", 0),
        ([lambda: None, skips], "1 passed, 0 failed, 1 skipped", 0),
    ],
)
def test_the_closing_line_counts_and_decides_the_exit_code(
    functions, closing, code, monkeypatch, capsys, tmp_path
) -> None:
    monkeypatch.setattr(suite, "SECONDS", str(tmp_path / "seconds.json"))
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
