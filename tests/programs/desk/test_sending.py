"""Many pictures sent from the desk: one line, one notice, and nothing lost when it is left."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labapp import settings
from labapp.cloud.bucket import Bucket
from labapp.errors import UnreachableError
from labapp.jobs import saving
from labapp.jobs.picture_request import ProcessingRequest
from labapp.pictures import pipeline, sources
from labapp.programs.desk import sending
from labapp.programs.jobs import client_session, waiting
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.menus import picture_page
from labapp.programs.shell.context import Context
from labapp.worker.handlers import Handler
from labapp.worker.picture_handler import PictureHandler
from tests.pictures.samples import PNG
from tests.support.waiting import until


@pytest.fixture
def handler(bucket: Bucket) -> Handler:
    """Give what does the jobs of pictures."""
    return PictureHandler(bucket.cloud.settings, bucket)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Give three pictures, and a file that is none."""
    found = [tmp_path / f"{number}.png" for number in range(3)]
    for path in found:
        path.write_bytes(PNG)
    (no := tmp_path / "no.png").write_bytes(b"no picture")
    return [*found, no]


@pytest.fixture
def menus(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], ClientMenuSession]]:
    """Make menus whose thread is not started: ticks are the tests' own. No worker is begun."""
    monkeypatch.setattr(waiting, "start_worker", lambda _: None)
    made = []

    def menu() -> ClientMenuSession:
        made.append(ClientMenuSession(Context("client.py", argparse.Namespace(), settings.load())))
        return made[-1]

    yield menu
    for one in made:
        one.closed.set()
        if one._session is not None:
            one._session.__exit__(None, None, None)


GREY = ProcessingRequest(pipeline.parse(["grayscale"]))


def opens_of(path: Path) -> Callable[[], int]:
    """Count from now on how often a file is opened in this process, by whomever."""
    counted = [0]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]) == str(path):
            counted[0] += 1

    sys.addaudithook(hook)
    return lambda: counted[0]


def _told(menu: ClientMenuSession) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in menu.notices()]


def _ticks(menu: ClientMenuSession, over: Callable[[], object]) -> None:
    def look() -> bool:
        menu.background_tick()
        return bool(over())

    until(look, "the end of the sending")


@pytest.mark.usefixtures("answered")
def test_many_end_in_one_notice_and_come_back_one_by_one(
    menus: Callable[[], ClientMenuSession], photos: list[Path]
) -> None:
    menu, came = menus(), list[tuple[Path, Path]]()
    sent = sending.begin(menu, photos, GREY, lambda source, saved: came.append((source, saved)))
    assert menu.works == [sent]
    _ticks(menu, lambda: sent.is_over and menu.notices())
    assert sorted(came) == [
        (path, path.with_name(f"{path.stem}-grayscale.png")) for path in photos[:3]
    ]
    assert sent.line == "3 back, 1 failed of 4 pictures"
    ((failed, why),) = sent.failures
    assert failed == photos[3]
    assert "not a picture" in why
    ((kind, text),) = _told(menu)
    assert kind == "failed"
    assert text.startswith(
        f"3 of 4 pictures are back, saved in {photos[0].parent}; 1 failed: {why[:20]}"
    )
    assert not menu.busy
    menu.background_tick()
    assert len(menu.notices()) == 1  # and it is told once


@pytest.mark.usefixtures("answered")
def test_one_picture_is_told_as_ever(
    menus: Callable[[], ClientMenuSession], photos: list[Path]
) -> None:
    menu = menus()
    sent = sending.begin(menu, photos[:1], GREY)
    _ticks(menu, lambda: sent.is_over and menu.notices())
    assert _told(menu) == [("done", f"0-grayscale.png is back, saved in {photos[0].parent}")]


