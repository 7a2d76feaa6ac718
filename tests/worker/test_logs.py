"""Events are lines: for people, or one JSON object each."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labapp.worker import logs
from tests.support.python_path import python_path
from tests.support.waiting import PATIENCE


@pytest.fixture(autouse=True)
def _root_as_it_was() -> Iterator[None]:
    root = logging.getLogger(logs.ROOT)
    before = root.handlers[:], root.level, root.propagate
    yield
    root.handlers[:], root.propagate = before[0], before[2]
    root.setLevel(before[1])


def test_an_event_is_one_json_object_with_its_fields() -> None:
    stream = io.StringIO()
    logs.to_stream(stream, as_json=True)

    logging.getLogger("labapp.worker.processor").info(
        "done\nand told", extra={"event": "job", "job": "a", "seconds": 0.5, "secret": "no"}
    )

    (line,) = stream.getvalue().splitlines()
    event = json.loads(line)
    assert event.pop("time").endswith("Z")
    assert event == {
        "level": "info", "message": "done\nand told", "event": "job", "job": "a", "seconds": 0.5,
    }  # fmt: skip


def test_the_fields_of_events_are_those_that_parents_and_log_readers_look_for() -> None:
    stream = io.StringIO()
    logs.to_stream(stream, as_json=True)
    fields = {
        "event": "job", "kind": "numbers", "job": "a", "client": "zoë", "status": "done",
        "seconds": 0.5, "text": "fine", "again": True, "in_hand": 3,
        "dialect": "lab, average", "attributes": "Key String 'a.png'",
        "worker": "host-1-aa", "host": "host", "queue": "requestQueue", "receives": 2, "wait": 1.5,
    }  # fmt: skip

    logging.getLogger("labapp.worker.processor").info("done a", extra=fields)

    event = json.loads(stream.getvalue())
    assert fields.items() <= event.items()
    assert event.keys() - fields.keys() == {"time", "level", "message"}
    assert '"zoë"' in stream.getvalue(), "names are readable"


@pytest.mark.parametrize("asked", [True, False])
def test_a_line_has_what_makes_metrics_of_it_where_it_is_the_last_to_be_written(
    asked: bool,
) -> None:
    stream = io.StringIO()
    logs.to_stream(stream, as_json=True, metrics=asked)
    counted = {"event": "backlog", "queue": "requestQueue", "visible": 1, "in_flight": 0}
    logging.getLogger("labapp.worker").info("counted", extra=counted)
    line = json.loads(stream.getvalue())
    assert ("_aws" in line) is asked
    assert counted.items() <= line.items()


def test_events_that_come_together_are_written_at_once_in_their_order() -> None:
    written: list[str] = []

    class Stream(io.StringIO):
        def write(self, text: str) -> int:
            written.append(text)
            return len(text)

    logs.to_stream(Stream())
    log = logging.getLogger("labapp.worker")
    with logs.together():
        log.info("one")
        log.info("two")
        assert not written
        log.warning("wait")
        assert len(written) == 1, "a warning is not held back"
        log.info("three")
    log.info("four")

    lines = [[line[28:] for line in text.splitlines()] for text in written]
    assert lines == [["one", "two", "wait"], ["three"], ["four"]]


def test_a_fault_has_its_traceback_in_the_same_line() -> None:
    stream = io.StringIO()
    logs.to_stream(stream, as_json=True)

    try:
        int("broken")
    except ValueError:
        logging.getLogger("labapp.worker").exception("a fault")

    (line,) = stream.getvalue().splitlines()
    assert "ValueError: invalid literal" in json.loads(line)["traceback"]


def test_a_line_for_people_has_time_level_and_message() -> None:
    stream = io.StringIO()
    logs.to_stream(stream)

    logging.getLogger("labapp.worker").warning("careful")

    assert stream.getvalue().endswith(" WARNING careful\n")


@pytest.mark.parametrize("as_json", [False, True])
def test_a_name_in_a_line_neither_breaks_it_nor_hides_in_it(as_json: bool) -> None:
    stream = io.StringIO()
    logs.to_stream(stream, as_json=as_json)

    logging.getLogger("labapp.worker").warning("refused %s", "a\u202eb\nc")

    (line,) = stream.getvalue().splitlines()
    assert "\u202e" not in line
    if as_json:
        assert json.loads(line)["message"] == "refused a\u202eb\nc"
    else:
        assert line.endswith(r"refused a\u202eb\x0ac")


def test_a_second_choice_takes_the_place_of_the_first() -> None:
    first, second = io.StringIO(), io.StringIO()
    logs.to_stream(first)
    logs.to_stream(second)

    logging.getLogger("labapp.worker").info("once")

    assert first.getvalue() == ""
    assert second.getvalue().count("once") == 1


def test_lines_for_machines_are_json_whatever_the_stream_is_in() -> None:
    raw, name = io.BytesIO(), "zo\u00eb \u0436\U0001f32d"
    stream = io.TextIOWrapper(raw, encoding="cp1252", errors="backslashreplace")
    logs.to_stream(stream, as_json=True)
    logging.getLogger("labapp.test").info("done", extra={"client": name})
    stream.flush()
    assert json.loads(raw.getvalue().decode("utf-8"))["client"] == name


def test_no_thread_that_is_still_at_work_writes_while_python_ends(tmp_path: Path) -> None:
    written = tmp_path / "written"
    script = f"""
import atexit, logging, pathlib, sys, threading, time
from labapp.worker import logs

def at_the_end():  # registered first, it is the last to be run
    before = len(lines)
    time.sleep(0.2)
    pathlib.Path({str(written)!r}).write_text(f"{{before}} {{len(lines)}}")

class Stream:
    encoding = "utf-8"
    write = lambda self, text: lines.append(text)
    flush = lambda self: None

def work():
    while True:
        logging.getLogger("labapp.worker").info("a job")
        busy.set()

lines, busy = [], threading.Event()
atexit.register(at_the_end)
logs.to_stream(Stream())
threading.Thread(target=work, daemon=True).start()
busy.wait()
"""
    environment = {**os.environ, "PYTHONPATH": python_path()}
    subprocess.run([sys.executable, "-c", script], check=True, timeout=PATIENCE, env=environment)
    before, after = written.read_text().split()
    assert int(before) > 0
    assert before == after
