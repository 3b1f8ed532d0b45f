"""A build that is not what it says, or a program that is not the same twice, is found before the fuzzing."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.campaign import seeds
from fuzz.campaign.builds import (
    HALLMARKS,
    Builds,
    Unhealthy,
    check_deterministic,
    check_growing,
    check_hallmarks,
    check_instrumented,
    engines_here,
)

ENGINES = ["libfuzzer", "afl"]


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def whole(root: Path) -> Builds:
    """Builds whose programs hold what they should, and nothing else."""
    builds = Builds("a.c", root)
    for kind, hallmarks in HALLMARKS.items():
        name = "replay" if kind in ("asan", "msan") else "ops"
        (root / kind).mkdir()
        (root / kind / name).write_bytes(b"ELF " + b" ".join(hallmarks))
    return builds


def test_sound_builds_pass(tmp_path: Path) -> None:
    check_hallmarks(whole(tmp_path), ["ops"], ENGINES)


@pytest.mark.parametrize("kind", HALLMARKS)
def test_a_build_without_its_instrumentation_is_refused(kind: str, tmp_path: Path) -> None:
    builds = whole(tmp_path)
    next((tmp_path / kind).iterdir()).write_bytes(b"ELF")
    with pytest.raises(Unhealthy, match=f"no {kind} build"):
        check_hallmarks(builds, ["ops"], ENGINES)


def test_a_mixture_of_sanitizers_is_refused(tmp_path: Path) -> None:
    builds = whole(tmp_path)
    replayer = builds.replayer("asan")
    replayer.write_bytes(replayer.read_bytes() + b"__msan_init")
    with pytest.raises(Unhealthy, match="mixes"):
        check_hallmarks(builds, ["ops"], ENGINES)


def test_an_engine_that_watches_next_to_nothing_is_refused(tmp_path: Path) -> None:
    line = "INFO: Loaded 1 modules   (3 inline 8-bit counters): 3 [0x1, 0x4),"
    script(tmp_path / "libfuzzer/ops", f"echo '{line}'")
    with pytest.raises(Unhealthy, match="ALLOCATOR_SOURCES"):
        check_instrumented(Builds("a.c", tmp_path), ["ops"], ["libfuzzer"], tmp_path)


def test_coverage_that_does_not_grow_with_the_seeds_is_refused(tmp_path: Path) -> None:
    script(tmp_path / "libfuzzer/ops", "echo '#2 INITED cov: 12 ft: 12'")
    with pytest.raises(Unhealthy, match="12 edges"):
        check_growing(Builds("a.c", tmp_path), "ops", tmp_path)


def test_coverage_that_grows_is_fine(tmp_path: Path) -> None:
    script(tmp_path / "libfuzzer/ops", "echo \"#2 INITED cov: $# ft: 12\"")
    check_growing(Builds("a.c", tmp_path), "ops", tmp_path)


def test_two_runs_that_differ_make_the_campaign_unhealthy(tmp_path: Path) -> None:
    script(tmp_path / "plain/replay", f"echo x >> {tmp_path}/runs; wc -l < {tmp_path}/runs")
    with pytest.raises(Unhealthy, match="twice"):
        check_deterministic(Builds("a.c", tmp_path), [Path("p.ops")])


def test_two_runs_that_agree_are_fine_even_when_they_fail(tmp_path: Path) -> None:
    script(tmp_path / "plain/replay", "echo FAIL A02 alloc-taken; exit 1")
    check_deterministic(Builds("a.c", tmp_path), [Path("p.ops")])


def test_another_allocator_is_named_in_the_command_that_replays(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("ALLOCATOR_CFLAGS", "-I../mine")
    command = Builds("../mine/adapter.c", tmp_path).replay_command(Path("f.ops"))
    assert command == "make replay INPUT=f.ops ALLOCATOR=../mine/adapter.c ALLOCATOR_CFLAGS=-I../mine"


def test_the_sample_of_the_seeds_is_one_that_was_committed(tmp_path: Path) -> None:
    for name in ("generated-1", "map-a"):
        (tmp_path / name).touch()
    assert seeds.sample(tmp_path).name == "generated-1"
    (tmp_path / "ops-a").touch()
    assert seeds.sample(tmp_path).name == "ops-a"


@pytest.mark.parametrize(
    ("choices", "engines"),
    [("AFL_CC   := afl-clang-fast\nAFL_WAY := guards\n", ["libfuzzer", "afl"]),
     ("AFL_CC   := \nAFL_WAY := \n", ["libfuzzer"]), (None, ["libfuzzer"])],
)
def test_the_engines_are_those_that_set_up_found(
    choices: str | None, engines: list[str], tmp_path: Path
) -> None:
    if choices is not None:
        (tmp_path / "tools.mk").write_text(choices)
    assert engines_here(tmp_path / "tools.mk") == engines
