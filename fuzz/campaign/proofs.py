"""What a campaign promises, tried out at length: `make prove`. Too long for `make test`; parts run alone too.

kill    SIGKILL at random moments, and a restart each time: no finding, no corpus entry lost, no damaged file
disk    the same on a small tmpfs that fills up (needs root, to mount it)
engine  engines killed one after the other: the campaign goes on
faults  planted faults of different kinds: each one finding, with its id, as small as by hand, with a C test
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fuzz.campaign.builds import OURS, PASSED_ON, Unhealthy
from fuzz.campaign.findings import load
from fuzz.campaign.minimize import operations_of, run_test
from fuzz.campaign.planting import plant
from fuzz.campaign.process import run

FAULTS, SHORTEST = Path("fuzz/canaries"), Path("fuzz/canaries/shortest")
OUT = Path("build/proofs")
FACTOR = 1.2  # a minimised program has at most so many times the operations of the one written by hand
BEGIN_SECONDS = 600


class Broken(Exception):
    """A promise that was not kept; the text says which."""


# ---- campaigns on a planted fault ----


def plant_named(name: str) -> dict[str, str]:
    """The settings that make builds the faulty allocator with; faults of concurrency as well."""
    patch = next(iter([*FAULTS.glob(f"{name}.patch"), *FAULTS.glob(f"smp/{name}.patch")]), None)
    if not patch:
        raise Broken(f"there is no {FAULTS}/{name}.patch any more: choose another fault for {SHORTEST}")
    return plant(patch, OUT / "builds" / name)


class Run:
    """A campaign in a process of its own."""

    def __init__(self, folder: Path, seconds: float, settings: dict[str, str], *options: str) -> None:
        self.folder, self.log = folder, folder.parent / f"{folder.name}.log"
        folder.parent.mkdir(parents=True, exist_ok=True)
        words = [sys.executable, "-m", "fuzz.campaign", "run", "--time", f"{seconds:.0f}s", "--jobs", "2"]
        words += ["--out", str(folder), "--allocator", settings.get("ALLOCATOR", OURS), *options]
        passed = {key: value for key, value in settings.items() if key in (*PASSED_ON, "OUT")}
        environment = {**os.environ, **passed, "MAKEFLAGS": "", "PMM_SET_UP": "1"}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(words, stdout=output, stderr=output, env=environment)

    def wait(self, seconds: float) -> int:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Broken(f"no end after {seconds:.0f} s: {self.log}") from None

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def summary(self) -> dict:
        return json.loads((self.folder / "summary.json").read_text())


# ---- what must not be lost ----


def entries(folder: Path) -> set[str]:
    """Every input that an engine has kept: libFuzzer's by content, AFL++'s counted, for it renumbers them.

    What a full disk left no room for is an empty file, and no input.
    """
    found = set()
    for path in folder.rglob("corpus/*/*/*"):
        home = path.parent.name
        if home in ("libfuzzer", ".libfuzzer.old", ".libfuzzer.pruned") and not path.name.startswith("."):
            found.add(hashlib.sha1(path.read_bytes()).hexdigest())
        elif home == "afl":
            queues = (path.glob("queue/id:*"), path.glob("_resume/id:*"))
            kept = max(sum(file.stat().st_size > 0 for file in queue) for queue in queues)
            found |= {f"{path.name} {number}" for number in range(kept)}
    return found


def check_whole(folder: Path) -> set[str]:
    """Every file of the campaign is whole; the ids of the findings there are."""
    for path in folder.rglob("summary.json"):
        json.loads(path.read_text())
    for path in folder.rglob("report.html"):
        if not path.read_text().rstrip().endswith("</html>"):
            raise Broken(f"{path} is not whole")
    homes = {path.parent for path in folder.rglob("findings") if "health" not in path.parts}
    return {finding.id for home in homes for finding in load(home / "findings")}


def check_kept(folder: Path, findings: set[str], before: set[str]) -> tuple[set[str], set[str]]:
    now, kept = check_whole(folder), entries(folder)
    if findings - now:
        raise Broken(f"lost findings: {' '.join(sorted(findings - now))}")
    if before - kept:
        raise Broken(f"lost {len(before - kept)} of {len(before)} corpus entries")
    return now, kept


def prove_kill(options: argparse.Namespace) -> str:
    """Kills a campaign over and over, also while it starts and while it resumes."""
    settings, folder = plant_named("block-cut-by-the-end"), OUT / "kill"
    shutil.rmtree(folder, ignore_errors=True)
    Run(folder, 5, settings, "--targets", "ops map").wait(BEGIN_SECONDS)  # what is built once is built
    findings, kept = check_kept(folder, set(), set())
    random.seed(options.seed)
    for number in range(options.kills):
        campaign = Run(folder, options.seconds, settings, "--targets", "ops map")
        time.sleep(random.uniform(0.5, 2 * options.seconds / options.kills))
        campaign.kill()
        time.sleep(0.3)
        left = run(["pgrep", "-f", f"{folder}/"], 10)[1].split()
        if left:
            raise Broken(f"kill {number + 1} left processes behind: {' '.join(left)}")
        findings, kept = check_kept(folder, findings, kept)
    code = Run(folder, min(20.0, options.seconds), settings, "--targets", "ops map").wait(BEGIN_SECONDS)
    findings, kept = check_kept(folder, findings, kept)
    if code not in (0, 1):
        raise Broken(f"the campaign after the last kill ended {code}, see {folder}.log")
    return f"{options.kills} kills: {len(findings)} findings, {len(kept)} inputs, none lost or damaged"


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A tmpfs of its own for a campaign."""
    folder = Path(tempfile.mkdtemp(prefix="pmm-disk-"))
    code, log = run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], 30)
    if code != 0:
        folder.rmdir()
        raise Broken(f"a tmpfs cannot be mounted here, run it as root: {log.strip()}")
    try:
        yield folder
    finally:
        run(["umount", str(folder)], 30)
        folder.rmdir()


