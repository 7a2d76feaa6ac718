"""`image --resume`: what an earlier run has sent is not sent again, however that was ended."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from labapp.cloud.session import Cloud
from labapp.jobs import saving, session
from labapp.jobs.ledger import Ledger
from labapp.jobs.session import open_ledger
from labapp.programs.jobs.outages import Wait
from labapp.programs.processing import sending
from tests.pictures.samples import PNG
from tests.support.commands import client

Capture = pytest.CaptureFixture[str]


class Killed(BaseException):
    """Stands for an end that nothing is told of, as by kill -9."""


def _run(photos: Path, *words: str) -> int:
    out = photos.parent / "out"
    return client("image", str(photos), "--op", "invert", "--out", str(out), *words)


def _results(photos: Path) -> list[str]:
    return sorted(path.name for path in (photos.parent / "out").glob("[!.]*"))


ALL = ["1-invert.png", "10-invert.png", "2-invert.png"]


#: Where a run is killed: behind the first call of this that comes to something.
MOMENTS = [
    (Ledger, "add_requests"),
    (session.ClientSession, "_put"),
    (Wait, "collect"),
    (saving, "save"),
]


@pytest.mark.parametrize(("where", "name"), MOMENTS)
@pytest.mark.usefixtures("answered")
def test_killed_at_any_moment_each_picture_has_one_job_and_one_result(
    where: object,
    name: str,
    cloud: Cloud,
    photos: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    real, left = getattr(where, name), [True]

    def deadly(*arguments: object, **named: object) -> object:
        if left and not (done := real(*arguments, **named)) and name == "collect":
            return done
        left.clear()
        raise Killed  # nothing of it goes on

    monkeypatch.setattr(where, name, deadly)
    with pytest.raises(Killed):
        _run(photos)
    monkeypatch.setattr(where, name, real)
    capsys.readouterr()
    assert _run(photos, "--resume") == 0
    out, err = capsys.readouterr()
    assert _results(photos) == ALL
    assert sorted(Path(line.split("\t")[1]).name for line in out.splitlines()) == ALL
    assert err.startswith("going on: ")
    ledger = open_ledger(cloud)
    paths = Counter(entry.notes["path"] for entry in ledger.newest())
    assert set(paths.values()) == {1}
    assert len(paths) == 3
    ledger.close()


@pytest.mark.usefixtures("answered")
def test_what_is_saved_needs_nothing_and_what_is_new_or_changed_is_sent(
    cloud: Cloud, photos: Path, capsys: Capture
) -> None:
    assert _run(photos) == 0
    assert _run(photos, "--resume") == 0
    assert "going on: 3 saved\n" in capsys.readouterr().err
    ledger = open_ledger(cloud)
    assert ledger.count() == 3
    (photos / "2.png").write_bytes(PNG)
    (photos / "new.png").write_bytes(PNG)
    (photos.parent / "out" / "1-invert.png").unlink()
    assert _run(photos, "--resume") == 0
    assert "going on: 1 saved, 1 back, 2 to be sent\n" in capsys.readouterr().err
    assert _results(photos) == [*ALL[:2], "2-invert-2.png", ALL[2], "new-invert.png"]
    assert ledger.count() == 5
    assert client("image", str(photos), "--op", "flip", "--out", str(photos), "--resume") == 0
    assert "going on: 4 to be sent\n" in capsys.readouterr().err
    ledger.close()


@pytest.mark.usefixtures("answered")
def test_a_job_of_another_slot_is_waited_for_there_unless_a_program_has_it(
    cloud: Cloud, photos: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, session.ClientSession(cloud) as first:
        patch.setattr(session.ClientSession, "put", lambda *_: [])  # it gets nowhere
        assert _run(photos, "--no-wait") == 0
        (other,) = {entry.client for entry in first.ledger.newest()} - {first.client}
    with session.ClientSession(cloud, client=other):
        assert _run(photos, "--resume") == 2
        assert "another program is at these pictures" in capsys.readouterr().err
    waiting, asked = Ledger.waiting_clients, []

    def unknown_at_first(ledger: Ledger) -> set[str]:
        asked.append(True)
        return waiting(ledger) if asked[1:] else set()

    monkeypatch.setattr(Ledger, "waiting_clients", unknown_at_first)
    assert _run(photos, "--resume") == 0
    assert "going on: 3 on the way\n" in capsys.readouterr().err
    assert _results(photos) == ALL


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--resume", "--no-wait"], "--resume waits for results"),
        (["--resume", "--watch", "."], "--watch takes no other path"),
    ],
)
def test_what_cannot_be_meant_is_told(
    words: list[str], told: str, photos: Path, capsys: Capture
) -> None:
    assert _run(photos, *words) == 2
    assert told in capsys.readouterr().err
