"""No child outlives the campaign: not by its own will, not by forking, not when the campaign is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from fuzz.campaign.process import Child, run, stop

DEAF = "trap '' INT TERM; sleep 1000 & echo $! > pid; wait; wait"


def gone(pid: int) -> bool:
    """True once the process has ended, waiting a moment for it; a zombie has ended too."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def read_pid(path: Path) -> int:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError(f"{path} was not written")


def test_a_child_that_ignores_signals_goes_with_its_own_children(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("fuzz.campaign.process.GRACE", 0.2)
    child = Child(["sh", "-c", f"cd {tmp_path}; {DEAF}"], tmp_path / "log")
    grandchild = read_pid(tmp_path / "pid")
    stop([child])
    assert child.exit_code() is not None
    assert gone(grandchild)


def test_a_command_without_end_is_killed_and_says_so(tmp_path: Path) -> None:
    code, output = run(["sh", "-c", f"cd {tmp_path}; echo begun; {DEAF}"], 0.3)
    assert (code, output) == (None, "begun\n")
    assert gone(read_pid(tmp_path / "pid"))


def test_output_of_a_command_comes_with_its_exit_code() -> None:
    assert run(["sh", "-c", "echo out; echo err >&2; exit 3"], 5) == (3, "out\nerr\n")


def test_a_killed_campaign_takes_its_engines_along(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from fuzz.campaign.process import Child\n"
        f"Child(['sh', '-c', 'echo $$ > {tmp_path}/pid; exec sleep 1000'], Path('{tmp_path}/log'))\n"
        "time.sleep(1000)"
    )
    campaign = subprocess.Popen([sys.executable, "-c", program])
    engine = read_pid(tmp_path / "pid")
    os.kill(campaign.pid, signal.SIGKILL)
    campaign.wait()
    assert gone(engine)
