"""Counting: callgrind's profile, the table, and what counts as worse."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import __main__ as command
from bench import counts

PROFILE = """\
events: Ir Ge

fn=hold
cfn=pmm_alloc
calls=100 0
0 7100 100

fn=repeat_4k
0 5000
cfn=pmm_alloc
calls=1 0
0 90 1
cfn=pmm_free
calls=3 0
0 300
cfn=puts
calls=1 0
0 999 9
cfn=pmm_alloc
calls=3 0
0 210 3
"""
ALLOC = counts.Key("gcc-12", "repeat_4k", "pmm_alloc")
FREE = counts.Key("gcc-12", "repeat_4k", "pmm_free")
SEEN = {ALLOC: counts.Count(75.0, 1.0), FREE: counts.Count(100.0, 0.0)}


def test_a_profile_gives_the_mean_of_each_call_of_a_scenario() -> None:
    assert counts.parse(PROFILE, "gcc-12") == SEEN


def test_the_table_survives_being_written() -> None:
    assert counts.read_table(counts.format_table(SEEN)) == SEEN


@pytest.mark.parametrize("now, worse", [("75 1", 0), ("74 1", 0), ("75.01 1", 1), ("70 1.5", 1)])
def test_more_instructions_or_more_locked_operations_are_worse(now: str, worse: int) -> None:
    count = counts.Count(*(float(number) for number in now.split()))
    assert len(counts.regressions(SEEN, {ALLOC: count})) == worse


def test_a_call_that_the_table_lacks_is_worse() -> None:
    assert "not in the table" in counts.regressions({}, SEEN)[0]


def test_writing_keeps_the_rows_of_other_compilers() -> None:
    other = {counts.Key("clang-14", "repeat_4k", "pmm_alloc"): counts.Count(60.0, 1.0)}
    gone = {counts.Key("gcc-12", "gone_4k", "pmm_alloc"): counts.Count(60.0, 1.0)}
    assert counts.update({**other, **gone}, SEEN) == {**other, **SEEN}


def test_an_unknown_compiler_is_skipped_and_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(counts, "TABLE", tmp_path / "none")
    monkeypatch.setattr(counts, "compiler_name", lambda _: "gcc-99")
    assert command.count(["gcc=/nonexistent"], write=False) == 0
    assert "gcc-99: skipped" in capsys.readouterr().out


@pytest.mark.parametrize("code, table", [(0, SEEN), (1, {ALLOC: counts.Count(70.0, 1.0), FREE: SEEN[FREE]})])
def test_a_regression_ends_with_1_and_the_command_that_updates(
    code: int, table: counts.Counts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(counts, "TABLE", tmp_path / "counts.txt")
    counts.TABLE.write_text(counts.format_table(table))
    monkeypatch.setattr(counts, "compiler_name", lambda _: "gcc-12")
    monkeypatch.setattr(counts, "measure", lambda program, compiler: SEEN)
    assert command.count(["gcc=program"], write=False) == code
    assert (counts.UPDATE in capsys.readouterr().out) == bool(code)
