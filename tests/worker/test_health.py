"""A worker is unwell once its last poll is older than three waits, and says why."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.programs import find
from labapp.worker import health, local_workers
from labapp.worker.health import MISSED_WAITS, SLACK, Pulse, complaint, verdict
from labapp.worker.local_workers import Registration
from labapp.worker.reports import Report, Reporter
from labapp.worker.stats import WorkerStats

NOW = 1_700_000_000.0
LONGEST = MISSED_WAITS * 20 + SLACK
WELL = Pulse(7, "running", "", NOW - 9000, 20, {"requestQueue": NOW - 20, "imageInbox": NOW - 1})


def test_polls_within_three_waits_are_well() -> None:
    assert complaint(WELL, NOW) == ""
    assert complaint(replace(WELL, polls={"q": NOW - LONGEST}), NOW) == ""


def test_one_queue_that_is_not_polled_is_enough() -> None:
    pulse = replace(WELL, polls={**WELL.polls, "imageInbox": NOW - LONGEST - 1})

    assert complaint(pulse, NOW).startswith("imageInbox was last polled 66 s ago")


def test_the_complaint_says_what_is_known_of_the_trouble() -> None:
    pulse = replace(WELL, polls={"q": 0.0}, trouble="no network. Check it.")

    assert complaint(pulse, NOW).endswith("no network. Check it.")


def test_a_worker_that_has_just_started_is_given_its_three_waits() -> None:
    pulse = replace(WELL, started=NOW - LONGEST, polls={"q": 0.0})

    assert complaint(pulse, NOW) == ""
    assert complaint(pulse, NOW + 1) != ""


@pytest.mark.parametrize("state", ["paused", "stopping", "stopped"])
def test_who_does_not_mean_to_poll_is_well(state: str) -> None:
    assert complaint(replace(WELL, state=state, polls={"q": 0.0}), NOW) == ""


def test_no_worker_at_all_is_bad() -> None:
    well, sentence = verdict([], NOW)

    assert not well
    assert "no worker" in sentence


def test_one_unwell_worker_among_many_is_bad() -> None:
    bad = replace(WELL, pid=8, polls={"q": 0.0})

    assert verdict([WELL], NOW) == (True, "worker 7 is running")
    well, sentence = verdict([WELL, bad], NOW)
    assert not well
    assert sentence.startswith("worker 8: q was last polled")


def test_a_pulse_tells_of_every_queue_also_of_one_never_polled() -> None:
    stats = WorkerStats()
    stats.note_polled("a")

    pulse = health.pulse_of(stats.snapshot(), ["a", "b"], stats.started, 20)

    assert pulse.polls["a"] >= stats.started
    assert pulse.polls["b"] == 0


def test_the_word_of_a_living_worker_is_read_and_that_of_a_dead_one_is_not(tmp_path: Path) -> None:
    here = Registration(tmp_path, background=False)
    pulse = health.pulse_of(WorkerStats().snapshot(), ["a"], time.time(), 20, "vm-7-ab12")
    health.write(tmp_path, pulse)
    health.write(tmp_path, replace(pulse, pid=1))

    assert health.read_all(tmp_path) == [pulse]

    here.leave()
    assert health.read_all(tmp_path) == []
    assert not local_workers.pulse_file(tmp_path, pulse.pid).exists()


@pytest.mark.parametrize("gone", ["trouble", "state", "polls", "started", "wait"])
def test_a_word_of_another_version_is_read_as_far_as_it_is_known(tmp_path: Path, gone: str) -> None:
    here = Registration(tmp_path, background=False)
    pulse = health.pulse_of(WorkerStats().snapshot(), ["a"], time.time(), 20)
    health.write(tmp_path, pulse)
    file = local_workers.pulse_file(tmp_path, pulse.pid)
    said = json.loads(file.read_text("utf-8")) | {"memory_mb": 57}
    file.write_text(json.dumps(said))
    assert health.read_all(tmp_path) == [pulse]

    for older in ({k: v for k, v in said.items() if k != gone}, said | {gone: None}):
        file.write_text(json.dumps(older))
        (read,) = health.read_all(tmp_path)
        assert verdict([read])[0]
        assert len(read.polls) == (gone != "polls")

    file.write_text(json.dumps(said | {"polls": "q"}))
    assert list(health.read_all(tmp_path)[0].polls) == ["its queues"], "no word of ours"
    here.leave()


@pytest.mark.parametrize("half", ["", "{", '{"pid": 7, "state": "runn', "[]", "null", "\x00\x00"])
def test_a_half_written_word_counts_as_none_and_the_next_one_is_read(
    tmp_path: Path, half: str
) -> None:
    here = Registration(tmp_path, background=False)
    pulse = health.pulse_of(WorkerStats().snapshot(), ["a"], time.time(), 20)
    local_workers.pulse_file(tmp_path, pulse.pid).write_text(half)

    (read,) = health.read_all(tmp_path)
    assert (read.pid, read.state, list(read.polls)) == (pulse.pid, "running", ["its queues"])
    assert not verdict([read], time.time() + SLACK + 1)[0], "who says nothing turns bad"

    paused = replace(pulse, state="paused", trouble="away", refused=True)
    for said in (pulse, paused):
        health.write(tmp_path, said)
        assert health.read_all(tmp_path) == [said]
    here.leave()


def test_a_word_that_cannot_be_written_ends_no_worker_and_leaves_the_last_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Registration(tmp_path, background=False)
    pulse = health.pulse_of(WorkerStats().snapshot(), ["a"], time.time(), 20)
    health.write(tmp_path, pulse)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("labapp.files.private.write_text", full)
        health.write(tmp_path, replace(pulse, state="paused"))

    assert health.read_all(tmp_path) == [pulse]
    here.leave()


def test_a_report_of_another_version_is_read_as_far_as_it_is_known() -> None:
    assert Report("w", 1.0, {"state": "running", "report_seconds": None, "more": 1}).state == (
        "running"
    )
    assert Report("w", 1.0, {}).state == "?"


def test_a_worker_that_never_says_a_word_turns_bad(tmp_path: Path) -> None:
    here = Registration(tmp_path, background=False)
    pulses = health.read_all(tmp_path)

    assert verdict(pulses)[0]
    assert not verdict(pulses, time.time() + SLACK + 1)[0]
    here.leave()


def test_a_report_of_a_worker_that_no_longer_polls_says_unwell() -> None:
    stored: list[bytes] = []
    bucket: Any = SimpleNamespace(put=lambda key, body, kind: stored.append(body))
    pulse = replace(WELL, started=0.0, polls={"q": 0.0})
    Reporter(bucket, WorkerStats(), 30, lambda: pulse).write()
    fields = json.loads(stored[0])

    assert fields["complaint"].startswith("q was last polled")
    assert Report("w", 1.0, fields).state == "unwell"
    assert Report("w", 1000.0, fields).state == "gone"
    assert Report("w", 1.0, fields | {"state": "paused"}).state == "paused"


def test_the_command_says_it_in_one_line_and_in_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LABAPP_DATA_DIR", str(tmp_path))
    server = find("server.py")

    assert server.main(["health"]) == 1
    assert capsys.readouterr().out.startswith("unhealthy: no worker runs on this machine")

    here = Registration(tmp_path / "local", background=False)
    pulse = health.pulse_of(WorkerStats().snapshot(), ["a"], time.time(), 20)
    health.write(tmp_path / "local", replace(pulse, polls={"a": NOW, "b": 0.0}))
    assert server.main(["health"]) == 0
    assert capsys.readouterr().out.startswith("healthy: worker")
    assert server.main(["health", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["healthy"]
    assert document["workers"][0]["polls"] == {"a": "2023-11-14T22:13:20Z", "b": None}
    assert document["workers"][0]["started"].endswith("Z")
    here.leave()


def test_the_last_word_of_a_worker_that_was_killed_tells_what_it_had_in_hand(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "workers"
    folder.mkdir()
    (folder / "77.json").write_text('{"pid": 77, "background": false, "started": 1.0}')
    (folder / "77.pulse").write_text('{"state": "running", "hands": [{"job": "j"}]}')
    assert health.read_all(tmp_path) == []
    ((pulse, at),) = health.read_lost(tmp_path)
    assert (pulse.pid, [one.job for one in pulse.hands]) == (77, ["j"])
    assert at == pytest.approx((folder / "77.lost").stat().st_mtime)
