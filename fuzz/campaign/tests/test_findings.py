"""Findings: one an id, whole at every moment, taken up again after a kill. Replayers are scripts here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fuzz.campaign.builds import Builds
from fuzz.campaign.findings import Findings, load

SCRIPT = """#!/bin/sh
for file; do :; done
case $(cat "$file") in
    *double*) echo "FAIL F02 double-free-accepted op=0 free s0: allocator=ok model=double-free"; exit 1 ;;
    *crash*) kill -SEGV $$ ;;
    *) exit 0 ;;
esac
"""
MINIMIZER = """#!/bin/sh
[ "$1" = --explain ] && { echo '{}' > "$3/moment.json"; exit 0; }
printf 'ops 1\\n# double\\nfree s0\\n' > "$2"
echo "F02 double-free-accepted: operations 1, were 9; map entries 0, were 0; 5 runs: $2"
"""
BETTER_WITH_THE_SECOND = """#!/bin/sh
[ "$1" = --explain ] && { echo '{}' > "$3/moment.json"; exit 0; }
printf 'ops 1\\n# double\\nfree s0\\n' > "$2"
grep -q again "$1" || printf 'alloc s0\\nalloc s1\\n' >> "$2"
echo "F02 double-free-accepted: small: $2"
"""
DECODER = "#!/bin/sh\ncp \"$2\" \"$3\"\n"


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def builds(tmp_path: Path) -> Builds:
    out = tmp_path / "out"
    for variant in ("plain", "asan", "msan"):
        executable(out / variant / "replay", SCRIPT)
        executable(out / variant / "minimize", MINIMIZER)
    executable(out / "libfuzzer" / "ops", SCRIPT)
    return Builds("elsewhere.c", out, executable(tmp_path / "ops", DECODER), tmp_path / "none")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    for name, text in (("a", "ops 1\ndouble\n"), ("b", "ops 1\ndouble again\n"), ("c", "ops 1\ncrash\n")):
        (folder / name).write_text(text)
    return folder


def test_inputs_with_one_id_are_one_finding(tmp_path: Path, builds: Builds, raw: Path) -> None:
    findings = Findings(tmp_path / "findings", builds)
    assert findings.look("ops", raw)
    assert [(finding.id, finding.times) for finding in findings.list()] == [("F02", 2), ("X10", 1)]
    assert not findings.look("ops", raw)


def test_a_finding_becomes_small_and_is_explained(tmp_path: Path, builds: Builds, raw: Path) -> None:
    findings = Findings(tmp_path / "findings", builds)
    findings.look("ops", raw)
    for finding in findings.unfinished():
        findings.finish(finding)
    small = findings.list()[0]
    assert small.minimized and Path(small.minimized).read_text().endswith("free s0\n")
    assert (small.operations, small.repeats, small.flaky) == (1, 10, False)
    assert small.replay == f"make replay INPUT={small.minimized} ALLOCATOR=elsewhere.c"
    assert small.trace and "FAIL F02" in Path(small.trace).read_text()
    assert small.unit_test is None and "do not show" in small.test_note


def test_the_input_that_becomes_smallest_counts(tmp_path: Path, builds: Builds, raw: Path) -> None:
    findings = Findings(tmp_path / "findings", builds)
    for variant in ("plain", "asan", "msan"):
        executable(builds.out / variant / "minimize", BETTER_WITH_THE_SECOND)
    findings.look("ops", raw)
    for finding in findings.unfinished():
        findings.finish(finding)
    assert findings.list()[0].operations == 3
    assert findings.improve()
    better = findings.list()[0]
    assert (better.operations, better.done, better.others) == (1, True, ["01"])
    assert not findings.improve()


def test_what_was_taken_up_is_not_taken_up_again(tmp_path: Path, builds: Builds, raw: Path) -> None:
    Findings(tmp_path / "findings", builds).look("ops", raw)
    again = Findings(tmp_path / "findings", builds)
    again.recheck()
    assert not again.look("ops", raw)
    assert [finding.id for finding in again.list()] == ["F02", "X10"]
    assert again.list()[0].times == 2


def test_what_fails_no_more_is_put_aside(tmp_path: Path, builds: Builds, raw: Path) -> None:
    home = tmp_path / "findings"
    Findings(home, builds).look("ops", raw)
    for variant in ("plain", "asan", "msan"):
        executable(builds.out / variant / "replay", "#!/bin/sh\nexit 0\n")
    executable(builds.out / "libfuzzer" / "ops", "#!/bin/sh\nexit 0\n")
    again = Findings(home, builds)
    again.recheck()
    assert again.list() == []
    assert json.loads((home / "gone" / "F02" / "finding.json").read_text())["id"] == "F02"
    assert (home / "gone" / "F02" / "input").exists()


def test_an_objection_that_no_replay_repeats_is_a_finding_too(tmp_path: Path, builds: Builds) -> None:
    odd = tmp_path / "odd"
    odd.write_text("ops 1\nnothing\n")
    findings = Findings(tmp_path / "findings", builds)
    findings.look_at("ops", odd)
    assert [finding.id for finding in findings.list()] == ["X20"]


@pytest.mark.parametrize("name", ["main/crashes/id:000000", f"raw/ops-libfuzzer-crash-{'0' * 40}"])
def test_an_input_that_was_cut_short_is_no_finding(tmp_path: Path, builds: Builds, name: str) -> None:
    cut = tmp_path / name
    cut.parent.mkdir(parents=True)
    cut.write_bytes(b"")
    findings = Findings(tmp_path / "findings", builds)
    findings.look_at("ops", cut)
    assert findings.list() == []


@pytest.mark.parametrize("name", ["main/hangs/id:000000", "raw/smp-timeout-0a1b", "raw/slow-unit-0a1b"])
def test_what_took_long_and_ends_in_a_replay_is_no_finding(tmp_path: Path, builds: Builds, name: str) -> None:
    slow = tmp_path / name
    slow.parent.mkdir(parents=True)
    slow.write_text("ops 1\nnothing\n")
    findings = Findings(tmp_path / "findings", builds)
    findings.look_at("ops", slow)
    assert findings.list() == []
    slow.write_text("ops 1\ndouble\n")
    findings.look_at("ops", slow)
    assert [finding.id for finding in findings.list()] == ["F02"]


def test_older_findings_are_read_although_they_know_less_or_more(tmp_path: Path) -> None:
    home = tmp_path / "F02"
    home.mkdir()
    least = {"id": "F02", "name": "n", "target": "ops", "input": "i", "replay": "r", "log": "l"}
    (home / "finding.json").write_text(json.dumps(least | {"minimized": None, "colour": "red"}))
    assert load(tmp_path)[0].times == 1


CONCURRENT = """#!/bin/sh
for file; do :; done
case $1 in
    --sequential) grep -q race "$2" && exit 1; printf 'ops 1\\ndouble\\n' > "$3"; exit 0 ;;
