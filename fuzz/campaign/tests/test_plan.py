"""Times, roles and turns: the campaign's arithmetic, by its properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fuzz.campaign.plan import (
    ENGINES,
    LONGEST_TURN,
    TARGETS,
    Role,
    UsageError,
    next_role,
    parse_jobs,
    parse_names,
    parse_time,
    plan_roles,
    turn_seconds,
)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("30s", 30), ("10m", 600), ("8h", 28800), ("1h30m", 5400), ("1.5m", 90)]
)
def test_times_are_read_in_the_usual_ways(text: str, seconds: float) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "8x", "8 h", "-5s", "0", "0s", "1h30", "30m1", "1e3s", "inf"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="write"):
        parse_time(text)


@pytest.mark.parametrize("text", ["", "0", "-1", "two", "1.5", "99999", "²"])
def test_what_is_no_number_of_cores_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="JOBS"):
        parse_jobs(text)


def test_names_are_taken_once_and_in_order() -> None:
    assert parse_names("TARGETS", "map ops map", TARGETS) == ["map", "ops"]


@pytest.mark.parametrize("text", ["", "  ", "opps", "ops lock"])
def test_unknown_names_are_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(UsageError, match="choose from ops map image smp"):
        parse_names("TARGETS", text, TARGETS)


@given(jobs=some.integers(1, 64))
def test_every_target_meets_every_engine_and_no_core_idles(jobs: int) -> None:
    roles = plan_roles(TARGETS, ENGINES, jobs)
    assert {(role.target, role.engine) for role in roles} == {(t, e) for t in TARGETS for e in ENGINES}
    assert len(roles) == len(set(roles)) == max(jobs, len(TARGETS) * len(ENGINES))


@given(total=some.floats(1, 1e6), jobs=some.integers(1, 64))
def test_a_turn_leaves_time_for_every_role(total: float, jobs: int) -> None:
    roles = plan_roles(TARGETS, ENGINES, jobs)
    turn = turn_seconds(total, jobs, len(roles))
    assert 0 < turn <= LONGEST_TURN
    assert turn * len(roles) <= total * jobs * 1.000001


@given(jobs=some.integers(1, 8), turns=some.integers(40, 200))
def test_no_role_starves_and_none_runs_twice_at_once(jobs: int, turns: int) -> None:
    roles = plan_roles(TARGETS, ENGINES, jobs)
    used: dict[Role, float] = {}
    for _ in range(turns):
        running: set[Role] = set()
        for _ in range(jobs):
            role = next_role(roles, used, running)
            assert role is not None and role not in running
            running.add(role)
        for role in running:
            used[role] = used.get(role, 0) + 1
    assert set(used) == set(roles)
    assert turns * jobs / min(used.values()) < 8 * len(roles)


def test_without_an_idle_role_there_is_no_next() -> None:
    role = Role("ops", "afl")
    assert next_role([role], {}, {role}) is None
