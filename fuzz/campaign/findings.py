"""What was found: a folder for each failure id, with its first input, the program in text, and the log."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from fuzz.campaign.builds import Builds
from fuzz.campaign.files import regular_files, write_whole
from fuzz.campaign.triage import Confirmed, Verdict, confirm

UNCONFIRMED = Verdict("X20", "not-replayable", "an engine objected, but no build does in a replay\n")
PER_LOOK = 40  # crashing inputs looked at in one go; a broken allocator leaves thousands


@dataclass
class Finding:
    """One failure id on one target. `minimized` is None until there is a smaller program with the same id."""

    id: str
    name: str
    target: str
    input: str
    minimized: str | None
    replay: str
    log: str
    times: int = 1


class Findings:
    """All findings of one campaign folder; those of an earlier run stay as long as they still fail."""

    def __init__(self, folder: Path, builds: Builds) -> None:
        self._folder = folder
        self._builds = builds
        self._seen: set[Path] = set()
        self._all: dict[tuple[str, str], Finding] = {}

    def list(self) -> list[Finding]:
        return sorted(self._all.values(), key=lambda finding: (finding.id, finding.target))

    def recheck(self) -> None:
        """Replays what an earlier run left: what does not fail any more moves to gone/."""
        for folder in sorted(self._folder.glob("*/finding.json")):
            earlier = Finding(**json.loads(folder.read_text()))
            if not self.take(earlier.target, folder.parent / "input"):
                gone = self._folder / "gone" / folder.parent.name
                shutil.rmtree(gone, ignore_errors=True)
                gone.parent.mkdir(exist_ok=True)
                folder.parent.rename(gone)

    def look(self, target: str, *folders: Path) -> None:
        """Takes up crashing inputs that an engine left since the last look."""
        fresh = [path for path in regular_files(*folders) if path not in self._seen]
        self._seen.update(fresh)
        for path in fresh[:PER_LOOK]:
            self.look_at(target, path)

    def look_at(self, target: str, path: Path, said: Verdict | None = None) -> None:
        """Takes up one input that an engine objected to; if no replay does, that is a finding of its own.

        When it is known what the engine `said`, and that is nothing new, the input is only counted.
        """
        known = self._all.get((said.id, target)) if said else None
        if known:
            known.times += 1
        elif not self.take(target, path):
            self._keep(target, path, self._folder / ".candidate.ops", Confirmed(UNCONFIRMED))

    def take(self, target: str, data: Path) -> bool:
        """Replays one input; True when it fails, and then it is a finding."""
        self._folder.mkdir(parents=True, exist_ok=True)
        text = self._folder / ".candidate.ops"
        text.unlink(missing_ok=True)
        confirmed = confirm(self._builds, target, data, text)
        if confirmed:
            self._keep(target, data, text, confirmed)
        return confirmed is not None

    def _keep(self, target: str, data: Path, text: Path, confirmed: Confirmed) -> None:
        verdict = confirmed.verdict
        known = self._all.get((verdict.id, target))
        if known:
            known.times += 1
            return
        home = self._folder / f"{verdict.id}-{target}"
        home.mkdir(exist_ok=True)
        shown = home / ("program.ops" if confirmed.by_text else "input")
        if data != home / "input":
            shutil.copyfile(data, home / "input")
        if text.exists():
            text.replace(home / "program.ops")
        replayed = text if confirmed.by_text else data
        (home / "log.txt").write_text(verdict.log.replace(str(replayed), str(shown)))
        command = f"{self._builds.fuzzer('libfuzzer', target)} {shown}"
        finding = Finding(
            id=verdict.id,
            name=verdict.name,
            target=target,
            input=str(shown),
            minimized=None,
            replay=command if confirmed.by_engine else self._builds.replay_command(shown),
            log=str(home / "log.txt"),
        )
        self._all[verdict.id, target] = finding
        write_whole(home / "finding.json", json.dumps(asdict(finding), indent=2) + "\n")
