"""The boots of `make boot`: what is loaded, by whom, on which machine, how it has to end. A table, no behaviour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

PASSED = 33  # the exit status of a kernel that says PASS, on every machine; isa-debug-exit makes it of 0x10


@dataclass(frozen=True)
class Case:
    """One boot. `inside`: interrupts that have to strike inside a call before the stress ends."""

    loader: str  # "-kernel", "GRUB"
    protocol: str  # "Multiboot 1", ...
    machine: str  # x86_64, i686, aarch64, riscv64
    compiler: str = "gcc"
    firmware: str = "SeaBIOS"
    cpus: int = 1
    memory: str = "64M"
    inside: int = 2000
    initrd: int = 5_000_123  # bytes; 0: none
    facade: bool = False
    counted: bool = True  # -icount: virtual time runs with instructions, CPUs take turns at any of them
    board: tuple[str, ...] = ()  # further options of QEMU
    sparse: bool = False  # memory that the host does not back
    quick: bool = False  # part of `make boot QUICK=1`
    fault: str = ""  # a planted fault, and the line by which it must be found
    found_by: str = ""
    corpus: bool = False
    seconds: int = 60  # the time limit

    @property
    def name(self) -> str:
        words = [self.fault or self.protocol, self.loader, self.machine, self.compiler, f"{self.cpus}cpu",
                 self.memory]
        words += ["facade"] * self.facade + ["UEFI"] * (self.firmware == "OVMF") + ["corpus"] * self.corpus
        words += ["counted" if self.counted else "parallel"] + list(self.board[1:2])
        return "-".join(words).replace(" ", "").replace("--", "-").lower()

    @property
    def folder(self) -> str:
        """Of its objects and images in build/boot/."""
        if self.corpus:
            return "corpus"
        return f"{self.machine}-{self.fault or self.compiler}"

    @property
    def image(self) -> str:
        if self.corpus:
            return "corpus.elf32"
        if self.protocol == "device tree":
            return "tree.image" if self.machine == "aarch64" else "tree.elf"
        stem = self.protocol.replace(" ", "").lower()
        narrow = self.protocol == "Multiboot 1" and self.machine == "x86_64" and self.loader == "-kernel"
        return f"{stem}.elf32" if narrow else f"{stem}.elf"


def x86(protocol: str, **more: object) -> Case:
    return Case("-kernel", protocol, "x86_64", **more)  # type: ignore[arg-type]


def grub(protocol: str, **more: object) -> Case:
    return Case("GRUB", protocol, "x86_64", **more)  # type: ignore[arg-type]


def tree(machine: str, **more: object) -> Case:
    firmware = "OpenSBI" if machine == "riscv64" else "PSCI"
    return Case("-kernel", "device tree", machine, firmware=firmware, memory="128M", **more)  # type: ignore[arg-type]


def planted() -> Iterator[Case]:
    """Faults that a boot must find, each for its reason."""
    yield x86("Multiboot 1", cpus=4, memory="16M", inside=100_000, initrd=0, counted=False, fault="unlocked",
              found_by=r"FAIL (stress|calls|memory|audit): ", quick=True)
    yield x86("PVH", cpus=4, memory="16M", inside=20_000, initrd=0, fault="stuck", counted=False,
              found_by=r"FAIL stress: frames or counts were lost")
    yield x86("PVH", fault="overlaid", found_by=r"FAIL kept: the initrd changed while pmm_init ran", quick=True)


def all_cases() -> Iterator[Case]:
    yield x86("Multiboot 1", cpus=4, inside=12_000, quick=True)
    yield x86("Multiboot 1", cpus=4, memory="16M", initrd=300_123, inside=500, counted=False, quick=True)
    yield x86("Multiboot 1", memory="16M", initrd=0, inside=10_000, compiler="clang", facade=True)
    yield x86("Multiboot 1", cpus=2, memory="5G", inside=2000, facade=True, quick=True)
    yield x86("PVH", cpus=4, inside=12_000, compiler="clang")
    yield x86("PVH", cpus=2, memory="1G", inside=10_000, board=("-machine", "q35"), quick=True)
    yield x86("PVH", cpus=4, memory="5G", inside=500, counted=False)
    yield x86("PVH", cpus=1, memory="4T", inside=1000, sparse=True, seconds=90)
    yield grub("Multiboot 1", cpus=2, inside=5000, facade=True, compiler="clang")
    yield grub("Multiboot 2", cpus=4, inside=10_000)
    yield grub("Multiboot 2", cpus=2, memory="256M", inside=1000, firmware="OVMF", counted=False, seconds=120)
    yield Case("-kernel", "Multiboot 1", "i686", cpus=4, inside=20_000, quick=True)
    yield Case("-kernel", "Multiboot 1", "i686", cpus=2, memory="5G", inside=500, compiler="clang", counted=False)
    yield tree("aarch64", cpus=4, inside=20_000)
    yield tree("aarch64", cpus=1, inside=15_000, compiler="clang")
    yield tree("riscv64", cpus=4, inside=3000, counted=False)  # under -icount OpenSBI starts no other harts
    yield tree("riscv64", cpus=1, inside=15_000, compiler="clang")
    yield tree("riscv64", cpus=2, inside=500, compiler="clang", counted=False)
    yield x86("Multiboot 1", memory="512M", corpus=True, seconds=120)
    yield from planted()
