"""The list of files as it is drawn, told, and changed by keys; the desk behind it is real."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labapp import settings
from labapp.console import figures
from labapp.pictures.mark import with_mark
from labapp.programs.desk import folder_listing, folder_watch
from labapp.programs.desk.desk import Desk
from labapp.programs.desk.files_panel import FilesPanel
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.processing import folder as kept_folder
from labapp.programs.shell.context import Context
from tests.pictures.samples import PNG
from tests.support.waiting import until

Open = Callable[[Path], FilesPanel]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open the desk on a folder, without its page."""
    monkeypatch.setattr(folder_watch, "EVERY", 0.02)
    desks = []

    def open_desk(folder: Path) -> FilesPanel:
        kept_folder.change(folder, deep=False)
        context = Context("client.py", argparse.Namespace(), settings.load())
        desks.append(Desk(ClientMenuSession(context)))
        desks[-1].start()
        panel = FilesPanel(desks[-1])
        until(lambda: panel.files.is_read, "the list")
        return panel

    yield open_desk
    for desk in desks:
        desk.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (place := tmp_path / "photos").mkdir()
    (place / "in").mkdir()
    for name in ("a.png", "b.png", "in/c.png"):
        (place / name).write_bytes(PNG)
    (place / "a-blur.png").write_bytes(with_mark(PNG, "png"))
    (place / "notes.txt").write_text("x")
    return place


def text(panel: FilesPanel, number: int, columns: int = 40) -> str:
    return "".join(part for _, part, *_ in panel.row(number, False, columns))


def status(panel: FilesPanel) -> str:
    return "".join(part for _, part, *_ in panel.status())


def size(path: Path) -> list[str]:
    return figures.size(path.stat().st_size).split()


def press(panel: FilesPanel, letter: str) -> None:
    now = panel.keys()
    next(key for key in now if key.answers_to(letter)).act()


def letters(panel: FilesPanel) -> str:
    now = panel.keys()
    return " ".join(key.letter for key in now)


def test_rows_tell_what_each_is(opened: Open, folder: Path) -> None:
    panel = opened(folder)
    until(lambda: len(panel.files.facts) == 3, "the facts")
    until(lambda: panel.files.results_of(folder / "a.png") != [], "the result's source")
    assert [text(panel, number).split() for number in range(4)] == [
        ["in/"],
        ["a.png", "✓", *size(folder / "a.png")],
        ["╰", "a-blur.png", *size(folder / "a-blur.png")],
        ["b.png", *size(folder / "b.png")],
    ]
    assert text(panel, 9) == ""
    assert panel.said(0) == "folder in"
    assert "made of a.png" in panel.said(2)
    assert status(panel).splitlines() == ["   1 of 4", "   not taken: notes.txt"]


@pytest.mark.parametrize("columns", [12, 23, 35, 55])
def test_no_row_is_wider_than_its_side(opened: Open, folder: Path, columns: int) -> None:
    names = ["a very long name of a picture, indeed.png", "絵" * 30 + ".png"]
    for name in [*names, "\x1b[31mred.png"] if os.name != "nt" else names:
        (folder / name).write_bytes(PNG)
    panel = opened(folder)
    panel.files.mark_all()
    until(lambda: len(panel.files.facts) > 3, "the facts")
    assert all(
        figures.cell_width(text(panel, n, columns)) <= columns for n in range(panel.length())
    )


def test_keys_are_those_that_do_something_now(opened: Open, folder: Path) -> None:
    panel = opened(folder)
    assert letters(panel).startswith("Enter a /")  # on a folder
    panel.index = 1
    until(lambda: panel.files.results_of(folder / "a.png") != [], "the result's source")
    assert letters(panel).startswith("o b Space a /")
    press(panel, " ")
    assert (panel.index, status(panel).splitlines()[0]) == (2, "   3 of 4 · 1 marked")
    press(panel, "a")
    assert "2 marked · 1 result left out" in status(panel)
    assert panel.undone()
    assert not panel.files.marked
    assert not panel.undone()


def test_all_leaves_out_what_is_known_to_be_broken_and_the_list_tells(
    opened: Open, folder: Path
) -> None:
    (folder / "b.png").write_text("My notes.")
    panel = opened(folder)
    panel.desk.seen(folder / "b.png")
    assert text(panel, 3).split() == ["b.png", "\u2717"]
    assert "b.png is text, not a picture" in panel.said(3)
    press(panel, "a")
    assert panel.files.marked == {folder / "a.png"}
    assert "1 marked · 1 result and 1 broken left out" in status(panel)
    press(panel, "a")
    (folder / "b.png").write_bytes(PNG)
    until(lambda: "\u2717" not in text(panel, 3), "the sign of what was replaced to go")
    press(panel, "a")
    assert folder / "b.png" in panel.files.marked


