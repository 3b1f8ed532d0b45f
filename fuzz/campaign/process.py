"""Children that never outlive us: each has a process group, and dies with the campaign, even by kill -9.

Their environment is ours, which fuzz/command/surroundings.py has made, and what is added here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from fuzz.campaign import shared_memory

DIES_WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"]
GRACE = 5.0  # seconds between asking a child to stop and making it


class Child:
    """A command under way, its output going to a log file."""

    def __init__(self, command: list[str], log: Path, env: dict[str, str] | None = None) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log = log
        self.started = time.monotonic()
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*DIES_WITH_US, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )
        self._note = log.with_name(log.name + shared_memory.SUFFIX)
        shared_memory.write_note(self._note, self._process.pid)

    def exit_code(self) -> int | None:
        return self._process.poll()

    def seconds(self) -> float:
        return time.monotonic() - self.started

    def signal(self, number: int) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass

    def finish(self) -> int:
        """After the end of the child: whatever it left in its group and in shared memory goes too."""
        self.signal(signal.SIGKILL)
        code = self._process.wait()
        shared_memory.take_back(self._note)
        return code


def stop(children: list[Child]) -> None:
    """Asks all of them to stop, waits a little, and makes those stop that have not."""
    for child in children:
        child.signal(signal.SIGINT)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(child.exit_code() is None for child in children):
        time.sleep(0.05)
    for child in children:
        child.finish()


def run(
    command: list[str], timeout: float, env: dict[str, str] | None = None, note: Path | None = None
) -> tuple[int | None, str]:
    """Exit code (None: no end in time) and all output of a command; its whole group is gone afterwards.

    With a `note` what it leaves in shared memory is taken back, after a kill of ours at the next start.
    """
    process = subprocess.Popen(
        [*DIES_WITH_US, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(env or {})},
        start_new_session=True,
    )
    if note:
        shared_memory.write_note(note, process.pid)
    try:
        output, _ = process.communicate(timeout=timeout)
        return process.returncode, output.decode(errors="replace")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return None, output.decode(errors="replace")
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    finally:
        if note:
            shared_memory.take_back(note)
