"""No role is blamed for a turn that it did not get, and a plan that does not fit says so before it starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fuzz.campaign.builds import Builds
from fuzz.campaign.campaign import FAIR, Campaign, new_state
from fuzz.campaign.engines import Progress
from fuzz.campaign.findings import Findings
from fuzz.campaign.plan import (
    ENGINES,
    SHORTEST_TURN,
    TARGETS,
    least_seconds,
    plan_roles,
    shared_out,
    turn_seconds,
    warning,
    with_a_turn,
)
from fuzz.campaign.screen import Screen

SIX = plan_roles(TARGETS, ENGINES, 1)


@given(total=some.floats(0.5, 1e5), jobs=some.integers(1, 16))
def test_who_has_a_turn_has_it_within_the_time_and_long_enough(total: float, jobs: int) -> None:
    roles = plan_roles(TARGETS, ENGINES, jobs)
    chosen = with_a_turn(roles, total, jobs)
    rounds = -(-len(chosen) // jobs)
    turn = turn_seconds(total, jobs, len(chosen))
    assert rounds * turn <= total * 1.000001
    assert turn >= min(SHORTEST_TURN, total)
    assert len(chosen) >= min(jobs, len(roles))


@given(jobs=some.integers(1, 16))
def test_the_least_time_named_is_enough_for_all_and_less_is_not(jobs: int) -> None:
    roles = plan_roles(TARGETS, ENGINES, jobs)
    least = least_seconds(len(roles), jobs)
    assert warning(roles, least, jobs) is None
    said = warning(roles, least - SHORTEST_TURN, jobs) if least > SHORTEST_TURN else None
    assert least == SHORTEST_TURN or said is not None and f"TIME={least:.0f}s" in said


def test_every_target_has_a_turn_before_a_second_engine_has() -> None:
    chosen = with_a_turn(SIX, 20.0, 1)
    assert {role.target for role in chosen} == set(TARGETS)
    said = warning(SIX, 20.0, 1)
    assert said is not None and all(role.name in said for role in SIX)


def test_late_engines_do_not_take_the_turns_of_those_who_wait() -> None:
    assert shared_out(5.0, 12.0, 3, 1) == 4.0
    assert shared_out(5.0, 12.0, 3, 2) == 5.0
    assert shared_out(5.0, 3.0, 0, 1) == 3.0


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    state = new_state("a.c", 20.0, 1, SIX)
    state.reach = {"a_mark": True}
    builds = Builds("a.c", tmp_path / "build")
    return Campaign(state, builds, tmp_path, Findings(tmp_path / "findings", builds), Screen())


def judged(campaign: Campaign, seconds: float, programs: int) -> tuple[list[str], list[str]]:
    """Problems and notes when every role but the last had turns of so many seconds."""
    state = campaign._state
    for role in SIX[:-1]:
        state.roles[role].add(Progress(programs, {"edges": 9} if programs else {}), seconds)
    campaign._judge_health()
    return state.problems, state.notes


def test_a_role_without_a_turn_is_named_and_no_problem(campaign: Campaign) -> None:
    assert judged(campaign, 3.0, 100) == ([], [f"{SIX[-1].name} had no turn"])


def test_a_role_whose_turn_was_too_short_to_tell_is_no_problem(campaign: Campaign) -> None:
    problems, notes = judged(campaign, 3.0, 0)
    assert not problems and len(notes) == len(SIX)


def test_a_role_that_had_its_time_and_ran_nothing_is_a_problem(campaign: Campaign) -> None:
    problems, _ = judged(campaign, FAIR, 0)
    assert len(problems) == len(SIX) - 1
