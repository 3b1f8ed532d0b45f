"""What is kept: corpora through a kill in the middle of pruning, histories, bounds, and who runs."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from fuzz.campaign import disk, history
from fuzz.campaign.engines import Places
from fuzz.campaign.files import claim, copy_whole, folder_bytes, owner
from fuzz.campaign.history import SAMPLES_MOST, Timeline
from fuzz.campaign.proofs import entries
from fuzz.campaign.tables import failures, signs


def entry(folder: Path, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha1(content).hexdigest()
    path.write_bytes(content)
    return path


def contents(folder: Path) -> set[bytes]:
    return {path.read_bytes() for path in folder.iterdir()}


def test_a_corpus_survives_a_kill_at_any_step_of_pruning(tmp_path: Path) -> None:
    for step in range(4):
        places = Places(tmp_path / str(step), tmp_path / "raw")
        entry(places.libfuzzer, b"old one")
        entry(disk.pruned(places), b"smaller")
        if step >= 1:
            (disk.pruned(places) / ".whole").touch()
        if step >= 2:
            os.rename(places.libfuzzer, disk.retired(places))
        if step >= 3:
            os.rename(disk.pruned(places), places.libfuzzer)
        disk.mend(places)
        assert contents(places.libfuzzer) == ({b"old one"} if step < 2 else {b"smaller"})
        assert [path.name for path in places.corpus.iterdir()] == ["libfuzzer"]


def test_an_input_cut_short_by_a_kill_stays_under_its_own_name(tmp_path: Path) -> None:
    places = Places(tmp_path, tmp_path / "raw")
    entry(places.libfuzzer, b"whole input").write_bytes(b"whole")
    disk.mend(places)
    assert [path.name for path in places.libfuzzer.iterdir()] == [hashlib.sha1(b"whole").hexdigest()]


def test_the_bound_is_named_when_it_is_reached(tmp_path: Path) -> None:
    (tmp_path / "input").write_bytes(b"x" * 100_000)
    assert folder_bytes(tmp_path) >= 100_000
    assert disk.full(tmp_path, 50_000) is not None
    assert disk.full(tmp_path, 1 << 40) is None


def test_a_disk_without_room_is_told_whoever_took_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "LEAST_FREE", 0)
    assert disk.cramped(tmp_path) is None
    monkeypatch.setattr(disk, "LEAST_FREE", 1 << 60)
    assert disk.cramped(tmp_path) is not None


def test_what_a_full_disk_left_empty_is_no_entry(tmp_path: Path) -> None:
    queue = tmp_path / "corpus/ops/afl/main/queue"
    queue.mkdir(parents=True)
    for number, content in enumerate((b"one", b"", b"two")):
        (queue / f"id:{number:06},orig:x").write_bytes(content)
    entry(tmp_path / "corpus/ops/libfuzzer", b"three")
    assert len(entries(tmp_path)) == 3


def test_a_campaign_that_was_cut_off_is_in_the_history(tmp_path: Path) -> None:
    told = {"started": "a", "verdict": "clean", "seconds": 9, "executions": 5, "executions_per_second": 1.0,
            "findings": [{"id": "F02"}], "reach": {"hit": ["x"], "missing": []},
            "targets": {"ops": {"inputs": 3}}, "coverage": {"ops": {"afl": {"edges": 4}}}}
    (tmp_path / "summary.json").write_text(json.dumps(told))
    assert history.close_last(tmp_path)[-1]["findings"] == ["F02"]
    assert len(history.close_last(tmp_path)) == 1
    with (tmp_path / "history.jsonl").open("a") as file:
        file.write('{"started": "torn')
    assert len(history.read(tmp_path)) == 1


def test_a_timeline_keeps_its_size_and_its_ends() -> None:
    timeline = Timeline()
    for second in range(10_000):
        if timeline.due(second):
            timeline.add({"seconds": second})
    assert len(timeline.samples) <= SAMPLES_MOST
    assert timeline.samples[0]["seconds"] == 0 and timeline.samples[-1]["seconds"] > 9_900


def test_the_owner_of_a_campaign_is_known_while_it_runs(tmp_path: Path) -> None:
    assert owner(tmp_path) is None
    with claim(tmp_path):
        assert owner(tmp_path) == os.getpid()
    assert owner(tmp_path) is None


def test_a_copy_is_whole_or_not_there(tmp_path: Path) -> None:
    source = tmp_path / "a"
    source.write_bytes(b"content")
    copy_whole(source, tmp_path / "b" / "c")
    assert (tmp_path / "b" / "c").read_bytes() == b"content"
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["c"]


def test_every_sign_names_a_failure_of_the_one_table() -> None:
    assert {failure for failure, _ in signs()} <= set(failures())
    assert failures()["X20"].name == "not-replayable"
