"""Plants a fault: a patch on a copy of our core, which is then built like anybody else's allocator.

The copy has its adapter, its simulated CPUs and its model with it, so that a patch may break any of them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from fuzz.campaign.builds import Unhealthy
from fuzz.campaign.process import run

COPIED = ("core", "fuzz/allocators", "fuzz/schedule", "reference")
PATCH_SECONDS = 60
SEAM = """-include fuzz/schedule/seam_cpu.h '-DPMM_ATOMIC_SEAM="fuzz/schedule/seam.h"'"""


def plant(patch: Path, out: Path) -> dict[str, str]:
    """Makes the copy below `out`; the settings that make builds the faulty allocator with, into `out`."""
    tree = out / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    for folder in COPIED:
        shutil.copytree(folder, tree / folder, copy_function=shutil.copyfile)  # new, so built anew
    command = ["patch", "-p1", "--batch", "--forward", "-d", str(tree), "-i", str(patch.resolve())]
    code, log = run(command, PATCH_SECONDS)
    if code != 0:
        raise Unhealthy(f"{patch} does not apply any more: plant the same fault in today's core\n{log}")
    sources = [path for path in sorted((tree / "core").glob("*.c")) if not path.stem.endswith("_test")]
    return {
        "OUT": str(out),
        "ALLOCATOR": f"{tree}/fuzz/allocators/pmm.c",
        "ALLOCATOR_SOURCES": " ".join(map(str, sources)),
        "ALLOCATOR_CFLAGS": f"-include {tree}/fuzz/allocators/pmm_cpu.h",
        "SEAM": f"-I{tree} -I. {SEAM}",
    }
