"""The commands as users and CI see them: exit codes, and one clear line when something is wrong."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def call(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    ours = ("MAKEFLAGS", "MAKELEVEL", "PYTHON")
    clean = {key: value for key, value in os.environ.items() if key not in ours}
    env = {**clean, "PMM_SET_UP": "1", **environment}
    return subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def test_make_keeps_the_three_exit_codes_apart(tmp_path: Path) -> None:
    """make turns every failure into 2, unless told otherwise: the gate's own code has to come through."""
    for code in (0, 1, 2):
        fake = tmp_path / "python"
        fake.write_text(f"#!/bin/sh\nexit {code}\n")
        fake.chmod(0o755)
        assert call("make", "test", f"PYTHON={fake}").returncode == code
        assert call("make", "fuzz", f"PYTHON={fake}").returncode == code


def test_replay_asks_for_its_input() -> None:
    done = call("make", "replay")
    assert done.returncode == 2
    assert "INPUT=" in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("setting", "hint"),
    [("TIME=soon", "8h"), ("JOBS=none", "1 or more"), ("TARGETS=x", "ops map smp"), ("ENGINES=x", "afl")],
)
def test_a_bad_setting_of_the_campaign_is_one_line_and_exit_2(setting: str, hint: str) -> None:
    done = call("make", "fuzz", setting)
    assert done.returncode == 2
    assert hint in done.stderr.splitlines()[0]


def test_help_names_every_goal_that_people_use() -> None:
    text = call("make", "help").stdout
    assert all(f"  {goal} " in text for goal in ("all", "test", "fuzz", "replay", "ci", "clean"))


def test_make_says_nothing_of_a_compiler_that_is_not_there_yet() -> None:
    """The Makefile is read once before set-up installs the compiler."""
    done = call("make", "where", "CC=no-such-compiler")
    assert (done.returncode, done.stderr) == (0, "")


BROKEN = "ops 1\nmultiboot 13000000 0000400000000000 0000100000000000 010000\n"  # an entry of 19 bytes


@pytest.mark.parametrize("rest", ["", "alloc s0\n", "schedule explicit 0x0\ncpu 0\nalloc s0\n"])
def test_a_start_that_is_refused_is_told_with_its_code(rest: str, tmp_path: Path) -> None:
    text, data = tmp_path / "broken.ops", tmp_path / "broken"
    text.write_text(BROKEN + rest)
    assert call("build/pmm-ops", "encode", str(text), str(data)).returncode == 0
    for path in (text, data):
        told = call("build/replay", str(path))
        assert told.returncode == 0 and "start refused: map" in told.stdout.splitlines()
        assert call("build/replay", "--quiet", str(path)).stdout.endswith("refused: map\n")
