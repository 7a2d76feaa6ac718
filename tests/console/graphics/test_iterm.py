"""iTerm2's codes, byte by byte; what is in them is the picture."""

from __future__ import annotations

import base64

from labapp.console.graphics import iterm
from labapp.console.graphics.choice import Choice
from labapp.console.graphics.encoded import Inline
from tests.support.likeness import decibels, photo
from tests.support.pixel_screen import PixelScreen


def test_a_picture_is_a_jpeg_that_fills_its_cells() -> None:
    sent = iterm.encode(photo(), 8, 3, Choice("iterm")).shown(4, 5, 1)
    head, _, data = sent.partition(":")
    size = len(base64.b64decode(data.rstrip("\x07")))
    assert head == (
        f"\x1b[6;5H\x1b]1337;File=inline=1;size={size};width=8;height=3;preserveAspectRatio=0"
        ";doNotMoveCursor=1"
    )
    assert data.startswith(base64.b64encode(b"\xff\xd8\xff").decode())
    assert data.endswith("\x07")
    assert Inline("x").gone(1) == ""


def test_what_arrives_is_like_the_picture() -> None:
    screen = PixelScreen(40, 12, (9, 18))
    screen.write(iterm.encode(photo(), 40, 12, Choice("iterm", cell=(9, 18))).shown(0, 0, 1))
    assert decibels(photo(), screen.canvas()) > 29


def test_over_ssh_fewer_bytes_are_sent() -> None:
    near, far = (
        len(iterm.encode(photo(), 40, 20, Choice("iterm", is_remote=is_remote)).codes)
        for is_remote in (False, True)
    )
    assert far < 0.75 * near
