"""C unit tests for concurrent findings: the switches of the failing run, forced through the seam of core/.

The trace tells who ran for how many steps; race_test.c.jinja makes those turns happen again, with core/ and a
C library alone. What only weak memory shows, or a freeze of all other CPUs, is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import jinja2

from fuzz.campaign.files import write_whole
from fuzz.campaign.tables import failures

TURNS = re.compile(r"^turns((?: \d+:\d+)+)$", re.MULTILINE)
FAIL = re.compile(r"^FAIL (\S+) (\S+) (?:cpu=(\d+) (?:handler=(\d+) )?op=(\d+) )?(.*)$", re.MULTILINE)
AT = re.compile(r"at (\d+)\.(\d+)\.(\d+) (\w+)(?: (\d+))?(?: hold \d+)?")
EXPLAINS = re.compile(r"explains ([a-z-]+) at (0x[0-9a-f]+)")
COUNTS = re.compile(r"zone (\w+): allocator=(\d+) of")
FLAGS = {"normal": "PMM_ANY", "dma32": "PMM_DMA32", "dma": "PMM_DMA"}
SHOWN = ("L01", "L02", "L03", "L04", "L05", "L06", "K01")  # what a test at the seam can see
LARGE = 9


class NoTest(Exception):
    """Why there is none; the text goes on: no C test: ..."""


@dataclass
class Race:
    """A concurrent program, as the template wants it."""

    cpus: int = 1
    below: str = "0"
    regions: list[tuple[str, str, int]] = field(default_factory=list)
    set_up: list[str] = field(default_factory=list)
    lists: list[list[str]] = field(default_factory=list)
    handlers: list[list[str]] = field(default_factory=lambda: [[], []])
    interrupts: list[tuple[int, int, int, int]] = field(default_factory=list)
    numbers: dict[tuple[str, int, int], int] = field(default_factory=dict)  # of answers, by their places
    fills: set[int] = field(default_factory=set)  # answers that a refusal ends

    def uses(self) -> set[str]:
        """The helpers that its lines call."""
        lines = [line for lines in (self.set_up, *self.lists, *self.handlers) for line in lines]
        return {line.partition("(")[0] for line in lines}


def line_of(words: list[str], number: int) -> str:
    """One operation as a line of C; its last answer goes to answers[number]."""
    answer = f"&answers[{number}]"
    zone = next((FLAGS[word] for word in words if word in FLAGS), "PMM_ANY")
    match words:
        case ["alloc", slot, *_]:
            call = f"take({answer}, {slot[1:]}, 0, {zone});"
        case ["alloc-large", slot, *_]:
            call = f"take({answer}, {slot[1:]}, {LARGE}, {zone});"
        case ["free" | "release" as kind, slot]:
            call = f"give({answer}, {slot[1:]}, -1, 0, {'true' if kind == 'release' else 'false'});"
        case ["free-as", slot, order]:
            call = f"give({answer}, {slot[1:]}, {order}, 0, false);"
        case ["free-inside", slot, count]:
            call = f"give({answer}, {slot[1:]}, 0, {count}, false);"
        case ["query", address]:
            call = f"query({address});"
        case ["stats"]:
            call = f"stats({answer});"
        case ["fill", order, *_, count]:
            call = f"fill({answer}, {order}, {zone}, {count});"
        case ["free-every", stride, first]:
            call = f"free_every({answer}, {stride}, {first});"
        case _:
            call = ";"
    return f"{call} /* {' '.join(words)} */"


def take_header(race: Race, words: list[str]) -> bool:
    """Whether the line belongs to the header."""
    match words:
        case ["multiboot", *_]:
            raise NoTest("its map is raw Multiboot bytes")
        case ["table" | "reserve" | "later" | "managed-below" | "place" | "hold-later" as word, *_]:
            raise NoTest(f"its start says `{word}`, which a test of several CPUs cannot yet")
        case ["map", _, _, "later"]:
            raise NoTest("its map has memory that is managed later, which a test of several CPUs cannot yet")
        case ["map", base, length, kind]:
            race.regions.append((base, length, 1 if kind == "usable" else 2))
        case ["cpus", count]:
            race.cpus = int(count)
        case ["below", address]:
            race.below = address
        case ["schedule", strategy, *_] if strategy != "explicit":
            raise NoTest("its schedule is a strategy's, not one decision after the other")
        case ["ops" | "schedule", *_]:
            pass
        case _:
            return False
    return True


def take_decision(race: Race, line: str) -> None:
    found = AT.fullmatch(line)
    if not found:
        raise NoTest(f"its decision `{line}` is in another format")
    cpu, operation, step, action, argument = found.groups()
    if action == "interrupt":
        race.interrupts.append((int(cpu), int(operation), int(step), int(argument)))
    elif action != "switch":
        raise NoTest(f"it takes `{action}`, which only the program can force")


def parse(program: str) -> Race:
    race, where = Race(), ("set-up", 0)
    lines = [line.split("#")[0].strip() for line in program.splitlines()]
    for line in filter(None, lines):
        words = line.split()
        if words[0] == "at":
            take_decision(race, line)
            continue
        if take_header(race, words):
            continue
        if not race.lists:
            race.lists = [[] for _ in range(race.cpus)]
        if words[0] in ("cpu", "handler"):
            where = (words[0], int(words[1]) % (race.cpus if words[0] == "cpu" else 2))
            continue
        lists = {"set-up": [race.set_up], "cpu": race.lists, "handler": race.handlers}[where[0]]
        number = len(race.numbers)
        race.numbers[(*where, len(lists[where[1]]))] = number
        if words[0] in ("fill", "free-every"):
            race.fills.add(number)
        lists[where[1]].append(line_of(words, number))
    race.interrupts.sort(key=lambda entry: entry[:3])
    return race


def check_of(race: Race, trace: str) -> tuple[str, str | None]:
    """The failure id, and what must not come back besides what every test looks at."""
    found = FAIL.search(trace)
    if not found:
        raise NoTest("its trace ends without a failure")
    failure, _, cpu, handler, operation, rest = found.groups()
    if failure not in SHOWN:
        raise NoTest("a test at the seam of core/ cannot see such a failure")
    if cpu is None:
        return failure, None
    where = ("handler", int(handler)) if handler else ("cpu", int(cpu))
    number = race.numbers[(*where, int(operation))]
    answer = f"answers[{number}]"
    explains, counts = EXPLAINS.search(rest), COUNTS.search(rest)
    if failure == "L02":
        if number in race.fills:
            raise NoTest("the refusal ends an operation of many calls")
        return failure, f"!{answer}.given || {answer}.status == PMM_OK"
    if failure == "L01" and explains and number not in race.fills:
        status = "PMM_OK" if explains[1] == "ok" else f"PMM_ERR_{explains[1].upper().replace('-', '_')}"
        same = f"{answer}.status == {status} && {answer}.address == {explains[2]}"
        return failure, f"!({answer}.given && {same})"
    if failure == "L05" and counts:
        return failure, f"{answer}.free[PMM_ZONE_{counts[1].upper()}] != UINT64_C({counts[2]})"
    return failure, None


@cache
def template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("race_test.c.jinja")


def write_test(program: Path, trace: str, test: Path, pointed: bool) -> None:
    """Writes the C test of a minimised concurrent program; NoTest says why there is none.

    Each test looks at what is true of every right allocator. A `pointed` one looks at the failing call's
    answer as well, which another order of steps may justify: for where nothing else shows the failure.
    """
    race = parse(program.read_text())
    failure, check = check_of(race, trace)
    if pointed and not check:
        raise NoTest("the calls of core/ do not show the failure")
    turns = TURNS.search(trace)
    if not turns:
        raise NoTest("its trace is cut")
    info = failures()[failure]
    text = template().render(
        id=failure, name=info.name, meaning=info.meaning, check=check if pointed else None,
        cpus=race.cpus, below=race.below, regions=race.regions, set_up=race.set_up, lists=race.lists,
        handlers=race.handlers,
        interrupts=race.interrupts, operations=len(race.numbers), uses=race.uses(),
        turns=[pair.split(":") for pair in turns[1].split()],
    )
    write_whole(test, text)
