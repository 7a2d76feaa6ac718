"""kitty's pictures through tmux: each code wrapped, and signs that stand for the cells."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

from labapp.console.graphics import placeholders
from labapp.console.graphics.choice import Choice
from labapp.console.graphics.kitty import CHUNK
from labapp.console.graphics.placeholders import MARKS, Placeholders
from tests.support.likeness import decibels, photo
from tests.support.pixel_screen import PixelScreen

SIGN = "\U0010eeee"

#: Marks of their class that kitty leaves out, since they melt with letters.
LEFT_OUT = {
    *range(0x0300, 0x0305), *range(0x0306, 0x030D), 0x030F, 0x0311, 0x0313, 0x0314, 0x0342, 0x0653,
    0x0654,
}  # fmt: skip


def test_a_picture_is_a_wrapped_code_and_its_signs() -> None:
    assert Placeholders(2, 2, "QUJD").shown(4, 5, 241) == (
        "\x1bPtmux;\x1b\x1b_Ga=T,U=1,f=100,i=17,c=2,r=2,q=2,m=0;QUJD\x1b\x1b\\\x1b\\"
        f"\x1b[6;5H\x1b[0;38;5;17m{SIGN}\u0305\u0305{SIGN}\u0305\u030d"
        f"\x1b[7;5H\x1b[0;38;5;17m{SIGN}\u030d\u0305{SIGN}\u030d\u030d"
        "\x1b[0m"
    )
    assert Placeholders(2, 2, "QUJD").gone(241) == (
        "\x1bPtmux;\x1b\x1b_Ga=d,d=I,i=17,q=2\x1b\x1b\\\x1b\\"
    )


def test_each_chunk_has_its_own_wrapper() -> None:
    sent = Placeholders(1, 1, "A" * CHUNK * 2).shown(0, 0, 0)
    wrapped = re.findall(r"\x1bPtmux;(?:\x1b\x1b|[^\x1b])*\x1b\\", sent)
    assert len(wrapped) == 2
    assert all(len(code) < CHUNK + 100 for code in wrapped)


def test_numbers_are_colours_that_no_theme_changes() -> None:
    colors = {re.findall(r"38;5;(\d+)m", Placeholders(1, 1, "A").shown(0, 0, n))[0]
              for n in range(500)}  # fmt: skip
    assert colors == set(map(str, range(16, 256)))


def test_marks_are_in_kittys_order() -> None:
    assert len(MARKS) == len(set(MARKS)) == 283
    assert list(MARKS) == sorted(MARKS)
    for mark in MARKS:
        assert (unicodedata.category(mark), unicodedata.combining(mark)) == ("Mn", 230)
        assert not unicodedata.decomposition(mark)
        assert ord(mark) not in LEFT_OUT
    # None is missing: what Unicode 3.2 had already is all there.
    old = unicodedata.ucd_3_2_0
    wanted = [chr(code) for code in range(ord(MARKS[-1]) + 1)
              if old.category(chr(code)) == "Mn" and old.combining(chr(code)) == 230
              and not old.decomposition(chr(code)) and code not in LEFT_OUT]  # fmt: skip
    assert set(wanted) <= set(MARKS)


def test_what_arrives_is_like_the_picture() -> None:
    screen = PixelScreen(41, 12, (9, 18))  # the emulator wraps before a mark in the last column
    encoded = placeholders.encode(photo(), 40, 12, Choice("placeholders", cell=(9, 18)))
    assert encoded is not None
    screen.write(encoded.shown(0, 0, 7))
    assert decibels(photo(), screen.part(0, 0, 40, 12)) > 32


def test_more_cells_than_can_be_counted_are_none() -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    assert placeholders.encode(pixels, len(MARKS) + 1, 2, Choice("placeholders")) is None
