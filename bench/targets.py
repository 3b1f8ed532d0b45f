"""What our allocator is to reach, each as a ratio of two figures of the same run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.results import FLOOR, Results

FLAT = 1.25  # as much as a cost may grow and still count as flat


@dataclass(frozen=True)
class Target:
    name: str
    at_most: float
    against: str = FLOOR


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
    return targets


@dataclass(frozen=True)
class Verdict:
    target: Target
    ratio: float

    @property
    def met(self) -> bool:
        return self.ratio <= self.target.at_most


def verdicts(results: Results) -> dict[str, Verdict]:
    """By name; only where both figures were measured."""
    judged = {}
    for target in all_targets():
        ratio = results.ratio(target.name, target.against)
        if ratio is not None:
            judged[target.name] = Verdict(target, ratio)
    return judged