def test_a_program_that_is_closed_half_way_tells_the_rest_at_the_next_start(
    menus: Callable[[], ClientMenuSession], photos: list[Path], request: pytest.FixtureRequest
) -> None:
    menu = menus()
    session = menu.open_session()  # in this thread, which is to let go of its slot
    sent = sending.begin(menu, photos, GREY)
    until(sent.ended.is_set, "the end of the uploads")
    assert sent.line == "3 sent, 1 failed of 4 pictures"
    session.__exit__(None, None, None)  # as at its end; nobody took an answer in
    menu._session = None
    request.getfixturevalue("answered")
    again = menus()
    _ticks(again, lambda: len(list(photos[0].parent.glob("*-grayscale.png"))) == 3)
    _ticks(again, again.notices)
    text = f"3 pictures are back, saved in {photos[0].parent}"
    assert [told for told in _told(again) if "to come" not in told[1]] == [("done", text)]


def test_that_nobody_does_what_was_sent_is_told_each_time_it_begins(
    menus: Callable[[], ClientMenuSession], photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "LOOK", 0)
    alone = [True]
    monkeypatch.setattr(waiting, "nobody_works", lambda _: alone[0])
    menu = menus()
    sending.Sending(menu, photos[:1], GREY).run()
    told = ("warning", client_session.NO_WORKER)
    for there in (False, True, False):  # none, then one that comes and is ended again
        menu._notices.drop("workers")
        alone[0] = not there
        for _ in range(waiting.UNATTENDED):
            assert told not in _told(menu)
            menu.background_tick()
        assert (told in _told(menu)) != there


def test_what_was_not_sent_when_it_was_stopped_is_told_as_a_number(
    menus: Callable[[], ClientMenuSession], photos: list[Path]
) -> None:
    menu = menus()
    sent = sending.Sending(menu, photos[:3], GREY)
    sent.stop.set()
    sent.run()
    assert sent.is_over
    assert sent.line == "3 not sent of 3 pictures"
    menu.background_tick()
    assert _told(menu) == [("done", "3 not sent, as you stopped it")]


@pytest.mark.skipif(sys.platform == "win32", reason="a child opens the file itself there")
def test_a_picture_that_is_looked_at_and_sent_is_read_from_disk_once(
    menus: Callable[[], ClientMenuSession], photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "REST", -1.0)  # it was written just now, and not in the test
    menu, read = menus(), list[str]()
    menu.open_session()

    def whole(descriptor: int, size: int) -> bytes:
        read.append(str(size))
        return _whole(descriptor, size)

    _whole = sources._whole
    monkeypatch.setattr(sources, "_whole", whole)
    opened = opens_of(photos[0])
    assert picture_page.see(menu, photos[0]).copy is not None
    sent = sending.Sending(menu, photos[:1], replace(GREY, format="jpeg"))
    sent.run()
    assert sent.line == "1 sent of 1 picture"
    assert read == [str(len(PNG))]
    assert opened() == 2  # for the look; and to see whether it is still the same


@pytest.mark.usefixtures("answered")
def test_a_result_that_cannot_be_saved_is_told_with_the_reason(
    menus: Callable[[], ClientMenuSession], photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "save", _full)
    menu = menus()
    sent = sending.begin(menu, photos[:2], GREY)
    _ticks(menu, lambda: sent.is_over and menu.notices())
    assert sent.line == "2 failed of 2 pictures"
    ((kind, text),) = _told(menu)
    assert kind == "failed"
    assert text.startswith("2 failed: ")
    assert "0.png: the disk is full" in text


@pytest.mark.usefixtures("answered")
def test_a_result_that_cannot_be_reached_is_saved_once_it_can(
    menus: Callable[[], ClientMenuSession], photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_session, "LOCAL_LOOK", 5.0)
    save, missed = saving.save, list[object]()

    def now_and_then(*args: Any) -> Path:
        if len(missed) < 3:
            missed.append(args)
            raise UnreachableError("the cloud does not answer")
        return save(*args)

    monkeypatch.setattr(saving, "save", now_and_then)
    menu = menus()
    both = [sending.begin(menu, paths, GREY) for paths in (photos[:2], photos[2:3])]
    _ticks(menu, lambda: all(sent.is_over for sent in both) and len(menu.notices()) == 2)
    assert [sent.line for sent in both] == ["2 back of 2 pictures", "1 back of 1 picture"]
    assert {kind for kind, _ in _told(menu)} == {"done"}


def _full(*_: object) -> Path:
    from labapp.errors import StorageError

    raise StorageError("the disk is full")
