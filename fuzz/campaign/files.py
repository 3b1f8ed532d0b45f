"""Files that are whole at every moment, and folders that one campaign has to itself."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from pathlib import Path
from typing import IO, Any

from fuzz.campaign.plan import UsageError


class Damaged(UsageError):
    """A file that this program wrote, and that is not whole any more."""


def write_whole(path: Path, text: str) -> None:
    """Whoever reads `path`, even after kill -9, finds the old text or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def copy_whole(source: Path, target: Path) -> None:
    """The same for a copy; a file onto itself stays."""
    if source == target:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copyfile(source, fresh)
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(fresh, target)


def folder_bytes(folder: Path) -> int:
    """What a folder takes on the disk; files that vanish meanwhile are nobody's."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(root, name)).st_blocks * 512
            except FileNotFoundError:
                pass
    return total


def read_json(path: Path) -> dict[str, Any]:
    """A file of ours with one object; Damaged when it is anything else."""
    try:
        data = json.loads(path.read_bytes())
    except ValueError as error:
        raise Damaged(f"{path} is damaged ({error}): remove it, then make fuzz writes it anew") from error
    if not isinstance(data, dict):
        raise Damaged(f"{path} is damaged (no object): remove it, then make fuzz writes it anew")
    return data


def claim(folder: Path) -> IO[str]:
    """Locks a folder while the answer is kept open; the lock goes with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / ".lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise UsageError(f"another campaign is running in {folder}: wait, or make fuzz-stop") from error
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def owner(folder: Path) -> int | None:
    """The process that holds the lock of a folder."""
    try:
        with (folder / ".lock").open("r") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                said = lock.read().strip()
                return int(said) if said.isdecimal() else None
    except FileNotFoundError:
        pass
    return None


def regular_files(*folders: Path) -> list[Path]:
    """What lies in these folders, not below; hidden files and README left out."""
    found = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    return sorted(p for p in found if p.is_file() and not p.name.startswith(".") and p.name != "README.txt")
