from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud import queues
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from tests.programs.conftest import Run
from tests.support.commands import client

Capture = pytest.CaptureFixture[str]


def pipe_in(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


@pytest.mark.usefixtures("answered")
def test_a_list_is_answered_in_words(capsys: Capture) -> None:
    assert client("numbers", "1,12,55,4") == 0
    assert capsys.readouterr() == (
        "minimum is 1 maximum is 55 average is 18 median is 8 sum is 72\n",
        "",
    )


@pytest.mark.usefixtures("answered")
def test_json_is_one_exact_document(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert client("numbers", "9223372036854775807, 9223372036854775806", "--json") == 0
    document = json.loads(capsys.readouterr().out, parse_float=str)
    assert document["status"] == "done"
    assert document["result"] == {
        "min": 9223372036854775806,
        "max": 9223372036854775807,
        "mean": "9223372036854775806.5",
        "median": "9223372036854775806.5",
        "sum": 18446744073709551613,
        "count": 2,
    }
    assert set(document) == {"job", "status", "result", "error", "seconds", "numbers"}


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize(
    "data",
    [b"1,2", b"1\n2\n", b"\xef\xbb\xbf1;2", "1\r\n2\r\n".encode("utf-16")],
    ids=["bare", "lines", "with a mark", "from PowerShell"],
)
def test_a_list_is_read_from_a_pipe_and_from_a_file(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: bytes
) -> None:
    pipe_in(monkeypatch, data)
    assert client("numbers", "-") == 0
    (tmp_path / "input.txt").write_bytes(data)
    assert client("numbers", "--file", str(tmp_path / "input.txt")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.rpartition(" ")[2] for line in lines] == ["3", "3"]


@pytest.mark.usefixtures("answered")
def test_random_numbers_have_the_length_that_was_asked_for(capsys: Capture) -> None:
    assert client("numbers", "--random", "7", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    result = document["result"]
    assert result["count"] == 7
    assert len(document["numbers"]) == 7
    assert sum(document["numbers"]) == result["sum"]
    assert 0 <= result["min"] <= result["max"] <= 100

    assert client("numbers", "--random", "3") == 0
    sent, answer = capsys.readouterr().out.splitlines()
    assert len(sent.split(",")) == 3
    assert answer.endswith(f"sum is {sum(map(int, sent.split(',')))}")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-1,2,7"], "all integers must be positive or zero, and -1 is not"),
        (["4,-1,-7"], "and -1 is not"),
        (["-1,x"], "'x' is not an integer"),
        (["1 2 3 4 5 6 7 8 9 10 11"], "at most 10 integers are taken, and the list has 11"),
        (["--random", "5000000"], "at most 10 integers are taken, and the list has 5000000"),
        ([""], "the list is empty"),
        (["1,two"], "'two' is not an integer"),
    ],
)
def test_a_list_against_the_rules_is_refused_before_it_is_sent(
    cloud: Cloud, capsys: Capture, words: list[str], told: str
) -> None:
    assert client("numbers", *words) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert Queue(cloud, "requestQueue").counts().visible == 0


def test_the_list_that_begins_below_zero_is_a_list_where_a_lab_takes_such(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABAPP_ALLOW_NEGATIVE", "true")
    assert client("numbers", "-1,2,7", "--timeout", "0") == 5
    (message,) = Queue(cloud, "requestQueue").receive()
    assert message.body == "-1,2,7"


@pytest.mark.usefixtures("answered")
def test_what_the_worker_refuses_is_refused(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABAPP_ALLOW_NEGATIVE", "true")  # for the client only
    assert client("numbers", "1,-5", "--json") == 3
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["status"] == "refused"
    assert "-5" in document["error"]
    assert "and -5 is not" in err


def test_without_an_answer_it_times_out_and_the_job_goes_on(cloud: Cloud, capsys: Capture) -> None:
    assert client("numbers", "1,2", "--timeout", "0") == 5
    out, err = capsys.readouterr()
    assert out == ""
    assert "within 0 seconds" in err
    assert "client.py jobs" in err
    assert client("jobs", "--json") == 0
    (job,) = json.loads(capsys.readouterr().out)
    assert (job["status"], job["request"], job["answered"]) == ("pending", "1,2", None)


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("nowhere.txt", None, "No such file"),
        ("", None, "no file is named"),
        ("binary.txt", b"\xff\x00\xfe", "is not text"),
    ],
)
def test_a_file_that_cannot_be_read_is_usage(
    capsys: Capture, tmp_path: Path, name: str, data: bytes | None, told: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    assert client("numbers", "--file", str(tmp_path / name) if name else "") == 2
    assert told in capsys.readouterr().err


def test_a_file_that_holds_a_dash_is_no_pipe(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "input.txt").write_text("-\n")
    assert client("numbers", "--file", str(tmp_path / "input.txt")) == 3
    assert "'-' is not an integer" in capsys.readouterr().err


def test_endless_input_is_told_not_read(run: Run) -> None:
    done = run("client.py", "numbers", "-", stdin=b" " * 6_000_000 + b"1,2")
    assert done.returncode == 2
    assert "more than 5,000,000 bytes" in done.stderr.decode()


def test_a_piped_list_is_held_against_the_rules(run: Run) -> None:
    done = run("client.py", "numbers", "-", stdin=b"1,-2")
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"and -2 is not" in done.stderr


@pytest.mark.parametrize("result", ["[" * 100_000, '{"a": NaN}', "{", ""])
def test_a_hostile_result_is_still_one_document(result: str) -> None:
    from labapp.jobs.entry import Entry
    from labapp.programs.jobs.table import JOBS
    from labapp.programs.numbers import answers

    entry = Entry("j", "ada", "numbers", "1", 0.0, "done", 1.0, "x", result)
    document: Any = json.loads(answers.answer_json(entry))
    assert document["result"] is None
    assert JOBS.document(entry)["result"] is None


def test_the_reply_queue_stays_for_the_next_session(cloud: Cloud) -> None:
    client("numbers", "1,2", "--timeout", "0")
    client("numbers", "1,2", "--timeout", "0")
    assert len(queues.names(cloud, "responseQueue-")) == 2, "one of a client, one of dead letters"
