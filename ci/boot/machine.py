"""QEMU's command line of a boot, and the boot itself: serial line, exit status, time limit. Judges nothing."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from ci.boot.cases import Case
from ci.suite.tree import ROOT

BUILD = ROOT / "build/boot"
EMULATORS = {"x86_64": "qemu-system-x86_64", "i686": "qemu-system-i386",
             "aarch64": "qemu-system-aarch64", "riscv64": "qemu-system-riscv64"}
OVMF = "/usr/share/ovmf/OVMF.fd"


@dataclass(frozen=True)
class Boot:
    """How one boot went."""

    log: str  # the serial line
    status: int | None  # None: it had to be ended
    seconds: float
    errors: str  # what QEMU itself said


def kvm_opens() -> bool:
    return os.access("/dev/kvm", os.R_OK | os.W_OK)


def kernel_options(case: Case) -> str:
    return f"cpus={case.cpus} inside={case.inside}" + " facade=1" * case.facade


def board(case: Case) -> list[str]:
    """The machine without what is loaded."""
    words = [EMULATORS[case.machine], "-display", "none", "-no-reboot", "-nodefaults", "-serial", "stdio",
             "-monitor", "none", "-smp", str(case.cpus), "-m", case.memory]
    if case.machine in ("aarch64", "riscv64"):
        words += ["-M", "virt"] + (["-cpu", "cortex-a72", "-semihosting"] if case.machine == "aarch64" else [])
    else:
        words += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
        fast = kvm_opens() and not case.counted and not case.sparse
        words += ["-cpu", "host", "-accel", "kvm"] if fast else ["-cpu", "max"]
    if case.sparse:
        words[words.index("max")] = "max,phys-bits=46"
        words += ["-object", f"memory-backend-ram,id=ram,size={case.memory},reserve=off", "-machine",
                  "memory-backend=ram"]
    if case.counted:
        words += ["-icount", "shift=0,sleep=off"]
    if case.firmware == "OVMF":
        words += ["-bios", OVMF]
    return words + list(case.board)


def command(case: Case, initrd: Path | None, disc: Path | None) -> list[str]:
    if disc:
        return [*board(case), "-cdrom", str(disc)]
    words = [*board(case), "-kernel", str(BUILD / case.folder / case.image), "-append", kernel_options(case)]
    return words + (["-initrd", str(initrd)] if initrd else [])


def boot(words: list[str], limit: float) -> Boot:
    """Until the kernel ends its machine, or `limit` seconds have passed."""
    start = time.monotonic()
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        try:
            out, errors = process.communicate(timeout=limit)
            status: int | None = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            out, errors = process.communicate()
            status = None
    texts = [data.decode(errors="replace").replace("\r", "") for data in (out, errors)]
    return Boot(texts[0], status, time.monotonic() - start, texts[1])
