"""How much stack a call of core/ needs: the deepest chain of functions, not the largest one.

From the call graphs that gcc writes (-fcallgraph-info), for each machine. Leaves out the hooks that an
integrator passes in, and interrupts, which need as much again for each level of nesting.

    python3 -m ci.suite.stack      prints the table
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ci.suite.check import Check, Failure
from ci.suite.freestanding import FREESTANDING, MACHINES, WARNINGS, core_files
from ci.suite.tree import must

MOST = {  # bytes, on any of the machines, at -O2; README says these numbers
    "pmm_alloc": 1024,
    "pmm_free": 512,
    "pmm_release": 384,
    "pmm_query": 128,
    "pmm_query_block": 128,
    "pmm_stats": 128,
    "pmm_check": 896,
    "pmm_attach": 768,
    "pmm_init": 1280,
    "pmm_place_metadata": 1280,
    "pmm_allocator_init": 1664,
}
NODE = re.compile(r'node: \{ title: "([^"]+)" label: "[^"]*?\\n(\d+) bytes \((?:static|dynamic,bounded)\)')
EDGE = re.compile(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"')


class Graph:
    """Frames of functions, and who calls whom; a static function has its file in its name."""

    def __init__(self, texts: list[str]) -> None:
        self.frames: dict[str, int] = {}
        self.calls: dict[str, set[str]] = {}
        for text in texts:
            self.frames.update((name, int(size)) for name, size in NODE.findall(text))
            for caller, callee in EDGE.findall(text):
                self.calls.setdefault(caller, set()).add(callee)

    def deepest(self, name: str, above: tuple[str, ...] = ()) -> int:
        if name in above:
            raise Failure(f"{name} calls itself: {' > '.join((*above, name))}")
        below = [self.deepest(callee, (*above, name)) for callee in self.calls.get(name, ())]
        return self.frames.get(name, 0) + max(below, default=0)


def measure(machine: str) -> dict[str, int]:
    """Bytes by call."""
    with tempfile.TemporaryDirectory() as folder:
        flags = [*WARNINGS, *FREESTANDING, *MACHINES[machine].split(), "-fcallgraph-info=su"]
        for source in core_files():
            words = [f"{machine}-linux-gnu-gcc", *flags, "-c", source, "-o", Path(folder, f"{source.stem}.o")]
            must(words, env={"CCACHE_DISABLE": "1"})  # a compiler cache does not keep the graphs
        graph = Graph([path.read_text() for path in sorted(Path(folder).glob("*.ci"))])
    missing = [call for call in MOST if call not in graph.frames]
    if missing:
        raise Failure(f"no stack frame is known of {' '.join(missing)}: did gcc write its call graphs?")
    return {call: graph.deepest(call) for call in MOST}


def little(machine: str) -> None:
    sizes = measure(machine)
    over = [call for call, most in MOST.items() if sizes[call] > most]
    if over:
        lines = [f"{call}: {sizes[call]} bytes, {MOST[call]} at most" for call in over]
        raise Failure("\n".join([*lines, "if that is right: change MOST in ci/suite/stack.py, and README"]))


def checks() -> Iterator[Check]:
    for machine in MACHINES:
        yield Check(f"no call needs more stack than is said [{machine}]", partial(little, machine))


def said() -> Iterator[str]:
    """A table in Markdown."""
    columns = {machine: measure(machine) for machine in MACHINES}
    yield "| call | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for call in MOST:
        sizes = " | ".join(str(sizes_of[call]) for sizes_of in columns.values())
        yield f"| `{call}` | {sizes} |"


if __name__ == "__main__":
    print("\n".join(said()))
