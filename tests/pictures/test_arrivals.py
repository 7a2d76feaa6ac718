"""What arrives in a folder is given once it is whole, and once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labapp.errors import UsageError
from labapp.pictures.arrivals import REST, Arrivals


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _names(arrivals: Arrivals) -> list[str]:
    return [one.path.name for one in arrivals.look()]


def test_a_file_is_given_once_it_has_rested_and_again_when_it_is_another(
    tmp_path: Path, clock: Clock
) -> None:
    arrivals = Arrivals(tmp_path, clock=clock)
    (path := tmp_path / "a.jpg").write_bytes(b"begun")
    assert _names(arrivals) == []
    assert arrivals.is_moving
    clock.now += REST / 2
    path.write_bytes(b"begun, and gone on")
    assert _names(arrivals) == []
    clock.now += REST
    assert _names(arrivals) == ["a.jpg"]
    (found,) = arrivals.look()
    arrivals.take(found)
    assert _names(arrivals) == []
    assert not arrivals.is_moving
    os.utime(path, ns=(0, 0))
    assert _names(arrivals) == []
    clock.now += REST
    assert _names(arrivals) == ["a.jpg"]
    path.unlink()
    assert _names(arrivals) == []


def test_what_is_being_written_or_is_no_picture_by_its_name_is_left_alone(
    tmp_path: Path, clock: Clock
) -> None:
    for name in (
        ".a.jpg.x81",
        ".a.jpg",
        "~a.jpg",
        "a.jpg~",
        "a.jpg.part",
        "a.txt",
        "10.PNG",
        "9.png",
    ):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.jpg").mkdir()
    arrivals = Arrivals(tmp_path, clock=clock)
    arrivals.look()
    clock.now += REST
    assert _names(arrivals) == ["9.png", "10.PNG"]
    (tmp_path / ".a.jpg.x81").replace(tmp_path / "b.jpg")  # renamed into place
    arrivals.look()
    clock.now += REST
    assert "b.jpg" in _names(arrivals)


@pytest.mark.parametrize(("recursive", "names"), [(True, ["1.png", "2.png"]), (False, ["2.png"])])
def test_folders_in_it_but_not_that_of_the_results(
    tmp_path: Path, clock: Clock, *, recursive: bool, names: list[str]
) -> None:
    for folder, name in (("", "2.png"), ("inner", "1.png"), ("out", "3.png"), (".git", "4.png")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_bytes(b"x")
    arrivals = Arrivals(tmp_path, recursive=recursive, without=tmp_path / "out", clock=clock)
    arrivals.look()
    clock.now += REST
    assert sorted(_names(arrivals)) == names


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the folder"):
        Arrivals(tmp_path / "gone").look()
