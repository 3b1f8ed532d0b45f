"""C tests of concurrent findings: the turns of a failing run happen again, and only the faulty core fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.campaign import race
from fuzz.campaign.builds import make
from fuzz.campaign.minimize import run_test
from fuzz.campaign.planting import plant
from fuzz.campaign.process import run

PROGRAM = """ops 1
cpus 2
below 0x1000
map 0x200000 0x200000 usable
schedule explicit 0x0
alloc-large s2 dma32
fill 0 3
cpu 0
release s2  # once
cpu 1
free s2
free-inside s2 7
handler 1
stats
at 0.0.1 switch 1 hold 4
at 1.0.2 interrupt 1
"""
TRACE = "turns 0:1 1:4 0:2\nFAIL L01 not-linearizable cpu=1 op=0 free s2: no order of the calls on block " \
        "0x200000 explains double-free at 0x200000: make replay INPUT=f\n"


def test_each_operation_becomes_a_line_of_c() -> None:
    program = race.parse(PROGRAM)
    assert (program.cpus, program.below) == (2, "0x1000")
    assert program.regions == [("0x200000", "0x200000", 1)]
    assert program.set_up[0].startswith("take(&answers[0], 2, 9, PMM_DMA32);")
    assert program.set_up[1].startswith("fill(&answers[1], 0, PMM_ANY, 3);")
    assert program.lists[0] == ["give(&answers[2], 2, -1, 0, true); /* release s2 */"]
    assert [line.split(";")[0] for line in program.lists[1]] == [
        "give(&answers[3], 2, -1, 0, false)", "give(&answers[4], 2, 0, 7, false)"]
    assert program.handlers == [[], ["stats(&answers[5]); /* stats */"]]
    assert program.interrupts == [(1, 0, 2, 1)]


def test_the_failing_call_is_found_by_its_place(tmp_path: Path) -> None:
    assert race.check_of(race.parse(PROGRAM), TRACE) == (
        "L01",
        "!(answers[3].given && answers[3].status == PMM_ERR_DOUBLE_FREE && answers[3].address == 0x200000)"
    )
    at_rest = "turns 0:1\nFAIL K01 self-check at rest: a block is lost: make replay INPUT=f\n"
    assert race.check_of(race.parse(PROGRAM), at_rest) == ("K01", None)
    (tmp_path / "f.ops").write_text(PROGRAM)
    with pytest.raises(race.NoTest, match="do not show"):
        race.write_test(tmp_path / "f.ops", at_rest, tmp_path / "test.c", pointed=True)


@pytest.mark.parametrize("change, why", [
    (("map 0x200000 0x200000 usable", "multiboot 00"), "Multiboot"),
    (("explicit 0x0", "random 0x7"), "strategy"),
    (("switch 1 hold 4", "stale 1"), "stale"),
    (("switch 1 hold 4", "switch-away"), "another format"),
])
def test_what_no_test_can_force_is_told(change: tuple[str, str], why: str) -> None:
    with pytest.raises(race.NoTest, match=why):
        race.parse(PROGRAM.replace(*change))


@pytest.mark.parametrize("trace", ["ok\n", TRACE.replace("L01 not-linearizable", "L08 contents-not-visible")])
def test_what_no_test_can_see_is_told(trace: str) -> None:
    with pytest.raises(race.NoTest):
        race.check_of(race.parse(PROGRAM), trace)


# A switch in the middle of a call, and an interrupt in one.
@pytest.mark.parametrize("fault, shown", [
    ("second-large-free-ok", "freed as often as handed out"), ("hint-before-bit", "pmm_check"),
])
def test_only_a_faulty_core_fails_the_c_test_of_a_race(fault: str, shown: str, tmp_path: Path) -> None:
    settings = plant(Path(f"fuzz/canaries/smp/{fault}.patch"), tmp_path)
    words = [f"{name}={value}" for name, value in settings.items() if name != "ALLOCATOR"]
    make(settings["ALLOCATOR"], f"{tmp_path}/replay-smp", *words)
    program, test = Path(f"corpus/smp/canary-{fault}.ops"), tmp_path / "test.c"
    race.write_test(program, run([f"{tmp_path}/replay-smp", str(program)], 60)[1], test, pointed=False)
    passes, said = run_test(test, tmp_path / "tree/core", "plain")
    assert not passes and shown in said
    assert run_test(test, Path("core"), "plain") == (True, "passes")
