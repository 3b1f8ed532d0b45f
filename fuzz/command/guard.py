"""Runs a command: its exit code is what it found, or 2 and a sentence that says what to do next.

1 means findings and nothing else. Python itself ends with 1 at an exception; here that is 2, and the
traceback goes to a file.
"""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from fuzz.command import output, surroundings

LOG = Path(__file__).resolve().parents[2] / "build" / "trouble.log"
FAILED = 2
IN_THE_WAY = (errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
USED_UP = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)


class Trouble(Exception):
    """What the user has to know or change; the text is whole and says what to do."""


def os_sentence(error: OSError) -> str:
    """What to do about a refusal of the system."""
    names = [os.fsdecode(n) for n in (error.filename, error.filename2) if isinstance(n, (str, bytes))]
    unnamed = "the disk" if error.errno in NO_ROOM else "a file"
    name, why = names[-1] if names else unnamed, error.strerror or str(error)
    if error.errno in IN_THE_WAY:
        return f"{name}: {why}: something else lies there: move it away, then start again"
    if error.errno in FORBIDDEN:
        return f"{name}: {why}: make it yours (ls -ld, chown, chmod), then start again"
    if error.errno in NO_ROOM:
        return f"{name}: {why}: make room, then start again; nothing is lost"
    if error.errno in USED_UP:
        return f"{name}: {why}: end other programs or raise the limit (ulimit -a), then start again"
    if error.errno == errno.ENOENT:
        return f"{name} is not there: a program is installed by ci/setup test, a file is made by make fuzz"
    return f"{name}: {why}: look at the disk and at the limits of this machine, then start again"


def sentence(error: BaseException) -> str:
    """What went wrong, and what to do."""
    if isinstance(error, Trouble):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "stopped before it was done: start it again, nothing is lost"
    if isinstance(error, OSError):
        return os_sentence(error)
    if isinstance(error, MemoryError):
        return "this machine has no more memory: end other programs, then start again"
    if isinstance(error, ModuleNotFoundError):
        return f"Python does not find {error.name}: ci/setup test installs what is missing"
    text = " ".join(str(error).split())[:200]
    return f"a fault in the suite itself, {type(error).__name__}: {text}: please report it"


def write_trace(error: BaseException) -> str:
    """Where the traceback is kept; empty when there is no place for it."""
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    text = f"{time.strftime('%F %T')} {' '.join(sys.argv)}\n{''.join(lines)}"
    data = text.encode("utf-8", "backslashreplace")
    try:
        LOG.parent.mkdir(exist_ok=True)
        LOG.write_bytes(data)
        return str(LOG)
    except OSError:
        pass
    try:
        descriptor, name = tempfile.mkstemp(prefix="pmm-trouble-", suffix=".log")
        with open(descriptor, "wb") as file:
            file.write(data)
        return name
    except OSError:
        return ""


def explained(error: BaseException) -> str:
    """The sentence, and where the traceback lies when the sentence cannot say it all."""
    text = sentence(error)
    if isinstance(error, (Trouble, KeyboardInterrupt)):
        return text
    log = write_trace(error)
    return f"{text} (traceback: {log})" if log else text


def goal_of(module: str, words: list[str]) -> str:
    """How the command was called: by a goal of the Makefile, or by hand."""
    goal = os.environ.get("PMM_GOAL")
    name = module.removesuffix(".__main__")
    return f"make {goal}" if goal else " ".join(["python -m", name, *words[:1]])


def run(module: str, words: list[str]) -> int:
    """Imports a module, runs its `main`, and answers its exit code."""
    output.outlive_the_terminal()
    signal.signal(signal.SIGHUP, lambda *_: None)  # not SIG_IGN: children would inherit that
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    called = goal_of(module, words)
    sys.argv = [module, *words]
    try:
        surroundings.make_ours()
        return importlib.import_module(module).main()
    except SystemExit as error:  # argparse: 0 after --help, 2 otherwise
        return 0 if error.code in (0, None) else FAILED
    except BaseException as error:  # whatever it is, it is no finding
        print(f"{called}: {explained(error)}", file=sys.stderr)
        return FAILED
