"""What killed engines leave in shared memory is taken back, and nothing else is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fuzz.campaign.process import Child, run
from fuzz.campaign.shared_memory import TABLE, Note, segments_of, take_back_all, write_note

SEGMENT = ("import ctypes, time; libc = ctypes.CDLL(None); "
           "print(libc.shmget(0, 4096, 0o1600), flush=True); {then}")
HEAD = "key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap\n"
pytestmark = pytest.mark.skipif(not TABLE.exists(), reason="no System V shared memory on this machine")


def maker(then: str) -> list[str]:
    return [sys.executable, "-c", SEGMENT.format(then=then)]


def exists(segment: str) -> bool:
    return any(line.split()[1] == segment for line in TABLE.read_text().splitlines()[1:])


def said(log: Path) -> str:
    until = time.monotonic() + 30
    while not log.exists() or not log.read_text().endswith("\n"):
        assert time.monotonic() < until
        time.sleep(0.02)
    return log.read_text().strip()


def test_a_killed_campaign_s_segments_go_at_the_next_start(tmp_path: Path) -> None:
    program = ("import sys, time; from pathlib import Path; from fuzz.campaign.process import Child\n"
               f"Child({maker('time.sleep(999)')!r}, Path({str(tmp_path / 'logs/engine.log')!r}))\n"
               "time.sleep(999)")
    campaign = subprocess.Popen([sys.executable, "-c", program])
    segment = said(tmp_path / "logs/engine.log")
    assert take_back_all(tmp_path) == 0 and exists(segment)  # while it runs
    os.kill(campaign.pid, signal.SIGKILL)
    campaign.wait()
    until = time.monotonic() + 10
    while not take_back_all(tmp_path) and time.monotonic() < until:
        time.sleep(0.02)
    assert not exists(segment)
    assert not list(tmp_path.rglob("*.process"))


def test_an_engine_that_had_to_be_killed_leaves_nothing(tmp_path: Path) -> None:
    child = Child(maker("time.sleep(999)"), tmp_path / "log")
    segment = said(tmp_path / "log")
    child.finish()
    assert not exists(segment)
    _, output = run(maker("0"), 30, note=tmp_path / "a.process")
    assert not exists(output.strip())


def test_a_segment_of_somebody_else_stays(tmp_path: Path) -> None:
    segment = subprocess.run(maker("0"), capture_output=True, text=True, check=True).stdout.strip()
    try:
        write_note(tmp_path / "b.process", os.getpid())
        assert take_back_all(tmp_path) == 0 and exists(segment)
    finally:
        subprocess.run(["ipcrm", "-m", segment], check=True)


@pytest.mark.parametrize("row", ["0 7 600 4096 {other} 1 0 {me} 0 {me} 0 0 0 1000 0 0",
                                 "5 7 600 4096 42 1 0 {me} 0 {me} 0 0 0 1000 0 0",
                                 "0 7 600 4096 42 1 0 {me} 0 {stranger} 0 0 0 1000 0 0",
                                 "0 7 600 4096 42 1 0 {me} 0 {me} 0 0 0 9999 0 0",
                                 "0 7 600 4096 42 1 0 {me} 0 {me} 0 0 0 900 0 0"])
def test_only_what_the_noted_process_made_when_it_ran_is_ours(row: str) -> None:
    me = os.geteuid()
    table = HEAD + row.format(me=me, other=43, stranger=me + 1) + "\n"
    assert not segments_of(Note(42, "1", 1000.0), table)
    ours = HEAD + f"0 7 600 4096 42 1 1 {me} 0 {me} 0 0 0 1000 0 0\n"
    assert segments_of(Note(42, "1", 1000.0), ours) == {"7": True}
