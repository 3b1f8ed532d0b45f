"""Planted faults of concurrency: the ordinary fuzzer must find each one in fuzz/canaries/smp/, in good time.

`run` fuzzes every planted allocator on one core from the seeds everybody has, minimises what it finds, and
tells how long that took; `replay` only runs the minimised programs kept in corpus/smp/, by every way there
is. The sequential faults are ci/suite/canaries.py's.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from fuzz.campaign import seeds
from fuzz.campaign.agreement import disagreement, programs_of
from fuzz.campaign.builds import OURS, Builds, Unhealthy, make
from fuzz.campaign.canary_table import TABLE, Outcome, lacks, show, write_table
from fuzz.campaign.engines import FINAL, LONGEST_INPUT
from fuzz.campaign.minimize import race_test, run_test
from fuzz.campaign.planting import plant
from fuzz.campaign.process import run
from fuzz.campaign.triage import REPLAY_SECONDS, identify

FAULTS = Path("fuzz/canaries/smp")
KEPT = Path("corpus/smp")
OUT = Path("build/canaries-smp")
SOUND = Path("build/replay-smp")
MINIMIZE_SECONDS = 300
CLASSES = re.compile(r"^(.*?) \(((?:[DM]\d+(?:, )?)+)\)$")
EXPECT = re.compile(r"\bexpect:((?: [A-Z]\d\d)+)")
SIZE = re.compile(
    r"^([A-Z]\d\d) \S+: cpus (\d+), operations (\d+), preemptions (\d+), stale (\d+), interrupts (\d+)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Fault:
    """A planted fault: a patch on our core, or a small adapter that is wrong."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def out(self) -> Path:
        return OUT / self.name

    @property
    def kept(self) -> Path:
        return KEPT / f"canary-{self.name}.ops"

    def title(self) -> tuple[str, str]:
        """What is wrong, and the classes of faults it stands for: the first line of the file."""
        line = self.path.read_text().splitlines()[0].removeprefix("/*").removesuffix("*/").strip()
        found = CLASSES.match(line)
        if not found:
            raise Unhealthy(f"{self.path}:1: must be a sentence and its classes: What is wrong. (M5, D2)")
        return found[1], found[2]

    def expected(self) -> set[str]:
        """The failure ids that name this fault, and not a by-product of it; empty: any."""
        return {word for words in EXPECT.findall(self.path.read_text()) for word in words.split()}


def faults(only: str) -> list[Fault]:
    found = [Fault(path) for path in sorted(FAULTS.iterdir()) if path.suffix in (".patch", ".c")]
    chosen = [fault for fault in found if only in fault.name]
    if not chosen:
        raise Unhealthy(f"no fault in {FAULTS}/ has {only!r} in its name")
    return chosen


def plant_fault(fault: Fault) -> tuple[str, list[str]]:
    """The adapter, and what else make has to be told, to build the faulty allocator."""
    if fault.path.suffix == ".c":
        return str(fault.path), [f"OUT={fault.out}"]
    settings = plant(fault.path, fault.out)
    return settings.pop("ALLOCATOR"), [f"{name}={value}" for name, value in settings.items()]


