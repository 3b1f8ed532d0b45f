"""The commands as users and CI see them: exit codes, and one clear line when something is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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
    [("TIME=soon", "8h"), ("JOBS=none", "1 or more"), ("TARGETS=x", "ops map image smp"), ("ENGINES=x", "afl")],
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


# ---- what a person's shell, names and machine may bring along ----

COMMANDS = ("test", "fuzz", "replay", "minimize", "adopt", "fuzz-stop", "fuzz-report", "corpus", "prove",
            "canaries", "bench", "bench-counts", "boot")
OTHERS = ("all", "clean", "throughput", "fuzzers", "where", "help")
SETTINGS = ("INPUT=it's.ops", "FINDING=F02")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The tree as it is checked out: nothing built, not even build/tools.mk."""
    tree = tmp_path / "tree"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns("build", ".git", "__pycache__"), symlinks=True)
    return tree


@pytest.mark.parametrize("option", ["-n", "-qk", "-t"])
def test_a_dry_run_of_any_goal_runs_nothing_and_writes_nothing(option: str, copy: Path) -> None:
    before = sorted(copy.rglob("*"))
    for goals in (COMMANDS, ["stress", "ci"], OTHERS):
        if option == "-t" and goals == OTHERS:
            continue  # it touches what `all` would build
        done = call("make", "-C", str(copy), option, *goals, *SETTINGS)
        assert done.returncode == (1 if option == "-qk" else 0), (goals, done.stderr)
        if option == "-n" and goals == COMMANDS:
            assert done.stdout.count("launch.py") == len(COMMANDS), done.stdout
        assert sorted(copy.rglob("*")) == before, goals


NAMES = ["it's $HOME.ops", 'a b\n"q".ops', "$(shell touch x)#;`|&\\.ops", os.fsdecode(b"\xff-\xc3\xb6.ops")]


@pytest.mark.parametrize("name", NAMES)
def test_an_input_of_any_name_is_replayed(name: str, tmp_path: Path) -> None:
    program = tmp_path / name
    program.write_text("ops 1\nmap 0x100000 0x400000 usable\nalloc s0\n")
    done = call("make", "replay", f"INPUT={program}")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "ok"), done.stderr


def test_an_input_whose_name_begins_with_a_dash_is_no_option() -> None:
    done = call("make", "replay", "INPUT=-no-such.ops")
    assert done.returncode == 2
    assert "./-no-such.ops" in done.stdout + done.stderr


def test_an_allocator_of_any_name_is_built_with_what_lies_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "it's my $dir"
    folder.mkdir()
    (folder / "an adapter.c").write_text('#include "beside.h"\n')
    (folder / "beside.h").write_text(f'#include "{ROOT}/fuzz/allocators/naive.c"\n')
    (tmp_path / "p.ops").write_text("ops 1\nmap 0x100000 0x400000 usable\nalloc s0\n")
    done = call("make", "replay", f"INPUT={tmp_path}/p.ops", f"ALLOCATOR={folder}/an adapter.c")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "ok"), done.stderr


WRONG = {  # what lies at build/fuzz, and what is called then
    "a file": ("fuzz", lambda out: out.write_text("x\n")),
    "a folder for the lock": ("stop", lambda out: (out / ".lock").mkdir(parents=True)),
    "a folder for the summary": ("report", lambda out: (out / "summary.json").mkdir(parents=True)),
    "a cut summary": ("report", lambda out: write(out / "summary.json", '{"verdict": "cl')),
    "another summary": ("report", lambda out: write(out / "summary.json", '{"verdict": "clean"}')),
    "a list for a summary": ("report", lambda out: write(out / "summary.json", "[]")),
    "bytes for a summary": ("report", lambda out: write(out / "summary.json", "\0")),
    "a cut finding": ("adopt", lambda out: write(out / "findings/F02/finding.json", '{"id":')),
    "a finding that lacks": ("adopt", lambda out: write(out / "findings/F02/finding.json", '{"id": "F02"}')),
}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(text)


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_the_campaign_folder_is_exit_2_and_one_line(wrong: str, tmp_path: Path) -> None:
    command, prepare = WRONG[wrong]
    out = tmp_path / "fuzz"
    prepare(out)
    words = {"fuzz": ["run"], "adopt": ["adopt", "--finding", "F02"]}.get(command, [command])
    done = call(sys.executable, "-m", "fuzz.campaign", *words, "--out", str(out))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and str(out) in done.stderr


def test_no_variable_of_a_shell_leads_a_goal_astray(tmp_path: Path) -> None:
    for folder in ("there/ci", "there/.ci", "evil"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "evil/json.py").write_text("raise SystemExit(1)")
    (tmp_path / "evil/exit").write_text("exit 1\n")
    shell = {"PYTHONPATH": str(tmp_path / "evil"), "PYTHONHOME": "/nonexistent", "PYTHONSAFEPATH": "1",
             "CDPATH": str(tmp_path / "there"), "BASH_ENV": str(tmp_path / "evil/exit"), "IFS": "/"}
    words = ["make", "fuzz", "TIME=soon"]  # with the set-up, which is a shell script
    environment = {**os.environ, **shell}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert done.stderr.startswith("make fuzz: TIME=soon is no time"), done.stderr


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


def test_the_gate_runs_in_its_own_tree_whatever_cdpath_says(tmp_path: Path) -> None:
    (tmp_path / "there/.ci").mkdir(parents=True)
    (tmp_path / "make").write_text("#!/bin/sh\npwd\n")
    (tmp_path / "make").chmod(0o755)
    environment = {"CDPATH": str(tmp_path / "there"), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = call("bash", ".ci/run", **environment)
    assert (done.returncode, done.stdout) == (0, f"{ROOT}\n"), done.stderr
