"""The loop: gives each core its turns, lets the desk take up what is found, and keeps the summary current."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from pathlib import Path

from fuzz.campaign import disk, summary
from fuzz.campaign.builds import OURS, Builds
from fuzz.campaign.desk import Desk
from fuzz.campaign.engines import ENGINES, Afl, LibFuzzer, Places
from fuzz.campaign.files import regular_files
from fuzz.campaign.findings import Findings
from fuzz.campaign.plan import Role, next_role, shared_out, turn_seconds, with_a_turn
from fuzz.campaign.process import Child, stop
from fuzz.campaign.screen import Screen
from fuzz.campaign.summary import State, Tally
from fuzz.command.guard import explained

TICK = 0.2
WRITE_EVERY = 5.0
WEIGH_EVERY = 20.0  # seconds between two looks at the disk
OVERTIME = 20.0  # seconds an engine may take to end after its turn, but no longer than the turn was
SOON = 2.0  # seconds: an engine that stops sooner after its start has run into something
FAIR = 60.0  # seconds of turns in which an engine has programs to show, however slow the machine
PATIENCE = 3  # times in a row that an engine may stop so soon before its turn is over


@dataclass
class Turn:
    """A role under way: an engine that stops at a finding is started again until the turn is over."""

    role: Role
    engine: LibFuzzer | Afl
    child: Child
    ends: float
    overtime: float
    stumbles: int = 0
    edges: float = 0.0  # the most seen in this turn


class Campaign:
    def __init__(
        self, state: State, builds: Builds, folder: Path, findings: Findings, screen: Screen
    ) -> None:
        self._state, self._builds, self._folder = state, builds, folder
        self._findings, self._screen = findings, screen
        self._turns: list[Turn] = []
        self._began = self._ends = 0.0
        self._taking_turns = with_a_turn(list(state.roles), state.planned_seconds, state.jobs)
        self._turn_seconds = turn_seconds(state.planned_seconds, state.jobs, len(self._taking_turns))
        self._written = self._weighed = float("-inf")
        self._told: set[str] = set()
        self.desk = Desk(builds, findings, {target: self.places(target) for target in state.targets})

    # ---- the loop ----

    def run(self) -> None:
        """Until the time is over or somebody stops it; leaves no process behind either way."""
        for number in (signal.SIGINT, signal.SIGTERM):  # a terminal that goes away (SIGHUP) ends nothing
            signal.signal(number, lambda *_: self._interrupt())
        self._began = time.monotonic()
        self._ends = self._began + self._state.planned_seconds
        self.desk.start()
        try:
            while time.monotonic() < self._ends and not self._state.interrupted:
                self._start_turns()
                self._end_turns()
                self._tell()
                if self._no_room():
                    break
                time.sleep(TICK)
        except OSError as error:  # what the machine refuses ends the campaign in order
            self._complain(explained(error))
        finally:
            stop([turn.child for turn in self._turns])
        for turn in self._turns:
            self._count(turn)
        self._turns.clear()
        self._state.seconds = time.monotonic() - self._began
        self.desk.finish(self._tell_last)
        self._take_stock()
        self._judge_health()
        self._state.finished = True
        self._write()

    def _interrupt(self) -> None:
        self._state.interrupted = True

    def _start_turns(self) -> None:
        while len(self._turns) < self._state.jobs:
            running = {turn.role for turn in self._turns}
            used = {role: tally.seconds for role, tally in self._state.roles.items()}
            gained = {role for role, tally in self._state.roles.items() if tally.gained}
            role = next_role(self._taking_turns, used, running, gained)
            left = self._ends - time.monotonic()
            if role is None or left < 1:
                return
            waiting = sum(used[other] == 0 and other not in running for other in self._taking_turns)
            seconds = shared_out(min(self._turn_seconds, left), left, waiting, self._state.jobs)
            if role.target not in {turn.role.target for turn in self._turns}:
                disk.prune(self._builds, role.target, self.places(role.target))
            engine = ENGINES[role.engine](self._builds, role, self.places(role.target))
            child = self._start(role, engine, seconds)
            self._turns.append(Turn(role, engine, child, time.monotonic() + seconds, min(OVERTIME, seconds)))

    def _start(self, role: Role, engine: LibFuzzer | Afl, seconds: float) -> Child:
        command, environment = engine.command(seconds)
        return Child(command, self._folder / "logs" / f"{role.name.replace('/', '-')}.log", environment)

    def _end_turns(self) -> None:
        for turn in list(self._turns):
            late = time.monotonic() > turn.ends + turn.overtime
            if late:
                stop([turn.child])
            if late or turn.child.exit_code() is not None:
                self._turn_ended(turn)

    def _turn_ended(self, turn: Turn) -> None:
        """An engine has stopped: at its end, at a finding, or because something is wrong with it."""
        turn.child.finish()
        self._count(turn)
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
        found = self._findings.list() or self._findings.fresh(*self.places(turn.role.target).crashes())
        if not found:
            log = turn.child.log.read_text(errors="replace")[-800:]
            self._complain(f"{turn.role.name} stops at its start, without a finding: {turn.child.log}\n{log}")

    def _complain(self, problem: str) -> None:
        """Each kind of problem once: a line, up to the first colon, names the kind."""
        kind = problem.partition(":")[0]
        if not any(known.startswith(kind) for known in self._state.problems):
            self._state.problems.append(problem)

    def _no_room(self) -> bool:
        problem = disk.cramped(self._folder)  # at every tick: engines go on, and lose what they cannot write
        if time.monotonic() - self._weighed >= WEIGH_EVERY:
            self._weighed = time.monotonic()
            self._state.disk_bytes = disk.used(self._folder)
            problem = problem or disk.full(self._folder, self._state.disk_limit)
        if problem:
            self._complain(problem)
        return problem is not None

    # ---- what is read, and told ----

    def places(self, target: str) -> Places:
        home = allocator_folder(self._folder, self._builds)
        return Places(home / "corpus" / target, home / "raw" / target)

    def _count(self, turn: Turn) -> None:
        progress = turn.engine.progress(turn.child.log)
        self._notice(turn.role, progress.coverage.get("edges", 0))
        self._state.roles[turn.role].add(progress, turn.child.seconds())

    def _notice(self, role: Role, edges: float) -> None:
        tally: Tally = self._state.roles[role]
        self._state.note_edges(role, edges)
        if edges > tally.coverage.get("edges", 0):
            tally.last_new = self._state.seconds

    def _take_stock(self) -> None:
        """What the desk and the engines have to show at this moment."""
        state, under_way = self._state, 0
        for turn in self._turns:
            progress = turn.engine.progress(turn.child.log)
            under_way += progress.executions
            edges = progress.coverage.get("edges", 0)
            if edges > turn.edges:
                turn.edges = edges
                self._notice(turn.role, edges)
        state.executions_under_way = under_way
        state.inputs = {t: len(regular_files(*self.places(t).inputs())) for t in state.targets}
        state.reach, state.replayed = dict(self.desk.reach), self.desk.replayed
        for problem in self.desk.problems:
            self._complain(problem)
        state.findings = self._findings.list()
        for finding in state.findings:
            if finding.id not in self._told:
                self._told.add(finding.id)
                where = f"FINDING {finding.id} {finding.name} in {finding.target}"
                self._screen.say(f"{where}: {finding.replay}", "red")

    def _tell(self) -> None:
        self._state.seconds = time.monotonic() - self._began
        if time.monotonic() - self._written >= WRITE_EVERY or self._state.timeline.due(self._state.seconds):
            self._take_stock()
        if self._state.timeline.due(self._state.seconds):
            self._state.timeline.add(summary.sample(self._state))
        self._screen.show(self._state, [turn.role for turn in self._turns])
        if time.monotonic() - self._written >= WRITE_EVERY:
            self._write()

    def _tell_last(self) -> None:
        if time.monotonic() - self._written >= WRITE_EVERY:
            self._take_stock()
            self._screen.show(self._state, [])
            self._write()

    def _write(self) -> None:
        self._written = time.monotonic()
        try:
            summary.write(self._state, self._folder)
        except OSError as error:  # the files of before are whole and stay
            self._complain(f"summary not written: {error.strerror}: {error.filename}")

    # ---- at the end ----

    def _judge_health(self) -> None:
        """Each role that had the time ran programs and saw edges; no state was kept from one to the next.

        That every engine finds a fault on its target was seen before the start: one that has hardly run yet
        is not blamed, but named.
        """
        for role, tally in self._state.roles.items():
            if tally.turns == 0:
                self._state.notes.append(f"{role.name} had no turn")
            elif tally.executions == 0 or not tally.coverage.get("edges"):
                why = "it stops at a finding" if self._findings.list() else "it saw no edge of coverage"
                text = f"{role.name} ran {tally.executions} programs in {tally.seconds:.0f} s, {why}"
                if tally.seconds < FAIR:
                    self._state.notes.append(f"{text}: too short a turn to tell")
                else:
                    self._complain(text)
            if tally.stability is not None and tally.stability < 100:
                self._complain(
                    f"{role.name}: stability {tally.stability} %, not 100: a program leaves state behind"
                )
        if not self._state.reach:
            replayer = self._builds.replayer_of(self._state.targets[0], "plain")
            self._complain(f"{replayer} --reach names no marks")


def allocator_folder(folder: Path, builds: Builds) -> Path:
    """Ours has the campaign's folder itself; each other allocator a folder within, so that nothing mixes."""
    return folder if builds.allocator == OURS else folder / builds.out.name


def new_state(allocator: str, seconds: float, jobs: int, roles: list[Role]) -> State:
    return State(allocator, seconds, jobs, {role: Tally() for role in roles}, disk_limit=disk.LIMIT)
