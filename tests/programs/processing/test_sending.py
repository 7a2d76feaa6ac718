"""Pictures are sent side by side; what is stopped is cut off and not sent, whoever shows it."""

from __future__ import annotations

import argparse
import contextlib
import threading
from pathlib import Path
from typing import NoReturn

import pytest

from labapp import settings, waits
from labapp.cloud.bucket import Bucket
from labapp.jobs.entry import Entry
from labapp.jobs.picture_request import ProcessingRequest
from labapp.jobs.session import ClientSession
from labapp.pictures import pipeline
from labapp.programs.jobs.outages import Wait
from labapp.programs.jobs.waiting import LeftError
from labapp.programs.menus.progress_page import Work
from labapp.programs.processing import sending
from labapp.programs.processing.outcomes import PictureJob
from labapp.programs.shell.context import Context
from tests.dataset.dataset_kit import write_pictures

INVERT = ProcessingRequest(pipeline.parse(["invert"]))


@pytest.fixture
def pictures(tmp_path: Path) -> list[PictureJob]:
    folder = tmp_path / "photos"
    write_pictures(folder, range(3))
    return [PictureJob(path) for path in sorted(folder.iterdir())]


def test_one_that_is_refused_stops_no_other_and_each_is_counted(
    session: ClientSession, pictures: list[PictureJob]
) -> None:
    pictures[1].path.write_text("My notes.")
    work, sent = Work("sending", 0), threading.Semaphore(0)
    sending.send_all(session, pictures, INVERT, work, lambda _: sent.release())
    assert sorted(work.line.split(", ")) == ["1 refused", "2 sent"]
    assert [bool(one.job) for one in pictures] == [True, False, True]
    assert [bool(one.error) for one in pictures] == [False, True, False]
    assert sent.acquire(blocking=False)
    assert sent.acquire(blocking=False)
    assert not sent.acquire(blocking=False)
    assert session.ledger.count() == 2


def test_what_has_not_begun_when_it_is_stopped_is_not_sent(
    session: ClientSession, pictures: list[PictureJob]
) -> None:
    work = Work("sending", 0)
    work.stop.set()
    sending.send_all(session, pictures, INVERT, work)
    assert not any(one.job or one.error for one in pictures)
    assert work.line == ""
    assert session.ledger.count() == 0


class StoppedOnTheWay(Work):
    """Stopped by the user as soon as bytes of a first picture have moved."""

    def moved(self, octets: int) -> None:
        super().moved(octets)
        self.stop.set()


def test_an_upload_that_is_stopped_is_cut_off(
    session: ClientSession, pictures: list[PictureJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bucket, "upload", upload_in_two_steps)
    work = StoppedOnTheWay("sending", 0)
    with pytest.raises(LeftError, match="was stopped"):
        sending.send(session, pictures[0].path, INVERT, work)
    sending.send_all(session, pictures, INVERT, StoppedOnTheWay("sending", 0))
    assert not any(one.job or one.error for one in pictures)
    assert session.ledger.count() == 0


def upload_in_two_steps(_: object, data: bytes, key: str, content_type: str, moved: object) -> None:
    assert callable(moved)
    moved(1)
    moved(1)


def test_at_ctrl_c_no_other_result_is_begun(
    session: ClientSession, pictures: list[PictureJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, interrupted, saved = threading.Event(), threading.Event(), []

    def save(_: ClientSession, entry: Entry) -> Path:
        begun.set()
        interrupted.wait(60)
        saved.append(entry.job)
        return Path(entry.job)

    def ctrl_c(_: object) -> NoReturn:
        begun.wait(60)
        threading.Timer(0.2, interrupted.set).start()
        raise KeyboardInterrupt

    monkeypatch.setattr(sending, "AT_ONCE", 1)
    monkeypatch.setattr(sending, "save_result", save)
    monkeypatch.setattr(waits, "result", ctrl_c)
    for number, one in enumerate(pictures):
        one.job = f"job-{number}"
    came = [Entry(one.job, "ada", "pictures", "", 0.0, "done", 1.0, "", "") for one in pictures]
    monkeypatch.setattr(Wait, "collect", lambda *_: came)
    context = Context("client.py", argparse.Namespace(), settings.load())
    with contextlib.closing(sending.Receiver(context, session, threading.Event())) as receiver:
        for one in pictures:
            receiver.expect(one)
        with pytest.raises(KeyboardInterrupt):
            receiver.receive_all()
    assert saved == ["job-0"]


def test_results_are_saved_while_others_are_sent_whichever_is_told_first(
    session: ClientSession, pictures: list[PictureJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = threading.Semaphore(0)

    def save(_: ClientSession, entry: Entry) -> Path:
        saved.release()
        return Path(entry.job)

    for number, one in enumerate(pictures):
        one.job = f"job-{number}"
    came = [Entry(one.job, "ada", "pictures", "", 0.0, "done", 1.0, "", "") for one in pictures]
    monkeypatch.setattr(sending, "save_result", save)
    monkeypatch.setattr(sending, "SOON", 0.001)
    monkeypatch.setattr(Wait, "collect", lambda *_: [came.pop() for _ in came[:2]])
    context = Context("client.py", argparse.Namespace(), settings.load())
    with contextlib.closing(sending.Receiver(context, session, threading.Event())) as receiver:
        with receiver.beside():  # answers come before it is known that the others were sent
            for one in pictures:
                receiver.expect(one)
                assert saved.acquire(timeout=60)
        receiver.receive_all()
    assert [one.saved for one in pictures] == [Path(one.job) for one in pictures]
