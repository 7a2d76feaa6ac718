"""A user chooses a picture, moves the slider, sends it, and has the right file on the disk."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labapp.cloud.bucket import Bucket
from labapp.console import figures
from labapp.pictures.pipeline import Step
from labapp.pictures.stored import of_jpeg
from labapp.programs.processing import operations_screen
from tests.menus.conftest import Open, open_folder
from tests.pictures.samples import defined
from tests.support.terminal import ROOT, Terminal
from tests.support.waiting import until

HEX = re.compile("[0-9a-f]{6}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder of two pictures: four coloured squares, and a grey ramp."""
    place = tmp_path / "photos"
    place.mkdir()
    squares = np.zeros((120, 160, 3), np.uint8)
    squares[:60, :80], squares[:60, 80:] = (220, 30, 30), (30, 200, 40)
    squares[60:, :80], squares[60:, 80:] = (40, 60, 220), (230, 220, 60)
    Image.fromarray(squares).save(place / "squares.png")
    ramp = np.tile(np.linspace(0, 255, 160, dtype=np.uint8), (120, 1))
    Image.fromarray(ramp).save(place / "ramp.png")
    return place


def open_squares(screen: Terminal, folder: Path) -> None:
    """Go from the first menu to the page of the four squares."""
    open_folder(screen, folder)
    screen.wait_for("Choose a picture")
    screen.send("1")
    screen.wait_for("squares.png")
    screen.send("squ", "enter")
    screen.wait_for("p process it")


def choose_several(screen: Terminal, folder: Path) -> None:
    """Go from the first menu to the checklist of a folder."""
    open_folder(screen, folder)
    screen.wait_for("Choose several")
    screen.send("2")
    screen.wait_for("v view")


def test_a_picture_is_blurred_exactly_from_the_menu(opened: Open, folder: Path) -> None:
    with opened("client.py", columns=100, rows=30, color="truecolor") as screen:
        open_squares(screen, folder)
        # The screen shows the picture itself: its corners have the picture's colours.
        drawn = [screen.cell(6, 3), screen.cell(6, 40)]
        assert [_near(cell.bg if cell.data == " " else cell.fg) for cell in drawn] == [
            (220, 30, 30),
            (30, 200, 40),
        ]
        screen.send("p")
        screen.wait_for("What is to be done?")
        screen.send("blur", "enter")
        screen.wait_for("before")
        screen.send("right", "right", "3", "enter")
        screen.wait_for("Blur (sigma 3)")
        screen.send("e")
        screen.wait_for("yes: slower")
        screen.send("s")
        screen.wait_for("squares-blur.png, back in")
        screen.wait_for("saved as")
    result = np.asarray(Image.open(folder / "squares-blur.png"))
    source = np.asarray(Image.open(folder / "squares.png"))
    np.testing.assert_array_equal(result, defined("blur", source, sigma=3.0))


def test_format_and_quality_are_chosen_and_what_is_lost_is_told(opened: Open, folder: Path) -> None:
    clear = Image.open(folder / "squares.png").convert("RGBA")
    clear.putalpha(128)
    clear.save(folder / "clear.png")
    results = folder / "results"
    results.mkdir()
    with opened("client.py", columns=100, rows=30) as screen:
        open_folder(screen, folder)
        screen.wait_for("Show the pictures of the folders in it, too?")
        screen.send("n")
        screen.wait_for("beside each picture")
        screen.send("d")
        screen.wait_for("2  One for all")
        screen.send("2")
        screen.wait_for("Save in:")
        screen.send(str(results), "enter")
        screen.wait_for("Choose a picture")
        screen.send("1")
        screen.wait_for("squares.png")
        screen.send("clear", "enter")
        screen.wait_for("p process it")
        screen.send("p")
        screen.wait_for("What is to be done?")
        screen.send("invert", "enter")
        screen.wait_for("Send it?")
        screen.wait_for("(JPEG and WebP have one)")
        screen.send("f")
        screen.wait_for("Format of the results")
        screen.wait_for("JPEG holds no transparency")
        screen.send("2")
        screen.wait_for("the picture is laid on white")
        screen.send("l")
        screen.wait_for("Quality of JPEG and WebP")
        screen.send("4", "0", "enter")
        screen.wait_for("the picture is laid on white")
        screen.send("s")
        screen.wait_for("clear-invert.jpg, back in")
    result = (results / "clear-invert.jpg").read_bytes()
    assert of_jpeg(result)[0] == 40


def test_several_pictures_go_while_the_user_goes_on(opened: Open, folder: Path) -> None:
    with opened("client.py", columns=100, rows=30) as screen:
        choose_several(screen, folder)
        screen.wait_for("ramp.png")
        screen.send("a", "enter")
        screen.wait_for("What is to be done?")
        screen.send("invert", "enter")
        screen.wait_for("Another operation")
        screen.send("s")
        screen.wait_for("squares-invert.png is back")
        screen.wait_for("ramp-invert.png is back")
    assert np.asarray(Image.open(folder / "ramp-invert.png"))[0, 0] == 255


