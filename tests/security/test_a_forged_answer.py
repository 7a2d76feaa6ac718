"""A stranger who may send to reply queues, and read keys, answers in the worker's place.

The client shows and saves nothing of it, says once that something came, and takes the good answer
when it comes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from labapp import settings
from labapp.cloud.session import Cloud
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.shell.context import Context
from tests.pictures.samples import PNG
from tests.security.wire_kit import NUMBER_QUEUE, Worker, put, send, take
from tests.support.commands import client

pytestmark = pytest.mark.usefixtures("short_polls")

Capture = pytest.CaptureFixture[str]

WRONG = {
    "none": {},
    "another": {"nonce": "A" * 32},
    "of no form": {"nonce": "no"},
    "the job's own id": {"nonce": ""},
}


def forge(cloud: Cloud, job: str, name: str, **told: str) -> None:
    """Answer a job whose id was read in a key."""
    result = {
        **{"key": f"outbox/{job}/x-invert.png", "format": "png", "width": 40, "height": 30},
        **{"bytes": len(PNG), "min": 666, "max": 666, "mean": 666, "median": 666, "sum": 666},
    }
    attributes = {"job": job, "status": "done", "result": json.dumps(result), **told}
    send(cloud, f"responseQueue-{name}", "minimum is 666", **attributes)


@pytest.mark.parametrize("wrong", list(WRONG.values()), ids=list(WRONG))
def test_a_list_is_answered_by_who_read_it_alone(
    cloud: Cloud, capsys: Capture, wrong: dict[str, str]
) -> None:
    with ClientSession(cloud) as session:
        job, name = session.submit(NUMBERS, ["1,2"])[0], session.client
    wrong = {"nonce": job} if wrong == {"nonce": ""} else wrong
    for status in ("done", "refused", "failed"):
        forge(cloud, job, name, status=status, **wrong)

    assert client("jobs", "--json") == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)[0]["status"], "666" in out + err) == ("pending", False)
    assert err.count("came that does not prove") == 1
    assert f"an answer to the job {job} came" in err
    assert "update the worker" in err
    assert take(cloud, f"responseQueue-{name}") == [], "it is gone"

    Worker(cloud).work()
    forge(cloud, job, name, **wrong)
    assert client("wait", job) == 0
    assert capsys.readouterr() == (
        "minimum is 1 maximum is 2 average is 1.5 median is 1.5 sum is 3\n", "",
    )  # fmt: skip


def test_a_nonce_proves_one_job_and_no_other(cloud: Cloud, capsys: Capture) -> None:
    with ClientSession(cloud) as session:
        first, second = session.submit(NUMBERS, ["1,2", "3,4"])
    requests = {told["job"]: told for _, told in take(cloud, NUMBER_QUEUE)}
    replayed = {k: v for k, v in requests[first].items() if k not in ("job", "client")}
    assert replayed, "a request carries what proves its answer"
    forge(cloud, second, requests[first]["client"], **replayed)
    assert client("jobs", "--json") == 0
    assert {one["status"] for one in json.loads(capsys.readouterr().out)} == {"pending"}


@pytest.mark.parametrize("wrong", [{}, {"nonce": "A" * 32}], ids=["none", "another"])
def test_a_picture_of_a_stranger_is_never_saved(
    cloud: Cloud, tmp_path: Path, capsys: Capture, wrong: dict[str, str]
) -> None:
    (tmp_path / "cat.png").write_bytes(PNG)
    assert client("image", str(tmp_path / "cat.png"), "--op", "invert", "--no-wait") == 0
    job = capsys.readouterr().out.split("\t")[1].strip()
    with ClientSession(cloud) as session:
        name = session.client
    put(cloud, f"outbox/{job}/x-invert.png", PNG)  # as whoever may write there
    forge(cloud, job, name, **wrong)

    assert client("wait", job, "--timeout", "0") == 5
    assert "does not prove that it is from the worker" in capsys.readouterr().err
    assert [path.name for path in tmp_path.glob("*.png")] == ["cat.png"]

    Worker(cloud).work()
    assert client("wait", job) == 0
    saved = Path(capsys.readouterr().out.strip())
    assert (saved.name, saved.read_bytes() == PNG) == ("cat-invert.png", False)


def test_the_menu_tells_of_it_once_and_waits_on(cloud: Cloud) -> None:
    with ClientSession(cloud) as session:
        (job,) = session.submit(NUMBERS, ["1,2"])
        name = session.client
    forge(cloud, job, name)
    forge(cloud, job, name, status="failed")
    menu = ClientMenuSession(Context("client.py", argparse.Namespace(), settings.load()))
    menu.background_tick()
    menu.background_tick()
    ((text, kind),) = [(notice.text, notice.kind) for notice in menu.notices()]
    assert f"an answer to the job {job} came that does not prove" in text
    assert kind == "failed"
    assert menu.pending == 1
    Worker(cloud).work()
    menu.background_tick()
    assert "sum is 3" in menu.notices()[-1].text
