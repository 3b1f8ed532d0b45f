"""Who runs when: times, roles, turns. Pure functions; starts nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from fuzz.command.guard import Trouble

TARGETS = ("ops", "map", "image", "smp")
ENGINES = ("libfuzzer", "afl")
WEIGHTS = {"ops": 3, "map": 1, "image": 1, "smp": 3}  # of a core's time: programs have most to find
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST_TURN = 600.0  # corpora are shared between turns, so none may be long
SHORTEST_TURN = 5.0  # an engine needs a second or two to start


class UsageError(Trouble):
    """What the user asked for cannot be done; the text says what can."""


@dataclass(frozen=True)
class Role:
    """One engine on one target; `instance` tells several of the same apart."""

    target: str
    engine: str
    instance: int = 0

    @property
    def name(self) -> str:
        return f"{self.target}/{self.engine}" + (f"#{self.instance}" if self.instance else "")


def parse_time(text: str) -> float:
    """Seconds of "90", "30s", "10m", "8h", "1h30m"."""
    number = r"\d+(?:\.\d+)?"
    if re.fullmatch(number, text, re.ASCII):
        seconds = float(text)
    elif re.fullmatch(rf"(?:{number}[smhd])+", text, re.ASCII):
        seconds = sum(float(part[:-1]) * SECONDS[part[-1]] for part in re.findall(rf"{number}[smhd]", text))
    else:
        raise UsageError(f"TIME={text} is no time: write 30s, 10m, 8h or 1h30m")
    if seconds <= 0:
        raise UsageError(f"TIME={text} leaves no time to fuzz: write 30s, 10m or 8h")
    return seconds


def parse_jobs(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= 4096:
        raise UsageError(f"JOBS={text} is no number of cores: write 1 or more")
    return int(text)


def parse_names(what: str, text: str, known: Sequence[str]) -> list[str]:
    """Words of `text`, each one of `known`, none twice."""
    names = list(dict.fromkeys(text.split()))
    wrong = [name for name in names if name not in known]
    if wrong or not names:
        raise UsageError(f"{what}={text}: choose from {' '.join(known)}")
    return names


def plan_roles(targets: Sequence[str], engines: Sequence[str], jobs: int) -> list[Role]:
    """Each target with each engine, and while cores are left over, more of them: programs before maps."""
    roles = [Role(target, engine) for target in targets for engine in engines]
    extra = [Role(target, engine) for target in targets for _ in range(WEIGHTS[target]) for engine in engines]
    count = {(role.target, role.engine): 1 for role in roles}
    for number in range(jobs - len(roles)):
        more = extra[number % len(extra)]
        key = (more.target, more.engine)
        roles.append(Role(more.target, more.engine, count[key]))
        count[key] += 1
    return roles


def least_seconds(roles: int, jobs: int) -> float:
    """The shortest campaign in which so many roles have a turn each."""
    return SHORTEST_TURN * ceil(roles / jobs)


def with_a_turn(roles: Sequence[Role], total: float, jobs: int) -> list[Role]:
    """The roles that `total` seconds have room for, as planned; each target before a second engine."""
    room = jobs * max(1, int(total / SHORTEST_TURN))
    engines = list(dict.fromkeys(role.engine for role in roles))
    first = sorted(roles, key=lambda role: (role.instance, engines.index(role.engine)))[:room]
    return [role for role in roles if role in first]


def turn_seconds(total: float, jobs: int, roles: int) -> float:
    """How long a turn is: every role gets one within `total`, and about three when there is time for that."""
    share = total / ceil(roles / jobs)
    return min(LONGEST_TURN, share, max(SHORTEST_TURN, share / 3))


def shared_out(turn: float, left: float, waiting: int, jobs: int) -> float:
    """Seconds of the next turn: it leaves as much to each other role that is `waiting` for its first."""
    return min(turn, left / max(1, ceil(waiting / jobs)))


def warning(roles: Sequence[Role], total: float, jobs: int) -> str | None:
    """What a person has to know of a plan that does not fit into its time."""
    chosen = with_a_turn(roles, total, jobs)
    left_out = [role.name for role in roles if role not in chosen]
    if not left_out:
        return None
    cores = f"{jobs} core{'s' if jobs > 1 else ''}"
    turns = f"{total:.0f} s on {cores} have turns for {len(chosen)} of {len(roles)} roles"
    least = f"TIME={least_seconds(len(roles), jobs):.0f}s is the least for all"
    return f"{turns}: {' '.join(role.name for role in chosen)}; none for {' '.join(left_out)}; {least}"


def next_role(
    roles: Sequence[Role], used: dict[Role, float], running: set[Role], gained: set[Role] | None = None
) -> Role | None:
    """The idle role furthest behind its share; one that has not had a turn comes first.

    A role whose last turn found something new has twice the share of one that pays no more; none is left out.
    """
    paying = set(roles) if gained is None else gained

    def behind(role: Role) -> float:
        return used.get(role, 0.0) / (WEIGHTS[role.target] * (2 if role in paying else 1))

    return min((role for role in roles if role not in running), key=behind, default=None)