esac
case $(cat "$file") in
    *schedule*) echo "FAIL L01 free-answer cpu=0: made up"; exit 1 ;;
    *double*) echo "FAIL F02 double-free-accepted op=0 free s0: made up"; exit 1 ;;
esac
"""
SMALLER = """#!/bin/sh
[ "$1" = --explain ] && exit 0
grep -q hidden "$1" && { printf 'ops 1\\nschedule\\n' > "$2"; echo "L01: small: $2"; exit 0; }
exit 1
"""


@pytest.fixture
def concurrent(builds: Builds) -> Builds:
    for variant in ("plain", "asan", "msan"):
        executable(builds.out / variant / "replay", CONCURRENT)
        executable(builds.out / variant / "replay-smp", CONCURRENT)
        executable(builds.out / variant / "minimize", SMALLER)
    return builds


def test_a_fault_that_needs_no_schedule_is_one_finding_whichever_target_meets_it(
    tmp_path: Path, concurrent: Builds
) -> None:
    findings = Findings(tmp_path / "findings", concurrent)
    for target, text in (("smp", "schedule\n"), ("ops", "double\n"), ("smp", "schedule again\n")):
        (tmp_path / "data").write_text(text)
        findings.look_at(target, tmp_path / "data")
    (tmp_path / "data").write_text("schedule race\n")
    findings.look_at("smp", tmp_path / "data")
    assert [(found.id, found.target, found.times) for found in findings.list()] == [
        ("F02", "ops", 3), ("L01", "smp", 1)]


def test_what_minimising_shows_to_be_sequential_is_withdrawn(tmp_path: Path, concurrent: Builds) -> None:
    (tmp_path / "data").write_text("schedule race hidden\n")
    findings = Findings(tmp_path / "findings", concurrent)
    findings.look_at("smp", tmp_path / "data")
    (tmp_path / "data").write_text("schedule race\n")
    findings.look_at("smp", tmp_path / "data")
    findings.finish(findings.unfinished()[0])
    assert [(found.id, found.times) for found in findings.list()] == [("F02", 1), ("L01", 1)]
    assert (tmp_path / "findings" / "gone" / "L01" / "input").exists()
