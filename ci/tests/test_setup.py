"""Set-up: what is missing is named, with what it costs; tools are chosen by what they do. Installs nothing.

That the packages are there and suffice is for ci/fresh, on fresh systems.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEEDED = "gcc libc6-dev g++ libbenchmark-dev patch python3".split()
MODULES = "rich jinja2 matplotlib pytest hypothesis".split()
CHOSEN = {"CLANG": "clang-77", "AFL_CC": "afl-clang-fast", "CLANG_FORMAT": "clang-format-14"}


def call(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key not in ("PYTHON", "PMM_NO_INSTALL")}
    env = {**clean, **environment}
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=600)


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def set_up(
    folder: Path, group: str, packages: list[str], chosen: dict[str, str], **environment: str
) -> subprocess.CompletedProcess[str]:
    """ci/setup alone, on a machine that has these packages and whose probe chooses so."""
    (folder / "ci").mkdir()
    (folder / "bin").mkdir()
    shutil.copy(ROOT / "ci/setup", folder / "ci/setup")
    script(folder / "ci/probe", "".join(f"echo '{key} := {value}'\n" for key, value in chosen.items()))
    script(folder / "bin/dpkg-query", "".join(f"echo '{package} installed'\n" for package in packages))
    script(folder / "bin/apt-get", "echo apt-get must not run >&2; exit 9")
    return call(folder, "ci/setup", group, PATH=f"{folder}/bin:{os.environ['PATH']}", **environment)


def test_set_up_names_what_is_missing_and_installs_nothing(tmp_path: Path) -> None:
    done = set_up(tmp_path, "build", ["gcc"], CHOSEN, PMM_NO_INSTALL="1")
    assert done.returncode == 2
    assert done.stderr.strip().endswith(": libc6-dev")


def test_what_a_goal_can_do_without_is_named_with_its_cost(tmp_path: Path) -> None:
    packages = [*NEEDED, *(f"python3-{name}" for name in MODULES), "afl++", "shellcheck"]
    done = set_up(tmp_path, "test", packages, {**CHOSEN, "CLANG_FORMAT": ""}, PMM_NO_INSTALL="1")
    assert done.returncode == 0
    assert "no clang-format-14: the layout of C files is not checked" in done.stderr
    assert "no valgrind: " in done.stderr and "no shellcheck" not in done.stderr


def test_a_clang_that_fails_its_probe_is_missing_though_it_is_installed(tmp_path: Path) -> None:
    packages = [*NEEDED, *(f"python3-{name}" for name in MODULES), "afl++", "clang-77"]
    done = set_up(tmp_path, "fuzz", packages, {**CHOSEN, "CLANG": ""}, PMM_NO_INSTALL="1")
    assert done.returncode == 2
    assert done.stderr.strip().endswith(": clang")


def test_choices_are_written_once_and_again_when_a_tool_changed(tmp_path: Path) -> None:
    assert set_up(tmp_path, "build", NEEDED, CHOSEN).returncode == 0
    choices = tmp_path / "build/tools.mk"
    path, before = f"{tmp_path}/bin:{os.environ['PATH']}", choices.stat().st_mtime_ns
    assert "CLANG := clang-77\n" in choices.read_text()
    assert call(tmp_path, "ci/setup", "build", PATH=path).returncode == 0
    assert choices.stat().st_mtime_ns == before
    script(tmp_path / "bin/clang-78", "exit 1")
    assert call(tmp_path, "ci/setup", "build", PATH=path).returncode == 0
    assert choices.stat().st_mtime_ns != before


def test_set_up_refuses_a_group_it_does_not_know() -> None:
    done = call(ROOT, "ci/setup", "everything")
    assert done.returncode == 2
    assert "build, test, fuzz" in done.stderr


def test_the_group_boot_is_known(tmp_path: Path) -> None:
    done = set_up(tmp_path, "boot", NEEDED, CHOSEN, PMM_NO_INSTALL="1")
    assert done.returncode == 2 and "qemu-system-x86" in done.stderr


def read(choices: str) -> dict[str, str]:
    lines = (line.partition(":=") for line in choices.splitlines())
    return {key.strip(): value.strip() for key, _, value in lines}


def probe(**environment: str) -> dict[str, str]:
    done = call(ROOT, "ci/probe", **environment)
    assert done.returncode == 0, done.stderr
    return read(done.stdout)


def test_tools_are_chosen_by_what_they_do_and_not_by_version(tmp_path: Path) -> None:
    """The newest clang does nothing, and afl-clang-fast cannot link: other ones are taken, or none."""
    script(tmp_path / "clang-99", "exit 1")
    script(tmp_path / "afl-clang-fast", "echo undefined reference to __sanitizer_cov_pcs_init >&2; exit 1")
    found = probe(PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert found["CLANG"] not in ("", "clang-99")
    assert found["AFL_CC"] != "afl-clang-fast"
    assert bool(found["AFL_CC"]) == bool(found["AFL_UNDER_TEST_CC"])


def test_probes_do_not_inherit_what_the_shell_says_to_tools() -> None:
    told = {"AFL_LLVM_INSTRUMENT": "NONSENSE", "AFL_CC": "/nowhere", "ASAN_OPTIONS": "nonsense=1"}
    found, written = probe(**told), read((ROOT / "build/tools.mk").read_text())
    assert all(found[key] == written[key] for key in ("CLANG", "AFL_CC", "AFL_WAY"))
