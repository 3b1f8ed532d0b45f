"""What our allocator is to reach, nearly all as a ratio of two figures of the same run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.results import FLOOR, Results

MILLISECONDS = "ms"  # the one target that is no ratio: how long a start may take, whatever the machine
FLAT = 1.25  # as much as a cost may grow and still count as flat

# What holds a target back where it is not met, by what its name contains; what was tried.
# Figures: x86-64, AMD EPYC.
HELD_BACK = {
    "pmm/bulk_free/4k/cpus:1": "the locked instruction is 0.5, the load of the word that it depends on"
    " 0.1; a locked bit set needs no such load, but cannot refuse a sealed word. Tried: no branch on a"
    " ragged block, everything worked out before the instruction: 0.65 became 0.61",
    "pmm/rand/4k/cpus:1": "one locked instruction is 0.5 here; without one, two CPUs that free the same"
    " frame cannot both be answered rightly unless each waits for the other's stores, which is a fence",
    "pmm/repeat/4k/cpus:1": "two locked instructions are 1.0, the checks of both calls the rest",
    "shared": "both CPUs write to one cache line, and the floor shared by two is 2.5 to 4.5 floors itself",
    "pmm/filling/4k/cpus:1/fill:99": "counted: 5.1 calls of 100 leave the fast path, 1.6 at fill:0, as a"
    " batch goes through blocks that are partly used",
    "pmm/filling/2m/cpus:1/fill:99": "counted: of the few free blocks one call in 13 ends at the last and"
    " searches from the first, none at fill:0. That this is all of it is not shown",
    "pmm/scattered/4k/cpus:1/fill:99": "5 free frames a block; counted: 73 calls of 100 leave the fast path,"
    " 17 find another block, and 2.9 compare-and-swaps a pair instead of 2.0. Tried: searching on from the"
    " last block, 5 times faster, and 7 whole blocks left after frag instead of 174",
    "pmm/scattered/2m/cpus:1/fill:99": "the next block is not beside the last; counted: 80 calls of 100"
    " search",
    "cpus:2": "new blocks are found by hints that both CPUs read and write. Tried: changes of hints"
    " counted by each CPU instead of in one word: bulk_alloc 1.5 times one CPU became 1.0 to 1.2 times",
}


@dataclass(frozen=True)
class Target:
    name: str
    at_most: float
    against: str = FLOOR  # a figure of the same run, or MILLISECONDS

    @property
    def held_back(self) -> str:
        """Why it may be missed; empty: it should not be."""
        return next((why for part, why in HELD_BACK.items() if part in self.name), "")


def each(workloads: str, sizes: str) -> Iterator[str]:
    yield from (f"pmm/{workload}/{size}" for workload in workloads.split() for size in sizes.split())


def all_targets() -> list[Target]:
    """One CPU against the floor; two against one; full memory against empty; start-up against memset."""
    targets = [
        Target("pmm/repeat/4k/cpus:1", 1.25),
        Target("pmm/bulk_alloc/4k/cpus:1", 0.7),
        Target("pmm/bulk_free/4k/cpus:1", 0.55),
        Target("pmm/rand/4k/cpus:1", 0.4),
        Target("pmm/repeat/2m/cpus:1", 1.5),
    ]
    for base in each("repeat bulk_alloc bulk_free rand", "4k 2m"):
        targets.append(Target(f"{base}/cpus:2", 1.1, f"{base}/cpus:1"))
    for base in (*each("repeat bulk_alloc bulk_free rand", "4k"), *each("repeat", "2m")):
        targets.append(Target(f"{base}/cpus:2/shared", 4.0, f"{base}/cpus:1"))
    for base in each("filling scattered", "4k 2m"):
        targets.append(Target(f"{base}/cpus:1/fill:99", FLAT, f"{base}/cpus:1/fill:0"))
    for size in ("8GiB", "64GiB", "1TiB", "25TiB-sparse"):
        targets.append(Target(f"pmm/init/{size}", 3.0, f"floor/memset_metadata/{size}"))
    for entries, at_most in ((256, 3.0), (4096, 100.0)):
        for shape in ("ordered", "shuffled", "reversed", "nested"):
            targets.append(Target(f"pmm/init/entries/{entries}-{shape}", at_most, MILLISECONDS))
    return targets


@dataclass(frozen=True)
class Verdict:
    target: Target
    ratio: float

    @property
    def met(self) -> bool:
        return self.ratio <= self.target.at_most


def reached(results: Results, target: Target) -> float | None:
    if target.against != MILLISECONDS:
        return results.ratio(target.name, target.against)
    figure = results.figures.get(target.name)
    return None if figure is None else figure.ns / 1e6


def verdicts(results: Results) -> dict[str, Verdict]:
    """By name; only where both figures were measured."""
    judged = {}
    for target in all_targets():
        ratio = reached(results, target)
        if ratio is not None:
            judged[target.name] = Verdict(target, ratio)
    return judged
