"""A hot folder's jobs, whatever comes first: an answer, or the file that it is of."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.jobs.picture_request import ProcessingRequest
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import DONE, REFUSED, Reply, Status
from labapp.pictures import pipeline
from labapp.pictures.arrivals import Arrived
from labapp.programs.processing import hot_folder
from labapp.programs.processing.hot_folder import HotFolder
from labapp.programs.processing.outcomes import PictureJob
from tests.pictures.samples import PNG


@pytest.mark.parametrize("status", [DONE, REFUSED])
@pytest.mark.parametrize("stamp", ["as it was", "touched since"])
def test_an_answer_that_is_quicker_than_the_look_at_its_file_is_told_once(
    session: ClientSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: Status,
    stamp: str,
) -> None:
    monkeypatch.setattr(hot_folder, "save_result", lambda *_: tmp_path / "out" / "a-invert.png")
    (path := tmp_path / "a.png").write_bytes(PNG)
    request = ProcessingRequest(pipeline.parse(["invert"]), folder=tmp_path / "out")
    told: list[PictureJob] = []
    killed = HotFolder(session, tmp_path, request, told.append)
    assert killed.take(Arrived(path, "as it was", 1.0))
    again = HotFolder(session, tmp_path, request, told.append)
    again.resume()
    (job,) = again.in_hand
    entry = session.ledger.get(job)
    assert entry
    reply = Reply("fine", job, status, '{"key": "x"}', nonce=entry.nonce)
    session.ledger.settle_all([reply], session.client)
    for one in again.answered():
        again.finish(one)
    assert again.take(Arrived(path, stamp, 1.0))
    assert not again.in_hand
    assert again.under_way == 0
    assert [one.job for one in told] == [job]
    assert session.ledger.count() == 1
