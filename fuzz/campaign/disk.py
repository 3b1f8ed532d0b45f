"""Never more disk than was said: corpora are pruned when they near the bound, and the campaign ends at it."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from fuzz.campaign.builds import Builds
from fuzz.campaign.engines import Places
from fuzz.campaign.files import folder_bytes, regular_files
from fuzz.campaign.process import run

LIMIT = 2 << 30  # bytes below build/fuzz
PRUNE_AT = 0.7  # of the limit
LEAST_FREE = 64 << 20  # bytes on the file system, below which engines only fail
MERGE_SECONDS = 300
WORTH_PRUNING = 2000  # inputs


def used(folder: Path) -> int:
    return folder_bytes(folder)


def full(folder: Path, limit: int) -> str | None:
    """Why the campaign may not take more; None: it may. Looks at every file."""
    if used(folder) > limit:
        return f"{folder} has reached its {limit >> 20} MiB: make corpus, then remove {folder}/corpus"
    return None


def cramped(folder: Path) -> str | None:
    """Why there is no room to go on, whoever took it; None: there is. Costs one system call."""
    if shutil.disk_usage(folder).free < LEAST_FREE:
        return f"the file system of {folder} is full: make room, and start again; nothing is lost"
    return None


def mend(places: Places) -> None:
    """Ends what a kill interrupted: a half-made corpus goes, a whole one takes its place."""
    fresh, old = pruned(places), retired(places)
    if old.exists() and not places.libfuzzer.exists():
        source = fresh if (fresh / ".whole").exists() else old
        os.rename(source, places.libfuzzer)
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    (places.libfuzzer / ".whole").unlink(missing_ok=True)
    for path in regular_files(places.libfuzzer):  # a kill in the middle of a write leaves part of an input
        name = hashlib.sha1(path.read_bytes()).hexdigest()
        if path.name != name:
            path.rename(path.with_name(name))


def pruned(places: Places) -> Path:
    return places.corpus / ".libfuzzer.pruned"


def retired(places: Places) -> Path:
    return places.corpus / ".libfuzzer.old"


def prune(builds: Builds, target: str, places: Places, least: int = WORTH_PRUNING) -> int | None:
    """Keeps of libFuzzer's corpus the smallest inputs with all its coverage and reach marks; how many went.

    libFuzzer's features count reach marks as well (fuzz/run/reach.c), so that no state is given up. Nobody
    may be fuzzing the target meanwhile.
    """
    before = len(regular_files(places.libfuzzer))
    if before < least:
        return None
    mend(places)
    pruned(places).mkdir()
    program = str(builds.fuzzer("libfuzzer", target))
    command = [program, "-merge=1", f"-artifact_prefix={program}-"]
    code, _ = run([*command, str(pruned(places)), str(places.libfuzzer)], MERGE_SECONDS)
    kept = len(regular_files(pruned(places)))
    if code != 0 or kept == 0:
        shutil.rmtree(pruned(places), ignore_errors=True)
        return None
    (pruned(places) / ".whole").touch()
    os.rename(places.libfuzzer, retired(places))
    mend(places)
    return before - kept
