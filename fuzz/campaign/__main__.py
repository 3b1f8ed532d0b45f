"""`python -m fuzz.campaign run`: what `make fuzz` calls. Exit 0 clean, 1 findings, 2 not to be trusted."""

from __future__ import annotations

if __name__ == "__main__":  # before other imports, which the shell's environment could lead astray
    from fuzz.command.launch import again

    again("fuzz.campaign.__main__")

import argparse
import os
import shutil
from pathlib import Path

from fuzz.campaign import builds, disk, health, history, overview, plan, seeds, shared_memory, summary
from fuzz.campaign import workbench
from fuzz.campaign.campaign import Campaign, allocator_folder, new_state
from fuzz.campaign.files import claim, regular_files
from fuzz.campaign.findings import Findings
from fuzz.campaign.screen import Screen
from fuzz.command.guard import explained

OUT = Path("build/fuzz")


def prepare(options: argparse.Namespace, state: summary.State, screen: Screen) -> Campaign:
    """Builds, checks the builds and the pipeline, plants seeds, and takes up what fails already."""
    targets, engines = state.targets, list(dict.fromkeys(role.engine for role in state.roles))
    screen.say(f"building {options.allocator} for {' and '.join(engines)}")
    made = builds.build(options.allocator, targets, engines, state.jobs)
    shared_memory.take_back_all(made.out / "afl")
    builds.check_hallmarks(made, targets, engines)
    home = allocator_folder(options.out, made)
    screen.say("looking for planted faults, to see that the pipeline finds them")
    health.check_pipeline(made, list(state.roles), home / "health", state.jobs)
    findings = Findings(home / "findings", made)
    findings.recheck()
    campaign = Campaign(state, made, options.out, findings, screen)
    for target in targets:
        places = campaign.places(target)
        disk.mend(places)
        shutil.rmtree(places.seeds, ignore_errors=True)
        seeds.plant(made, target, places.seeds)
        builds.check_instrumented(made, [target], engines, seeds.sample(places.seeds))
        seeds.sift(made, findings, target, *places.inputs())
        if "libfuzzer" in engines and any(places.seeds.iterdir()):
            builds.check_growing(made, target, places.seeds)
    programs = seeds.committed_programs()
    builds.check_deterministic(made, programs)
    for target in targets:
        mine = [path for path in programs if seeds.suits(path, target)]
        campaign.desk.measure_reach(target, [*mine, *regular_files(campaign.places(target).seeds)])
    return campaign


def default_targets(allocator: str) -> str:
    """Concurrent programs need an allocator whose atomics are steps: of others, only where asked for."""
    return " ".join(plan.TARGETS if allocator == builds.OURS else ("ops", "map"))


def run(options: argparse.Namespace) -> int:
    wanted = options.targets or default_targets(options.allocator)
    targets = plan.parse_names("TARGETS", wanted, plan.TARGETS)
    here = builds.engines_here()
    engines = plan.parse_names("ENGINES", options.engines or " ".join(here), plan.ENGINES)
    if set(engines) - set(here):
        raise plan.UsageError(f"ENGINES={options.engines}: no AFL++ works here, see ci/probe --every")
    jobs = plan.parse_jobs(options.jobs)
    roles = plan.plan_roles(targets, engines, jobs)
    state = new_state(options.allocator, plan.parse_time(options.time), jobs, roles)
    with claim(options.out), Screen() as screen:
        if "afl" not in here:
            screen.say("no AFL++ works here, see ci/probe --every: this campaign runs on libFuzzer alone")
        state.before = history.close_last(options.out)
        told = plan.warning(roles, state.planned_seconds, jobs)
        if told:
            screen.say(told)
            state.notes.append(told)
        try:
            shared_memory.take_back_all(options.out)
            prepare(options, state, screen).run()
        except (builds.Unhealthy, OSError, KeyboardInterrupt) as error:
            state.interrupted = isinstance(error, KeyboardInterrupt)
            stopped = "stopped before the first program ran"
            state.problems.append(stopped if state.interrupted else explained(error))
            state.finished = True
            try:
                summary.write(state, options.out)
            except OSError as refused:
                state.problems.append(explained(refused))
    return close(state, options.out)


def close(state: summary.State, folder: Path) -> int:
    for note in state.notes:
        print(f"NOTE {note}")
    for problem in state.problems:
        print(f"UNHEALTHY {problem}")
    for finding in state.findings:
        print(f"{finding.id} {finding.name} ({finding.target}): {finding.replay}")
    done = f"{state.executions:,} programs in {state.seconds:.0f} s"
    print(f"{state.verdict}: {done}, see {folder / 'report.html'}")
    return summary.EXIT[state.verdict]


def minimize(options: argparse.Namespace) -> int:
    return workbench.minimize_input(options.input, options.allocator, plan.parse_jobs(options.jobs))


def replay(options: argparse.Namespace) -> int:
    workbench.replay_input(options.input, options.allocator, plan.parse_jobs(options.jobs))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz.campaign", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    cores = str(os.cpu_count() or 1)

    command = commands.add_parser("run", help="fuzz for a while")
    command.set_defaults(function=run)
    command.add_argument("--time", default="8h", help="30s, 10m, 8h")
    command.add_argument("--targets", default="", help="ops map image smp; left out: all that the allocator is for")
    command.add_argument("--engines", default="", help="libfuzzer afl; left out: those that are here")

    command = commands.add_parser("minimize", help="make one failing program small, and explain it")
    command.set_defaults(function=minimize)
    command.add_argument("--input", type=Path, required=True)

    command = commands.add_parser("replay", help="run one program, and say what it does")
    command.set_defaults(function=replay)
    command.add_argument("--input", required=True)

    command = commands.add_parser("adopt", help="turn a finding into a regression of the corpus")
    command.set_defaults(function=lambda options: workbench.adopt(options.finding, options.out))
    command.add_argument("--finding", required=True, help="its id, such as F02")

    command = commands.add_parser("stop", help="end the campaign under way")
    command.set_defaults(function=lambda options: overview.stop(options.out))
    command = commands.add_parser("report", help="the campaign on one screen")
    command.set_defaults(function=lambda options: overview.report(options.out))

    command = commands.add_parser("corpus", help="fold lasting gains back into corpus/, as text")
    command.set_defaults(function=lambda options: overview.corpus(options.out, plan.parse_jobs(options.jobs)))

    for name in ("run", "minimize", "replay", "corpus"):
        commands.choices[name].add_argument("--jobs", default=cores, help="cores to use")
    for name in ("run", "minimize", "replay"):
        commands.choices[name].add_argument("--allocator", default=builds.OURS, help="the adapter under test")
    for name in ("run", "adopt", "stop", "report", "corpus"):
        commands.choices[name].add_argument("--out", type=Path, default=OUT, help="corpora, findings")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    return options.function(options)
