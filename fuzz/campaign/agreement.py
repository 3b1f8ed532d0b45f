"""Every way to run one failing program must say the same failure id: what an engine fails, a replay fails."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from fuzz.campaign.builds import Unhealthy
from fuzz.campaign.process import run
from fuzz.campaign.triage import REPLAY_SECONDS, identify

OPS_TOOL = "build/pmm-ops"
MINIMIZE_SECONDS = 300
QUICK = ("plain", "libfuzzer")  # what the ways that differ most need; the others take minutes to build
ALL = ("plain", "asan", "libfuzzer", "afl")
ENGINES = ("libfuzzer", "afl")


def is_concurrent(program: Path) -> bool:
    return "\nschedule " in program.read_text()


def target_of(program: Path) -> str:
    return "smp" if is_concurrent(program) else "ops"


def programs_of(out: Path, program: Path, builds: tuple[str, ...] = ALL) -> list[str]:
    """What make has to build below `out` before ids() can ask them all."""
    names = ["plain/minimize"]
    for build in builds:
        replayers = ("replay", "replay-smp") if is_concurrent(program) else ("replay",)
        names += [f"{build}/{name}" for name in ((target_of(program),) if build in ENGINES else replayers)]
    return [str(out / name) for name in names]


def exhausted(out: Path, program: Path, preemptions: int) -> tuple[str, str]:
    """What all schedules of a program say, and what a replay says of the schedule that they ended with."""
    command = [str(out / "plain/replay-smp"), "--exhaustive", str(preemptions), str(program)]
    said = identify(*run(command, REPLAY_SECONDS))
    failed = Path(f"{program}.failed.ops")
    if not said or not failed.exists():
        return "nothing", "nothing"
    again = identify(*run([str(out / "plain/replay-smp"), "--quiet", str(failed)], REPLAY_SECONDS))
    return said.id, again.id if again else "nothing"


def ids(out: Path, program: Path, builds: tuple[str, ...]) -> dict[str, str]:
    """By the way it was run, the id that one way names; "nothing" where the program passes."""
    with tempfile.TemporaryDirectory() as folder:
        text, data, small = (Path(folder, name) for name in ("program.ops", "program", "small.ops"))
        shutil.copyfile(program, text)
        code, log = run([OPS_TOOL, "encode", str(text), str(data)], REPLAY_SECONDS)
        if code != 0:
            raise Unhealthy(f"{program} cannot be encoded: {log.strip()}")
        commands = {
            f"{variant}, {path.suffix or 'bytes'}": [str(out / variant / "replay"), "--thorough", str(path)]
            for variant in builds if variant not in ENGINES for path in (text, data)
        }
        commands |= {engine: [str(out / engine / target_of(program)), str(data)]
                     for engine in builds if engine in ENGINES}
        said = {way: identify(*run(command, REPLAY_SECONDS)) for way, command in commands.items()}
        found = {way: verdict.id if verdict else "nothing" for way, verdict in said.items()}
        wanted = found["plain, .ops"]
        run([str(out / "plain/minimize"), str(text), str(small), wanted], MINIMIZE_SECONDS)
        again = identify(*run([str(out / "plain/replay"), "--thorough", str(small)], REPLAY_SECONDS))
        found["minimised"] = again.id if small.exists() and again else "nothing"
        if is_concurrent(program):
            seen, replayed = exhausted(out, text, 1)
            if seen != replayed:
                found["all schedules"] = f"{seen}, replayed {replayed}"
    return found


def disagreement(out: Path, program: Path, builds: tuple[str, ...] = ALL) -> str | None:
    """None when all ways name one failure."""
    found = ids(out, program, builds)
    if len(set(found.values())) == 1 and "nothing" not in found.values():
        return None
    return f"{program}: " + ", ".join(f"{way}: {said}" for way, said in found.items())
