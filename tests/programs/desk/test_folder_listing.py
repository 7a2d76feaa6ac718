"""What lies in a folder is listed by one look, in the order in which people count."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from labapp.pictures.mark import with_mark
from labapp.programs.desk import folder_listing
from labapp.programs.desk.folder_listing import contents_of, facts_of, source_by_name
from tests.pictures.samples import PNG


def filled(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(PNG)
    return folder


def names(folder: Path, *, deep: bool = False) -> list[str]:
    return [item.name for item in contents_of(folder, deep=deep).items]


def test_folders_come_first_and_results_behind_their_sources(tmp_path: Path) -> None:
    filled(tmp_path, "10.png", "2.PNG", "2-blur.png", "2-blur-2.png", "b/x.png", "a/y.jpg")
    assert names(tmp_path) == ["a", "b", "2.PNG", "2-blur.png", "2-blur-2.png", "10.png"]


def test_what_is_not_taken_is_named_and_hidden_files_are_not(tmp_path: Path) -> None:
    filled(tmp_path, "1.png", ".hidden.png", "notes.txt", "a.HEIC", ".folder/2.png", "png")
    found = contents_of(tmp_path)
    assert [item.name for item in found.items] == ["1.png"]
    assert found.others == ("a.HEIC", "notes.txt", "png")


def test_pictures_of_folders_in_it_stand_behind_its_own(tmp_path: Path) -> None:
    filled(tmp_path, "z.png", "a/2.png", "a/b/1.png", "a/10.png", ".no/3.png")
    assert names(tmp_path, deep=True) == ["z.png", "a/2.png", "a/10.png", "a/b/1.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_links_are_followed_unless_they_lead_nowhere_or_in_a_circle(tmp_path: Path) -> None:
    filled(tmp_path, "in/1.png")
    (tmp_path / "in" / "again").symlink_to(tmp_path)
    (tmp_path / "link.png").symlink_to(tmp_path / "in" / "1.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(tmp_path / "pipe.png")
    found = contents_of(tmp_path)
    assert [item.name for item in found.items] == ["in", "link.png"]
    assert found.others == ("gone.png", "pipe.png")
    assert names(tmp_path, deep=True) == ["link.png", "in/1.png"]


def test_a_folder_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    found = contents_of(tmp_path / "gone")
    assert found.items == ()
    assert "cannot read the folder" in str(found.problem)
    (tmp_path / "gone").mkdir()
    assert not found.is_as_now()


def test_one_look_of_a_thousand_files_asks_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, *(f"{number}.png" for number in range(1000)))
    asked: list[Path] = []
    usual = Path.stat

    def stat(path: Path, **how: bool) -> os.stat_result:
        asked.append(path)
        return usual(path, **how)

    monkeypatch.setattr(Path, "stat", stat)
    assert len(contents_of(tmp_path).items) == 1000
    assert asked == [tmp_path]


def test_no_more_are_listed_than_anybody_looks_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_listing, "MOST", 3)
    found = contents_of(filled(tmp_path, *(f"{number}.png" for number in range(5))))
    assert len(found.items) == 3
    assert str(found.problem) == "only the first 3 pictures are listed"


def test_a_change_is_seen_and_a_fresh_one_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, "1.png")
    assert not contents_of(tmp_path).is_as_now()  # the next file may come in the same moment
    monkeypatch.setattr(folder_listing, "UNSURE", -1.0)
    found = contents_of(tmp_path)
    assert found.is_as_now()
    os.utime(tmp_path, (1, 1))
    assert not found.is_as_now()


def test_a_file_tells_its_facts_without_being_decoded(tmp_path: Path) -> None:
    (tmp_path / "plain.png").write_bytes(PNG)
    (tmp_path / "result.png").write_bytes(with_mark(PNG, "png"))
    plain, result = facts_of(tmp_path / "plain.png"), facts_of(tmp_path / "result.png")
    assert plain
    assert result
    assert (plain.octets, plain.is_result, result.is_result) == (len(PNG), False, True)
    assert facts_of(tmp_path) is facts_of(tmp_path / "gone.png") is None


@pytest.mark.parametrize(
    ("result", "source"),
    [("a-blur.png", "a"), ("a-b-invert-2.png", "a-b"), ("a.png", None), ("c-blur.png", None)],
)
def test_a_name_tells_the_source_of_a_result(result: str, source: str | None) -> None:
    place = Path("photos")
    pictures = {(place, stem): place / f"{stem}.jpg" for stem in ("a", "a-b")}
    found = source_by_name(place / result, pictures)
    assert found == (place / f"{source}.jpg" if source else None)
