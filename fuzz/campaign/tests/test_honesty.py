"""What is found is not lost: not behind exit 0, not with a damaged file, not by a fault of the desk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fuzz.campaign import history, seeds
from fuzz.campaign.builds import Builds
from fuzz.campaign.desk import Desk, objects
from fuzz.campaign.files import Damaged, read_json
from fuzz.campaign.findings import Findings, load

ASAN = "==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1\n"
FAIL = "FAIL F02 double-free-accepted op=1: make replay INPUT=f\n"


@pytest.mark.parametrize("log", [ASAN, FAIL, "pmm.c:3:4: runtime error: shift\n"])
def test_a_report_under_exit_0_is_a_finding(log: str) -> None:
    assert objects(0, log) and objects(2, log)
    assert not seeds.holds(0, log)


def test_a_run_without_a_report_is_none() -> None:
    assert not objects(0, "f: ok hash 0x1\n") and seeds.holds(0, "")
    assert objects(1, "") and objects(None, "") and not seeds.holds(1, "")


def tools(root: Path, said: str) -> Builds:
    """Builds whose replayers say the same of every program, and exit 0."""
    for name in ("plain/replay", "asan/replay", "msan/replay", "libfuzzer/ops", "tool"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n" + ("echo 'ops 1' >$3\n" if name == "tool" else f"printf '{said}'\n"))
        path.chmod(0o755)
    return Builds("a.c", root, ops_tool=root / "tool")


@pytest.mark.parametrize("damage", ['{"id":', "{}", "[]", ""])
def test_the_input_of_a_damaged_finding_is_looked_at_again(damage: str, tmp_path: Path) -> None:
    home = tmp_path / "findings/F02"
    home.mkdir(parents=True)
    (home / "input").write_bytes(b"data")
    (home / "finding.json").write_text(damage)
    with pytest.raises(Damaged):
        load(tmp_path / "findings")
    findings = Findings(tmp_path / "findings", tools(tmp_path / "build", FAIL.replace("\n", "\\n")))
    findings.recheck()
    assert [finding.id for finding in findings.list()] == ["F02"]
    assert (tmp_path / "findings/damaged/F02/finding.json").read_text() == damage
    assert load(tmp_path / "findings")[0].id == "F02"


def test_a_fault_of_the_desk_is_a_problem_of_the_campaign(tmp_path: Path, monkeypatch) -> None:
    """A thread that dies quietly would leave a clean campaign that looks at nothing."""
    monkeypatch.setattr("fuzz.campaign.desk.IDLE", 0.01)
    builds = Builds("a.c", tmp_path)
    desk = Desk(builds, Findings(tmp_path / "findings", builds), {})
    monkeypatch.setattr(desk, "work_once", lambda: {}["no such key"])
    desk.start()
    desk.finish(lambda: None)
    assert len(desk.problems) == 1 and "KeyError" in desk.problems[0]


@pytest.mark.parametrize("text", ["[]", "null", '{"targets": 3}', '{"findings": [1]}', '{"started"', "\xff"])
def test_a_summary_that_is_damaged_does_not_hold_up_the_next_campaign(text: str, tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text(text)
    (tmp_path / "history.jsonl").write_bytes(b'7\n\xff\n{"started": "a"}\n{"cut')
    assert history.close_last(tmp_path) == [{"started": "a"}]


def test_a_file_of_ours_is_an_object_or_damaged(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(json.dumps({"a": 1}))
    assert read_json(path) == {"a": 1}
    path.write_text("3")
    with pytest.raises(Damaged, match=str(path)):
        read_json(path)
