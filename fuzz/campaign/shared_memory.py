"""Shared memory that killed engines left behind: AFL++ has two or three segments, some 9 MiB, for ever.

Each engine's process is noted in a file while it runs. A segment goes when such a process made it and has
ended, nobody is attached, and it is as old as that process: never another program's.
"""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TABLE = Path("/proc/sysvipc/shm")
SUFFIX = ".process"
EARLIER, LATER = 2.0, 600.0  # seconds around the start of an engine in which it makes its segments
REMOVE_SECONDS = 10
CHILDREN_SECONDS = 2.0  # that children of an engine take to end after it


@dataclass(frozen=True)
class Note:
    """A process: its id, when it began in clock ticks since the boot, and by the wall clock."""

    process: int
    ticks: str
    began: float

    def has_ended(self) -> bool:
        """Also when another process has its id by now."""
        return ticks_of(self.process) != self.ticks


def ticks_of(process: int) -> str | None:
    try:
        words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if words[0] in "ZX" else words[19]


def write_note(path: Path, process: int) -> None:
    """Notes a process that has just begun, if it is still there and the disk has room for the note."""
    ticks = ticks_of(process)
    if ticks:
        with suppress(OSError):
            path.write_text(f"{process} {ticks} {time.time():.3f}\n")


def read_note(path: Path) -> Note | None:
    try:
        process, ticks, began = path.read_text().split()
        return Note(int(process), ticks, float(began))
    except (OSError, ValueError):  # cut by a kill: the engine had no time to make anything
        return None


def segments_of(note: Note, table: str) -> dict[str, bool]:
    """The segments in a table (that of /proc) which the process made: by id, whether somebody is attached."""
    head, *lines = [line.split() for line in table.splitlines()] or [[]]
    found = {}
    for words in lines:
        row = dict(zip(head, words, strict=False))
        if (row.get("cpid"), row.get("key"), row.get("cuid")) != (str(note.process), "0", str(os.geteuid())):
            continue
        if note.began - EARLIER <= float(row["ctime"]) <= note.began + LATER:
            found[row["shmid"]] = row["nattch"] != "0"
    return found


def take_back(path: Path) -> int:
    """Removes what the process noted in `path` left, and the note; how many segments that were."""
    note, removed, until = read_note(path), 0, time.monotonic() + CHILDREN_SECONDS
    while note and TABLE.exists():
        if not note.has_ended():
            return 0
        segments = segments_of(note, TABLE.read_text())
        removed += sum(remove(segment) for segment, attached in segments.items() if not attached)
        if not any(segments.values()):
            break
        if time.monotonic() > until:
            return removed  # with the note, for the next start
        time.sleep(0.02)
    path.unlink(missing_ok=True)
    return removed


def remove(segment: str) -> bool:
    command = ["ipcrm", "-m", segment]
    return subprocess.run(command, capture_output=True, timeout=REMOVE_SECONDS).returncode == 0


def take_back_all(folder: Path) -> int:
    """The same for every note below a folder: what a campaign that was killed has left."""
    return sum(take_back(path) for path in sorted(folder.rglob(f"*{SUFFIX}")))
