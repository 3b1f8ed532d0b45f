"""Whether the pipeline finds anything: each target and engine about to run gets a planted fault to find.

The same programs, started with PMM_PLANTED_FAULT, run an allocator that is wrong in a known way
(fuzz/run/planted.c). From one plain seed they must come to it, and triage must name it; else a clean campaign
would mean nothing.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from fuzz.campaign.builds import Builds, Unhealthy
from fuzz.campaign.engines import ENGINES, Places
from fuzz.campaign.files import write_whole
from fuzz.campaign.findings import Findings
from fuzz.campaign.plan import Role
from fuzz.campaign.process import Child, stop
from fuzz.campaign.seeds import encode
from fuzz.campaign.triage import UNCONFIRMED, confirm

VARIABLE = "PMM_PLANTED_FAULT"
SECONDS = 180.0  # that an engine has to find it; a few are enough where the machine has nothing else to do
SEEDS = {
    "ops": "ops 1\nmap 0x100000 0x400000 usable\nalloc s0\n",
    "map": "ops 1\nmap 0x100000 0x100000 usable\n",
    "image": "ops 1\nmap 0x100000 0x400000 usable\nalloc s0\ndamage 70 1\n",
    "smp": "ops 1\ncpus 2\nmap 0x200000 0x4000 usable\nschedule random 0x1\nalloc s0\ncpu 0\nalloc s1\n",
}


@contextmanager
def planted() -> Iterator[None]:
    os.environ[VARIABLE] = "1"
    try:
        yield
    finally:
        del os.environ[VARIABLE]


def seed(builds: Builds, role: Role, places: Places) -> None:
    places.seeds.mkdir(parents=True, exist_ok=True)
    text = places.seeds.parent / "seed.ops"
    text.write_text(SEEDS[role.target])
    if not encode(builds, text, places.seeds / "seed"):
        raise Unhealthy(f"{builds.ops_tool} does not take the seed of the planted fault: {text}")


def refuses_its_seed(log: Path) -> bool:
    """AFL++ does not begin when every seed makes the program crash."""
    return b"one valid input seed that does not crash" in log.read_bytes()


def hunt(builds: Builds, folder: Path, role: Role) -> str | None:
    """Runs one role on the planted fault; what is wrong with the pipeline, or None.

    An allocator that is wrong by itself may fail before the planted fault does: that shows the same.
    """
    home = folder / role.name.replace("/", "-")
    places = Places(home / "corpus", home / "raw")
    seed(builds, role, places)
    if confirm(builds, role.target, places.seeds / "seed", home / "seed.ops"):
        return None
    engine = ENGINES[role.engine](builds, role, places)
    command, environment = engine.command(SECONDS)
    child = Child(command, home / "log", environment)
    findings = Findings(home / "findings", builds)
    until = time.monotonic() + SECONDS
    try:
        while time.monotonic() < until and not findings.list():
            ended = child.exit_code() is not None
            findings.look(role.target, *places.crashes())
            if ended and not findings.list() and refuses_its_seed(home / "log"):
                return None  # an allocator so wrong that the engine saw it fail before it began
            if ended and not findings.list():
                return f"{role.name}: stopped without finding the planted fault, see {home / 'log'}"
            time.sleep(0.1)
    finally:
        stop([child])
    found = [finding.id for finding in findings.list()]
    if not found:
        return f"{role.name}: the planted fault was not found within {SECONDS:.0f} s, see {home / 'log'}"
    if found == [UNCONFIRMED]:
        return f"{role.name}: the planted fault was found, and no replay shows it, see {home}"
    return None


def fingerprint(builds: Builds, roles: list[Role]) -> str:
    """Which programs the pipeline consists of, to the last build."""
    programs = {builds.fuzzer(role.engine, role.target) for role in roles}
    programs |= {builds.replayer(variant) for variant in ("plain", "asan", "msan")} | {builds.mutator}
    stats = {str(path): path.stat() for path in sorted(programs)}
    return "".join(f"{path} {stat.st_size} {stat.st_mtime_ns}\n" for path, stat in stats.items())


def check_pipeline(builds: Builds, roles: list[Role], folder: Path, jobs: int) -> None:
    """One instance of each target and engine must find its planted fault; once for the same programs."""
    firsts = list(dict.fromkeys(replace(role, instance=0) for role in roles))
    proven, programs = folder.with_name("healthy.txt"), fingerprint(builds, firsts)
    if proven.exists() and proven.read_text() == programs:
        return
    shutil.rmtree(folder, ignore_errors=True)
    with planted(), ThreadPoolExecutor(max(1, min(jobs, len(firsts)))) as pool:
        wrong = [problem for problem in pool.map(partial(hunt, builds, folder), firsts) if problem]
    if wrong:
        raise Unhealthy("the pipeline is blind to a planted fault: " + "; ".join(wrong))
    shutil.rmtree(folder, ignore_errors=True)
    write_whole(proven, programs)
