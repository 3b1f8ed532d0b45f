"""The judge of `make boot` refuses what must not pass; needs no emulator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ci.boot import cases, judge, report
from ci.boot.machine import Boot, command

CASE = next(case for case in cases.all_cases() if not case.fault and not case.corpus)
PLANTED = next(case for case in cases.all_cases() if case.fault)
GOOD = "pmm boot\nstress calls 9 timer 5 inside 3 others 4 inside 2\n\nPASS\n"


@pytest.fixture(autouse=True)
def replay_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "agrees_with_replay", lambda case, log: None)


def wrong(case: cases.Case, log: str, status: int | None) -> str | None:
    return judge.judge(case, Boot(log, status, 1.0, "")).wrong


def test_a_good_boot_passes_and_its_interrupts_are_counted() -> None:
    verdict = judge.judge(CASE, Boot(GOOD, cases.PASSED, 1.0, ""))
    assert (verdict.wrong, verdict.inside, verdict.strikes) == (None, 5, 9)


@pytest.mark.parametrize("status", [0, 1, 35, None])
def test_every_other_exit_status_and_a_hang_fail(status: int | None) -> None:
    assert wrong(CASE, GOOD, status)


def test_a_boot_without_its_verdict_or_its_stress_fails() -> None:
    assert wrong(CASE, GOOD.replace("PASS", ""), cases.PASSED)
    assert wrong(CASE, "PASS\n", cases.PASSED)


def test_a_planted_fault_that_is_not_found_or_for_another_reason_fails() -> None:
    assert wrong(PLANTED, GOOD, cases.PASSED)
    assert wrong(PLANTED, "FAIL trap: an exception of this number, at\n", 35)
    assert wrong(PLANTED, "FAIL stress: a frame was given to two owners\n", 35) is None


def test_too_few_interrupts_inside_calls_fail_a_whole_run() -> None:
    row = report.Row(CASE, judge.Verdict(None, report.INSIDE_WANTED - 1, report.INSIDE_WANTED), 1.0)
    assert not report.show([row], 1.0, whole=True)
    assert report.show([row], 1.0, whole=False)


def test_names_are_unique_and_the_quick_part_has_a_planted_fault() -> None:
    names = [case.name for case in cases.all_cases()]
    assert len(set(names)) == len(names)
    assert any(case.quick and case.fault for case in cases.all_cases())


def test_the_command_line_says_what_the_case_says() -> None:
    words = command(replace(CASE, cpus=3, memory="77M"), None, None)
    assert words[words.index("-smp") + 1] == "3" and words[words.index("-m") + 1] == "77M"