def test_a_search_is_typed_and_taken_back(opened: Open, folder: Path) -> None:
    panel = opened(folder)
    press(panel, "/")
    assert panel.typing()
    panel.files.search("zzz")
    assert "nothing matches 'zzz'" in status(panel)
    panel.files.search("b.p")
    assert panel.length() == 1
    press(panel, "\r")
    assert not panel.typing()
    assert panel.undone()
    assert (panel.length(), panel.index) == (4, 3)


def test_folders_are_opened_left_and_remembered(opened: Open, folder: Path) -> None:
    panel = opened(folder)
    panel.enter()
    assert panel.title == f"Pictures in {folder / 'in'}"
    assert [item.name for item in panel.files.rows] == ["c.png"]
    assert kept_folder.folder() == folder / "in"
    panel.up()
    assert panel.files.pointed is not None
    assert panel.files.pointed.name == "in"
    press(panel, "s")
    assert panel.title.endswith("and the folders in it")
    assert "in/c.png" in [item.name for item in panel.files.rows]
    assert kept_folder.is_deep()
    press(panel, "t")
    until(lambda: panel.length() == 20, "the samples")
    assert kept_folder.folder() == folder  # the samples are opened for now
    desk = panel.desk
    assert desk.results_folder([panel.files.rows[0].path]) == kept_folder.working()
    assert desk.results_folder([folder / "a.png"]) is None
    press(panel, "t")
    until(lambda: "in/c.png" in [item.name for item in panel.files.rows], "one's own again")


def test_an_empty_folder_and_one_that_is_gone_say_what_helps(opened: Open, folder: Path) -> None:
    panel = opened(folder)
    (folder / "none").mkdir()
    panel.desk.open_folder(folder / "none", deep=False)
    assert "there is no picture in" in status(panel)
    assert "t shows sample pictures, f names another folder" in status(panel)
    (folder / "none").rmdir()
    until(lambda: "cannot read the folder" in status(panel), "the folder to be gone")
    assert panel.keys()


def test_a_folder_of_folders_alone_says_what_helps(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    panel = opened(tmp_path)
    assert "no picture here: t shows samples" in status(panel)
    assert letters(panel).startswith("Enter f s t d j")


def test_what_arrives_is_seen_where_a_folder_tells_of_no_change(
    opened: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_listing, "stamp_of", lambda _: 1)  # as those of FAT do on Windows
    monkeypatch.setattr(folder_watch, "ANYWAY", 0.1)
    panel = opened(folder)
    (folder / "b-late.png").write_bytes(PNG)
    until(lambda: panel.length() == 5, "the new file")


def test_what_arrives_is_seen_and_what_changes_is_read_anew(opened: Open, folder: Path) -> None:
    panel = opened(folder)
    panel.index = 3
    Image.fromarray(np.zeros((30, 40, 3), np.uint8)).save(folder / "b-late.png")
    until(lambda: panel.length() == 5, "the new file")
    assert panel.files.new == {folder / "b-late.png"}
    assert panel.index == 3
    panel.index = 4
    shown = panel.pictures.shows()
    seen = panel.desk.seen(folder / "b-late.png")
    assert seen.header is not None
    assert seen.header.width == 40
    caption = ["".join(part for _, part, *_ in line) for line in panel.pictures.caption(shown, 60)]
    assert caption[0] == "b-late.png"
    assert caption[1].startswith("PNG · 40 x 30")
    Image.fromarray(np.zeros((30, 50, 3), np.uint8)).save(folder / "b-late.png")
    until(lambda: panel.pictures.shows() != shown, "the change")
    again = panel.desk.seen(folder / "b-late.png")
    assert again.header is not None
    assert again.header.width == 50


def test_a_result_is_shown_beside_its_source(opened: Open, folder: Path) -> None:
    panel = opened(folder)
    panel.index = 2
    assert letters(panel).startswith("o ")
    until(lambda: panel.pictures.pair(folder / "a-blur.png") is not None, "the source")
    seen = []
    for _ in range(3):
        seen.append(panel.pictures.shows())
        press(panel, "b")
    assert letters(panel).startswith("o b Space"), "what this moment is for comes early"
    assert panel.pictures.shows() == seen[0]
    assert len(set(seen)) == 3
    drawing = panel.pictures.draw(seen[1], 40, 10)
    assert str(drawing).startswith("before")