def plant_seeds(folder: Path, number: int) -> None:
    """The committed concurrent programs but for those that this command found, and generated ones."""
    builds = Builds(OURS, Path("build"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in seeds.committed_programs():
        if seeds.is_concurrent(path) and not path.name.startswith("canary-"):
            if not seeds.encode(builds, path, folder / path.stem):
                raise Unhealthy(f"{path} cannot be encoded: {builds.ops_tool} lint {path}")
    command = [str(builds.ops_tool), "generate-smp", str(number), str(seeds.GENERATED), str(folder)]
    code, log = run(command, REPLAY_SECONDS)
    if code != 0:
        raise Unhealthy(f"{' '.join(command)} failed:\n{log[-1000:]}")


def spent() -> float:
    """Seconds of a core that this process's children have used so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def fuzz(fault: Fault, corpus: Path, options: argparse.Namespace, outcome: Outcome) -> Path | None:
    """Runs libFuzzer to its first objection; the input, and in `outcome` what it took."""
    found = fault.out / "found"
    shutil.rmtree(found, ignore_errors=True)
    (found / "corpus").mkdir(parents=True)
    settings = {
        "seed": options.seed,
        "max_total_time": options.seconds,
        "max_len": LONGEST_INPUT,
        "len_control": 0,
        "timeout": 10,
        "print_final_stats": 1,
        "exact_artifact_path": found / "input",
    }
    words = [f"-{key}={value}" for key, value in settings.items()]
    before = spent()
    command = [str(fault.out / "libfuzzer/smp"), *words, str(found / "corpus"), str(corpus)]
    code, log = run(command, 3.0 * options.seconds + 60)
    outcome.seconds = round(spent() - before, 2)
    executions = FINAL.search(log.encode())
    outcome.executions = int(executions[1]) if executions else 0
    (found / "log").write_text(log)
    verdict = identify(code, log)
    if not verdict or not (found / "input").exists():
        outcome.problem = f"not found: {found}/log"
        return None
    outcome.id = verdict.id
    return found / "input"


def minimize(fault: Fault, data: Path, outcome: Outcome) -> None:
    small = fault.out / f"{fault.name}.ops"
    code, log = run([str(fault.out / "replay-smp"), "--minimize", str(data), str(small)], MINIMIZE_SECONDS)
    size = SIZE.search(log)
    if code != 0 or not size:
        outcome.problem = f"{outcome.id} cannot be minimised: {log.strip()[-200:] or 'no end'}"
        return
    outcome.id, outcome.program = size[1], str(small)
    numbers = map(int, size.groups()[1:])
    outcome.cpus, outcome.operations, outcome.preemptions, outcome.stale, outcome.interrupts = numbers
    wanted = fault.expected()
    if wanted and outcome.id not in wanted:
        outcome.problem = f"found by {outcome.id}, which is not its own reason: {' '.join(sorted(wanted))}"
    elif run([str(SOUND), "--quiet", str(small)], REPLAY_SECONDS)[0] != 0:
        outcome.problem = f"{small} fails on the sound allocator too: make replay INPUT={small}"


def show_in_c(fault: Fault, outcome: Outcome) -> None:
    """Whether a C test shows the fault; it must not fail on the sound core."""
    program, core = Path(outcome.program), fault.out / "tree/core"
    trace = run([str(fault.out / "replay-smp"), str(program)], REPLAY_SECONDS)[1]
    test, _ = race_test(core, "plain", program, trace, fault.out / "test.c")
    if not test:
        return
    outcome.c_test = "yes"
    passes, said = run_test(test, Path("core"), "plain")
    if not passes:
        outcome.problem = f"its C test {test} fails on the sound core too: {said}"


def hunt(fault: Fault, corpus: Path, options: argparse.Namespace) -> Outcome:
    """Plants one fault, looks for it, and makes what was found small."""
    what, classes = fault.title()
    outcome = Outcome(fault.name, what, classes)
    adapter, words = plant_fault(fault)
    make(adapter, f"{fault.out}/libfuzzer/smp", f"{fault.out}/replay-smp", *words)
    data = fuzz(fault, corpus, options, outcome)
    if data:
        minimize(fault, data, outcome)
    if outcome.program and not outcome.problem and fault.path.suffix == ".patch":
        show_in_c(fault, outcome)
    return outcome


def check_kept(fault: Fault) -> Outcome:
    """The program kept for a fault fails with it, by every way there is, and holds without it."""
    outcome = Outcome(fault.name, *fault.title(), program=str(fault.kept))
    adapter, words = plant_fault(fault)
    make(adapter, f"{fault.out}/replay-smp", *programs_of(fault.out, fault.kept), *words)
    code, log = run([str(fault.out / "replay-smp"), "--quiet", str(fault.kept)], REPLAY_SECONDS)
    verdict = identify(code, log)
    outcome.id = verdict.id if verdict else ""
    if not verdict or (fault.expected() and verdict.id not in fault.expected()):
        outcome.problem = f"{fault.kept} does not name it: make canaries ONLY={fault.name}"
    elif run([str(SOUND), "--quiet", str(fault.kept)], REPLAY_SECONDS)[0] != 0:
        outcome.problem = f"{fault.kept} fails on the sound allocator too"
    else:
        outcome.problem = disagreement(fault.out, fault.kept) or ""
    return outcome


def keep(outcomes: list[Outcome]) -> None:
    """The minimised programs go into the corpus, where every `make test` replays them."""
    for outcome in outcomes:
        if outcome.program and not outcome.problem:
            header = f"# Planted: {outcome.what} {outcome.id} names it.\n"
            Fault(Path(outcome.fault)).kept.write_text(header + Path(outcome.program).read_text())


def each(work: Callable[[Fault], Outcome], chosen: list[Fault], jobs: int) -> list[Outcome]:
    """One process a fault, so that what its children cost can be told apart."""
    outcomes = []
    with ProcessPoolExecutor(jobs) as pool:
        for outcome in pool.map(work, chosen):
            print(f"{outcome.fault}: {outcome.problem or outcome.id}", flush=True)
            outcomes.append(outcome)
    return outcomes


def run_all(options: argparse.Namespace) -> int:
    if options.write and options.only:
        raise Unhealthy("--write is of the whole table: leave out --only")
    chosen, began = faults(options.only), time.monotonic()
    make(OURS, f"-j{options.jobs}", "build/libfuzzer/smp", str(SOUND), "build/pmm-ops")  # and what all share
    plant_seeds(OUT / "seeds", options.seed)
    outcomes = each(partial(hunt, corpus=OUT / "seeds", options=options), chosen, options.jobs)
    problems = lacks(outcomes, options.seconds)
    summary = {
        "verdict": "failed" if problems else "ok",
        "problems": problems,
        "seconds": round(time.monotonic() - began, 1),
        "faults": [asdict(outcome) for outcome in outcomes],
    }
    (OUT / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    show(outcomes)
    if options.write:
        write_table(outcomes, options.write)
        keep(outcomes)
    found = sum(not outcome.problem for outcome in outcomes)
    print(*problems, f"{found} of {len(outcomes)} found", sep="\n")
    return 1 if problems else 0


def replay_all(options: argparse.Namespace) -> int:
    make(OURS, f"-j{options.jobs}", str(SOUND), "build/pmm-ops")
    outcomes = each(check_kept, faults(options.only), options.jobs)
    return 1 if any(outcome.problem for outcome in outcomes) else 0


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz.campaign.canaries", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, function in (("run", run_all), ("replay", replay_all)):
        command = commands.add_parser(name)
        command.set_defaults(function=function)
        command.add_argument("--only", default="", help="faults whose name contains this")
        command.add_argument("--jobs", type=int, default=1, help="faults at a time")
    command = commands.choices["run"]
    command.add_argument("--seconds", type=int, default=60, help="the limit for each fault")
    command.add_argument("--seed", type=int, default=1, help="of libFuzzer and of the generated programs")
    command.add_argument("--write", metavar="MACHINE", help=f"refresh {TABLE} and the programs in {KEPT}/")
    options = parser.parse_args(words)
    try:
        return options.function(options)
    except Unhealthy as error:
        print(f"canaries: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
