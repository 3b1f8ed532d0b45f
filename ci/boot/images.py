"""What is loaded beside the kernels: the bytes of an initrd, the archive of the corpus, the discs with GRUB."""

from __future__ import annotations

import random
import shutil
import tarfile
from pathlib import Path

from ci.boot.cases import Case
from ci.boot.machine import BUILD, kernel_options
from ci.suite import corpus
from ci.suite.tree import ROOT, must

MAP_FRAMES = 1 << 16  # larger maps take too long in ring 0 of an emulated machine


def initrd(case: Case) -> Path | None:
    """Bytes that repeat nowhere, the same in each run."""
    if not case.initrd:
        return None
    path = BUILD / f"initrd-{case.initrd}"
    if not path.exists():
        path.write_bytes(random.Random(case.initrd).randbytes(case.initrd))
    return path


def corpus_files() -> list[Path]:
    return [*corpus.programs(), *corpus.maps(MAP_FRAMES)]


def archive() -> Path:
    path = BUILD / "corpus.tar"
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name in corpus_files():
            tar.add(ROOT / name, arcname=str(name))
    return path


def disc(case: Case) -> Path:
    """A bootable disc, for BIOS and UEFI alike, whose one entry boots at once."""
    folder = BUILD / "discs" / case.name
    image = folder.with_suffix(".iso")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "boot/grub").mkdir(parents=True)
    shutil.copy(BUILD / case.folder / case.image, folder / "boot/kernel")
    command, module = ("multiboot2", "module2") if case.protocol == "Multiboot 2" else ("multiboot", "module")
    lines = [f"{command} /boot/kernel {kernel_options(case)}"]
    modules = initrd(case)
    if modules:
        shutil.copy(modules, folder / "boot/initrd")
        lines.append(f"{module} /boot/initrd")
    (folder / "boot/grub/grub.cfg").write_text("\n".join([*lines, "boot", ""]))
    platform = "x86_64-efi" if case.firmware == "OVMF" else "i386-pc"
    must(["grub-mkrescue", "-d", f"/usr/lib/grub/{platform}", "-o", image, folder,
          "--install-modules=normal multiboot multiboot2 iso9660 part_msdos configfile all_video",
          "--locales=", "--themes=", "--fonts="])
    return image
