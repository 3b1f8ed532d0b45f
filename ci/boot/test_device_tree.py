"""The subset of libfdt reads the trees of QEMU's machines as libfdt itself does: one program, linked with each."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*-linux-gnu/libfdt.a"))), None)
MACHINES = {"qemu-system-aarch64": "virt", "qemu-system-riscv64": "virt"}
PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#include "ci/boot/kernel/handover.h"
#include "ci/boot/kernel/console.h"
void say_entry(uint64_t base, uint64_t length, uint32_t type)
{ printf("%llx %llx %u\\n", (unsigned long long)base, (unsigned long long)length, type); }
void ranges_add(struct ranges *ranges, uint64_t base, uint64_t length)
{ (void)ranges; (void)base; printf("tree of %llu bytes\\n", (unsigned long long)length); }
_Noreturn void fail(const char *check, const char *what, uint64_t expected, uint64_t found)
{ printf("%s %s %d %d\\n", check, what, (int)expected, (int)found); exit(1); }
static char tree[1 << 21];
int main(int argc, char **argv)
{
    static struct handover handover;
    FILE *file = fopen(argv[argc - 1], "rb");
    size_t length = file ? fread(tree, 1, sizeof tree, file) : 0;
    read_device_tree(tree, &handover);
    printf("%zu bytes, %s, %llx %llx\\n", length, handover.command_line,
           (unsigned long long)handover.initrd.base, (unsigned long long)handover.initrd.length);
    return 0;
}
"""


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    assert LIBRARY and all(map(shutil.which, MACHINES)), "apt-get install libfdt-dev qemu-system-arm qemu-system-misc"
    folder = tmp_path_factory.mktemp("readers")
    (folder / "main.c").write_text(PROGRAM)
    common = ["gcc", "-I.", str(folder / "main.c"), "ci/boot/kernel/loader_device_tree.c", "core/pmm_map.c",
              "core/pmm_table.c"]
    for name, library in (("real", str(LIBRARY)), ("subset", "ci/boot/kernel/fdt_subset.c")):
        subprocess.run([*common, library, "-o", str(folder / name)], cwd=ROOT, check=True)
    return [folder / "real", folder / "subset"]


@pytest.mark.parametrize("emulator", MACHINES)
def test_the_subset_reads_what_libfdt_reads(emulator: str, readers: list[Path], tmp_path: Path) -> None:
    tree = tmp_path / "tree.dtb"
    initrd = tmp_path / "initrd"
    initrd.write_bytes(bytes(10_000))
    kernel = tmp_path / "kernel"
    kernel.write_bytes(bytes(4096))
    words = [emulator, "-M", f"{MACHINES[emulator]},dumpdtb={tree}", "-m", "512M", "-kernel", str(kernel)]
    words += ["-initrd", str(initrd), "-append", "cpus=1 some words"]
    subprocess.run(words, check=True, capture_output=True)
    said = [subprocess.run([reader, tree], check=True, capture_output=True, text=True).stdout for reader in readers]
    assert said[0] == said[1]
    assert "20000000" in said[0] and "cpus=1 some words" in said[0]
