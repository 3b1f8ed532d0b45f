"""The working tree as the checks see it: where its files lie, and how commands are run in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from ci.suite.check import Failure, Skip

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {"build", "__pycache__"}
BUILD_SECONDS = 1800  # a build that takes longer hangs; a loaded machine needs many minutes for a variant


def files(*suffixes: str, under: str = "") -> list[Path]:
    """Files with one of these suffixes, relative to the tree, in order; nothing built, nothing hidden."""
    found = []
    for folder, folders, names in os.walk(ROOT / under):
        folders[:] = sorted(f for f in folders if f not in SKIPPED and not f.startswith("."))
        found += [Path(folder, name).relative_to(ROOT) for name in names if name.endswith(suffixes)]
    return sorted(found)


def some(found: list[Path], what: str) -> list[Path]:
    """The same list; a check over no files at all must not pass."""
    if not found:
        raise Failure(f"there is no {what}: this check has nothing to look at")
    return found


def tail(text: str, lines: int = 12) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])


def run(
    command: list[str | Path], timeout: float = 240, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command in the tree, output and errors together; too long a run is a Failure."""
    words = [str(word) for word in command]
    try:
        return subprocess.run(
            words,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as error:
        raise Failure(f"no end after {timeout:.0f} s: {' '.join(words)[:200]}") from error
    except FileNotFoundError as error:
        raise Failure(f"not there: {words[0]}. See the failed build, or run ci/setup test") from error


def must(command: list[str | Path], timeout: float = 240, env: dict[str, str] | None = None) -> str:
    """The output of a command that has to succeed."""
    done = run(command, timeout, env)
    if done.returncode:
        shown = " ".join(map(str, command))
        shown = shown if len(shown) < 200 else shown[:200] + " ..."
        raise Failure(f"exit {done.returncode}: {shown}\n{tail(done.stdout)}")
    return done.stdout


def make(*words: str, timeout: float = BUILD_SECONDS) -> str:
    """Runs make afresh, whatever options the make around it was given."""
    return must(["make", *words], timeout, {"MAKEFLAGS": "", "PMM_SET_UP": "1"})


def need(program: str) -> str:
    """A program that a machine may lack: without it the check is skipped, and says so."""
    if not shutil.which(program):
        raise Skip(f"no {program} here: ci/setup test installs it where apt offers it")
    return program


def tool(name: str) -> str:
    """A choice that ci/setup wrote to build/tools.mk, such as CLANG."""
    for line in (ROOT / "build/tools.mk").read_text().splitlines():
        key, _, value = line.partition(":=")
        if key.strip() == name:
            return value.strip()
    raise Failure(f"build/tools.mk does not say {name}: run ci/setup test")