def test_what_was_refused_stays_on_the_page_until_dismissed(opened: Open, folder: Path) -> None:
    for number in range(20):
        shutil.copy(folder / "ramp.png", folder / f"{number}.png")
    (folder / "notes.png").write_text("My notes." * 300)
    with opened("client.py") as screen:
        choose_several(screen, folder)
        screen.send("a", "enter")
        screen.wait_for("What is to be done?")
        screen.send("invert", "enter")
        screen.wait_for("Another operation")
        screen.send("s")
        screen.wait_for("22 sent, 1 refused")
        screen.wait_for("! Done, except for what is marked below.")
        assert "100 %" not in screen.text
        screen.wait_for("✗ notes.png is text")
        assert screen.text.count("notes.png") == 1


def test_a_bad_picture_in_front_keeps_no_other_from_being_sent(opened: Open, folder: Path) -> None:
    (folder / "a-bad.png").write_text("My notes.")
    with opened("client.py", columns=100, rows=30) as screen:
        choose_several(screen, folder)
        screen.send("a", "enter")
        screen.wait_for("What is to be done?")
        screen.send("invert", "enter")
        screen.wait_for("before")
        screen.send("s")
        screen.wait_for("2 sent, 1 refused")
        screen.wait_for("✗ a-bad.png is text")


def test_esc_goes_back_one_step_with_what_was_checked(opened: Open, folder: Path) -> None:
    with opened("client.py", columns=100, rows=30) as screen:
        choose_several(screen, folder)
        screen.send("a", "enter")
        screen.wait_for("What is to be done?")
        screen.send("flip", "enter")
        screen.wait_for("before")
        screen.send("enter")
        screen.wait_for("Another operation")
        screen.send("esc")
        screen.wait_for("What is to be done?")
        screen.send("esc")
        screen.wait_for("2 checked")
        screen.send("enter")
        screen.wait_for("What is to be done?")
        screen.send("invert", "enter")
        screen.wait_for("Another operation")
        assert "flip" not in screen.text.lower()


def test_a_result_is_looked_at_without_saving_it_again(opened: Open, folder: Path) -> None:
    with opened("client.py", columns=100, rows=30) as screen:
        choose_squares(screen, folder)
        screen.wait_for("Another operation")
        screen.send("s")
        screen.wait_for("squares-invert.png, back in")
        screen.send("x")
        screen.wait_for("type to search")
        screen.send("esc")
        screen.wait_for("3  Results")
        screen.send("3")
        screen.wait_for("1 of 1")
        screen.send("enter")
        screen.wait_for("s save it again")
        screen.wait_for("before")
        assert len(list(folder.glob("squares-*"))) == 1
        screen.send("s")
        screen.wait_for("Save it in the folder:")
        screen.send("esc")
        screen.wait_for("1 of 1")
        screen.send("enter")
        screen.wait_for("s save it again")
        screen.send("s")
        screen.wait_for("Save it in the folder:")
        screen.send("enter")
        screen.wait_for("saved as")
    assert (folder / "squares-invert-2.png").exists()
    assert len(list(folder.glob("squares-*"))) == 2


def test_an_empty_folder_offers_another(opened: Open, folder: Path) -> None:
    with opened("client.py", columns=100) as screen:
        screen.wait_for("Pictures")
        screen.send("2")
        screen.wait_for("Choose a picture")
        screen.send("1")
        screen.wait_for("There is no picture in")
        screen.send("f")
        screen.wait_for("Folder:")
        screen.send("\x15", str(folder), "enter")
        screen.wait_for("squares.png")


def choose_squares(screen: Terminal, folder: Path, operation: str = "invert") -> None:
    """Go from the first menu to the page of one picture, and choose an operation."""
    open_squares(screen, folder)
    screen.send("p")
    screen.wait_for("What is to be done?")
    screen.send(operation, "enter")


def test_a_preview_of_what_would_be_refused_says_so(opened: Open, folder: Path) -> None:
    with opened("client.py", columns=100, rows=30) as screen:
        choose_squares(screen, folder, "resize")
        screen.wait_for("before")
        screen.send("end")
        screen.wait_for("step 1, resize, would make 16,384 x 12,288 pixels")
        screen.send("home")
        screen.wait_for("before")


