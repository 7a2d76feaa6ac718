"""Folders of pictures go on where they were ended, and fetch nothing that is whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labapp.dataset import picture_folder
from labapp.dataset.picture_folder import MARK, Fetched, Wanted
from labapp.errors import LabappError
from labapp.files import replacing
from labapp.labels.export.format import PictureFolder
from tests.dataset.dataset_kit import MemoryBucket
from tests.support.progress import Kept


def names_of(table: str) -> Iterator[str]:
    return (line for line in table.splitlines() if "-" in line)


HAS = PictureFolder(lambda _: (), names_of)


class Export:
    """Exports some pictures of a bucket in memory; `fetched` are the keys that were asked for."""

    def __init__(self, tmp_path: Path) -> None:
        self.bucket = MemoryBucket(tmp_path / "home")
        self.fetched: list[str] = []
        self.out = tmp_path / "set"
        self.part = tmp_path / "set.part"
        self.bucket.after_download = self.fetched.append
        self.names: dict[str, str] = {}
        for number in range(6):
            body = str(number).encode() * 50
            self.add(hashlib.sha256(body).hexdigest()[:16], body)

    def add(self, digits: str, body: bytes, folder: str = "a") -> str:
        key = f"images/{digits}-p.jpg"
        self.bucket.write(key, body)
        self.names[key] = f"{folder}/{digits}-p.jpg"
        return key

    def run(self, stop: Callable[[], bool] = lambda: False) -> Fetched:
        self.fetched.clear()
        listed = {entry.key: entry for entry in self.bucket.list("images/")}
        wanted = [Wanted(listed[key], name, key[7:23]) for key, name in sorted(self.names.items())]
        text = "".join(f"{one.name}\n" for one in wanted)
        files = lambda _: {"table.csv": [text]}  # noqa: E731
        return picture_folder.write(
            self.bucket, wanted, files, self.out / "table.csv", HAS, Kept(stop)
        )

    def there(self) -> dict[str, bytes]:
        files = (path for path in self.out.rglob("*") if path.is_file())
        return {path.relative_to(self.out).as_posix(): path.read_bytes() for path in files}

    def check(self) -> None:
        """See that the folder is what was wanted, to the byte, and nothing lies beside it."""
        wanted = {name: self.bucket.objects[key][0] for key, name in self.names.items()}
        table = "".join(f"{self.names[key]}\n" for key in sorted(self.names)).encode()
        assert self.there() == {**wanted, "table.csv": table}
        assert {path.name for path in self.out.parent.iterdir()} == {"home", "set"}


class Killed(BaseException):
    """What ends a program at once."""


@pytest.fixture
def ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    """Begin an export, and end it after a few pictures."""
    export = Export(tmp_path)
    monkeypatch.setattr(picture_folder, "THREADS", 1)
    assert not export.run(lambda: len(export.fetched) > 1).is_complete
    assert not export.out.exists()
    return export


def test_the_next_run_fetches_the_rest(ended: Export) -> None:
    before = set(ended.fetched)
    done = ended.run()
    assert (done.pictures, done.had) == (6, len(before))
    assert not before & set(ended.fetched)
    ended.check()


def test_what_is_not_whole_is_fetched_again(ended: Export) -> None:
    first, second, *_ = (path for path in ended.part.rglob("*.jpg"))
    first.write_bytes(first.read_bytes()[:-1])
    second.write_bytes(b"x" * second.stat().st_size)
    done = ended.run()
    assert done.had == 6 - len(ended.fetched)
    assert {f"images/{path.name}" for path in (first, second)} <= set(ended.fetched)
    ended.check()


def test_what_changed_meanwhile_is_heeded_and_what_only_moved_is_not_fetched(
    ended: Export,
) -> None:
    gone, moved = ended.fetched[:2]
    (ended.part / "README.md").touch()  # of another format, say
    del ended.names[gone]
    ended.names[moved] = ended.names[moved].replace("a/", "")
    ended.add("0123456789abcdef", b"not what its name says", "c")
    ended.run()
    assert moved not in ended.fetched
    ended.check()


def test_an_export_that_is_replaced_fetches_only_what_is_new(tmp_path: Path) -> None:
    export = Export(tmp_path)
    export.run()
    body = b"new"
    new = export.add(hashlib.sha256(body).hexdigest()[:16], body)
    first, second, *_ = export.names
    del export.names[first]
    export.names[second] = export.names[second].replace("a/", "b/")
    done = export.run()
    assert export.fetched == [new]
    assert (done.pictures, done.had) == (6, 5)
    export.check()


@pytest.mark.parametrize("moves", range(4))
def test_one_that_is_ended_while_it_replaces_is_whole_after_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    export = Export(tmp_path)
    export.run()
    for number in range(3):
        body = f"new {number}".encode()
        export.add(hashlib.sha256(body).hexdigest()[:16], body)
    del export.names[next(iter(export.names))]
    left = moves

    def ending(source: Path, target: Path) -> None:
        nonlocal left
        if not left:
            raise Killed
        left -= 1
        replacing.move(source, target)

    with monkeypatch.context() as context:
        context.setattr(picture_folder, "move", ending)
        with pytest.raises(Killed):
            export.run()
    assert not (export.out / "table.csv").exists()
    assert export.run().had == 8
    assert not export.fetched
    export.check()


def test_etags_that_are_digests_tell_what_is_whole_where_names_do_not(tmp_path: Path) -> None:
    path = tmp_path / "p"
    path.write_bytes(b"bytes")
    export = Export(tmp_path)
    key = export.add("f" * 16, b"bytes")
    listed = next(entry for entry in export.bucket.list("images/") if entry.key == key)
    md5 = f'"{hashlib.md5(b"bytes", usedforsecurity=False).hexdigest()}"'
    for etag, whole in (
        (md5, True),
        (md5.replace('"', ""), True),
        ('"1-2"', False),
        (md5[1:9], False),
    ):
        entry = type(listed)(key, 5, etag, listed.modified)
        assert Wanted(entry, "p").is_whole(path) is whole
    assert not Wanted(type(listed)(key, 5, md5, listed.modified), "p", "0" * 16).is_whole(path)
    assert not Wanted(type(listed)(key, 6, md5, listed.modified), "p").is_whole(path)


def test_a_folder_of_the_users_under_that_name_is_left_alone(tmp_path: Path) -> None:
    export = Export(tmp_path)
    export.part.mkdir()
    (export.part / "mine-own.jpg").write_text("mine")
    export.run()
    assert (export.part / "mine-own.jpg").read_text() == "mine"
    assert len(export.there()) == 7


def test_names_that_no_export_gives_are_never_taken_away(tmp_path: Path) -> None:
    export = Export(tmp_path)
    export.run()
    own = tmp_path / "0123456789abcdef-mine.jpg"
    own.write_text("mine")
    (export.out / "mine-own.jpg").write_text("mine")
    export.part.mkdir()
    (export.part / MARK).write_text(f"../{own.name}\n{own}\nmine-own.jpg\n")
    export.run()
    assert own.read_text() == (export.out / "mine-own.jpg").read_text() == "mine"


def test_a_full_disk_keeps_what_was_fetched_and_says_where(ended: Export) -> None:
    def full(_: str) -> None:
        raise LabappError("the disk is full", "Make room.")

    ended.bucket.after_download = full
    with pytest.raises(LabappError, match=r"Make room\. What was fetched is kept in .*set\.part"):
        ended.run()
    ended.bucket.after_download = ended.fetched.append
    assert ended.run().had > 2
    ended.check()
