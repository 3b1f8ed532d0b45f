"""The committed corpus: replays clean in every build, with one trace hash, and survives its byte twin."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ci.suite.builds import ADAPTERS, OURS, SECOND_OPINION, VARIANTS, replayer, variants_of
from ci.suite.check import Check, Failure
from ci.suite.tree import files, must, run, some, tail

PROGRAM_FOLDERS = ("corpus/ops", "corpus/regress")
OPS = "build/pmm-ops"
HASH = re.compile(r"\bhash 0x[0-9a-f]+")
FRAMES = {"plain": 1 << 40, "asan": 1 << 19, "msan": 1 << 19}  # sanitizers take too long over larger maps
BASELINE_FRAMES = 1 << 16  # they are there to be compared with: their lists take long over large maps


def programs() -> list[Path]:
    found = [path for folder in PROGRAM_FOLDERS for path in files(".ops", under=folder)]
    return some([path for path in found if "\nschedule " not in path.read_text()], "program in corpus/")


def usable_frames(memory_map: Path) -> int:
    """About how many frames a map has: its usable entries, "<base hex> <length hex> usable", added up."""
    entries = [line.split("#")[0].split() for line in memory_map.read_text().splitlines()]
    return sum(int(entry[1], 16) >> 12 for entry in entries if len(entry) >= 3 and entry[2] == "usable")


def maps(largest: int) -> list[Path]:
    """The committed memory maps of at most so many frames."""
    found = some(files(".map", under="corpus/maps"), "map in corpus/maps")
    return [path for path in found if usable_frames(path) <= largest]


def replay(variant: str, adapter: str, inputs: list[Path]) -> str:
    done = run([replayer(variant, adapter), "--quiet", *inputs])
    if done.returncode:
        fails = [line for line in done.stdout.splitlines() if line.startswith("FAIL ")]
        raise Failure(f"exit {done.returncode}, {len(fails)} FAIL lines\n{tail(done.stdout)}")
    return done.stdout


def programs_clean(variant: str, adapter: str) -> None:
    replay(variant, adapter, programs())


def maps_clean(variant: str, adapter: str) -> None:
    own = {OURS: FRAMES[variant], SECOND_OPINION: FRAMES["asan"]}
    largest = own.get(adapter, BASELINE_FRAMES)
    replay(variant, adapter, maps(largest))


def same_hashes(adapter: str) -> None:
    """Another hash means undefined behaviour, an uninitialised read, or state left behind."""
    first: dict[Path, str] = {}
    for variant in (*VARIANTS, VARIANTS[0]):
        for path in programs():
            found = HASH.search(must([replayer(variant, adapter), path]))
            if not found:
                raise Failure(f"{path}: {variant} prints no 'hash 0x...'")
            if first.setdefault(path, found[0]) != found[0]:
                raise Failure(f"{path}: {found[0]} in {variant}, {first[path]} in {VARIANTS[0]}")


def round_trip() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        encoded, decoded = Path(scratch, "program.bytes"), Path(scratch, "program.ops")
        for path in programs():
            must([OPS, "encode", path, encoded])
            must([OPS, "decode", encoded, decoded])
            if decoded.read_text() != must([OPS, "format", path]):
                raise Failure(f"{path}: decode(encode(text)) is another program; see {OPS} format {path}")


def every_mark_hit(tool: str, chosen: Callable[[], list[Path]]) -> None:
    output = must([tool, "--reach", *chosen()])
    missing = [line.removeprefix("miss ") for line in output.splitlines() if line.startswith("miss ")]
    if missing:
        raise Failure(f"{len(missing)} marks that no committed program reaches: {' '.join(missing)[:600]}")
    if "hit " not in output:
        raise Failure(f"{tool} --reach names no mark")


def format_documented() -> None:
    if must([OPS, "doc"]) != Path("fuzz/program/FORMAT.md").read_text():
        raise Failure(f"fuzz/program/FORMAT.md is stale: {OPS} doc > fuzz/program/FORMAT.md")


def checks() -> Iterator[Check]:
    for adapter in ADAPTERS:
        for variant in variants_of(adapter):
            where = f"[{adapter}, {variant}]"
            clean = partial(programs_clean, variant, adapter)
            yield Check(f"every committed program replays clean {where}", clean)
            clean = partial(maps_clean, variant, adapter)
            yield Check(f"every committed memory map starts clean {where}", clean)
        if variants_of(adapter) == VARIANTS:
            name = f"a program has one trace hash in all builds [{adapter}]"
            yield Check(name, partial(same_hashes, adapter))
    yield Check("decode(encode(text)) is the same program", round_trip)
    reach = partial(every_mark_hit, replayer("plain", OURS), programs)
    yield Check("the committed programs reach every mark", reach)
    yield Check("FORMAT.md says what the table of operations says", format_documented)
