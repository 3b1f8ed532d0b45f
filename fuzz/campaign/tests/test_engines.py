"""What the engines print, as read by the campaign."""

from __future__ import annotations

from pathlib import Path

from fuzz.campaign.builds import Builds
from fuzz.campaign.engines import Afl, LibFuzzer, Places
from fuzz.campaign.plan import Role

BUILDS = Builds("a.c", Path("build"))
LIBFUZZER = """INFO: seed corpus: files: 3
#4\tINITED cov: 10 ft: 12 corp: 3/9b exec/s: 0 rss: 30Mb
#900\tNEW    cov: 14 ft: 20 corp: 4/12b lim: 4096 exec/s: 900 rss: 30Mb L: 3/3 MS: 1 Custom-
"""
AFL = """execs_done        : {done}
execs_per_sec     : 100.0
edges_found       : 41
total_edges       : 410
stability         : 99.50%
"""


def places(root: Path) -> Places:
    return Places(root / "corpus", root / "raw")


def test_libfuzzer_is_read_line_by_line_as_it_writes(tmp_path: Path) -> None:
    engine = LibFuzzer(BUILDS, Role("ops", "libfuzzer"), places(tmp_path))
    engine.command(60)
    log = tmp_path / "log"
    log.write_text(LIBFUZZER + "#1000\tNEW    cov: 99")
    assert engine.progress(log).executions == 900
    log.write_text(LIBFUZZER + "#1000\tNEW    cov: 99 ft: 100 corp\nstat::number_of_executed_units: 1234\n")
    progress = engine.progress(log)
    assert (progress.executions, progress.coverage) == (1234, {"edges": 99, "features": 100})


def test_a_resumed_afl_counts_only_what_it_did_since(tmp_path: Path) -> None:
    home = places(tmp_path).afl / "main"
    home.mkdir(parents=True)
    (home / "fuzzer_stats").write_text(AFL.format(done=1000))
    engine = Afl(BUILDS, Role("ops", "afl"), places(tmp_path))
    engine.command(60)
    (home / "fuzzer_stats").write_text(AFL.format(done=1500))
    progress = engine.progress(tmp_path / "log")
    assert progress.executions == 500
    assert progress.coverage == {"edges": 41, "total_edges": 410}
    assert progress.stability == 99.5


def test_afl_without_statistics_has_done_nothing_yet(tmp_path: Path) -> None:
    engine = Afl(BUILDS, Role("map", "afl"), places(tmp_path))
    assert engine.progress(tmp_path / "log").executions == 0


def test_both_engines_read_what_the_other_found(tmp_path: Path) -> None:
    here = places(tmp_path)
    (here.afl / "main" / "queue").mkdir(parents=True)
    libfuzzer, _ = LibFuzzer(BUILDS, Role("ops", "libfuzzer"), here).command(60)
    afl, _ = Afl(BUILDS, Role("ops", "afl"), here).command(60)
    assert str(here.afl / "main" / "queue") in libfuzzer
    assert afl[afl.index("-F") + 1] == str(here.libfuzzer)


def test_instances_of_one_role_do_not_share_a_name(tmp_path: Path) -> None:
    roles = [Role("ops", "afl", number) for number in range(3)]
    commands = [Afl(BUILDS, role, places(tmp_path)).command(60)[0] for role in roles]
    names = [command[command.index("-M" if "-M" in command else "-S") + 1] for command in commands]
    assert len(set(names)) == 3
    assert sum("-M" in command for command in commands) == 1