def test_operations_without_a_number_are_previewed_too(opened: Open, folder: Path) -> None:
    with opened("client.py", columns=100, rows=30, color="truecolor") as screen:
        choose_squares(screen, folder, "flip")
        screen.wait_for("before")
        screen.settle()
        first = colours(screen)
        screen.send("down")
        screen.wait_until(lambda: colours(screen) != first, "the preview of the other way")
        screen.send("esc")
        screen.wait_for("type to search")
        screen.send("invert", "enter")
        screen.wait_for("Another operation")
        screen.wait_for("before")
        screen.wait_until(lambda: (40, 220, 220) in colours(screen), "the inverted red")


def test_steps_are_told_with_all_their_values_as_people_call_them() -> None:
    said = [operations_screen.in_words(Step.parse(text)) for text in ("invert", "gamma", "rotate")]
    assert said == [
        "Invert", "Gamma (gamma 0.8)", "Rotate (angle 90, expand yes, corners black)",
    ]  # fmt: skip


def test_all_of_many_steps_are_told_and_previewed(opened: Open, folder: Path) -> None:
    with opened("client.py") as screen:
        choose_squares(screen, folder, "rotate")
        for title in ("angle", "expand", "corners"):
            screen.wait_for(f"Rotate: {title}")
            screen.send("enter")
        for _ in range(2):
            screen.wait_for("Another operation")
            screen.send("a")
            screen.wait_for("What is to be done?")
            screen.send("equalize", "enter")
            screen.wait_for("Equalize")
            screen.wait_for("before")
            screen.send("enter")
        screen.wait_for("Another operation")
        screen.wait_for("before")
        words = " ".join(" ".join(screen.lines).split())
        assert "Rotate (angle 90, expand yes, corners black), then Equalize" in words
        assert words.count("then Equalize") == 2


def test_a_picture_is_looked_at_from_the_checklist(opened: Open, folder: Path) -> None:
    with opened("client.py", columns=100, rows=30, color="truecolor") as screen:
        choose_several(screen, folder)
        screen.send("/", "squ", "enter", "space", "v")
        screen.wait_until(lambda: (220, 30, 30) in colours(screen), "the picture")
        screen.send("x")
        screen.wait_for("1 checked")


def colours(screen: Terminal) -> list[tuple[int, int, int]]:
    """Return the colours of the screen's cells that have one, in their order."""
    cells = [screen.cell(row, column) for row in range(30) for column in range(100)]
    return [_near(color) for cell in cells for color in (cell.fg, cell.bg) if HEX.fullmatch(color)]


@pytest.mark.parametrize("key", ["b", "esc"])
def test_a_picture_whose_upload_is_left_is_told_when_it_is_back(
    opened: Open, folder: Path, key: str
) -> None:
    with opened("tests/support/slow_uploads.py", "2", columns=100, rows=30) as screen:
        choose_squares(screen, folder)
        screen.send("s")
        screen.wait_for("Uploading squares.png")
        size = figures.size((folder / "squares.png").stat().st_size)
        screen.wait_for(f"of {size}")
        screen.send(key)
        screen.wait_for("type to search")
        screen.wait_for("squares-invert.png is back")
    assert (folder / "squares-invert.png").exists()


def test_an_upload_that_is_stopped_sends_nothing(opened: Open, folder: Path) -> None:
    with opened("tests/support/slow_uploads.py", "5", columns=100, rows=30) as screen:
        choose_squares(screen, folder)
        screen.send("s")
        screen.wait_for("x stop")
        screen.send("x")
        screen.wait_for("stopped; nothing was sent")
        screen.wait_for("type to search")
        screen.send("esc")
        screen.wait_for("Choose several")
        screen.send("esc")
        screen.wait_for("j  Jobs")
        screen.send("j")
        screen.wait_for("No jobs yet")


def test_all_results_that_came_meanwhile_are_saved(
    opened: Open, bucket: Bucket, folder: Path
) -> None:
    for number in range(5):
        shutil.copy(folder / "squares.png", folder / f"{number}.png")
    client = [sys.executable, str(ROOT / "client.py")]
    env = {**os.environ, "LABAPP_PORT": "4700", "LABAPP_USER": "anna"}
    words = ["image", *(str(folder / f"{number}.png") for number in range(5)), "--op", "invert"]
    subprocess.run([*client, *words, "--no-wait"], check=True, capture_output=True, env=env)
    until(lambda: len(list(bucket.list("outbox/"))) == 5, "the results")
    with opened("client.py", columns=100, rows=30) as screen:
        screen.wait_for("5 answers came while you were away")
        wanted = {f"{number}-invert.png" for number in range(5)}
        screen.wait_until(lambda: wanted <= {path.name for path in folder.iterdir()}, "the results")


def _near(color: str) -> tuple[int, int, int]:
    """Return a cell's colour, each channel to the nearest ten, as the squares have them."""
    return tuple(round(int(color[i : i + 2], 16) / 10) * 10 for i in (0, 2, 4))  # type: ignore[return-value]
