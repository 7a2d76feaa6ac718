from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud import queues
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.errors import UnreachableError
from labapp.jobs.kinds import kind_of
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession, open_ledger
from labapp.programs import find
from tests.jobs.short_polls import short_sighted
from tests.programs.conftest import Run
from tests.support.answers import answer

Capture = pytest.CaptureFixture[str]


def client(*words: str) -> int:
    return find("client.py").main(words)


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


def test_an_answer_that_came_meanwhile_is_listed(cloud: Cloud, capsys: Capture) -> None:
    with ClientSession(cloud) as session:
        (job,) = session.submit(NUMBERS, ["1,2"])
        queue = Queue(cloud, f"responseQueue-{session.client}")
    assert client("jobs") == 0
    assert f"{job}\t" in capsys.readouterr().out
    for number in range(12):
        queue.send(Outgoing("stale", {"job": f"stale-{number}", "status": "done"}))
    answer(cloud, session.client, job, "sum is 3\x1b[31m", result="{")
    assert client("jobs") == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "\tdone\t1,2\tsum is 3\\x1b[31m" in out
    assert "\x1b" not in out
    assert client("jobs", "--json") == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["status"], listed["result"]) == ("done", None)


@pytest.mark.parametrize(("command", "kind"), [("jobs", "numbers"), ("results", "pictures")])
@pytest.mark.parametrize("words", [(), ("--json",)])
def test_jobs_are_listed_while_the_cloud_does_not_answer_and_it_is_told(
    cloud: Cloud,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    kind: str,
    words: tuple[str, ...],
) -> None:
    with ClientSession(cloud) as session:
        (job,) = session.submit(kind_of(kind), ["1,2"])

    def away(_: object) -> None:
        raise UnreachableError("the cloud does not answer", "Check the network.")

    monkeypatch.setattr(ClientSession, "collect_all", away)
    assert client(command, *words) == 1
    out, err = capsys.readouterr()
    assert "the cloud does not answer" in err
    listed = json.loads(out)[0]["job"] if words else out.split("\t")[0]
    assert listed == job


@pytest.mark.usefixtures("cloud")
def test_without_jobs_it_says_how_to_send_one(capsys: Capture) -> None:
    assert client("jobs") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "client.py numbers 1,12,55,4" in err
    assert client("jobs", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_purge_needs_yes_where_nobody_can_be_asked(cloud: Cloud, capsys: Capture) -> None:
    client("numbers", "1,2", "--timeout", "0")
    capsys.readouterr()
    assert client("purge") == 2
    assert "--yes" in capsys.readouterr().err
    client("jobs", "--json")
    assert json.loads(capsys.readouterr().out)[0]["status"] == "pending", "nothing was done"
    assert client("purge", "--yes") == 0
    assert capsys.readouterr().out == "purged; 1 pending job given up\n"


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
    from labapp.programs.numbers import commands

    entry = Entry("j", "ada", "numbers", "1", 0.0, "done", 1.0, "x", result)
    document: Any = json.loads(commands.answer_json(entry))
    assert document["result"] is None
    assert JOBS.document(entry)["result"] is None


def test_the_reply_queue_stays_for_the_next_session(cloud: Cloud) -> None:
    client("numbers", "1,2", "--timeout", "0")
    client("numbers", "1,2", "--timeout", "0")
    assert len(queues.names(cloud, "responseQueue-")) == 2, "one of a client, one of dead letters"


@pytest.mark.parametrize(
    ("command", "default", "what"), [("jobs", 100, "jobs"), ("results", 100, "pictures")]
)
def test_a_listing_that_is_cut_says_so_and_shows_as_many_as_are_asked_for(
    cloud: Cloud,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    default: int,
    what: str,
) -> None:
    monkeypatch.setattr(Queue, "receive", short_sighted(Queue.receive))
    ledger = open_ledger(cloud)
    for number in range(default + 3):
        ledger.add([(f"job-{number}", "inbox/a.jpg")], "ada", "pictures")
    ledger.close()

    assert client(command) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == default
    assert out.startswith(f"job-{default + 2}\t")
    assert f"the newest {default} of {default + 3} {what}; -n {default + 3} shows all" in err

    assert client(command, "--json") == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)) == default
    assert f"the newest {default} of" in err

    assert client(command, "-n", str(default + 3)) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == default + 3
    assert err == ""
    assert client(command, "--limit", "2", "--json") == 0
    assert [one["job"] for one in json.loads(capsys.readouterr().out)] == [
        f"job-{default + 2}",
        f"job-{default + 1}",
    ]
    assert client(command, "-n", "0") == 2
