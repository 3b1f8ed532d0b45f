"""Where the corpora begin: the committed programs and maps as bytes, and generated programs beside them."""

from __future__ import annotations

import random
from pathlib import Path

from fuzz.campaign.builds import Builds, Unhealthy
from fuzz.campaign.files import regular_files
from fuzz.campaign.findings import Findings
from fuzz.campaign.process import run
from fuzz.campaign.triage import REPLAY_SECONDS, identify

GENERATED = 64
LARGEST_MAP = 4096  # frames; the engines skip what has more, see RUN_FRAMES_FUZZ in fuzz/run/run.h
CHUNK = 64  # inputs an engine is given at a time


def is_concurrent(program: Path) -> bool:
    """Whether a program in text is for simulated CPUs: it has a schedule."""
    return any(line.startswith("schedule ") for line in program.read_text().splitlines())


def suits(program: Path, target: str) -> bool:
    """Whether a target runs a committed program: those of `image` damage metadata."""
    if target == "image":
        return any(line.startswith("damage ") for line in program.read_text().splitlines())
    return is_concurrent(program) == (target == "smp")


def committed_programs() -> list[Path]:
    folders = [Path("corpus", name) for name in ("ops", "smp", "regress")]
    return [path for folder in folders for path in sorted(folder.glob("*.ops"))]


def map_as_program(text: str) -> str | None:
    """A `.map` file as a program without operations: entries are written alike. None: too large a map."""
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    entries = [line for line in lines if line]
    usable = [entry.split()[1] for entry in entries if entry.endswith(" usable")]
    if sum(int(length, 16) for length in usable) >> 12 > LARGEST_MAP:
        return None
    return "ops 1\n" + "".join(f"map {entry}\n" for entry in entries)


def encode(builds: Builds, text: Path, data: Path) -> bool:
    code, _ = run([str(builds.ops_tool), "encode", str(text), str(data)], REPLAY_SECONDS)
    return code == 0


def plant(builds: Builds, target: str, folder: Path) -> None:
    """Fills `folder` with seeds for a target; maps with more entries than a program holds are left out."""
    concurrent = target == "smp"
    folder.mkdir(parents=True, exist_ok=True)
    for path in committed_programs():
        if not suits(path, target):
            continue
        if not encode(builds, path, folder / f"{path.parent.name}-{path.stem}"):
            raise Unhealthy(f"{path} cannot be encoded: {builds.ops_tool} lint {path}")
    if target == "image":  # generated programs seldom damage anything
        return
    scratch = folder / ".map.ops"
    for path in [] if concurrent else sorted(Path("corpus/maps").glob("*.map")):
        program = map_as_program(path.read_text())
        if program:
            scratch.write_text(program)
            encode(builds, scratch, folder / f"map-{path.stem}")
    scratch.unlink(missing_ok=True)
    seed = str(random.randrange(1 << 32))
    generate = "generate-smp" if concurrent else "generate"
    code, log = run([str(builds.ops_tool), generate, seed, str(GENERATED), str(folder)], REPLAY_SECONDS)
    if code != 0 or not regular_files(folder):
        raise Unhealthy(f"{builds.ops_tool} {generate} {seed} {GENERATED} {folder} failed:\n{log[-1000:]}")


def sample(folder: Path) -> Path:
    """One of the seeds that are committed: a generated one may be a broken map, at which nothing begins."""
    committed = [*folder.glob("ops-*"), *folder.glob("smp-*")]
    return min(committed or folder.iterdir())


def holds(code: int | None, log: str) -> bool:
    """Exit 0, and no report: one that says it ends with 0 is a report all the same."""
    return code == 0 and identify(code, log) is None


def sift(builds: Builds, findings: Findings, target: str, *folders: Path) -> None:
    """Takes what fails out of a corpus, as findings: an engine that starts on a crash gets nowhere."""
    engine = str(builds.fuzzer("libfuzzer", target))
    inputs = regular_files(*folders)
    for start in range(0, len(inputs), CHUNK):
        chunk = inputs[start : start + CHUNK]
        if holds(*run([engine, *map(str, chunk)], REPLAY_SECONDS)):
            continue
        for path in chunk:
            if findings.is_known(path):
                findings.look_at(target, path)
            elif not holds(*(said := run([engine, str(path)], REPLAY_SECONDS))):
                findings.look_at(target, path, identify(*said))
            else:
                continue
            path.unlink()  # the finding has a copy
