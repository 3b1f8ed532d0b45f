"""Files that are whole at every moment, and folders that one campaign has to itself."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from fuzz.campaign.plan import UsageError


def write_whole(path: Path, text: str) -> None:
    """Whoever reads `path`, even after kill -9, finds the old text or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def claim(folder: Path) -> IO[str]:
    """Locks a folder while the answer is kept open; the lock goes with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / ".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UsageError(f"another campaign is running in {folder}: wait for it, or stop it") from error
    return lock


def regular_files(*folders: Path) -> list[Path]:
    """What lies in these folders, not below; hidden files and README left out."""
    found = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    return sorted(p for p in found if p.is_file() and not p.name.startswith(".") and p.name != "README.txt")
