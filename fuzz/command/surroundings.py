"""The environment of a command and of its children: what is on this list, and nothing else.

A shell has options for sanitizers, AFL++, Python, make and the loader that suit something else. Left to
themselves they make a sound build look wrong, or hide a report.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

PERSON = ("HOME", "USER", "LOGNAME", "PATH", "TMPDIR", "TZ", "LANG", "LANGUAGE")
SCREEN = ("TERM", "COLUMNS", "LINES", "NO_COLOR")
TOOLS = ("CC", "CXX", "AR", "CFLAGS", "LIB_FUZZING_ENGINE", "LD_LIBRARY_PATH", "PYTHON", "PMM_NO_INSTALL")
ALLOCATOR = ("ALLOCATOR", "ALLOCATOR_SOURCES", "ALLOCATOR_CFLAGS", "ALLOCATOR_LDFLAGS", "SEAM", "OUT")
SYMBOLIZERS = ("ASAN_SYMBOLIZER_PATH", "MSAN_SYMBOLIZER_PATH", "UBSAN_SYMBOLIZER_PATH")  # from the Makefile
KEPT = {*PERSON, *SCREEN, *TOOLS, *ALLOCATOR, *SYMBOLIZERS}
KEPT_KINDS = ("LC_", "CCACHE_")  # by how they begin


def kept(environment: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in environment.items() if key in KEPT or key.startswith(KEPT_KINDS)}


def make_ours() -> None:
    """Reduces the environment of this process, and so of every child, to what is kept."""
    wanted = kept(os.environ)
    os.environ.clear()
    os.environ.update(wanted)
