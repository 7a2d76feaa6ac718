"""What a child tells of its jobs and troubles is counted and logged by its parent, once."""

from __future__ import annotations

import io
import json
import logging
import threading
from typing import Any

import pytest

from labapp.worker.logs import JsonFormatter, LinesHandler, TextFormatter
from labapp.worker.processes import Child
from labapp.worker.stats import WorkerStats
from tests.support.embedded_metrics import metrics_of

#: How a job came to a child.
CAME = {"queue": "requestQueue", "receives": 2, "wait": 1.5}


def _child(number: int = 1) -> Any:
    child: Any = Child.__new__(Child)
    child.number, child._stats = number, WorkerStats()
    child._reader = threading.Thread(target=lambda: None)
    child._reader.start()
    return child


def _job(**more: Any) -> dict[str, Any]:
    event = {"event": "job", "kind": "numbers", "job": "a", "client": "c", "status": "done",
             "seconds": 0.5, "text": "fine", "time": "now", "level": "info",
             "message": "done a"}  # fmt: skip
    return event | more


def test_a_job_that_a_child_did_again_is_counted_once() -> None:
    child = _child()
    child._take(_job(**CAME), 20)
    child._take(_job(**CAME, again=True), 20)
    (job,) = child._stats.snapshot().recent
    assert (job.queue, job.receives, job.wait) == ("requestQueue", 2, 1.5)
    assert (job.kind, job.client, job.status, job.text) == ("numbers", "c", "done", "fine")
    assert child._stats.snapshot().counts == {"done": 1}


def test_what_an_event_of_another_version_does_not_tell_is_nothing() -> None:
    child = _child()
    child._take({"event": "hands"}, 20)
    child._take({"event": "job"}, 20)
    child._take({"event": "refused", "kind": "a", "message": "not allowed"}, 20)
    child._take({"event": "refused", "kind": "b", "message": "nor that"}, 20)
    snapshot = child._stats.snapshot()
    (job,) = snapshot.recent
    assert (snapshot.in_flight, job.seconds, job.kind, job.text) == (0, 0, "", "")
    child._take({"event": "allowed", "kind": "a"}, 20)
    assert child._stats.snapshot().trouble == "nor that"


def test_a_child_that_has_ended_has_nothing_in_hand_whatever_is_heard_of_it_yet() -> None:
    child = _child()
    told = {"event": "hands", "in_hand": 3, "hands": []}
    child._take(told, 20)
    assert child._stats.snapshot().in_flight == 3
    child.over()
    child._take(told, 20)
    assert child._stats.snapshot().in_flight == 0


def test_a_childs_log_line_keeps_its_fields_and_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level("INFO", logger="labapp"):
        _child()._take(_job(worker="host-7-ab", wait=1.5), 20)
    (record,) = caplog.records
    assert (vars(record)["worker"], vars(record)["wait"]) == ("host-7-ab", 1.5)
    assert (record.getMessage(), record.levelno) == ("done a", 20)
    assert (vars(record)["event"], vars(record)["job"]) == ("job", "a")
    assert not {"time", "level"} & vars(record).keys(), "its own are those of the parent"


def test_metrics_of_a_childs_job_are_made_by_the_parent_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = json.loads(JsonFormatter().format(logging.makeLogRecord(_job(**CAME))))
    with caplog.at_level("INFO", logger="labapp"):
        _child()._take(told, 20)
    found = metrics_of(JsonFormatter(metrics=True).format(caplog.records[0]))
    assert found["requestQueue", "done"] == 1
    assert found["requestQueue", "wait"] == 1.5


def test_what_is_refused_to_two_children_is_over_once_it_is_over_for_both() -> None:
    one, two = _child(1), _child(2)
    two._stats = one._stats
    refused = {"event": "refused", "kind": "requestQueue: send", "message": "not allowed"}
    for child in (one, two):
        child._take(refused, 30)
    one._take({**refused, "kind": "requestQueue: delete", "message": "nor that"}, 30)
    one._take({"event": "allowed", "kind": "requestQueue: delete"}, 20)
    assert one._stats.snapshot().trouble == "not allowed"
    one._take({"event": "allowed", "kind": "requestQueue: send"}, 20)
    assert one._stats.snapshot().refused
    two._take({"event": "allowed", "kind": "requestQueue: send"}, 20)
    assert not one._stats.snapshot().refused


def test_lines_of_text_are_passed_on_as_they_are_and_what_is_none_as_an_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stream, child = io.StringIO(), _child()
    child._writes_text = True
    handler = LinesHandler(stream)
    handler.setFormatter(TextFormatter("%(levelname)s %(message)s"))
    root = logging.getLogger("labapp")
    root.addHandler(handler)
    line = "2026-11-28 10:00:00 INFO    numbers a done"
    try:
        with caplog.at_level("INFO", logger="labapp"):
            child._hear_all([line, f"{line}\u202e\r", "Traceback", line])
    finally:
        root.removeHandler(handler)
    shown = stream.getvalue().split("\n")
    assert shown == [line, f"{line}\\u202e\\x0d", "ERROR Traceback", line, ""]
