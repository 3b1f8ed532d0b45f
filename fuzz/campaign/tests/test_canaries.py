"""The planted faults of concurrency: each can be planted and is told of; a run that missed one fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.campaign import canaries
from fuzz.campaign.builds import Unhealthy
from fuzz.campaign.canaries import Fault, faults
from fuzz.campaign.canary_table import TABLE, Outcome, cells, lacks

FOUND = Outcome("a", "Something is wrong.", "D2", "L02", 1000, 0.5, 2, 3, 1)


def named(path: Path, text: str) -> Fault:
    path.write_text(text)
    return Fault(path)


@pytest.mark.parametrize("fault", faults(""), ids=lambda fault: fault.name)
def test_every_fault_can_be_planted_and_says_what_it_is(
    fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canaries, "OUT", tmp_path)
    what, classes = fault.title()
    assert what and classes
    adapter, words = canaries.plant_fault(fault)
    assert Path(adapter).is_file()
    assert f"OUT={fault.out}" in words


@pytest.mark.parametrize("fault", faults(""), ids=lambda fault: fault.name)
def test_every_fault_has_its_row_and_its_program(fault: Fault) -> None:
    assert f"**{fault.name}**" in TABLE.read_text()
    assert fault.kept.is_file()


def test_a_first_line_names_the_fault_and_its_classes(tmp_path: Path) -> None:
    fault = named(tmp_path / "a.c", "/* Lists it twice. (D3, M4) */\n/* expect: K01 L06 */\n")
    assert fault.title() == ("Lists it twice.", "D3, M4")
    assert fault.expected() == {"K01", "L06"}
    with pytest.raises(Unhealthy, match=":1: must be"):
        named(tmp_path / "b.patch", "Lists it twice.\n").title()


def test_a_patch_that_does_not_apply_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canaries, "OUT", tmp_path / "out")
    stale = "Never was. (M1)\n--- a/core/pmm.h\n+++ b/core/pmm.h\n@@ -1,1 +1,1 @@\n-never there\n+nor here\n"
    with pytest.raises(Unhealthy, match="does not apply any more"):
        canaries.plant_fault(named(tmp_path / "stale.patch", stale))


def test_no_fault_of_that_name_is_an_error() -> None:
    with pytest.raises(Unhealthy, match="no-such-fault"):
        faults("no-such-fault")


def test_nine_in_ten_must_be_found_soon_and_all_in_time() -> None:
    soon = [FOUND] * 9
    slow = Outcome("b", "Something else.", "M1", "K01", 10**6, 40.0)
    assert lacks([*soon, slow], 60) == []
    assert len(lacks([*soon[1:], slow, slow], 60)) == 1
    missed = Outcome("c", "It hides.", "M2", seconds=61.0, problem="not found: log")
    assert lacks([*soon, missed], 60) == ["c: not found: log"]


def test_the_table_tells_interrupts_and_stale_loads_beside_preemptions() -> None:
    assert cells(FOUND, "a")[-2:] == ["1", "-"]
    weak = Outcome("d", "Too weak.", "M33", "K01", 7, 0.1, 2, 2, 1, 3, 2)
    assert cells(weak, "d")[-2] == "1, 2 interrupts, 3 stale loads"
