"""The house style, as far as a machine can see it: layout, shell, sizes of functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ci.suite.check import Check, Failure, Skip
from ci.suite.tree import ROOT, files, must, need, some, tool

COLUMNS = 118  # as .clang-format has it
C_SUFFIXES = (".c", ".h", ".cpp", ".hpp")
FUNCTION_LINES = 70


def formatted() -> None:
    """By one major version of clang-format: each lays out something or other differently."""
    if not tool("CLANG_FORMAT"):
        raise Skip("no clang-format 14 here, and the others do not agree with it")
    must([tool("CLANG_FORMAT"), "--dry-run", "-Werror", *some(files(*C_SUFFIXES), "C file")])


def shell_files() -> list[Path]:
    candidates = [*files("", under="ci"), Path(".ci/run")]
    return [path for path in candidates if re.match(rb"#!.*\b(ba)?sh\b", (ROOT / path).read_bytes()[:40])]


def shell_clean() -> None:
    must([need("shellcheck"), *some(shell_files(), "shell script")])


def small_functions() -> None:
    """A function begins and ends with a brace in column one: clang-format sees to that."""
    long = []
    for path in some(files(*C_SUFFIXES), "C file"):
        begin = 0
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
            if line == "{":
                begin = number
            elif line == "}" and begin:
                if number - begin >= FUNCTION_LINES:
                    long.append(f"{path}:{begin}: {number - begin} lines, fewer than {FUNCTION_LINES} wanted")
                begin = 0
    if long:
        raise Failure("\n".join(long))


def narrow_python() -> None:
    wide = [f"{path}:{number}" for path in some(files(".py"), "Python file")
            for number, line in enumerate((ROOT / path).read_text().splitlines(), 1) if len(line) > COLUMNS]
    if wide:
        raise Failure(f"lines of more than {COLUMNS} columns: {' '.join(wide)}")


def checks() -> Iterator[Check]:
    yield Check("C is laid out as .clang-format says", formatted)
    yield Check("shellcheck has nothing to say", shell_clean)
    yield Check(f"every C function has fewer than {FUNCTION_LINES} lines", small_functions)
    yield Check(f"Python lines have at most {COLUMNS} columns", narrow_python)
