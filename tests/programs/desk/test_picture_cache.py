"""A picture is read once, kept within bounds, and read anew once its file has changed."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from labapp.errors import JobFailedError, RefusedError
from labapp.programs.desk.picture_cache import PictureCache
from labapp.programs.menus.picture_page import Seen
from tests.support.waiting import until


class Reader:
    """Counts what is read; `gate` holds a reader up."""

    def __init__(self) -> None:
        self.reads: Counter[str] = Counter()
        self.gate = threading.Event()
        self.gate.set()
        self.changes = 0
        self.problem: RefusedError | JobFailedError | None = None

    def __call__(self, path: Path) -> Seen:
        self.reads[path.name] += 1
        self.gate.wait()
        return Seen(path, copy=np.zeros((100, 100, 3), np.uint8), problem=self.problem)

    def changed(self) -> None:
        self.changes += 1


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def cache(reader: Reader) -> Iterator[PictureCache]:
    made = PictureCache(reader, reader.changed, most=150_000)
    yield made
    made.stop()


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    found = [tmp_path / f"{number}.png" for number in range(8)]
    for path in found:
        path.write_bytes(b"x")
    return found


def test_a_picture_is_read_once_whoever_asks(
    cache: PictureCache, reader: Reader, paths: list[Path]
) -> None:
    reader.gate.clear()
    threads = [threading.Thread(target=cache.seen, args=(paths[0],)) for _ in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: reader.reads["0.png"] == 1, "the read")
    reader.gate.set()
    for thread in threads:
        thread.join()
    assert reader.reads == {"0.png": 1}
    assert cache.known(paths[0]) is cache.seen(paths[0])


def test_the_oldest_go_where_there_is_no_room(
    cache: PictureCache, reader: Reader, paths: list[Path]
) -> None:
    for path in paths[:4]:
        cache.seen(path)
    cache.seen(paths[0])
    cache.seen(paths[4])
    assert cache.octets <= 150_000
    assert cache.known(paths[0]) is not None
    assert cache.known(paths[1]) is None


def test_a_file_that_has_changed_is_read_anew(
    cache: PictureCache, reader: Reader, paths: list[Path]
) -> None:
    path = paths[0]
    cache.seen(path)
    cache.check(path)
    assert (cache.version(path), reader.changes) == (0, 0)
    os.utime(path, (1, 1))
    cache.check(path)
    assert (cache.version(path), reader.changes, cache.known(path)) == (1, 1, None)
    cache.seen(path)
    path.write_bytes(b"longer")
    cache.seen(path)
    assert (cache.version(path), reader.reads["0.png"]) == (2, 3)


def test_what_may_come_next_is_read_ahead_and_the_latest_wish_counts(
    cache: PictureCache, reader: Reader, paths: list[Path]
) -> None:
    reader.gate.clear()
    cache.read_ahead(paths[:3])
    until(lambda: reader.reads["0.png"] == 1, "the first")
    cache.read_ahead(paths[4:6])
    reader.gate.set()
    until(lambda: reader.changes == 3, "the others")
    assert reader.reads == {"0.png": 1, "4.png": 1, "5.png": 1}


def test_a_picture_that_is_refused_is_kept_and_a_crash_is_tried_again(
    cache: PictureCache, reader: Reader, paths: list[Path]
) -> None:
    reader.problem = RefusedError("it is text")
    assert cache.seen(paths[0]) is cache.seen(paths[0])
    reader.problem = JobFailedError("it was killed")
    cache.seen(paths[1])
    cache.seen(paths[1])
    assert reader.reads == {"0.png": 1, "1.png": 2}


def test_drawings_count_as_copies_do(
    cache: PictureCache, reader: Reader, paths: list[Path]
) -> None:
    copied = cache.seen(paths[0]).octets
    cache.seen(paths[0]).draw(60, 30)
    assert cache.seen(paths[0]).octets > copied + 60 * 30 / 2
    assert cache.octets > copied


def test_a_desk_that_is_closed_keeps_no_pictures(
    cache: PictureCache, reader: Reader, paths: list[Path]
) -> None:
    cache.seen(paths[0])
    cache.stop()
    cache.read_ahead(paths[1:])
    assert (cache.octets, reader.reads) == (0, {"0.png": 1})
