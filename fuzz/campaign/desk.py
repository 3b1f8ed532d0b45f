"""The desk: a thread beside the engines that takes up what they find, makes it small, and looks twice.

What an engine keeps is replayed under the sanitizers that it runs without, and its reach marks are collected.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from fuzz.campaign.builds import CONCURRENT, Builds
from fuzz.campaign.engines import Places
from fuzz.campaign.files import regular_files
from fuzz.campaign.findings import Findings
from fuzz.campaign.process import run
from fuzz.campaign.triage import identify
from fuzz.command.guard import explained

IDLE = 0.5  # seconds between two looks when there is nothing to do
CHUNK = 32  # inputs replayed at a time
REPLAY_SECONDS = 120
LAST_WORK = 240.0  # seconds that the end waits for what is still to be made small
LAST_LOOK = 10.0  # and for inputs that have not been looked at again


def objects(code: int | None, log: str) -> bool:
    """Whether a replay found something: its report counts, whatever its exit code (2: not an input)."""
    return code not in (0, 2) or identify(code, log) is not None


class Desk:
    def __init__(self, builds: Builds, findings: Findings, places: dict[str, Places]) -> None:
        self._builds, self._findings, self._places = builds, findings, places
        self._looked: set[Path] = set()
        self.reach: dict[str, bool] = {}
        self.problems: list[str] = []
        self.replayed = 0  # inputs looked at again
        self._ending = threading.Event()
        self._last_look = float("inf")
        self._thread = threading.Thread(target=self._work, name="desk", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def finish(self, tell: Callable[[], None]) -> None:
        """Lets the desk finish what lies on it; `tell` is called meanwhile."""
        self._last_look = time.monotonic() + LAST_LOOK
        self._ending.set()
        until = time.monotonic() + LAST_WORK
        while self._thread.is_alive() and time.monotonic() < until:
            self._thread.join(0.2)
            tell()

    def _work(self) -> None:
        while True:
            try:
                busy = self.work_once()
            except Exception as error:  # a full disk, a fault here: what was not taken up is tried again
                busy = False
                self._complain(f"triage: {explained(error)}")
                time.sleep(IDLE)
                if self._ending.is_set():
                    return
            if not busy:
                if self._ending.is_set():
                    return
                time.sleep(IDLE)

    def _complain(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def work_once(self) -> bool:
        """The most urgent piece of work; False when there is none."""
        for target, places in self._places.items():
            if self._findings.look(target, *places.crashes()):
                self._tidy(places)
                return True
        for finding in self._findings.unfinished():
            self._findings.finish(finding)
            return True
        if time.monotonic() >= self._last_look:
            return False
        looked = [self._look_again(target, places) for target, places in self._places.items()]
        return any([*looked, self._findings.improve()])

    def _tidy(self, places: Places) -> None:
        """Crashing inputs of libFuzzer that have been taken up; AFL++ keeps its own."""
        fresh = set(self._findings.fresh(places.raw))
        for path in regular_files(places.raw):
            if path not in fresh:
                path.unlink(missing_ok=True)

    # ---- inputs that the engines keep ----

    def _look_again(self, target: str, places: Places) -> bool:
        kept = places.inputs()[1:]  # seeds have been replayed before the start
        fresh = [path for path in regular_files(*kept) if path not in self._looked][:CHUNK]
        if not fresh:
            return False
        self._looked.update(fresh)
        self.replayed += len(fresh)
        self.measure_reach(target, fresh)
        for variant in CONCURRENT if target == "smp" else ("asan", "msan"):
            self._replay(target, variant, fresh)
        return True

    def _replay(self, target: str, variant: str, inputs: list[Path]) -> None:
        """An input that a sanitizer objects to is a finding, although its engine kept it as a good one."""
        replayer = self._builds.replayer_of(target, variant)
        if not objects(*run([str(replayer), "--quiet", *map(str, inputs)], REPLAY_SECONDS)):
            return
        for path in inputs:
            if objects(*run([str(replayer), "--quiet", str(path)], REPLAY_SECONDS)):
                self._findings.take(target, path)

    def measure_reach(self, target: str, inputs: list[Path]) -> None:
        """Adds to the marks hit; concurrent programs have marks of their own."""
        replayer = str(self._builds.replayer_of(target, "plain"))
        for start in range(0, len(inputs), CHUNK):
            chunk = [str(path) for path in inputs[start : start + CHUNK]]
            _, output = run([replayer, "--reach", *chunk], REPLAY_SECONDS)
            for line in output.splitlines():
                verdict, _, name = line.partition(" ")
                if verdict in ("hit", "miss"):
                    self.reach[name] = self.reach.get(name, False) or verdict == "hit"
