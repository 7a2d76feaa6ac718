"""Pictures' files are found as people name them: by a file, a folder or a pattern."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.errors import UsageError
from labapp.pictures import files
from tests.pictures.samples import PNG


def found(words: list[str]) -> list[Path]:
    return list(files.select(words).files)


def test_a_folder_gives_its_own_pictures_as_people_count(photos: Path) -> None:
    names = [path.name for path in found([str(photos)])]
    assert names == ["1.png", "2.JPG", "10.jpg", "a.tiff", "B.webp"]


def test_a_file_that_is_named_is_taken_whatever_its_ending(photos: Path) -> None:
    assert found([str(photos / "notes.txt")]) == [photos / "notes.txt"]


def test_a_pattern_is_understood_where_the_shell_left_it(photos: Path) -> None:
    those = found([str(photos / "*.jpg")])
    assert {path.name for path in those} >= {"10.jpg"}
    assert all(path.suffix.lower() == ".jpg" for path in those)


def test_a_file_whose_name_looks_like_a_pattern_is_itself(photos: Path) -> None:
    (photos / "cat[1].png").write_bytes(PNG)
    (photos / "cat1.png").write_bytes(PNG)
    assert found([str(photos / "cat[1].png")]) == [photos / "cat[1].png"]


def test_each_picture_counts_once(photos: Path) -> None:
    words = [str(photos / "1.png"), str(photos), str(photos / "1*.png")]
    assert len(found(words)) == 5


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none.png", "no file"),
        ("EXTRA.PNG", "no file"),
        ("*.gif", "no picture"),
        ("none/*.png", "no file"),
    ],
)
def test_what_is_not_there_is_told(photos: Path, name: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        found([str(photos / name)])


def test_every_ending_that_pictures_have_is_found_in_a_folder(tmp_path: Path) -> None:
    jpeg = {".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp"}
    endings = jpeg | {".png", ".apng", ".gif", ".webp", ".bmp", ".dib", ".tif", ".tiff"}
    for ending in endings:
        (tmp_path / f"a{ending}").write_bytes(PNG)
    assert {path.suffix for path in found([str(tmp_path)])} == endings


def test_a_folder_without_pictures_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no picture in"):
        found([str(tmp_path)])


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read the folder .*gone: \w"):
        files.pictures_in(tmp_path / "gone")


def test_the_users_home_is_understood(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(photos))
    monkeypatch.setenv("USERPROFILE", str(photos))
    assert found(["~/1.png"]) == [photos / "1.png"]


def test_names_with_odd_digits_sort_too(tmp_path: Path) -> None:
    for name in ("²2.png", "\u0661.png", "7" * 200 + ".png", ".png"):
        (tmp_path / name).write_bytes(PNG)
    assert len(files.pictures_in(tmp_path)) == 3, "'.png' alone is a name, not an ending"
