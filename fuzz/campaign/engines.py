"""How the two engines are called, and how their progress is read. Starts nothing itself."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.campaign.builds import Builds
from fuzz.campaign.plan import Role

LONGEST_INPUT = 4096
# Instances beside the main one, each different: power schedules, the MOpt mutator, the old queue order.
SECONDARIES = (["-p", "explore"], ["-p", "coe"], ["-L", "0"], ["-p", "rare"], ["-Z"], ["-p", "exploit"])
STATUS = re.compile(rb"^#(\d+)\t.*?\bcov: (\d+) ft: (\d+)", re.MULTILINE)
FINAL = re.compile(rb"stat::number_of_executed_units:\s*(\d+)")


@dataclass
class Progress:
    """What one turn of an engine has done so far."""

    executions: int = 0
    coverage: dict[str, float] = field(default_factory=dict)
    stability: float | None = None  # per cent; AFL++ alone measures it


@dataclass(frozen=True)
class Places:
    """Folders of one target: all inputs lie below build/fuzz/corpus/<target>/."""

    corpus: Path
    raw: Path  # where libFuzzer leaves crashing inputs

    @property
    def seeds(self) -> Path:
        return self.corpus / "seeds"

    @property
    def libfuzzer(self) -> Path:
        return self.corpus / "libfuzzer"

    @property
    def afl(self) -> Path:
        return self.corpus / "afl"

    def queues(self) -> list[Path]:
        return sorted(self.afl.glob("*/queue"))

    def inputs(self) -> list[Path]:
        return [self.seeds, self.libfuzzer, *self.queues()]

    def crashes(self) -> list[Path]:
        return [self.raw, *sorted(self.afl.glob("*/crashes")), *sorted(self.afl.glob("*/hangs"))]


def only_took_long(path: Path) -> bool:
    """Whether that is all that the engine said of a crashing input; its name tells."""
    return path.parent.name == "hangs" or re.search(r"(^|-)(timeout|slow-unit)-[^-]*$", path.name) is not None


def is_cut(path: Path) -> bool:
    """Whether a full disk or a kill cut an input: libFuzzer names it by its hash; AFL++ runs none empty."""
    named = re.search(r"-([0-9a-f]{40})$", path.name)
    data = path.read_bytes()
    return hashlib.sha1(data).hexdigest() != named[1] if named else not data


class LibFuzzer:
    """libFuzzer under ASan and UBSan. Reads AFL++'s queues, keeps what is new to it in its own folder."""

    def __init__(self, builds: Builds, role: Role, places: Places) -> None:
        self._builds, self._role, self._places = builds, role, places
        self._offset = 0
        self._seen = Progress()

    def command(self, seconds: float) -> tuple[list[str], dict[str, str]]:
        self._offset, self._seen = 0, Progress()
        for folder in (self._places.libfuzzer, self._places.raw):
            folder.mkdir(parents=True, exist_ok=True)
        options = {
            "max_total_time": max(1, round(seconds)),
            "max_len": LONGEST_INPUT,
            "len_control": 0,
            "use_value_profile": 0,
            "reduce_inputs": 0,  # it deletes before it writes the replacement; disk.prune does it whole
            "timeout": 10,
            "rss_limit_mb": 2048,
            "print_final_stats": 1,
            "artifact_prefix": f"{self._places.raw}/{self._role.name.replace('/', '-')}-",
        }
        program = str(self._builds.fuzzer("libfuzzer", self._role.target))
        folders = [self._places.libfuzzer, self._places.seeds, *self._places.queues()]
        return [program, *(f"-{key}={value}" for key, value in options.items()), *map(str, folders)], {}

    def progress(self, log: Path) -> Progress:
        """Reads on where it stopped reading; a line that is not whole yet waits."""
        with log.open("rb") as file:
            file.seek(self._offset)
            text = file.read()
        text = text[: text.rfind(b"\n") + 1]
        self._offset += len(text)
        for count, edges, features in STATUS.findall(text):
            self._seen.executions = max(self._seen.executions, int(count))
            self._seen.coverage = {"edges": int(edges), "features": int(features)}
        final = FINAL.search(text)
        if final:
            self._seen.executions = int(final[1])
        return self._seen


class Afl:
    """AFL++ without sanitizers, in persistent mode. The first instance imports libFuzzer's corpus."""

    def __init__(self, builds: Builds, role: Role, places: Places) -> None:
        self._builds, self._role, self._places = builds, role, places
        self._instance = "main" if role.instance == 0 else f"other{role.instance}"
        self._stats = places.afl / self._instance / "fuzzer_stats"
        self._before = 0

    def command(self, seconds: float) -> tuple[list[str], dict[str, str]]:
        self._places.afl.mkdir(parents=True, exist_ok=True)
        self._places.libfuzzer.mkdir(parents=True, exist_ok=True)
        self._before = self._number("execs_done")  # a resumed instance counts on
        environment = {
            "AFL_AUTORESUME": "1",
            "AFL_SKIP_CPUFREQ": "1",
            "AFL_NO_AFFINITY": "1",
            "AFL_NO_UI": "1",
            "AFL_NO_COLOR": "1",
            "AFL_SKIP_CRASHES": "1",
            "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
            "AFL_CUSTOM_MUTATOR_LIBRARY": str(self._builds.mutator.resolve()),
        }
        main, number = self._role.instance == 0, self._role.instance
        if main:
            environment["AFL_CUSTOM_MUTATOR_ONLY"] = "1"  # the others mix in AFL++'s own havoc
        if number % 2:
            environment["AFL_DISABLE_TRIM"] = "1"
        words = ["afl-fuzz", "-i", str(self._places.seeds), "-o", str(self._places.afl)]
        words += ["-M" if main else "-S", self._instance]
        words += ["-F", str(self._places.libfuzzer)] if main else []
        words += [] if main else SECONDARIES[(number - 1) % len(SECONDARIES)]
        words += ["-t", "5000+", "-m", "none", "-V", str(max(1, round(seconds)))]
        return [*words, "--", str(self._builds.fuzzer("afl", self._role.target))], environment

    def progress(self, log: Path) -> Progress:
        stability = self._field("stability")
        done = self._number("execs_done")
        edges, total = self._number("edges_found"), self._number("total_edges")
        return Progress(
            executions=done - self._before if done >= self._before else done,
            coverage={"edges": edges, "total_edges": total} if edges else {},
            stability=float(stability.rstrip("%")) if stability else None,
        )

    def _number(self, name: str) -> int:
        return int(self._field(name) or 0)

    def _field(self, name: str) -> str:
        try:
            text = self._stats.read_text()
        except FileNotFoundError:
            return ""
        found = re.search(rf"^{name}\s*: (\S+)", text, re.MULTILINE)
        return found[1] if found else ""


ENGINES = {"libfuzzer": LibFuzzer, "afl": Afl}
