from __future__ import annotations

import os
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

from labapp.files import path_completion
from labapp.files.path_completion import Candidate, candidates, shared

PICTURES = (".png", ".jpg")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = tmp_path / "here"
    for name in ("Ferien 2024", "many", ".hidden"):
        (here / name).mkdir(parents=True)
    for name in ("a.png", "b.JPG", "notes.txt", ".secret.png", "Ferien 2024/x y.png"):
        (here / name).touch()
    monkeypatch.chdir(here)
    monkeypatch.setattr(path_completion, "IGNORES_CASE", False)
    return here


def texts(typed: str, endings: Collection[str] | None = None) -> list[str]:
    return [one.text.replace(os.sep, "/") for one in candidates(typed, endings)]


@pytest.mark.parametrize(
    ("endings", "offered"),
    [
        (None, ["a.png", "b.JPG", "Ferien 2024/", "many/", "notes.txt"]),
        (PICTURES, ["a.png", "b.JPG", "Ferien 2024/", "many/"]),
        ((), ["Ferien 2024/", "many/"]),
        ((".txt",), ["Ferien 2024/", "many/", "notes.txt"]),
    ],
)
def test_what_fits_the_question_is_offered(
    endings: Collection[str] | None, offered: list[str]
) -> None:
    assert texts("", endings) == offered


@pytest.mark.parametrize(
    ("typed", "endings", "offered"),
    [
        (".", PICTURES, [".hidden/", ".secret.png"]),
        ("./.s", PICTURES, ["./.secret.png"]),
        ("no", PICTURES, ["notes.txt"]),  # nothing else begins so
        ("no", (), []),
        ("fer", PICTURES, ["Ferien 2024/"]),
        ("Ferien 2024/", PICTURES, ["Ferien 2024/x y.png"]),
        ("'Fer", PICTURES, ["Ferien 2024/"]),
        ('"Ferien 2024/x', PICTURES, ["Ferien 2024/x y.png"]),
        ("'Ferien 2024/x y.png'", PICTURES, ["Ferien 2024/x y.png"]),
        ("nowhere/", None, []),
        ("a.png/", None, []),
        ("~", None, ["~/"]),
        ("a\0", None, []),
    ],
)
def test_a_typed_path_is_completed(
    typed: str, endings: Collection[str] | None, offered: list[str]
) -> None:
    assert texts(typed, endings) == offered


def test_the_users_folder_is_looked_through_by_its_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    assert texts("~/he") == ["~/here/"]


def test_case_that_differs_counts_where_nothing_else_fits_or_the_disk_has_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "A.txt").touch()
    assert texts("A") == ["A.txt"]
    monkeypatch.setattr(path_completion, "IGNORES_CASE", True)
    assert texts("A") == ["a.png", "A.txt"]


def test_backslashes_part_folders_on_windows_and_stay_as_they_were_typed() -> None:
    split = path_completion._parted
    assert split(r"C:\photos\a", windows=True) == ("C:\\photos\\", "a")
    assert split(r"C:a", windows=True) == ("C:", "a")
    assert split(r"\\server\share/a", windows=True) == ("\\\\server\\share/", "a")
    assert split(r"a\b", windows=False) == ("", r"a\b")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no name that ends in a blank")
def test_a_name_with_blanks_around_it_is_offered_in_quotes(folder: Path) -> None:
    (folder / "many" / " x ").touch()
    assert texts("many/") == ["many/ x "] or texts("many/") == ["'many/ x '"]
    assert texts("many/ ") == ["'many/ x '"]


def test_tab_completes_what_all_share() -> None:
    found = [Candidate(text, text) for text in ("img/a1.png", "img/a2.png")]
    assert shared("img/", found) == "img/a"
    assert shared("'img/a", found) == "img/a"
    assert shared("img/a", found[:1]) == "img/a1.png"
    assert shared("x", []) == "x"
    # Where they differ in case, what was typed is kept.
    mixed = [Candidate("Ab", "Ab"), Candidate("aB", "aB")]
    assert shared("a", mixed) == "a"
