"""Figures, targets and tables from what Google Benchmark writes."""

from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from bench import __main__ as command
from bench import plots, results, table, targets


def run(name: str, ns: float, index: int, **more: float | str | bool) -> dict:
    plain = {"name": name, "run_type": "iteration", "family_index": index, "real_time": ns, "cpu_time": 1e6}
    return {**plain, **more}


def parsed(*runs: dict) -> results.Results:
    return results.parse(json.dumps({"benchmarks": list(runs)}))


FLOOR = run(results.FLOOR, 10.0, 0)


def test_a_figure_is_the_median_of_its_repetitions() -> None:
    found = parsed(*(run("pmm/repeat/4k/cpus:1", ns, 1, mean=ns + 1) for ns in (30.0, 10.0, 11.0)))
    figure = found.figures["pmm/repeat/4k/cpus:1"]
    assert (figure.ns, figure.lowest, figure.highest) == (11.0, 10.0, 30.0)
    assert figure.counters == {"mean": 12.0}


def test_figures_stand_in_the_order_of_the_program() -> None:
    assert list(parsed(run("b", 1, 2), run("a", 1, 1), run("b", 1, 2)).figures) == ["a", "b"]


def test_aggregates_are_no_repetitions() -> None:
    aggregate = {**run("a_median", 5.0, 1), "run_type": "aggregate"}
    assert list(parsed(run("a", 1, 1), aggregate).figures) == ["a"]


def test_a_failed_benchmark_is_an_error_and_no_figure() -> None:
    failed = run("a", 0.0, 1, error_occurred=True, error_message="refused to free")
    found = parsed(run("a", 3.0, 1), failed)
    assert found.figures == {} and found.errors == {"a": "refused to free"}


def test_who_does_not_take_part_is_skipped_and_no_error() -> None:
    found = parsed(run("a", 0.0, 1, error_occurred=True, error_message="skipped: refuses the map"))
    assert found.errors == {} and found.skipped == {"a": "refuses the map"}


def test_a_busy_repetition_is_left_out_and_an_error_only_if_all_were() -> None:
    busy = {"error_occurred": True, "error_message": "busy: the machine has other work"}
    found = parsed(run("a", 0.0, 1, **busy), run("a", 5.0, 1), run("b", 0.0, 2, **busy))
    assert found.figures["a"].ns == 5.0 and list(found.errors) == ["b"]


def test_a_target_is_judged_by_two_figures_of_one_run() -> None:
    found = parsed(FLOOR, run("pmm/repeat/4k/cpus:1", 12.0, 1), run("pmm/repeat/4k/cpus:2", 18.0, 2))
    judged = targets.verdicts(found)
    assert judged["pmm/repeat/4k/cpus:1"].met
    assert not judged["pmm/repeat/4k/cpus:2"].met
    assert judged["pmm/repeat/4k/cpus:2"].ratio == 1.5


def test_no_verdict_without_the_other_figure() -> None:
    assert targets.verdicts(parsed(run("pmm/repeat/4k/cpus:1", 12.0, 1))) == {}


def test_the_tables_show_target_verdict_and_everyone_beside_us() -> None:
    found = parsed(FLOOR, run("pmm/repeat/4k/cpus:1", 20.0, 1), run("naive/repeat/4k/cpus:1", 45.0, 2))
    text = io.StringIO()
    table.show(found, Console(file=text, width=200))
    assert "not met" in text.getvalue() and "<= 1.25" in text.getvalue() and "4.50" in text.getvalue()
    assert "0 met, 1 not met" in text.getvalue()


def test_plots_are_drawn_of_what_there_is(tmp_path: Path) -> None:
    found = parsed(FLOOR, run("pmm/repeat/4k/cpus:1", 20.0, 1), run("pmm/filling/4k/cpus:1/fill:0", 20.0, 2))
    drawn = plots.draw(found, tmp_path)
    assert [path.name for path in drawn] == ["workloads-4k.svg", "filling-4k-cpus1.svg"]
    assert all("<svg" in path.read_text() for path in drawn)


def test_a_program_that_refuses_is_unusable(tmp_path: Path) -> None:
    program = tmp_path / "bench"
    program.write_text("#!/bin/sh\necho 'bench: ONLY=( is no regular expression' >&2\nexit 2\n")
    program.chmod(0o755)
    try:
        command.planned(program, "(", 3)
    except command.Unusable as error:
        assert "ONLY=( is no regular expression" in str(error)
    else:
        raise AssertionError("accepted")


def test_what_holds_a_target_back_is_said_of_targets_that_there_are() -> None:
    names = [target.name for target in targets.all_targets()]
    assert [part for part in targets.HELD_BACK if not any(part in name for name in names)] == []


def test_a_missed_target_is_shown_with_what_holds_it_back() -> None:
    written = io.StringIO()
    table.show(parsed(FLOOR, run("pmm/rand/4k/cpus:1", 9.0, 1)), Console(file=written, width=400))
    assert f"pmm/rand/4k/cpus:1: {targets.HELD_BACK['pmm/rand/4k/cpus:1']}" in written.getvalue()
