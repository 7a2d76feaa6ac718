"""Folders in the menus: those in them are taken where that is wanted; what is left out is told."""

from __future__ import annotations

from pathlib import Path

from labapp.pictures.mark import with_mark
from tests.dataset.dataset_kit import picture_bytes
from tests.menus.conftest import Open, open_folder


def filled(top: Path) -> Path:
    folder = top / "photos"
    (folder / "inner").mkdir(parents=True)
    for number, name in enumerate(("1.png", "2.png", "inner/3.png")):
        (folder / name).write_bytes(picture_bytes(number))
    (folder / "1-invert.png").write_bytes(with_mark(picture_bytes(9), "png"))
    (folder / "a.HEIC").touch()
    return folder


def test_the_desk_goes_deeper_on_a_key_and_says_what_it_leaves_out(
    opened: Open, tmp_path: Path
) -> None:
    folder = filled(tmp_path)
    with opened("client.py", columns=110) as screen:
        open_folder(screen, folder)
        screen.wait_for("inner/")
        screen.wait_for("not taken: a.HEIC")
        screen.wait_for("1-invert.png")
        screen.send("s")
        screen.wait_for("3.png")
        screen.send("a")
        screen.wait_for("1 result left out")
        screen.send("enter")
        screen.wait_for("Steps for 3 pictures")


def test_an_upload_asks_about_folders_in_the_folder_and_names_what_it_leaves_out(
    opened: Open, tmp_path: Path
) -> None:
    folder = filled(tmp_path)
    with opened("client.py", columns=110) as screen:
        screen.wait_for("Upload")
        screen.send("4")
        screen.wait_for("File or folder:")
        screen.send("\x15", str(folder), "enter")
        screen.wait_for("Upload the pictures of the folders in photos, too?")
        screen.send("y")
        screen.wait_for("1 result of labapp left out: 1-invert.png. Upload them, too?")
        screen.send("n")
        screen.wait_for("3 added")
        screen.wait_for("not taken: a.HEIC")
        screen.wait_for("1 result of labapp left out: 1-invert.png")
