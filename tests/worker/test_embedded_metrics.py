"""CloudWatch makes metrics of a worker's JSON lines, which say the same as without them."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from labapp import utc
from labapp.worker import logs
from labapp.worker.embedded_metrics import ENDS
from tests.support.embedded_metrics import metrics_of

JOB = {
    "event": "job", "kind": "numbers", "job": "a", "client": "zoë", "status": "done",
    "seconds": 0.5, "text": "fine", "worker": "host-1-aa", "host": "host", "queue": "requestQueue",
    "receives": 2, "wait": 1.5,
}  # fmt: skip

BACKLOG = {"event": "backlog", "queue": "imageInbox", "visible": 7, "in_flight": 2}


def _line(fields: dict[str, Any], *, metrics: bool = True, ascii: bool = False) -> str:
    record = logging.LogRecord("labapp.worker", 20, "", 1, "%s \u202e", ("it ended",), None)
    vars(record).update(fields, created=utc.seconds())
    return logs.JsonFormatter(ascii=ascii, metrics=metrics).format(record)


@pytest.mark.parametrize("status", ENDS)
def test_a_job_is_counted_by_how_it_ended_and_measured(status: str) -> None:
    assert metrics_of(_line(JOB | {"status": status})) == {
        ("requestQueue", ENDS[status]): 1,
        ("requestQueue", "wait"): 1.5,
        ("requestQueue", "seconds"): 0.5,
        ("requestQueue", "receives"): 2,
    }


def test_a_count_of_a_queue_is_a_metric_of_that_queue() -> None:
    assert metrics_of(_line(BACKLOG)) == {
        ("imageInbox", "visible"): 7, ("imageInbox", "in_flight"): 2,
    }  # fmt: skip


def test_dead_letters_are_a_metric_of_their_queue_where_they_could_be_counted() -> None:
    told = metrics_of(_line(BACKLOG | {"dead": 3}))
    assert told[("imageInbox", "dead")] == 3
    assert len(told) == 3
    assert "_aws" not in _line(BACKLOG | {"dead": None})


@pytest.mark.parametrize("fields", [JOB, BACKLOG, BACKLOG | {"dead": 3}])
def test_a_line_with_metrics_says_what_it_says_without_them(fields: dict[str, Any]) -> None:
    with_them, without = (json.loads(_line(fields, metrics=on)) for on in (True, False))
    del with_them["_aws"]
    assert with_them.pop("done", 1) == 1
    assert without.items() <= with_them.items() | {("time", without["time"])}
    assert with_them.keys() == without.keys()


def test_metrics_are_told_on_streams_of_any_encoding() -> None:
    line = _line(JOB, ascii=True)
    assert line.isascii()
    assert ("requestQueue", "done") in metrics_of(line)


@pytest.mark.parametrize(
    "more",
    [{"again": True}, {"status": "retried"}, {"queue": ""}, {"wait": "1"}, {"wait": float("nan")},
     {"seconds": True}, {"seconds": -1}, {"receives": 1e300}, {"event": "ready"}],
)  # fmt: skip
def test_what_was_counted_before_or_is_no_figure_is_no_metric(more: dict[str, Any]) -> None:
    assert "_aws" not in _line(JOB | more)


def test_metrics_have_the_right_time_where_the_clock_is_wrong() -> None:
    try:
        utc.correct(7200.0)
        record = logging.LogRecord("labapp.worker", 20, "", 1, "", None, None)
        vars(record).update(JOB, created=1_800_000_000.25)
        line = json.loads(logs.JsonFormatter(metrics=True).format(record))
    finally:
        utc.correct(0)
    assert line["_aws"]["Timestamp"] == 1_800_007_200_250
