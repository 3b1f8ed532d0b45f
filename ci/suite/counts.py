"""The fast path stays fast: a call takes no more instructions and locked operations than the table says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

from bench import counts
from ci.suite.check import Check, Failure, Result, Skip
from ci.suite.tree import ROOT, make, need, tool

PROPERTY = "no call takes more instructions than the table says"


def compiler(variable: str) -> str:
    return tool("CLANG") if variable == "clang" else os.environ.get("CC", "gcc")


def no_more(variable: str) -> Iterator[Result]:
    name = counts.compiler_name(compiler(variable))
    table = counts.read_table(counts.TABLE.read_text())
    if not any(key.compiler == name for key in table):
        raise Skip(f"bench/counted/counts.txt has no rows for {name}")
    need("valgrind")
    program = f"build/counted/{variable}/counted"
    make(program)
    try:
        worse = counts.regressions(table, counts.measure(ROOT / program, name))
    except counts.Unusable as error:
        raise Failure(str(error)) from error
    advice = f"\nif that is right: {counts.UPDATE}"
    yield Result(f"{PROPERTY} [{name}]", "\n".join(worse) + advice if worse else None)


def checks() -> Iterator[Check]:
    for variable in ("cc", "clang"):
        yield Check(f"{PROPERTY} [{variable}]", partial(no_more, variable))
