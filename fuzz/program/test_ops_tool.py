"""pmm-ops from the outside: files in, files out, exit statuses, one-line errors."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "# a comment\nops 1\ncpus 2\nmap 0x100000 0x400000 usable\n\nalloc s0 normal\nfree s0\n"
CANONICAL = "ops 1\ncpus 2\nmap 0x100000 0x400000 usable\nalloc s0\nfree s0\n"
HEADER = ("ops", "cpus", "below", "managed-below", "place", "reserve", "later", "map", "table", "multiboot")


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    clean = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL")}
    subprocess.run(["make", "-s", "build/pmm-ops"], cwd=ROOT, env={**clean, "PMM_SET_UP": "1"}, check=True)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "program.ops"
    path.write_text(SOURCE)
    return path


def pmm_ops(*arguments: object) -> subprocess.CompletedProcess[str]:
    words = [str(ROOT / "build/pmm-ops"), *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, timeout=60)


def refused(status: int, hint: str, *arguments: object) -> None:
    done = pmm_ops(*arguments)
    assert done.returncode == status
    assert hint in done.stderr and len(done.stderr.splitlines()) == 1


def operations(path: Path) -> int:
    return sum(line.split()[0] not in HEADER for line in path.read_text().splitlines())


def test_encode_and_decode_give_the_canonical_text_back(source: Path, tmp_path: Path) -> None:
    twin, back = tmp_path / "twin", tmp_path / "back.ops"
    assert pmm_ops("format", source).stdout == CANONICAL
    assert pmm_ops("encode", source, twin).returncode == 0
    assert pmm_ops("decode", twin, back).returncode == 0
    assert back.read_text() == CANONICAL


def test_generate_writes_as_many_programs_as_asked_for(tmp_path: Path) -> None:
    assert pmm_ops("generate", 5, 3, tmp_path).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["generated-5", "generated-6", "generated-7"]
    for path in list(tmp_path.iterdir()):
        assert pmm_ops("decode", path, path.with_suffix(".ops")).returncode == 0
        assert operations(path.with_suffix(".ops")) == 32
    assert pmm_ops("generate", 5, 1, tmp_path, 7).returncode == 0
    pmm_ops("decode", tmp_path / "generated-5", tmp_path / "short.ops")
    assert operations(tmp_path / "short.ops") == 7


def test_generated_seeds_depend_on_the_seed_alone(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        assert pmm_ops("generate", 77, 1, tmp_path / name).returncode == 0
    first, second = ((tmp_path / name / "generated-77").read_bytes() for name in ("a", "b"))
    assert first == second


def test_lint_reads_programs_and_memory_maps(source: Path, tmp_path: Path) -> None:
    memory_map = tmp_path / "machine.map"
    memory_map.write_text("# source: a machine\n0x0 0x9fc00 usable # EfiConventionalMemory\n")
    done = pmm_ops("lint", source, memory_map)
    assert (done.returncode, done.stdout) == (0, "2 files, 0 wrong\n")
    memory_map.write_text("0x0 0x9fc00\n")
    done = pmm_ops("lint", source, memory_map)
    assert (done.returncode, done.stdout) == (1, "2 files, 1 wrong\n")
    assert "machine.map: line 1: the type is one of usable" in done.stderr


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"", "the file is empty"),
        (bytes(2_000_000), "more than 1 MiB"),
        (b"ops 1\nalloc s0\nalloc s", "line 3: `alloc` wants a slot (s0 to s63), found `s`"),
        (b"ops 2\n", "line 1: this is version 2 of the format; this build reads version 1"),
        (b"\x01\x02\x03", "line 1: a program starts with `ops 1`"),
    ],
    ids=["empty", "too large", "truncated", "another version", "bytes"],
)
def test_a_wrong_input_is_one_line_and_exit_1(content: bytes, hint: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong"
    path.write_bytes(content)
    refused(1, hint, "encode", path, tmp_path / "out")
    refused(1, hint, "format", path)
    assert not (tmp_path / "out").exists()


def test_files_that_cannot_be_opened_are_named(source: Path, tmp_path: Path) -> None:
    refused(1, "missing.ops: No such file", "format", tmp_path / "missing.ops")
    refused(1, "no/out: No such file", "encode", source, tmp_path / "no/out")
    refused(1, "this is text already", "decode", source, tmp_path / "out")


def test_any_bytes_are_decoded_and_a_torn_tail_is_reported(source: Path, tmp_path: Path) -> None:
    twin, back = tmp_path / "twin", tmp_path / "back.ops"
    pmm_ops("encode", source, twin)
    twin.write_bytes(twin.read_bytes() + b"\x09")
    done = pmm_ops("decode", twin, back)
    assert done.returncode == 0 and "left out a tail of 1 bytes" in done.stderr
    assert back.read_text() == CANONICAL
    twin.write_bytes(b"\xff")
    assert pmm_ops("decode", twin, back).returncode == 0
    assert back.read_text().startswith("ops 1\n")


def test_a_wrong_command_line_is_exit_2() -> None:
    for arguments in ([], ["nonsense"], ["encode", "one"], ["generate", "1", "2"]):
        done = pmm_ops(*arguments)
        assert done.returncode == 2 and done.stderr.startswith("usage: pmm-ops encode")
    refused(2, "SEED is a number", "generate", "x", 1, ".")
