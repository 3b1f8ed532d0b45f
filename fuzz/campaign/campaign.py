"""The loop: gives each core its turns, takes up what the engines find, and keeps the summary current."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from pathlib import Path

from fuzz.campaign import summary
from fuzz.campaign.builds import OURS, Builds
from fuzz.campaign.engines import ENGINES, Afl, LibFuzzer, Places
from fuzz.campaign.files import regular_files
from fuzz.campaign.findings import Findings
from fuzz.campaign.plan import Role, next_role, turn_seconds
from fuzz.campaign.process import Child, run, stop
from fuzz.campaign.screen import Screen
from fuzz.campaign.summary import State, Tally

TICK = 0.2
WRITE_EVERY = 5.0
OVERTIME = 20.0  # seconds an engine may take to end after its turn
SOON = 2.0  # seconds: an engine that stops sooner after its start has run into something
PATIENCE = 3  # times in a row that an engine may stop so soon before its turn is over
REACH_CHUNK = 500
REACH_SECONDS = 60


@dataclass
class Turn:
    """A role under way: an engine that stops at a finding is started again until the turn is over."""

    role: Role
    engine: LibFuzzer | Afl
    child: Child
    ends: float
    stumbles: int = 0


class Campaign:
    def __init__(
        self, state: State, builds: Builds, folder: Path, findings: Findings, screen: Screen
    ) -> None:
        self._state, self._builds, self._folder = state, builds, folder
        self._findings, self._screen = findings, screen
        self._turns: list[Turn] = []
        self._began = self._ends = 0.0
        self._turn_seconds = turn_seconds(state.planned_seconds, state.jobs, len(state.roles))
        self._written = float("-inf")
        self._reached: set[Path] = set()
        self._told: set[tuple[str, str]] = set()

    # ---- the loop ----

    def run(self) -> None:
        """Until the time is over or somebody stops it; leaves no process behind either way."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._interrupt())
        self._began = time.monotonic()
        self._ends = self._began + self._state.planned_seconds
        try:
            while time.monotonic() < self._ends and not self._state.interrupted:
                self._start_turns()
                self._end_turns()
                self._tell()
                time.sleep(TICK)
        finally:
            stop([turn.child for turn in self._turns])
        for turn in self._turns:
            self._count(turn)
        self._turns.clear()
        self._look()
        self._judge_health()
        self._measure_reach()
        self._state.finished = True
        self._state.seconds = time.monotonic() - self._began
        summary.write(self._state, self._folder)

    def _interrupt(self) -> None:
        self._state.interrupted = True

    def _start_turns(self) -> None:
        while len(self._turns) < self._state.jobs:
            used = {role: tally.seconds for role, tally in self._state.roles.items()}
            role = next_role(list(self._state.roles), used, {turn.role for turn in self._turns})
            left = self._ends - time.monotonic()
            if role is None or left < 1:
                return
            engine = ENGINES[role.engine](self._builds, role, self.places(role.target))
            seconds = min(self._turn_seconds, left)
            child = self._start(role, engine, seconds)
            self._turns.append(Turn(role, engine, child, time.monotonic() + seconds))

    def _start(self, role: Role, engine: LibFuzzer | Afl, seconds: float) -> Child:
        command, environment = engine.command(seconds)
        return Child(command, self._folder / "logs" / f"{role.name.replace('/', '-')}.log", environment)

    def _end_turns(self) -> None:
        for turn in list(self._turns):
            late = time.monotonic() > turn.ends + OVERTIME
            if late:
                stop([turn.child])
            if late or turn.child.exit_code() is not None:
                self._turn_ended(turn)

    def _turn_ended(self, turn: Turn) -> None:
        """An engine has stopped: at its end, at a finding, or because something is wrong with it."""
        turn.child.finish()
        self._count(turn)
        self._look(turn.role.target)
        left = turn.ends - time.monotonic()
        turn.stumbles = turn.stumbles + 1 if turn.child.seconds() < SOON else 0
        if left < 1 or turn.stumbles >= PATIENCE:
            self._turns.remove(turn)
            self._charge(turn, max(left, 0))
        else:
            turn.child = self._start(turn.role, turn.engine, left)

    def _charge(self, turn: Turn, unused: float) -> None:
        """A turn given up early counts in full, or the role would get the next one; it must have a reason."""
        if turn.stumbles < PATIENCE:
            return
        self._state.roles[turn.role].seconds += unused
        if not self._findings.list():
            log = turn.child.log.read_text(errors="replace")[-800:]
            problem = f"{turn.role.name} stops at its start, without a finding: {turn.child.log}\n{log}"
            if not any(known.startswith(turn.role.name) for known in self._state.problems):
                self._state.problems.append(problem)

    # ---- what is read, and told ----

    def places(self, target: str) -> Places:
        return Places(self._folder_of_allocator() / "corpus" / target, self._folder / "raw" / target)

    def _folder_of_allocator(self) -> Path:
        return allocator_folder(self._folder, self._builds)

    def _count(self, turn: Turn) -> None:
        self._state.roles[turn.role].add(turn.engine.progress(turn.child.log), turn.child.seconds())

    def _look(self, *targets: str) -> None:
        for target in targets or self._state.targets:
            self._findings.look(target, *self.places(target).crashes())
            self._state.inputs[target] = len(regular_files(*self.places(target).inputs()))
        self._state.findings = self._findings.list()
        for finding in self._state.findings:
            if (finding.id, finding.target) not in self._told:
                self._told.add((finding.id, finding.target))
                where = f"FINDING {finding.id} {finding.name} in {finding.target}"
                self._screen.say(f"{where}: {finding.replay}", "red")

    def _tell(self) -> None:
        self._state.seconds = time.monotonic() - self._began
        under_way = sum(turn.engine.progress(turn.child.log).executions for turn in self._turns)
        running = [turn.role for turn in self._turns]
        self._screen.show(self._state, running, self._state.executions + under_way)
        if time.monotonic() - self._written >= WRITE_EVERY:
            self._written = time.monotonic()
            summary.write(self._state, self._folder)

    # ---- at the end ----

    def _judge_health(self) -> None:
        """Each role had its turn, ran programs and saw edges; no state was kept from one to the next."""
        for role, tally in self._state.roles.items():
            if self._state.interrupted and tally.turns == 0:
                continue
            if tally.executions == 0 or not tally.coverage.get("edges"):
                why = "it stops at a finding" if self._findings.list() else "it saw no edge of coverage"
                self._state.problems.append(f"{role.name} ran {tally.executions} programs, {why}")
            if tally.stability is not None and tally.stability < 100:
                self._state.problems.append(
                    f"{role.name}: stability {tally.stability} %, not 100: a program leaves state behind"
                )

    def _measure_reach(self) -> None:
        """Runs what the corpora hold, committed programs first, and collects the marks."""
        folders = [folder for target in self._state.targets for folder in self.places(target).inputs()]
        inputs = [*sorted(Path("corpus").glob("*/*.ops")), *regular_files(*folders)]
        for start in range(0, len(inputs), REACH_CHUNK):
            chunk = [str(path) for path in inputs[start : start + REACH_CHUNK]]
            _, output = run([str(self._builds.replayer("plain")), "--reach", *chunk], REACH_SECONDS)
            for line in output.splitlines():
                verdict, _, name = line.partition(" ")
                if verdict in ("hit", "miss"):
                    self._state.reach[name] = self._state.reach.get(name, False) or verdict == "hit"
        if not self._state.reach:
            self._state.problems.append(f"{self._builds.replayer('plain')} --reach names no marks")


def allocator_folder(folder: Path, builds: Builds) -> Path:
    """Ours has the campaign's folder itself; each other allocator a folder within, so that nothing mixes."""
    return folder if builds.allocator == OURS else folder / builds.out.name


def new_state(allocator: str, seconds: float, jobs: int, roles: list[Role]) -> State:
    return State(allocator, seconds, jobs, {role: Tally() for role in roles})
