"""kitty's codes, byte by byte; what is in them is the picture."""

from __future__ import annotations

import base64
import re
from io import BytesIO

import numpy as np
from PIL import Image

from labapp.console.graphics import kitty
from labapp.console.graphics.choice import Choice
from labapp.console.graphics.kitty import CHUNK, Kitty
from tests.support.likeness import decibels, photo
from tests.support.pixel_screen import PixelScreen


def test_a_picture_is_one_code_that_answers_nothing_and_moves_no_cursor() -> None:
    assert Kitty(3, 2, "QUJD").shown(4, 5, 77) == (
        "\x1b[6;5H\x1b_Ga=T,f=100,i=77,p=1,c=3,r=2,C=1,q=2,m=0;QUJD\x1b\\"
    )
    assert Kitty(3, 2, "QUJD").gone(77) == "\x1b_Ga=d,d=I,i=77,q=2\x1b\\"


def test_a_large_one_goes_in_chunks() -> None:
    data = "A" * CHUNK + "B" * CHUNK + "C"
    first, second, third = re.findall(r"\x1b_G([^\x1b]*)\x1b\\", Kitty(3, 2, data).shown(0, 0, 7))
    assert first == f"a=T,f=100,i=7,p=1,c=3,r=2,C=1,q=2,m=1;{'A' * CHUNK}"
    assert second == f"q=2,m=1;{'B' * CHUNK}"
    assert third == "q=2,m=0;C"


def test_what_arrives_is_like_the_picture() -> None:
    screen = PixelScreen(40, 12, (9, 18))
    screen.write(kitty.encode(photo(), 40, 12, Choice("kitty", cell=(9, 18))).shown(0, 0, 7))
    assert decibels(photo(), screen.canvas()) > 32


def test_over_ssh_a_quarter_of_the_pixels_is_sent() -> None:
    for is_remote, size in ((False, (90, 180)), (True, (45, 90))):
        choice = Choice("kitty", cell=(9, 18), is_remote=is_remote)
        data = base64.b64decode(kitty.encode(photo(), 10, 10, choice).data)
        with Image.open(BytesIO(data)) as image:
            assert image.size == size


def test_only_what_is_enlarged_has_all_colours() -> None:
    small = photo()[::4, ::4].copy()
    for pixels, is_remote, mode in (
        (photo(), False, "P"),
        (small, False, "RGB"),
        (small, True, "P"),
    ):
        choice = Choice("kitty", cell=(9, 18), is_remote=is_remote)
        data = base64.b64decode(kitty.encode(pixels, 30, 15, choice).data)
        with Image.open(BytesIO(data)) as image:
            assert image.mode == mode


def test_no_more_pixels_are_sent_than_there_are() -> None:
    small = np.zeros((20, 30, 3), np.uint8)
    data = base64.b64decode(kitty.encode(small, 30, 10, Choice("kitty")).data)
    with Image.open(BytesIO(data)) as image:
        assert image.size == (30, 20)
