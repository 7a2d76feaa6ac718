"""A user looks at pictures, slides a value, sends, and has the right file on the disk."""

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
from labapp.pictures.stored import of_jpeg
from tests.menus.conftest import Open, open_folder
from tests.pictures.samples import defined
from tests.support.terminal import ROOT, Terminal
from tests.support.waiting import until

HEX = re.compile("[0-9a-f]{6}")

#: Keys that the way from a folder to the look at a result takes, at most.
MOST_KEYS = 8


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


def colours(screen: Terminal) -> set[tuple[int, int, int]]:
    """Return the colours of the screen's cells that have one."""
    cells = [screen.cell(row, column) for row in range(30) for column in range(100)]
    return {_near(color) for cell in cells for color in (cell.fg, cell.bg) if HEX.fullmatch(color)}


def test_from_a_folder_to_the_look_at_a_result_on_one_page(opened: Open, folder: Path) -> None:
    (folder / "ramp.png").unlink()
    pressed: list[str] = []
    with opened("client.py", columns=100, rows=30, color="truecolor") as screen:

        def press(key: str, shows: str) -> None:
            pressed.append(key)
            screen.send(key)
            screen.wait_for(shows)

        screen.wait_for("Pictures")
        screen.send("2")
        screen.wait_for("photos/")
        press("end", "photos/")
        press("enter", "squares.png")
        # The screen shows the picture itself: its corners have the picture's colours.
        screen.wait_until(lambda: {(220, 30, 30), (230, 220, 60)} <= colours(screen), "the picture")
        press("enter", "Sharpen")
        press("enter", "Sigma")
        screen.wait_for("before")
        press("3", "Blur (sigma 3)")
        press("enter", "squares-blur.png")
        screen.wait_for("squares-blur.png is back")
        press("down", "160")
        screen.wait_for("squares-blur.png")
    assert len(pressed) <= MOST_KEYS
    result = np.asarray(Image.open(folder / "squares-blur.png"))
    source = np.asarray(Image.open(folder / "squares.png"))
    np.testing.assert_allclose(result.astype(int), defined("blur", source, sigma=3.0), atol=1)


def test_exact_steps_format_and_quality_are_chosen_beside_the_picture(
    opened: Open, folder: Path
) -> None:
    clear = Image.open(folder / "squares.png").convert("RGBA")
    clear.putalpha(128)
    clear.save(folder / "clear.png")
    with opened("client.py", columns=100, rows=30) as screen:
        open_folder(screen, folder)
        screen.wait_for("clear.png")
        screen.send("enter")
        screen.wait_for("Steps for clear.png")
        screen.send("inv")
        screen.wait_for("with inv")
        screen.send("enter")
        screen.wait_for("nothing to choose")
        screen.send("tab")
        screen.wait_for("Quality")
        screen.send("right")
        screen.wait_for("JPEG holds no transparency")
        screen.send("down", "4", "0")
        screen.wait_for("send clear.png")
        screen.send("enter")
        screen.wait_for("clear-invert.jpg is back")
    assert of_jpeg((folder / "clear-invert.jpg").read_bytes())[0] == 40


def test_marked_pictures_go_together_while_the_user_goes_on(opened: Open, folder: Path) -> None:
    (folder / "a-bad.png").write_text("My notes.")
    with opened("client.py", columns=80, rows=24) as screen:
        open_folder(screen, folder)
        screen.wait_for("squares.png")
        screen.send("space", "space", "space")  # `a` leaves out what is known to be broken
        screen.wait_for("3 marked")
        screen.send("enter")
        screen.wait_for("Steps for 3 pictures")
        screen.send("inv", "enter")
        # The first that can be read is shown, in one column below the values.
        screen.wait_for("ramp.png (2 of 3)")
        screen.wait_for("before")
        screen.wait_for("send 3 pictures")
        screen.send("n")
        screen.wait_for("squares.png (3 of 3)")
        screen.send("enter")
        screen.wait_until((folder / "ramp-invert.png").exists, "the results")
        screen.wait_for("Pictures in")
    assert np.asarray(Image.open(folder / "ramp-invert.png"))[0, 0] == 255


def test_the_view_follows_the_keys_and_shows_a_place_at_its_size(
    opened: Open, folder: Path
) -> None:
    with opened("client.py", columns=100, rows=30, color="truecolor") as screen:
        open_folder(screen, folder)
        screen.wait_for("squares.png")
        screen.send("end", "enter")
        screen.wait_for("Steps for squares.png")
        screen.send("inv", "enter")
        screen.wait_until(lambda: (40, 220, 220) in colours(screen), "the inverted red")
        screen.send("b", "b")
        screen.wait_until(lambda: (40, 220, 220) not in colours(screen), "the picture before")
        screen.send("b", "z")
        screen.wait_for("1:1")
        screen.send("l", "l", "l", "j", "j", "j")  # into the corner of the yellow square
        inverted, yellow = (20, 40, 200), (230, 220, 60)
        screen.wait_until(lambda: {inverted, yellow} <= colours(screen), "the yellow square")
        screen.send("esc", "esc")
        screen.wait_for("Steps for squares.png")
        screen.send("resize", "enter", "end")
        screen.wait_for("step 1, resize, would make 16,384 x 12,288 pixels")


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
