"""Exit 1 is for findings: whatever goes wrong is 2 and a sentence, on whatever screen, in whatever shell."""

from __future__ import annotations

import errno
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.command import launch
from fuzz.command.guard import Trouble, sentence

ROOT = Path(launch.ROOT)
COMMANDS = ("fuzz.campaign", "fuzz.campaign.canaries", "fuzz.campaign.proofs", "ci.suite", "bench")
REFUSALS = (errno.EEXIST, errno.EACCES, errno.ENOSPC, errno.EMFILE, errno.ENOENT, errno.EIO)


def write_module(folder: Path, body: str) -> list[str]:
    """A command whose `main` has this body, started as launch.py starts one."""
    (folder / "probe.py").write_text(f"import os, sys, time\ndef main():\n    {body}\n")
    start = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(folder)!r}]"
    code = f"{start}; from fuzz.command.guard import run; sys.exit(run('probe', []))"
    return [sys.executable, "-I", "-B", "-c", code]


def ended(command: list[str], **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **more)


@pytest.mark.parametrize("body", [
    "raise ValueError('odd\\nlines')", "raise OSError(5, 'Input/output error', 'f')", "import no_such_module",
    "sys.exit(1)", "sys.exit('text')", "raise MemoryError", "raise KeyboardInterrupt", "open('/')",
    "os.kill(os.getpid(), 15); time.sleep(9)", "return 1 / 0",
])
def test_whatever_goes_wrong_is_exit_2_and_one_line(body: str, tmp_path: Path) -> None:
    done = ended(write_module(tmp_path, body))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) <= 1


@pytest.mark.parametrize("code", [0, 1, 2])
def test_what_a_command_answers_is_its_exit_code(code: int, tmp_path: Path) -> None:
    assert ended(write_module(tmp_path, f"return {code}")).returncode == code


def test_a_traceback_is_kept_in_a_file_that_is_named(tmp_path: Path) -> None:
    done = ended(write_module(tmp_path, "raise ZeroDivisionError('here')"))
    log = Path(done.stderr.partition("traceback: ")[2].strip().rstrip(")"))
    assert "ZeroDivisionError: here" in log.read_text()


SCREENS = {"full": ">/dev/full 2>&1", "closed": ">&- 2>&-", "none": "<&- >&- 2>&-", "pipe": "| true"}


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_that_takes_nothing_ends_nothing(screen: str, tmp_path: Path) -> None:
    went_on = f"open({str(tmp_path / 'f')!r}, 'w').write('went on')"
    body = f"[print('x' * 99) for _ in range(999)]; {went_on}; return 1"
    words = write_module(tmp_path, body)
    quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
    done = ended(["bash", "-c", f"{quoted} {SCREENS[screen]}; exit ${{PIPESTATUS[0]}}"])
    assert done.returncode == 1
    assert (tmp_path / "f").read_text() == "went on"


def test_a_terminal_that_goes_away_ends_nothing(tmp_path: Path) -> None:
    """What is left of an ssh session that breaks: SIGHUP, and EIO for whoever writes."""
    body = (f"print('begun'); open({str(tmp_path / 'begun')!r}, 'w'); "
            "[(time.sleep(0.01), print('line')) for _ in range(100)]; return 1")
    ours, theirs = pty.openpty()
    command = write_module(tmp_path, body)
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    while not (tmp_path / "begun").exists() and process.poll() is None:
        os.read(ours, 1)
    os.close(ours)
    process.send_signal(signal.SIGHUP)
    assert process.wait(60) == 1


SHELL = {
    "PYTHONPATH": "evil", "PYTHONHOME": "/nonexistent", "PYTHONSAFEPATH": "1",
    "ASAN_OPTIONS": "detect_leaks=0",
    "MSAN_OPTIONS": "exit_code=0", "AFL_MAP_SIZE": "1", "MAKEFLAGS": "n", "CDPATH": "/x", "LD_PRELOAD": "",
    "MPLBACKEND": "none", "PMM_PLANTED_FAULT": "1", "BASH_ENV": "/x", "UBSAN_OPTIONS": "x",
    "LSAN_OPTIONS": "x", "GLIBC_TUNABLES": "", "MALLOC_PERTURB_": "1",
}


def test_nothing_of_the_shell_reaches_a_command_but_what_is_on_the_list(tmp_path: Path) -> None:
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "json.py").write_text("raise SystemExit(1)")
    body = "import json; print(json.dumps(dict(os.environ))); return 0"
    environment = {**os.environ, **SHELL, "PYTHONPATH": str(tmp_path / "evil"), "CCACHE_DIR": "kept"}
    done = ended(write_module(tmp_path, body), env=environment)
    assert done.returncode == 0, done.stderr
    assert not any(f'"{name}"' in done.stdout for name in SHELL)
    assert all(f'"{name}"' in done.stdout for name in ("PATH", "CCACHE_DIR"))


@pytest.mark.parametrize("module", COMMANDS)
def test_every_command_starts_isolated_when_called_by_hand(module: str, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(1)")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = ended([sys.executable, "-m", module, "--help"], cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage:")


def test_names_that_are_no_utf_8_are_printed_as_they_are(tmp_path: Path) -> None:
    words = write_module(tmp_path, "print(os.fsdecode(b'a\\xffb'), chr(0x25cf)); return 0")
    for locale, wanted in (("C.UTF-8", b"a\xffb \xe2\x97\x8f\n"), ("POSIX", b"a\xffb ?\n")):
        environment = {**os.environ, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        done = subprocess.run(words, capture_output=True, env=environment, timeout=60)
        assert done.stdout in (wanted, b"a\xffb \xe2\x97\x8f\n"), locale


@pytest.mark.parametrize("number", REFUSALS)
def test_a_refusal_of_the_system_names_the_file_and_what_to_do(number: int) -> None:
    text = sentence(OSError(number, os.strerror(number), "build/fuzz"))
    assert text.startswith("build/fuzz") and ":" in text and len(text.splitlines()) == 1


def test_a_sentence_of_ours_is_left_as_it_is() -> None:
    assert sentence(Trouble("TIME=x is no time: write 8h")) == "TIME=x is no time: write 8h"
