"""Bytes of pictures' files: read once, and never half."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from labapp.errors import RefusedError
from labapp.pictures import sources
from labapp.pictures.limits import Limits


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    sources.forget()
    yield
    sources.forget()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the bytes that are read."""
    counted: list[int] = []
    read = os.read

    def counting(descriptor: int, size: int) -> bytes:
        found = read(descriptor, size)
        counted.append(len(found))
        return found

    monkeypatch.setattr(os, "read", counting)
    return counted


def _rested(path: Path, data: bytes) -> Path:
    """Write a file that has been at rest for long, for all that its times tell."""
    path.write_bytes(data)
    return path


@pytest.fixture
def at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "REST", -1.0)


@pytest.mark.usefixtures("at_rest")
def test_a_file_is_read_once_until_it_is_another(tmp_path: Path, reads: list[int]) -> None:
    path = _rested(tmp_path / "a.png", b"one")
    assert sources.read(path) == sources.read(path) == b"one"
    assert sum(reads) == 3
    other = tmp_path / "b.png"
    other.write_bytes(b"two")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)  # of the same size and time
    assert sources.read(path) == b"two"


def test_what_was_written_to_just_now_is_read_anew(tmp_path: Path, reads: list[int]) -> None:
    path = _rested(tmp_path / "a.png", b"one")
    assert sources.read(path) == sources.read(path) == b"one"
    assert sum(reads) == 6


@pytest.mark.usefixtures("at_rest")
def test_what_is_kept_is_bounded_and_the_oldest_goes(tmp_path: Path, reads: list[int]) -> None:
    few = Limits(source_bytes=10)
    paths = [_rested(tmp_path / f"{number}.png", bytes(4)) for number in range(3)]
    for path in paths:
        sources.read(path, few)
    reads.clear()
    sources.read(paths[2], few)
    sources.read(paths[1], few)
    assert reads == []
    sources.read(paths[0], few)
    assert reads == [4]
    (tmp_path / "big.png").write_bytes(bytes(11))
    with pytest.raises(RefusedError, match="at most"):
        sources.read(tmp_path / "big.png", few)


def test_a_file_that_is_written_to_meanwhile_is_not_taken_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _rested(tmp_path / "a.png", b"half")
    read, grown = os.read, [b" and", b" the rest"]

    def growing(descriptor: int, size: int) -> bytes:
        found = read(descriptor, size)
        if grown:
            path.write_bytes(path.read_bytes() + grown.pop(0))
        return found

    monkeypatch.setattr(os, "read", growing)
    assert sources.read(path) == b"half and the rest"
    grown += [b"."] * sources.ATTEMPTS
    with pytest.raises(
        RefusedError, match=r"a\.png is being written to\. Send it once it is whole"
    ):
        sources.read(path)


def test_what_is_no_file_is_named_as_it_was_called(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"cannot read pics: Is a directory"):
        sources.read(tmp_path, called=Path("pics"))
    with pytest.raises(RefusedError, match="cannot read gone: No such file"):
        sources.read(tmp_path / "gone", called=Path("gone"))
