"""`python -m fuzz.campaign run`: what `make fuzz` calls. Exit 0 clean, 1 findings, 2 not to be trusted."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from fuzz.campaign import builds, plan, seeds, summary
from fuzz.campaign.campaign import Campaign, allocator_folder, new_state
from fuzz.campaign.files import claim
from fuzz.campaign.findings import Findings
from fuzz.campaign.screen import Screen


def prepare(options: argparse.Namespace, state: summary.State, screen: Screen) -> Campaign:
    """Builds, checks the builds, plants seeds, and takes up what fails already."""
    targets, engines = state.targets, list(dict.fromkeys(role.engine for role in state.roles))
    screen.say(f"building {options.allocator} for {' and '.join(engines)}")
    made = builds.build(options.allocator, targets, engines, state.jobs)
    builds.check_hallmarks(made, targets, engines)
    home = allocator_folder(options.out, made)
    shutil.rmtree(options.out / "raw", ignore_errors=True)
    findings = Findings(home / "findings", made)
    findings.recheck()
    campaign = Campaign(state, made, options.out, findings, screen)
    for target in targets:
        places = campaign.places(target)
        shutil.rmtree(places.seeds, ignore_errors=True)
        seeds.plant(made, target, places.seeds)
        builds.check_instrumented(made, [target], engines, min(places.seeds.iterdir()))
        seeds.sift(made, findings, target, *places.inputs())
        if "libfuzzer" in engines and any(places.seeds.iterdir()):
            builds.check_growing(made, target, places.seeds)
    builds.check_deterministic(made, seeds.committed_programs())
    return campaign


def run(options: argparse.Namespace) -> int:
    try:
        targets = plan.parse_names("TARGETS", options.targets, plan.TARGETS)
        engines = plan.parse_names("ENGINES", options.engines, plan.ENGINES)
        jobs = plan.parse_jobs(options.jobs)
        roles = plan.plan_roles(targets, engines, jobs)
        state = new_state(options.allocator, plan.parse_time(options.time), jobs, roles)
        lock = claim(options.out)
    except plan.UsageError as error:
        print(f"make fuzz: {error}", file=sys.stderr)
        return 2
    with lock, Screen() as screen:
        try:
            prepare(options, state, screen).run()
        except plan.UsageError as error:
            screen.say(f"make fuzz: {error}")
            return 2
        except (builds.Unhealthy, KeyboardInterrupt) as error:
            state.interrupted = isinstance(error, KeyboardInterrupt)
            state.problems.append(str(error) or "stopped before the first program ran")
            state.finished = True
            summary.write(state, options.out)
    return close(state, options.out)


def close(state: summary.State, folder: Path) -> int:
    for problem in state.problems:
        print(f"UNHEALTHY {problem}")
    for finding in state.findings:
        print(f"{finding.id} {finding.name} ({finding.target}): {finding.replay}")
    done = f"{state.executions:,} programs in {state.seconds:.0f} s"
    print(f"{state.verdict}: {done}, see {folder / 'report.html'}")
    return summary.EXIT[state.verdict]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz.campaign", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("run", help="fuzz for a while")
    command.add_argument("--time", default="8h", help="30s, 10m, 8h")
    command.add_argument("--jobs", default=str(os.cpu_count() or 1), help="cores to use")
    command.add_argument("--targets", default=" ".join(plan.TARGETS))
    command.add_argument("--engines", default=" ".join(plan.ENGINES))
    command.add_argument("--allocator", default=builds.OURS, help="the adapter under test")
    command.add_argument("--out", type=Path, default=Path("build/fuzz"), help="corpora, findings, summary")
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
