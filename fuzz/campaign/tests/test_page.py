"""The page: tells everything, needs nothing from outside, and a real browser loads it without a complaint."""

from __future__ import annotations

import json
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fuzz.campaign import pictures, summary
from fuzz.campaign.engines import Progress
from fuzz.campaign.findings import Finding
from fuzz.campaign.page import moment_of_words, sides_of
from fuzz.campaign.plan import Role
from fuzz.campaign.summary import State, Tally

FAIL = "FAIL A02 alloc-taken op=7 alloc s3: allocator=0x200000 model=small: make replay INPUT=f\n"
BLOCK = {"base": "0x200000", "allocator": "ff" + "s" * 510, "model": "sf" + "s" * 510}
MOMENT = {
    "id": "A02", "position": "op=7 alloc s3", "touched": "0x200000", "entries": [["0x200000", "0x200000", 1]],
    "blocks": [BLOCK], "all_blocks": 3,
    "zones": [{"zone": "dma", "managed": 512, "model": 1, "allocator": 2}],
}
VOID = {"meta", "link", "br", "i", "img", "tr", "td", "th", "li", "path", "dt", "dd"}


class Links(HTMLParser):
    """Everything that a page could load, and whether its elements are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.loads += [value or "" for name, value in attributes if name in ("src", "href", "action", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.loads += [value or "" for name, value in attributes if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page with everything on it."""
    (tmp_path / "moment.json").write_text(json.dumps(MOMENT))
    (tmp_path / "trace.txt").write_text("   0  alloc s3 <b>\n" + FAIL)
    (tmp_path / "min.ops").write_text("ops 1\nmap 0x200000 0x200000 usable\nalloc s3\n")
    finding = Finding(
        "A02", "alloc-<taken>", "ops", "f", str(tmp_path / "min.ops"), "make replay INPUT=f", "no-log.txt",
        times=3, meaning="handed out a frame that is allocated already", first_seen="2026-01-01",
        variant="asan", done=True, said="said", operations=1, was=40, trace=str(tmp_path / "trace.txt"),
        moment=str(tmp_path / "moment.json"), unit_test=str(tmp_path / "min.ops"), test_note="fails: line 7",
        repeats=10,
    )
    other = Finding("L01", "not-linearizable", "smp", "f", None, "make replay INPUT=f", "no-log.txt")
    role = Role("ops", "libfuzzer")
    state = State("a.c", 60.0, 2, {role: Tally()}, seconds=30.0)
    state.findings, state.problems = [finding, other], ["a <problem>"]
    state.roles[role].add(Progress(900, {"edges": 41, "features": 410}), 10.0)
    state.reach, state.inputs = {"hit_one": True, "missed_one": False}, {"ops": 7}
    for second in range(5):
        state.seconds = float(second)
        state.note_edges(role, second * 10)
        state.timeline.add(summary.sample(state))
    summary.write(state, tmp_path)
    return tmp_path / "report.html"


def test_the_page_tells_everything_in_one_file(page: Path) -> None:
    text = page.read_text()
    for word in ("findings", "alloc-&lt;taken&gt;", "a &lt;problem&gt;", "missed_one", "0x200000",
                 "make adopt FINDING=A02", "op=7 alloc s3", "<b>10 of 10</b>", "being made small", "edges"):
        assert word in text, word
    links = Links()
    links.feed(text)
    assert all(load.startswith(("#", "data:")) for load in links.loads), links.loads
    assert "url(" not in text.replace("url(#", "") and "@import" not in text and "<script" not in text
    assert not links.wrong


def test_frames_that_differ_are_marked_on_both_sides(page: Path) -> None:
    assert pictures.grid(BLOCK["allocator"], BLOCK["model"], 0).count('class="differs"') == 1
    assert page.read_text().count('class="differs"') == 2


def test_the_layout_shows_holes_and_where_it_went_wrong() -> None:
    rows = pictures.layout(MOMENT)
    assert [(row["kind"], row["wrong"]) for row in rows] == [("hole", 0), ("usable", 1)]


def test_runs_of_frames_never_leave_their_row() -> None:
    found = pictures.runs("f" * 40 + "s" * 24)
    assert found == [(0, 32, "f"), (32, 8, "f"), (40, 24, "s")]


def test_both_sides_are_read_off_the_fail_line() -> None:
    assert sides_of(None, FAIL) == {"where": "op=7 alloc s3", "allocator": "0x200000", "model": "small"}
    assert sides_of("nothing") is None


def test_a_concurrent_report_becomes_a_picture_too() -> None:
    ones, zeros = " ".join(["ffffffffffffffff"] * 8), " ".join(["0000000000000000"] * 8)
    text = f"block[0] at 0x200000 (dma), a set bit is a free frame:\n  managed    4 KiB {ones}\n" \
           f"  set-up     4 KiB {ones}\n  allocator  2 MiB {zeros}\n"
    moment = moment_of_words(text)
    assert moment is not None
    assert moment["blocks"][0] == {"base": "0x200000", "allocator": "L" * 512, "model": "f" * 512}


@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_loads_the_page_without_errors_or_requests(page: Path, width: int, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser:
        pytest.skip("no Chromium here: apt-get install chromium; the page's HTML is checked without it")
    log = tmp_path / "net.json"
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--enable-logging=stderr",
         f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},900", f"--log-net-log={log}",
         "--dump-dom", f"file://{page}"],
        capture_output=True, text=True, timeout=120,
    )
    assert done.returncode == 0 and "Beside the last campaigns" in done.stdout
    assert "CONSOLE" not in done.stderr
    asked = [line for line in log.read_text().splitlines() if '"url":"http' in line]
    assert not [line for line in asked if "google" not in line]  # the browser's own
