"""What people ask of a campaign from outside: how it stands, to stop, what of its corpus is worth keeping."""

from __future__ import annotations

import hashlib
import os
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from fuzz.campaign import builds as making
from fuzz.campaign import seeds
from fuzz.campaign.builds import OURS, Builds
from fuzz.campaign.engines import Places
from fuzz.campaign.files import owner, read_json, regular_files, write_whole
from fuzz.campaign.plan import TARGETS, UsageError
from fuzz.campaign.process import run
from fuzz.campaign.screen import clock, count
from fuzz.campaign.summary import EXIT
from fuzz.campaign.triage import as_text, replay

STOP_SECONDS = 300
MERGE_SECONDS = 600
SEQUENTIAL = Path("corpus/ops")
HOMES = {"ops": SEQUENTIAL, "map": SEQUENTIAL, "image": SEQUENTIAL, "smp": Path("corpus/smp")}


def stop(folder: Path) -> int:
    """Asks the campaign in `folder` to end, and waits until it has."""
    process = owner(folder)
    if not process:
        print(f"no campaign is running in {folder}")
        return 0
    with suppress(ProcessLookupError):  # it has just ended
        os.kill(process, signal.SIGINT)
    until = time.monotonic() + STOP_SECONDS
    while owner(folder) == process and time.monotonic() < until:
        time.sleep(0.2)
    print(f"stopped, see {folder / 'report.html'}" if owner(folder) != process else f"{process} does not end")
    return 0 if owner(folder) != process else 2


def report(folder: Path) -> int:
    """The campaign on one screen; the exit code is that of its verdict."""
    path = folder / "summary.json"
    if not path.exists():
        raise UsageError(f"{path} is not there: run make fuzz first")
    data = read_json(path)
    try:
        return show(folder, data)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise UsageError(f"{path} lacks {error}, of another version or damaged: run make fuzz") from error


def show(folder: Path, data: dict[str, Any]) -> int:
    state = "ended" if data["finished"] else "under way" if owner(folder) else "was cut off"
    print(f"{data['verdict']}, {state}: {data['allocator']}, {clock(data['seconds'])} of "
          f"{clock(data['planned_seconds'])}, began {data['started']}")
    rate = count(data["executions_per_second"])
    print(f"{data['executions']:,} programs, {rate}/s on {data['jobs']} cores")
    for note in data.get("notes", []):
        print(f"NOTE {note}")
    for problem in data["problems"]:
        print(f"UNHEALTHY {problem.splitlines()[0]}")
    for finding in data["findings"]:
        small = f"{finding['operations']} operations" if finding["minimized"] else "not minimised"
        print(f"{finding['id']} {finding['name']}, seen {finding['times']} times, {small}")
        print(f"    {finding['replay']}")
    for name, target in data["targets"].items():
        edges = ", ".join(f"{engine} {counts.get('edges', 0):.0f} edges" for engine, counts in
                          data["coverage"].get(name, {}).items())
        print(f"{name}: {count(target['executions'])} programs, {target['inputs']} inputs, {edges}")
    missing = data["reach"]["missing"]
    print(f"reach marks: {len(data['reach']['hit'])} hit, {len(missing)} missing {' '.join(missing)[:300]}")
    print(f"page: {folder / 'report.html'}")
    return EXIT[data["verdict"]]


# ---- lasting gains ----


def gains(builds: Builds, target: str, places: Places, scratch: Path) -> list[Path]:
    """The smallest inputs that reach an edge or a mark which the committed programs do not."""
    committed, fresh = scratch / "committed", scratch / "gained"
    committed.mkdir(parents=True)
    fresh.mkdir()
    for path in seeds.committed_programs():
        if seeds.is_concurrent(path) == (target == "smp"):
            seeds.encode(builds, path, committed / path.stem)
    known = {path.name for path in regular_files(committed)}
    program = str(builds.fuzzer("libfuzzer", target))
    folders = [str(folder) for folder in places.inputs() if folder.is_dir()]
    options = ["-set_cover_merge=1", "-prefer_small=1", "-use_counters=0", f"-artifact_prefix={scratch}/"]
    command = [program, *options, str(committed), *folders]
    code, log = run(command, MERGE_SECONDS, {"PMM_WITHOUT_FEEDBACK": "1"})
    if code != 0:
        raise UsageError(f"{program} -set_cover_merge=1 failed:\n{log[-800:]}")
    return [path for path in regular_files(committed) if path.name not in known]


def corpus(folder: Path, jobs: int) -> int:
    """Writes what lasts as programs in text, each replayed clean; `git diff` shows what is new."""
    made = making.build(OURS, list(TARGETS), ["libfuzzer"], jobs)
    written = 0
    for target in TARGETS:
        places = Places(folder / "corpus" / target, folder / "raw" / target)
        if not any(path.is_dir() for path in places.inputs()):
            continue
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            for path in gains(made, target, places, Path(scratch)):
                written += keep(made, target, path, Path(scratch) / "program.ops")
    print(f"{written} programs written; next: git status corpus/, names for them, make test ONLY=corpus")
    return 0


def keep(builds: Builds, target: str, path: Path, text: Path) -> int:
    if not as_text(builds, target, path, text):
        return 0
    seen = replay(builds, target, text)
    if seen:
        print(f"left out, it fails with {seen[1].id}: {builds.replay_command(path)}")
        return 0
    content = text.read_text()
    name = f"fuzzed-{target}-{hashlib.sha1(content.encode()).hexdigest()[:8]}.ops"
    write_whole(HOMES[target] / name, content)
    print(HOMES[target] / name)
    return 1

