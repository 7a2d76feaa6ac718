"""A stranger reads all that is kept: keys, objects, listings, logs, dead letters, reports, events.

What proves a job stands in none of them: in the request, in its answer and in its sender's ledger
alone, whatever becomes of the job.
"""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import pytest

from labapp.cloud.session import Cloud
from labapp.errors import JobFailedError
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from labapp.programs import find
from labapp.worker.handlers import NumbersHandler
from labapp.worker.logs import JsonFormatter
from tests.pictures.samples import PNG
from tests.security.wire_kit import NUMBER_QUEUE, PICTURE_QUEUE, Worker, objects, send, take

Capture = pytest.CaptureFixture[str]


def program(name: str, *words: str) -> int:
    return find(name).main(list(words))


def everything(cloud: Cloud, capsys: Capture) -> str:
    """Return all that a reader of the bucket and of every listing sees."""
    found = [f"{key} {data!r} {noted}" for key, (data, noted) in objects(cloud, "").items()]
    capsys.readouterr()
    for words in (
        ("admin.py", "queues", "dead", "--json"),
        ("admin.py", "queues", "dead"),
        ("admin.py", "logs", "--json"),
        ("client.py", "jobs", "--json"),
        ("client.py", "results", "--json"),
        ("client.py", "jobs"),
    ):
        assert program(*words) == 0
        out, err = capsys.readouterr()
        found += [out, err]
    return "\n".join(found)


def test_no_reader_finds_it(
    cloud: Cloud, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(JsonFormatter())
    logging.getLogger("labapp").addHandler(handler)
    monkeypatch.setattr(logging.getLogger("labapp"), "level", logging.DEBUG)
    work = NumbersHandler.work

    def fails(self: NumbersHandler, request):  # type: ignore[no-untyped-def]
        if request.body == "6,6,6":
            raise JobFailedError(f"{request} cannot be done")
        return work(self, request)

    monkeypatch.setattr(NumbersHandler, "work", fails)
    (tmp_path / "cat.png").write_bytes(PNG)
    assert (
        program("client.py", "image", str(tmp_path / "cat.png"), "--op", "invert", "--no-wait") == 0
    )
    with ClientSession(cloud) as session:
        session.submit(NUMBERS, ["1,2", "not a list", "6,6,6"])
        name = session.client
    requests = [
        t for q in (NUMBER_QUEUE, PICTURE_QUEUE) for _, t in take(cloud, q, keep=True) if "job" in t
    ]
    nonces = {request["nonce"] for request in requests}
    assert len(nonces) == 4
    victim = requests[0]
    try:
        worker = Worker(cloud)
        worker.work()
        send(cloud, NUMBER_QUEUE, "9,9", job=victim["job"], client=name, nonce=requests[1]["nonce"])
        worker.work()
    finally:
        logging.getLogger("labapp").removeHandler(handler)
    seen = everything(cloud, capsys) + lines.getvalue()
    assert '"status": "refused"' in seen
    assert all(nonce not in seen for nonce in nonces)


def test_a_dead_letter_that_is_sent_back_proves_its_job_still(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ClientSession(cloud) as session:
        (job,) = session.submit(NUMBERS, ["1,2"])
    with monkeypatch.context() as patch:

        def fails(*_: object) -> None:
            raise JobFailedError("it cannot be done")

        patch.setattr(NumbersHandler, "work", fails)
        Worker(cloud).work()
    assert program("client.py", "wait", job) == 1
    assert "failed: the job could not be done" in capsys.readouterr().err
    assert program("admin.py", "queues", "redrive", NUMBER_QUEUE) == 0
    Worker(cloud).work()
    capsys.readouterr()
    assert program("client.py", "jobs", "--json") == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["job"], listed["status"], listed["result"]["sum"]) == (job, "done", 3)