def prove_disk(options: argparse.Namespace) -> str:
    """Fills the disk under a campaign, makes room again, and looks at what there was."""
    settings = plant_named("block-cut-by-the-end")
    with small_disk(options.megabytes) as disk:
        folder, ballast = disk / "campaign", disk / "ballast"
        first = Run(folder, options.seconds, settings, "--targets", "ops")
        until = time.monotonic() + BEGIN_SECONDS
        while not entries(folder) and time.monotonic() < until:
            time.sleep(0.5)
        time.sleep(5)
        with ballast.open("wb") as file:
            try:
                while True:
                    file.write(b"x" * 65536)
            except OSError:
                pass
        code = first.wait(options.seconds + BEGIN_SECONDS)
        findings, kept = check_kept(folder, set(), set())
        ballast.unlink()
        again = Run(folder, 15, settings, "--targets", "ops").wait(BEGIN_SECONDS)
        findings, kept = check_kept(folder, findings, kept)
    if code not in (1, 2) or again not in (0, 1, 2):
        raise Broken(f"with a full disk it ended {code}, with room again {again}")
    kept_text = f"{len(findings)} findings, {len(kept)} corpus entries, none lost"
    return f"full disk: exit {code}, then {again}; {kept_text}"


def engines_of(campaign: Run) -> list[int]:
    found = run(["pgrep", "-f", f"{campaign.folder}/corpus/"], 10)[1].split()
    return [int(word) for word in found if int(word) != campaign.process.pid]


def prove_engine(options: argparse.Namespace) -> str:
    """Kills engines under a campaign that goes on."""
    folder = OUT / "engine"
    shutil.rmtree(folder, ignore_errors=True)
    campaign = Run(folder, options.seconds, {}, "--targets", "ops")
    killed, kept, until = 0, set(), time.monotonic() + BEGIN_SECONDS
    while campaign.process.poll() is None and time.monotonic() < until:
        time.sleep(2)
        found = engines_of(campaign) if entries(folder) else []
        if found and killed < options.kills:
            os.kill(random.choice(found), signal.SIGKILL)
            killed += 1
            _, kept = check_kept(folder, set(), kept)
    code = campaign.wait(BEGIN_SECONDS)
    _, kept = check_kept(folder, set(), kept)
    if code != 0 or not killed:
        raise Broken(f"{killed} engines killed, and the campaign ended {code}, see {campaign.log}")
    return f"{killed} engines killed: the campaign ended 0, {len(kept)} corpus entries, none lost"


# ---- planted faults ----


def expected_id(program: Path) -> str:
    """The first line of a program written by hand: `# F02: what it shows`."""
    return program.read_text().split("#", 1)[1].split(":")[0].strip()


def prove_fault(program: Path, seconds: float) -> str:
    name, wanted = program.stem, expected_id(program)
    settings, folder = plant_named(name), OUT / "faults" / program.stem
    shutil.rmtree(folder, ignore_errors=True)
    concurrent = "\nschedule " in program.read_text()
    targets = "smp" if concurrent else "ops map smp"  # whichever meets it, it is one finding
    code = Run(folder, seconds, settings, "--targets", targets).wait(seconds + BEGIN_SECONDS)
    summary = json.loads((folder / "summary.json").read_text())
    found = {finding["id"]: finding for finding in summary["findings"]}
    if code != 1 or set(found) != {wanted}:
        raise Broken(f"exit {code}, findings {' '.join(found) or 'none'}, expected {wanted}")
    finding, shortest = found[wanted], operations_of(program)
    if not finding["minimized"] or finding["operations"] > FACTOR * max(shortest, 1):
        raise Broken(f"{wanted} has {finding['operations']} operations, by hand {shortest}")
    said = f"{wanted}, {finding['operations']} operations, by hand {shortest}"
    if not finding["unit_test"]:
        if concurrent:  # what only the program can force, or only weak memory shows
            return f"{said}; {finding['test_note']}"
        raise Broken(f"{wanted}: {finding['test_note']}")
    passes, sound = run_test(Path(finding["unit_test"]), Path("core"), "plain")
    if not passes:
        raise Broken(f"{wanted}: the C test on the sound allocator {sound}")
    return f"{said}; C test {finding['test_note']}, passes on the sound one"


def prove_faults(options: argparse.Namespace) -> str:
    programs = [path for path in sorted(SHORTEST.glob("*.ops")) if options.only in path.stem]
    wrong = []
    for program in programs:
        try:
            print(f"{program.stem}: {prove_fault(program, options.seconds)}", flush=True)
        except Broken as error:
            wrong.append(program.stem)
            print(f"{program.stem}: BROKEN {error}", flush=True)
    if wrong or not programs:
        raise Broken(f"{len(wrong)} of {len(programs)} planted faults: {' '.join(wrong)}")
    return f"{len(programs)} planted faults, each one finding with its id"


PARTS = {"kill": prove_kill, "disk": prove_disk, "engine": prove_engine, "faults": prove_faults}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz.campaign.proofs", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{' '.join(PARTS)}; left out: all")
    parser.add_argument("--seconds", type=float, default=600, help="of a campaign")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--megabytes", type=int, default=160, help="of the disk that fills up")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    parser.add_argument("--only", default="", help="planted faults whose name contains this")
    options = parser.parse_args()
    failed = False
    for part in options.parts or PARTS:
        try:
            print(f"{part}: {PARTS[part](options)}", flush=True)
        except (Broken, Unhealthy) as error:
            failed = True
            print(f"{part}: BROKEN {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
