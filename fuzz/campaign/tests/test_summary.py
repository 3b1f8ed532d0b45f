"""summary.json and report.html: what they say, and that nobody ever sees half of one."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from fuzz.campaign import summary
from fuzz.campaign.engines import Progress
from fuzz.campaign.files import claim, write_whole
from fuzz.campaign.findings import Finding
from fuzz.campaign.plan import Role, UsageError
from fuzz.campaign.summary import State, Tally

OPS_AFL, OPS_LIBFUZZER = Role("ops", "afl"), Role("ops", "libfuzzer")
FINDING = Finding("A02", "alloc-<taken>", "ops", "f", None, "make replay INPUT=f", "log.txt")


def state() -> State:
    return State("a.c", 60.0, 2, {OPS_AFL: Tally(), OPS_LIBFUZZER: Tally()}, seconds=30.0)


def test_turns_add_up_and_coverage_keeps_its_best() -> None:
    tally = Tally()
    tally.add(Progress(100, {"edges": 7}, 100.0), 5.0)
    tally.add(Progress(50, {"edges": 5}, 98.0), 5.0)
    assert (tally.executions, tally.turns, tally.seconds) == (150, 2, 10.0)
    assert (tally.coverage, tally.stability) == ({"edges": 7}, 98.0)


@pytest.mark.parametrize(
    ("findings", "problems", "verdict", "code"),
    [
        ([], [], "clean", 0),
        ([FINDING], [], "findings", 1),
        ([], ["p"], "unhealthy", 2),
        ([FINDING], ["p"], "findings", 1),
    ],
)
def test_the_verdict_and_its_exit_code(
    findings: list[Finding], problems: list[str], verdict: str, code: int
) -> None:
    told = state()
    told.findings, told.problems = findings, problems
    assert (told.verdict, summary.EXIT[told.verdict]) == (verdict, code)


def test_both_files_tell_everything_that_was_promised(tmp_path: Path) -> None:
    told = state()
    told.roles[OPS_AFL].add(Progress(900, {"edges": 41, "total_edges": 410}, 100.0), 10.0)
    told.findings, told.reach = [FINDING], {"hit_one": True, "missed_one": False}
    summary.write(told, tmp_path)
    data = json.loads((tmp_path / "summary.json").read_text())
    assert data["verdict"] == "findings"
    assert (data["executions"], data["executions_per_second"]) == (900, 30.0)
    assert data["findings"][0]["minimized"] is None
    assert data["reach"] == {"hit": ["hit_one"], "missing": ["missed_one"]}
    assert data["coverage"]["ops"]["afl"]["edges"] == 41
    assert data["stability"] == {"ops": 100.0}
    page = (tmp_path / "report.html").read_text()
    assert "make replay INPUT=f" in page and "missed_one" in page
    assert "alloc-&lt;taken&gt;" in page


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    texts = ["a" * 100_000, "b" * 100_000]
    write_whole(path, texts[0])
    done = threading.Event()

    def write() -> None:
        for number in range(60):
            write_whole(path, texts[number % 2])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert path.read_text() in texts
    writer.join()
    assert [entry.name for entry in tmp_path.iterdir()] == ["summary.json"]


def test_a_folder_belongs_to_one_campaign(tmp_path: Path) -> None:
    with claim(tmp_path), pytest.raises(UsageError, match="another campaign"):
        claim(tmp_path)
    claim(tmp_path).close()
