"""What was found: a folder for each failure id, everything in it written whole, nothing ever lost.

An engine's crashing input is copied here before it is forgotten there, so a kill at any moment repeats work,
no more.
"""

from __future__ import annotations

import json
import shutil
import threading
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timezone
from pathlib import Path

from fuzz.campaign.builds import Builds
from fuzz.campaign.engines import is_cut, only_took_long
from fuzz.campaign.files import copy_whole, regular_files, write_whole
from fuzz.campaign.minimize import FLAKY_RUNS, explain, minimize, repeats, size_of
from fuzz.campaign.tables import failures
from fuzz.campaign.triage import UNCONFIRMED, Confirmed, Verdict, as_text, confirm, replay_in
from fuzz.campaign.triage import without_schedule

PER_LOOK = 40  # crashing inputs looked at in one go; a broken allocator leaves thousands
KEPT_INPUTS = 20  # of one finding, besides the first
OTHERS_TRIED = 8  # of those, to see whether they become smaller than the first
SMALL = 2  # operations: no others are tried


@dataclass
class Finding:
    """One failure id. `minimized` is None until there is a smaller program with the same id."""

    id: str
    name: str
    target: str
    input: str
    minimized: str | None
    replay: str
    log: str
    times: int = 1
    meaning: str = ""
    first_seen: str = ""
    variant: str = ""
    done: bool = False  # minimised, or known that it cannot be
    said: str = ""
    operations: int = 0
    was: int = 0
    trace: str | None = None
    moment: str | None = None
    unit_test: str | None = None
    test_note: str = ""
    repeats: int | None = None  # of FLAKY_RUNS replays
    others: list[str] = field(default_factory=list)  # names of further inputs that were made small as well

    @property
    def flaky(self) -> bool:
        return self.repeats is not None and self.repeats < FLAKY_RUNS


def load(folder: Path) -> list[Finding]:
    """The findings below a folder; keys of an older campaign that this one does not know are left out."""
    known = {entry.name for entry in fields(Finding)}
    found = []
    for path in sorted(folder.glob("*/finding.json")):
        data = json.loads(path.read_text())
        found.append(Finding(**{key: value for key, value in data.items() if key in known}))
    return found


