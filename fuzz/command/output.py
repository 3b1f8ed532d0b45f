"""Text streams that outlive their terminal: what cannot be written is dropped, and the command goes on.

A terminal goes away (EIO), a pipe is closed (EPIPE), a disk is full, a pager stands still: none of that may
end a campaign, hold it up, or change its exit code.
"""

from __future__ import annotations

import codecs
import io
import os
import select
import sys

PATIENCE = 5.0  # seconds that a reader who stands still is waited for, once
PIECE = 4096  # bytes: a pipe that poll() says is writable takes so many at once (PIPE_BUF)


def bytes_or_question_mark(error: UnicodeError) -> tuple[str | bytes, int]:
    """A byte of a file's name that is no UTF-8 goes out as it came in; what else has no code becomes `?`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wrong = error.object[error.start : error.end]
    out = bytes(ord(c) - 0xDC00 if 0xDC80 <= ord(c) <= 0xDCFF else ord("?") for c in wrong)
    return out, error.end


codecs.register_error("pmm-output", bytes_or_question_mark)


def unhurried(descriptor: int) -> int:
    """For a terminal a descriptor that never waits (Ctrl-S), opened anew: others share the old one."""
    if not os.isatty(descriptor):
        return descriptor
    try:
        return os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return descriptor


class Output(io.TextIOBase):
    """Writes to a descriptor at once, without a buffer; never raises."""

    def __init__(self, descriptor: int, encoding: str) -> None:
        self._shown, self._encoding = descriptor, encoding
        self._descriptor = unhurried(descriptor)
        self._patience = PATIENCE

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "pmm-output"

    def fileno(self) -> int:
        return self._shown

    def isatty(self) -> bool:
        return os.isatty(self._shown)

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        data = text.encode(self._encoding, "pmm-output")
        while data:
            try:
                written = os.write(self._descriptor, data[:PIECE]) if self._is_ready() else 0
            except OSError:
                written = 0
            if not written:
                break  # the rest is dropped
            data = data[written:]
        return len(text)

    def _is_ready(self) -> bool:
        """Whether a write would not wait. Who stood still once is not waited for again until he reads."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        ready = bool(poll.poll(self._patience * 1000))
        self._patience = PATIENCE if ready else 0.0
        return ready

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass  # others write to the descriptor too


def fill_descriptors() -> None:
    """Gives each of 0, 1 and 2 that is closed to /dev/null, so that no file of ours lands there."""
    while True:
        descriptor = os.open(os.devnull, os.O_RDWR)
        if descriptor > 2:
            os.close(descriptor)
            return
        os.set_inheritable(descriptor, True)


def outlive_the_terminal() -> None:
    fill_descriptors()
    encodings = [getattr(stream, "encoding", None) or "utf-8" for stream in (sys.stdout, sys.stderr)]
    sys.stdout, sys.stderr = Output(1, encodings[0]), Output(2, encodings[1])
