"""`make adopt`: a finding becomes a program of the corpus and a C test, under a name of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fuzz.campaign import workbench
from fuzz.campaign.builds import OURS, Builds
from fuzz.campaign.minimize import operations_of
from fuzz.campaign.plan import Role, UsageError, next_role
from fuzz.campaign.proofs import SHORTEST, expected_id
from fuzz.campaign.tables import failures

PROGRAM = "ops 1\nmap 0x200000 0x200000 usable\nalloc s0\nfree s0\nfree s0\n"
TEST = '#include "pmm.h"\n\nint main(void)\n{\n    return 0;\n}\n'


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "fuzz" / "findings" / "F02"
    home.mkdir(parents=True)
    (home / "min.ops").write_text(PROGRAM)
    (home / "test.c").write_text(TEST)
    finding = {"id": "F02", "name": "double-free-accepted", "target": "ops", "input": "i", "replay": "r",
               "log": "l", "minimized": str(home / "min.ops"), "unit_test": str(home / "test.c"),
               "operations": 3,
               "meaning": "accepted the free of a frame that is free", "test_note": "fails"}
    (home / "finding.json").write_text(json.dumps(finding))
    for name in ("REGRESSIONS", "TESTS"):
        monkeypatch.setattr(workbench, name, tmp_path / name)
    return tmp_path / "fuzz"


def test_a_finding_is_adopted_with_its_test(campaign: Path, tmp_path: Path) -> None:
    assert workbench.adopt("F02", campaign) == 0
    assert workbench.adopt("F02", campaign) == 0  # again: the same files
    program = (tmp_path / "REGRESSIONS" / "F02-double-free-accepted.ops").read_text()
    assert program == PROGRAM.replace("ops 1\n", "ops 1\n# Accepted the free of a frame that is free.\n")
    names = [path.name for path in (tmp_path / "TESTS").iterdir()]
    assert names == ["regress_f02_double_free_accepted_test.c"]
    test = (tmp_path / "TESTS" / "regress_f02_double_free_accepted_test.c").read_text()
    assert '#include "../../core/pmm.h"' in test


def test_another_fault_with_the_same_id_gets_another_name(campaign: Path, tmp_path: Path) -> None:
    workbench.adopt("F02", campaign)
    (campaign / "findings" / "F02" / "min.ops").write_text(PROGRAM + "stats\n")
    workbench.adopt("F02", campaign)
    names = sorted(path.name for path in (tmp_path / "REGRESSIONS").iterdir())
    assert names == ["F02-double-free-accepted-2.ops", "F02-double-free-accepted.ops"]


def test_a_test_that_brings_a_seam_stays_outside(campaign: Path, tmp_path: Path) -> None:
    (campaign / "findings" / "F02" / "test.c").write_text("/* PMM_ATOMIC_SEAM */\n" + TEST)
    assert workbench.adopt("F02", campaign) == 0
    assert not (tmp_path / "TESTS").exists() or not list((tmp_path / "TESTS").iterdir())


def test_what_is_no_finding_cannot_be_adopted(campaign: Path) -> None:
    with pytest.raises(UsageError, match="F02"):
        workbench.adopt("A01", campaign)


@pytest.mark.parametrize("text, wrong", [
    ("", "empty"), ("ops 9\n", "line 1: .*version 9"), ("ops 1\nmap 0x1000", "line 2"), ("# a\n", "ops 1"),
])
def test_what_is_no_program_is_told_with_its_line(text: str, wrong: str, tmp_path: Path) -> None:
    program = tmp_path / "bad.ops"
    program.write_text(text)
    with pytest.raises(UsageError, match=wrong):
        workbench.readable(Builds(OURS, Path("build")), program, tmp_path / "text.ops")


def test_operations_are_counted_without_the_lines_around_them(tmp_path: Path) -> None:
    program = tmp_path / "p.ops"
    header = "ops 1\n# free\ncpus 2\nmap 0x0 0x1000 usable\nschedule explicit 0x0\n"
    program.write_text(header + "alloc s0 # a\ncpu 0\nfree s0\nat 0.0.1 switch 1\n")
    assert operations_of(program) == 2


def test_a_role_that_pays_gets_twice_the_share_of_one_that_does_not() -> None:
    pays, dry = Role("ops", "libfuzzer"), Role("ops", "afl")
    used = {pays: 150.0, dry: 100.0}
    assert next_role([pays, dry], used, set(), {pays}) == pays
    assert next_role([pays, dry], used, set(), {pays, dry}) == dry
    assert next_role([pays, dry], {pays: 250.0, dry: 100.0}, set(), {pays}) == dry


def test_the_shortest_programs_name_faults_that_are_there() -> None:
    programs = sorted(SHORTEST.glob("*.ops"))
    assert len(programs) == 12
    for program in programs:
        assert expected_id(program) in failures()
        assert list(SHORTEST.parent.rglob(f"{program.stem}.patch")), program
