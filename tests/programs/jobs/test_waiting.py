"""A client waits outages out, every error after the send names the job, `wait` goes on waiting."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.errors import CredentialsError, LabappError, TimedOutError, UnreachableError
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import DONE, FAILED, REFUSED, Reply, Status
from labapp.programs.jobs import outages as outages_module
from labapp.programs.jobs.outages import Wait
from tests.pictures.samples import file_of, photo
from tests.support.answers import answer
from tests.support.commands import client
from tests.support.settling import settle

Capture = pytest.CaptureFixture[str]

AWAY = UnreachableError("cannot receive from responseQueue-me: it does not answer", "Check it.")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages_module, "FIRST", 0.001)
    monkeypatch.setattr(outages_module, "MOST", 0.001)


def _looks(
    monkeypatch: pytest.MonkeyPatch, look: Callable[[ClientSession, int], None]
) -> list[int]:
    """Have `look` stand for a look into the reply queue, with the number of it from 1."""
    looks: list[int] = []

    def collect(session: ClientSession, wait: int = 0) -> list[Any]:
        looks.append(wait)
        look(session, len(looks))
        return []

    monkeypatch.setattr(ClientSession, "collect", collect)
    return looks


def _settle(session: ClientSession, status: Status = DONE, body: str = "fine") -> None:
    (entry,) = session.ledger.newest(1)
    result = '{"sum": 3}' if status == DONE else ""
    assert _answer(session, entry.job, status, body, result)


def _answer(
    session: ClientSession, job: str, status: Status = DONE, body: str = "fine", result: str = ""
) -> object:
    """Take in an answer as a worker gives it."""
    entry = session.ledger.get(job)
    assert entry is not None
    reply = Reply(body, job, status, result, nonce=entry.nonce)
    return settle(session.ledger, reply, session.client)


@pytest.mark.usefixtures("cloud")
def test_an_outage_while_a_client_waits_is_waited_out(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def look(session: ClientSession, number: int) -> None:
        if number < 4:
            raise AWAY
        _settle(session)

    looks = _looks(monkeypatch, look)
    assert client("numbers", "1,2", "--json") == 0
    assert json.loads(capsys.readouterr().out)["result"] == {"sum": 3}
    assert len(looks) == 4


@pytest.mark.usefixtures("cloud")
def test_an_outage_that_lasts_ends_the_wait_in_time_with_the_job_and_its_document(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def look(_session: ClientSession, _number: int) -> None:
        raise AWAY

    _looks(monkeypatch, look)
    assert client("numbers", "1,2", "--json", "--timeout", "0.05") == 5
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (document["status"], document["result"], document["seconds"]) == ("pending", None, None)
    assert document["job"] in err
    assert f"client.py wait {document['job']}" in document["error"]
    assert "it does not answer" in document["error"]


@pytest.mark.usefixtures("cloud")
def test_a_call_that_hangs_does_not_outlast_the_timeout(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(outages_module, "LATE", 0.01)

    def look(_session: ClientSession, _number: int) -> None:
        go_on.wait(60)

    _looks(monkeypatch, look)
    assert client("numbers", "1,2", "--timeout", "0.05") == 5
    go_on.set()
    assert "the cloud does not answer" in capsys.readouterr().err


@pytest.mark.usefixtures("cloud")
def test_a_wait_whose_time_is_up_at_once_takes_what_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    looks = _looks(monkeypatch, lambda session, _number: _settle(session))
    assert client("numbers", "1,2", "--json", "--timeout", "0.000001") == 0
    assert json.loads(capsys.readouterr().out)["result"] == {"sum": 3}
    assert len(looks) == 1


@pytest.mark.usefixtures("cloud")
def test_what_no_waiting_mends_names_the_job(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def look(_session: ClientSession, _number: int) -> None:
        raise CredentialsError("the token has expired", "Renew it.")

    _looks(monkeypatch, look)
    assert client("numbers", "1,2", "--json") == 4
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["status"] == "pending"
    assert f"job {document['job']}: the token has expired. Renew it." in err


@pytest.mark.usefixtures("cloud")
def test_an_error_while_sending_says_that_the_job_may_be_on_its_way(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def broken(*_: object) -> list[int]:
        raise AWAY

    monkeypatch.setattr(ClientSession, "_put", broken)
    assert client("numbers", "1,2", "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["status"] == "unsent"
    assert "may have been sent" in document["error"]
    assert document["job"] in document["error"]


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [
        (["numbers", "1,x"], 3, "refused"),
        (["numbers"], 2, "refused"),
        (["numbers", "1,2", "--endpoint-url", "http://127.0.0.1:9"], 1, "unsent"),
    ],
)
def test_what_is_not_sent_has_a_document_too(
    words: list[str],
    code: int,
    status: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    monkeypatch.setenv("LABAPP_CLOUD", "aws")
    if code == 1:
        monkeypatch.setattr("labapp.programs.shell.program.Context.cloud", _away)
    assert client(*words, "--json") == code
    document = json.loads(capsys.readouterr().out)
    assert (document["job"], document["status"], document["result"]) == (None, status, None)
    assert document["error"]


def _away(*_: object, **__: object) -> None:
    raise AWAY


@pytest.mark.usefixtures("cloud")
def test_a_refused_and_a_failed_list_are_told_in_their_documents(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    ends: list[tuple[Status, int]] = [(REFUSED, 3), (FAILED, 1)]
    for status, code in ends:

        def look(session: ClientSession, _number: int, status: Status = status) -> None:
            _settle(session, status, "why not")

        _looks(monkeypatch, look)
        assert client("numbers", "1,2", "--json") == code
        document = json.loads(capsys.readouterr().out)
        assert (document["status"], document["error"]) == (status, "why not")


# -- wait


@pytest.fixture
def jobs(cloud: Cloud) -> list[str]:
    """Give two lists that were sent and not waited for."""
    with ClientSession(cloud) as session:
        return session.submit(NUMBERS, ["1,2", "3,4"])


def test_wait_gives_the_answers_of_jobs_sent_before(
    jobs: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def look(session: ClientSession, number: int) -> None:
        if number > 2:
            raise AWAY
        _answer(session, jobs[number - 1], body=f"answer {number}")

    _looks(monkeypatch, look)
    assert client("wait", jobs[0]) == 0
    assert capsys.readouterr().out == "answer 1\n"
    assert client("wait", *jobs) == 0
    assert capsys.readouterr().out == f"{jobs[0]}\tanswer 1\n{jobs[1]}\tanswer 2\n"
    assert client("wait", *jobs, "--json") == 0  # nothing is looked for that is known already
    told = json.loads(capsys.readouterr().out)
    assert [(one["job"], one["kind"], one["status"]) for one in told] == [
        (job, "numbers", "done") for job in jobs
    ]


def test_wait_ends_with_the_worst_and_tells_each(
    jobs: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def look(session: ClientSession, _number: int) -> None:
        _answer(session, jobs[0], REFUSED, "no")

    _looks(monkeypatch, look)
    assert client("wait", *jobs, "--json", "--timeout", "0.05") == 5
    out, err = capsys.readouterr()
    first, second = json.loads(out)
    assert (first["status"], first["error"]) == ("refused", "refused: no")
    assert second["status"] == "pending"
    assert f"client.py wait {jobs[1]}" in second["error"]
    assert f"job {jobs[0]}: refused: no" in err


def test_wait_takes_answers_that_came_on_another_slot(
    jobs: list[str], cloud: Cloud, capsys: Capture
) -> None:
    with ClientSession(cloud) as first, ClientSession(cloud) as second:
        assert first.client != second.client
        (other,) = second.submit(NUMBERS, ["5"])
    answer(cloud, second.client, other, "five")
    assert client("wait", other, "--timeout", "20") == 0
    assert capsys.readouterr().out == "five\n"


@pytest.mark.usefixtures("cloud")
def test_wait_knows_only_what_was_sent_from_here(capsys: Capture) -> None:
    assert client("wait", "nothing", "--json") == 2
    out, err = capsys.readouterr()
    assert json.loads(out)[0]["job"] == "nothing"
    assert "'nothing' is no job that was sent from here" in err


def test_wait_saves_a_picture_as_image_does_and_only_once(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    source = tmp_path / "dog.png"
    source.write_bytes(file_of(photo(8, 8), "PNG"))
    assert client("image", str(source), "--op", "invert", "--no-wait") == 0
    job = capsys.readouterr().out.split("\t")[1].strip()
    key = f"outbox/{job}/dog-invert.png"
    Bucket(cloud).put(key, result := source.read_bytes(), "image/png")
    told = {"key": key, "format": "png", "width": 8, "height": 8, "bytes": len(result)}

    def look(session: ClientSession, _number: int) -> None:
        _answer(session, job, body=key, result=json.dumps(told))

    _looks(monkeypatch, look)
    assert client("wait", job) == 0
    saved = capsys.readouterr().out.strip()
    assert Path(saved).read_bytes() == result
    assert Path(saved).parent == tmp_path
    assert client("wait", job) == 0
    assert "fetch" in capsys.readouterr().err
    assert len(list(tmp_path.glob("dog*"))) == 2


# -- pictures


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("error", "code"), [(AWAY, 5), (CredentialsError("the token has expired", "Renew it."), 4)]
)
def test_pictures_that_are_waited_for_are_told_of_in_every_case(
    error: LabappError,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    source = tmp_path / "dog.png"
    source.write_bytes(file_of(photo(8, 8), "PNG"))

    def look(_session: ClientSession, _number: int) -> None:
        raise error

    _looks(monkeypatch, look)
    assert client("image", str(source), "--op", "invert", "--json", "--timeout", "0.05") == code
    out, err = capsys.readouterr()
    (document,) = json.loads(out)
    assert document["status"] == "pending"
    assert document["job"] in document["error"]
    assert document["job"] in err


@pytest.mark.usefixtures("cloud")
def test_pictures_that_cannot_be_sent_have_their_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    source = tmp_path / "dog.png"
    source.write_bytes(file_of(photo(8, 8), "PNG"))
    monkeypatch.setattr("labapp.programs.shell.program.Context.cloud", _away)
    assert client("image", str(source), "--op", "invert", "--json") == 1
    (document,) = json.loads(capsys.readouterr().out)
    assert (document["job"], document["status"]) == (None, "unsent")


def test_what_may_be_done_twice_is_done_until_the_cloud_is_reached() -> None:
    left = [AWAY, AWAY]

    def action() -> str:
        if left:
            raise left.pop()
        return "there"

    assert Wait(30).until_reached(action) == "there"
    with pytest.raises(TimedOutError):
        Wait(0).until_reached(_away)