class Findings:
    """All findings of one campaign folder; those of an earlier run stay as long as they still fail."""

    def __init__(self, folder: Path, builds: Builds) -> None:
        self._folder, self._builds = folder, builds
        self._lock = threading.Lock()  # the desk changes, the campaign reads
        self._all: dict[str, Finding] = {}
        self._seen_file = folder / "seen.txt"
        folder.mkdir(parents=True, exist_ok=True)
        self._seen = set(self._seen_file.read_text().splitlines()) if self._seen_file.exists() else set()

    def list(self) -> list[Finding]:
        with self._lock:
            return [replace(self._all[key]) for key in sorted(self._all)]

    def home(self, finding: Finding) -> Path:
        return self._folder / finding.id

    def recheck(self) -> None:
        """Replays what an earlier run left: what does not fail any more moves to gone/."""
        for earlier in load(self._folder):
            home = self.home(earlier)
            data = home / "input"
            if data.exists() and self._still_fails(earlier, data):
                with self._lock:
                    self._all[earlier.id] = earlier
                continue
            self._move_away(earlier)

    def _move_away(self, finding: Finding) -> Path:
        gone = self._folder / "gone" / finding.id
        shutil.rmtree(gone, ignore_errors=True)
        gone.parent.mkdir(exist_ok=True)
        self.home(finding).rename(gone)
        return gone

    def _still_fails(self, earlier: Finding, data: Path) -> bool:
        confirmed = confirm(self._builds, earlier.target, data, self._candidate())
        return confirmed is not None and confirmed.verdict.id == earlier.id

    # ---- taking up ----

    def fresh(self, *folders: Path) -> list[Path]:
        """Crashing inputs that an engine left since they were last taken up."""
        return [path for path in regular_files(*folders) if str(path) not in self._seen]

    def look(self, target: str, *folders: Path) -> bool:
        """Takes up some fresh inputs; True when there were any."""
        fresh = self.fresh(*folders)[:PER_LOOK]
        for path in fresh:
            self.look_at(target, path)
            self._mark_seen(path)
        return bool(fresh)

    def _mark_seen(self, path: Path) -> None:
        self._seen.add(str(path))
        with self._seen_file.open("a") as file:
            file.write(f"{path}\n")

    def look_at(self, target: str, path: Path, said: Verdict | None = None) -> None:
        """Takes up one input that an engine objected to; if no replay does, that is a finding of its own.

        But not if it only took long (on a busy machine anything may), or is not whole. When it is known what
        the engine `said`, and that is nothing new, the input is only counted.
        """
        known = self._all.get(said.id) if said else self._known(path)
        if known:
            self._count(known, target, path)
        elif not (self.take(target, path) or only_took_long(path) or is_cut(path)):
            text = "an engine objected, but no build does in a replay\n"
            verdict = Verdict(UNCONFIRMED, failures()[UNCONFIRMED].name, text)
            self._keep(target, path, self._candidate(), Confirmed(verdict))

    def is_known(self, path: Path) -> bool:
        return bool(self._all) and self._known(path) is not None

    def _known(self, path: Path) -> Finding | None:
        """The finding that the quickest build says this is."""
        verdict = replay_in(self._builds, "plain", path)
        return self._all.get(verdict.id) if verdict else None

    def _candidate(self) -> Path:
        text = self._folder / ".candidate.ops"
        text.unlink(missing_ok=True)
        return text

    def take(self, target: str, data: Path) -> bool:
        """Replays one input; True when it fails, and then it is a finding."""
        text = self._candidate()
        confirmed = confirm(self._builds, target, data, text)
        if confirmed and not (target == "smp" and self._take_sequential(data)):
            self._keep(target, data, text, confirmed)
        return confirmed is not None

    def _take_sequential(self, concurrent: Path) -> bool:
        """True when a concurrent program fails without its schedule: then that is the finding."""
        text = self._folder / ".sequential.ops"
        text.unlink(missing_ok=True)
        confirmed = without_schedule(self._builds, concurrent, text)
        if confirmed:
            self._keep("ops", text, text, confirmed)
        return confirmed is not None

    def _count(self, known: Finding, target: str, data: Path) -> None:
        others = self.home(known) / "inputs"
        others.mkdir(exist_ok=True)
        same_kind = (target == "smp") == (known.target == "smp")
        if known.times < KEPT_INPUTS and data.is_file() and same_kind:
            copy_whole(data, others / f"{known.times:02}")
        with self._lock:
            known.times += 1
        self._save(known)

    def _keep(self, target: str, data: Path, text: Path, confirmed: Confirmed) -> None:
        verdict = confirmed.verdict
        known = self._all.get(verdict.id)
        if known:
            self._count(known, target, data)
            return
        home = self._folder / verdict.id
        home.mkdir(exist_ok=True)
        shown = home / ("program.ops" if confirmed.by_text else "input")
        copy_whole(data, home / "input")
        if text.exists():
            copy_whole(text, home / "program.ops")
        replayed = text if confirmed.by_text else data
        write_whole(home / "log.txt", verdict.log.replace(str(replayed), str(shown)))
        command = f"{self._builds.fuzzer('libfuzzer', target)} {shown}"
        finding = Finding(
            id=verdict.id,
            name=verdict.name,
            target=target,
            input=str(shown),
            minimized=None,
            replay=command if confirmed.by_engine else self._builds.replay_command(shown),
            log=str(home / "log.txt"),
            meaning=failures()[verdict.id].meaning if verdict.id in failures() else verdict.name,
            first_seen=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            variant=confirmed.variant,
        )
        self._save(finding)
        with self._lock:
            self._all[verdict.id] = finding

    def _save(self, finding: Finding) -> None:
        write_whole(self.home(finding) / "finding.json", json.dumps(asdict(finding), indent=2) + "\n")

    # ---- making small ----

    def unfinished(self) -> list[Finding]:
        return [finding for finding in self._all.values() if not finding.done]

    def finish(self, finding: Finding) -> None:
        """Minimises and explains a finding, and looks whether it repeats."""
        home, original = self.home(finding), Path(finding.input)
        changes: dict[str, object] = {"done": True}
        if finding.variant:
            changes["repeats"] = repeats(self._builds, finding.variant, finding.id, original)
            small = home / "minimized.ops"
            said = minimize(self._builds, finding.variant, finding.id, original, small)
            if said is not None and finding.target == "smp" and self._take_sequential(small):
                self._withdraw(finding)  # small enough to see that it is a sequential one
                return
            if said is not None:
                changes |= self._explained(finding, original, small, said)
        self._change(finding, changes)

    def _withdraw(self, finding: Finding) -> None:
        """What is told as another finding is one no more.

        Its files stay, below gone/; its other inputs are looked at again, for they may show something else.
        """
        with self._lock:
            del self._all[finding.id]
        gone = self._move_away(finding)
        for path in regular_files(gone / "inputs"):
            self.take(finding.target, path)

    def _explained(self, finding: Finding, original: Path, small: Path, said: str) -> dict[str, object]:
        done = explain(self._builds, finding.variant, finding.id, original, small, said)
        return {
            "minimized": str(small),
            "replay": self._builds.replay_command(small),
            "said": said,
            "operations": done.operations,
            "was": done.was,
            "trace": str(done.trace),
            "moment": str(done.moment) if done.moment else None,
            "unit_test": str(done.unit_test) if done.unit_test else None,
            "test_note": done.note,
        }

    def _change(self, finding: Finding, changes: dict[str, object]) -> None:
        with self._lock:
            for key, value in changes.items():
                setattr(finding, key, value)
        self._save(finding)

    def improve(self) -> bool:
        """Makes one more input of some finding small; the smallest stays. False: none is left to try.

        A minimiser ends where no single change goes on; from another input that may be much further down.
        """
        for finding in list(self._all.values()):
            if not finding.minimized or finding.operations <= SMALL or len(finding.others) >= OTHERS_TRIED:
                continue
            untried = [path for path in regular_files(self.home(finding) / "inputs")
                       if path.name not in finding.others]
            if untried:
                self._try_other(finding, min(untried, key=lambda path: path.stat().st_size))
                return True
        return False

    def _try_other(self, finding: Finding, path: Path) -> None:
        home, text = self.home(finding), self._candidate()
        source = text if as_text(self._builds, finding.target, path, text) else path
        fresh, small = home / ".other.ops", home / "minimized.ops"
        said = minimize(self._builds, finding.variant, finding.id, source, fresh)
        changes: dict[str, object] = {"others": [*finding.others, path.name]}
        if said is not None and size_of(fresh) < size_of(small):
            self._change(finding, {"done": False})  # until all belongs together again, whatever kills it
            copy_whole(fresh, small)
            said = said.replace(str(fresh), str(small))
            changes |= {"done": True} | self._explained(finding, source, small, said)
        fresh.unlink(missing_ok=True)
        self._change(finding, changes)
