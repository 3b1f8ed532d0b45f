"""core/ as a kernel compiles it, on every machine: no warning, no foreign symbol, little stack.

Compiles only; that the code is right on a machine is for the tests that run there.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ci.suite.check import Check, Failure, Result
from ci.suite.tree import ROOT, files, must, need, some, tool

STACK_BYTES = 256  # a function may use no more
WARNINGS = "-std=c11 -Wall -Wextra -Wconversion -Wshadow -Wvla -Werror".split()
FREESTANDING = "-O2 -ffreestanding -fno-stack-protector -fno-pic".split()
MACHINES = {
    "x86_64": "-mgeneral-regs-only -mno-red-zone",
    "i686": "-mgeneral-regs-only",
    "aarch64": "-mgeneral-regs-only -mno-outline-atomics",
    "riscv64": "-march=rv64imac -mabi=lp64",
}
CPU = "-DPMM_THIS_CPU=this_cpu()"  # as an integrator defines it; the function comes from the forced header
PEDANTIC = "-fsyntax-only -Wall -Wextra -Wpedantic -pedantic -Wshadow -Wundef -Werror"
STRICT = {
    "c": f"{PEDANTIC} -ffreestanding -Wstrict-prototypes",
    "c++": f"{PEDANTIC} -Wold-style-cast",
}
INCLUDERS = {"c": ("gcc", "i686-linux-gnu-gcc"), "c++": ("g++",)}
STANDARDS = {"c": ("c11", "gnu11", "c17"), "c++": ("c++11", "c++17", "gnu++20")}
README_CPU_HEADER = "static inline unsigned my_cpu_number(void) { return 0; }\n"
CPU_HEADER = "static inline unsigned this_cpu(void) { return 0; }\n"


def core_files() -> list[Path]:
    return some([p for p in files(".c", under="core") if not p.stem.endswith("_test")], "file in core/")


def compile_core(compiler: list[str], scratch: Path) -> None:
    for source in core_files():
        must([*compiler, "-c", source, "-o", scratch / f"{source.stem}.o"])


def no_foreign_symbol(scratch: Path) -> None:
    """What one object lacks another has; what none has, a kernel would have to supply."""
    objects = sorted(scratch.glob("*.o*"))
    names: dict[str, set[str]] = {"--undefined-only": set(), "--defined-only": set()}
    for option, found in names.items():
        output = must([tool("LLVM_NM"), option, "--just-symbol-name", *objects])
        found.update(line for line in output.split() if not line.endswith(":"))
    foreign = names["--undefined-only"] - names["--defined-only"]
    if foreign:
        raise Failure(f"core/ needs symbols that a kernel may not have: {' '.join(sorted(foreign))}")


def little_stack(scratch: Path) -> None:
    usage = [line.split("\t") for report in some(sorted(scratch.glob("*.su")), "stack report")
             for line in report.read_text().splitlines()]
    large = [f"{where}: {size} bytes, {kind}" for where, size, kind in usage
             if int(size) > STACK_BYTES or kind not in ("static", "dynamic,bounded")]
    if large:
        raise Failure(f"more than {STACK_BYTES} bytes of stack: {'; '.join(large)}")


def with_gcc(machine: str) -> None:
    compiler = need(f"{machine}-linux-gnu-gcc")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        flags = [*WARNINGS, *FREESTANDING, *MACHINES[machine].split()]
        compile_core([compiler, *flags, "-fstack-usage"], scratch)
        no_foreign_symbol(scratch)
        little_stack(scratch)


def with_clang(machine: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        flags = [*WARNINGS, *FREESTANDING, *MACHINES[machine].split()]
        compile_core([tool("CLANG"), f"--target={machine}-linux-gnu", *flags], scratch)
        no_foreign_symbol(scratch)


def with_known_cpu() -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        header = scratch / "cpu.h"
        header.write_text(CPU_HEADER)
        flags = [*WARNINGS, *FREESTANDING, "-fstack-usage", CPU, "-include", str(header)]
        compile_core(["gcc", *flags], scratch)
        no_foreign_symbol(scratch)
        little_stack(scratch)


def with_msvc_mode() -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        flags = "--driver-mode=cl --target=x86_64-pc-windows-msvc /nologo /std:c11 /W4 /WX /O2 /GS- /c"
        for source in core_files():
            result = f"/Fo{scratch}/{source.stem}.obj"
            must([tool("CLANG"), *flags.split(), "/clang:-ffreestanding", source, result])
        no_foreign_symbol(scratch)


def include_is_clean(language: str) -> None:
    """Whoever includes the headers may ask for more warnings than we do."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "kernel.c")
        source.write_text('#include "core/pmm.h"\n#include "core/pmm_allocator.h"\n')
        for compiler in (*INCLUDERS[language], tool("CLANG")):
            for standard in STANDARDS[language]:
                flags = ["-I.", f"-x{language}", f"-std={standard}", *STRICT[language].split()]
                must([compiler, *flags, source])


def readme_lines() -> list[str]:
    """The commands of README that compile core/, as a kernel's author would paste them."""
    lines = [line.strip() for line in (ROOT / "README.md").read_text().splitlines()]
    compiles = re.compile(r"\S*(gcc|clang)\S* .*core/\*\.c$")
    return some([line for line in lines if compiles.match(line)], "compile line in README.md")


def readme_compiles() -> Iterator[Result]:
    for line in readme_lines():
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(folder)
            (scratch / "my_cpu.h").write_text(README_CPU_HEADER)
            command = line.replace("core/*.c", f"{ROOT}/core/*.c").replace("clang ", f"{tool('CLANG')} ", 1)
            must(["sh", "-c", f"cd {scratch} && {command}"])
            no_foreign_symbol(scratch)
        yield Result(f"README's compile line works: {line}")


def checks() -> Iterator[Check]:
    for machine in MACHINES:
        yield Check(f"core is freestanding and sparing of stack [gcc, {machine}]", partial(with_gcc, machine))
        yield Check(f"core is freestanding [clang, {machine}]", partial(with_clang, machine))
    for language in ("c", "c++"):
        yield Check(f"core's headers are clean for strict {language}", partial(include_is_clean, language))
    yield Check("README's compile lines work", readme_compiles)
    yield Check("core is freestanding when PMM_THIS_CPU is defined", with_known_cpu)
    yield Check("core is freestanding [clang in MSVC mode]", with_msvc_mode)
