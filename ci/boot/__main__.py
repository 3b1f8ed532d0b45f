"""`python -m ci.boot run`: builds, boots, judges. Exit 0: all held; 1: something did not; 2: this machine cannot."""

from __future__ import annotations

if __name__ == "__main__":  # before other imports, which the shell's environment could lead astray
    from fuzz.command.launch import again

    again("ci.boot.__main__")

import argparse
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from ci.boot import images, judge, machine, report
from ci.boot.cases import Case, all_cases
from ci.suite.check import Failure
from ci.suite.tree import ROOT, make

PACKAGES = {  # what has to be there, and the package of Debian that brings it
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-system-i386": "qemu-system-x86",
    "qemu-system-aarch64": "qemu-system-arm",
    "qemu-system-riscv64": "qemu-system-misc",
    "grub-mkrescue": "grub-common",
    "xorriso": "xorriso",
    "mformat": "mtools",
    "i686-linux-gnu-gcc": "gcc-i686-linux-gnu",
    "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu",
    "riscv64-linux-gnu-gcc": "gcc-riscv64-linux-gnu",
    "/usr/lib/grub/i386-pc/multiboot.mod": "grub-pc-bin",
    "/usr/lib/grub/x86_64-efi/multiboot2.mod": "grub-efi-amd64-bin",
    "/usr/share/ovmf/OVMF.fd": "ovmf",
    "/usr/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin": "opensbi",
    "/usr/include/libfdt.h": "libfdt-dev",
}


def missing() -> list[str]:
    def there(what: str) -> bool:
        return Path(what).exists() if what.startswith("/") else shutil.which(what) is not None

    return sorted({package for what, package in PACKAGES.items() if not there(what)})


def build(cases: list[Case], jobs: int) -> None:
    """At once: make builds what is missing, in parallel."""
    targets = {f"build/boot/{case.folder}/{case.image}" for case in cases}
    make(f"-j{jobs}", "build/replay", *sorted(targets), timeout=600)


def run_case(case: Case) -> report.Row:
    start = time.monotonic()
    try:
        disc = images.disc(case) if case.loader == "GRUB" else None
        module = images.archive() if case.corpus else images.initrd(case)
        boot = machine.boot(machine.command(case, module, disc), case.seconds)
        log = machine.BUILD / "logs" / f"{case.name}.txt"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(boot.log)
        verdict = judge.judge(case, boot)
    except Failure as failure:
        verdict = judge.Verdict(str(failure))
    return report.Row(case, verdict, time.monotonic() - start)


def run(options: argparse.Namespace) -> int:
    lacking = missing()
    if lacking:
        print(f"make boot: missing packages: {' '.join(lacking)}\n    apt-get install {' '.join(lacking)}",
              file=sys.stderr)
        return 2
    cases = [case for case in all_cases() if options.only in case.name and (case.quick or not options.quick)]
    if not cases:
        print(f"make boot: no boot has '{options.only}' in its name; `python3 -m ci.boot list` names them",
              file=sys.stderr)
        return 2
    machine.BUILD.mkdir(parents=True, exist_ok=True)
    try:
        build(cases, options.jobs)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    start = time.monotonic()
    rows: dict[Case, report.Row] = {}
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        slow_first = sorted(cases, key=lambda case: -case.seconds)
        for future in as_completed([pool.submit(run_case, case) for case in slow_first]):
            row = future.result()
            rows[row.case] = row
            passed = time.monotonic() - start
            print(f"{passed:4.0f}s  {row.word:11}  {row.case.name}  ({row.seconds:.1f}s)", flush=True)
    total = time.monotonic() - start
    ordered = [rows[case] for case in cases]
    report.write(ordered, total, ROOT / "build/boot/summary.json")
    return 0 if report.show(ordered, total, not (options.only or options.quick)) else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ci.boot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run", help="build, boot, judge")
    runs.add_argument("--jobs", type=int, default=2, help="machines that run at the same time")
    runs.add_argument("--quick", action="store_true", help="the part that `make test` runs")
    runs.add_argument("--only", default="", help="only boots whose names contain this")
    commands.add_parser("list", help="name the boots")
    options = parser.parse_args()
    if options.command == "list":
        print("\n".join(case.name for case in all_cases()))
        return 0
    return run(options)

