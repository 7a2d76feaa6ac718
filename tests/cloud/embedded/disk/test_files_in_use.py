"""A file of the local cloud that a virus scanner has open for a moment costs no request, no start.

Windows refuses to remove or rename it meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ministack.services import s3

from labapp.cloud.embedded import troubles
from labapp.cloud.embedded.journal import Journal
from tests.cloud.embedded.s3.test_s3 import fill
from tests.cloud.embedded.s3_kit import ask, fresh
from tests.support.in_use import IN_USE, refusing


@pytest.fixture(autouse=True)
def in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fill the cloud, then have the next removal and the next renaming be refused twice."""
    with fresh(tmp_path):
        fill()
        for of in ("unlink", "replace"):
            monkeypatch.setattr(Path, of, refusing(getattr(Path, of), IN_USE, 2))
        yield
        monkeypatch.undo()


def test_an_object_is_deleted_all_the_same(tmp_path: Path) -> None:
    assert ask("DELETE", "/bkt/a")[0] == 204
    with fresh(tmp_path):
        assert ask("GET", "/bkt/a")[0] == 404


def test_so_is_a_bucket(tmp_path: Path) -> None:
    number = next(iter(s3._multipart_uploads))
    assert ask("DELETE", f"/bkt/big?uploadId={number}")[0] == 204
    for path in ("/bkt/a", "/bkt/a/b", "/bkt"):
        assert ask("DELETE", path)[0] == 204
    with fresh(tmp_path):
        assert ask("GET", "/bkt")[0] == 404


@pytest.mark.parametrize("place", ["objects/ab", "uploads/*"])
def test_what_a_kill_left_half_written_keeps_no_cloud_from_its_start(
    tmp_path: Path, place: str
) -> None:
    bucket = tmp_path / "local/buckets/000000000000/b-bkt"
    (bucket / "objects/ab").mkdir(exist_ok=True)
    folder = next(bucket.glob(place))
    (folder / ".left.part").write_bytes(b"half")
    with fresh(tmp_path):
        assert ask("GET", "/bkt/a")[0] == 200
    assert not list(bucket.rglob("*.part"))


def test_nor_does_a_half_written_journal(tmp_path: Path) -> None:
    path = tmp_path / "queues.journal"
    (tmp_path / ".left.part").write_bytes(b"half")
    journal = Journal(path)
    journal.open(lambda record: None)
    journal.close()
    assert list(tmp_path.glob("*.part")) == []


def test_what_was_damaged_once_is_told_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "local"
    troubles.note_left_out(home, [tmp_path / "lost"])
    monkeypatch.setattr(Path, "unlink", refusing(Path.unlink, IN_USE, 2))
    assert "lost" in troubles.damage(home)
    troubles.note_left_out(home, [])
    assert troubles.damage(home) == ""
