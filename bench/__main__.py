"""`python -m bench run`: what `make bench` calls. Exit 0; 1 a benchmark failed; 2 it cannot be done."""

from __future__ import annotations

if __name__ == "__main__":  # before other imports, which the shell's environment could lead astray
    from fuzz.command.launch import again

    again("bench.__main__")

import argparse
import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import counts, plots, results, table
from fuzz.command.guard import Trouble

HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}  # all metadata in large pages, as in a kernel


class Unusable(Trouble):
    """What the user has to change."""


def planned(program: Path, only: str, repetitions: int) -> int:
    """How many measurements there will be; raises Unusable when `only` is no regex or matches nothing."""
    done = subprocess.run([program, "--list", f"--only={only}"], capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().removeprefix("bench: ")
        raise Unusable(said or f"{program} --list ended with {done.returncode}")
    once = [line.split()[1] == "1" for line in done.stdout.splitlines()]
    return sum(1 if single else repetitions for single in once)


def measure(program: Path, only: str, repetitions: int, out: Path, console: Console) -> None:
    """Runs the program; its console output goes to a log, the name it is at to the screen."""
    command = [program, f"--only={only}", f"--benchmark_repetitions={repetitions}"]
    command += [f"--benchmark_out={out / 'results.json'}", "--benchmark_out_format=json"]
    command += ["--benchmark_enable_random_interleaving=true"]
    total = planned(program, only, repetitions)
    columns = (MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    progress = Progress(*columns, console=console, transient=True)
    with open(out / "console.txt", "w") as log, progress:
        child = subprocess.Popen(
            command, stdout=log, stderr=subprocess.PIPE, text=True, env={**os.environ, **HUGE_PAGES}
        )
        task = progress.add_task("", total=total)
        said = []
        for line in child.stderr or ():
            if line.startswith("run "):
                progress.update(task, advance=1, description=line.removeprefix("run ").strip())
            else:
                said.append(line)
        if child.wait():
            raise Unusable(f"{program} ended with {child.returncode}: {''.join(said[-5:]).strip()}")


def show(out: Path, console: Console) -> int:
    found = results.read(out / "results.json")
    table.show(found, console)
    with open(out / "table.txt", "w") as file:
        table.show(found, Console(file=file, width=200))
    drawn = plots.draw(found, out)
    console.print(f"{out / 'results.json'}, {out / 'table.txt'}, {' '.join(path.name for path in drawn)}")
    return 1 if found.errors else 0


def count(programs: list[str], write: bool) -> int:
    """`programs`: COMPILER=PROGRAM. A compiler that the table does not know is skipped, unless written."""
    known = counts.read_table(counts.TABLE.read_text()) if counts.TABLE.exists() else {}
    measured: counts.Counts = {}
    for compiler, _, program in (entry.rpartition("=") for entry in programs):
        name = counts.compiler_name(compiler)
        if write or any(key.compiler == name for key in known):
            measured.update(counts.measure(Path(program), name))
        else:
            print(f"{name}: skipped, the table has no rows for it: {counts.UPDATE}")
    if write:
        counts.TABLE.write_text(counts.format_table(counts.update(known, measured)))
        print(f"{counts.TABLE}: {len(measured)} rows written")
        return 0
    for line in counts.improvements(known, measured):
        print(f"fewer  {line}")
    worse = counts.regressions(known, measured)
    for line in worse:
        print(f"more   {line}")
    print(f"{len(measured)} counts compared, {len(worse)} worse")
    if worse:
        print(f"if that is right: {counts.UPDATE}")
    return 1 if worse else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (("run", "measure, then show"), ("show", "the tables and plots of the last run")):
        command = commands.add_parser(name, help=what)
        command.add_argument("--out", type=Path, default=Path("build/bench"))
        if name == "run":
            command.add_argument("--program", type=Path, required=True, help="what the Makefile built")
            command.add_argument("--only", default="", help="names that match this regular expression")
            command.add_argument("--repetitions", type=int, default=7)
    command = commands.add_parser("counts", help="instructions for a call, against the table")
    command.add_argument("--of", action="append", required=True, metavar="COMPILER=PROGRAM")
    command.add_argument("--write", action="store_true", help="make them the table")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    if options.command == "run":
        options.out.mkdir(parents=True, exist_ok=True)
        measure(options.program.resolve(), options.only, options.repetitions, options.out, console)
    if options.command == "counts":
        return count(options.of, options.write)
    return show(options.out, console)
