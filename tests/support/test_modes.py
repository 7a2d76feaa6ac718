"""The replay of modes tells each that is left, and none that was taken back."""

from __future__ import annotations

import pytest

from tests.support.modes import left_by


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        (b"plain \x1b[2J\x1b[3;4H text\r\n", []),
        (b"\x1b[?7l", ["?7l"]),
        (b"\x1b[?7l..\x1b[?7h\x1b[?25l\x1b[?12l\x1b[?25h", []),
        (b"\x1b[?25l", ["?25l"]),
        (b"\x1b[?1049h\x1b[?2004h\x1b[?1049l", ["?2004h"]),
        (b"\x1b[?1000;1006h", ["?1000h", "?1006h"]),
        (b"\x1b[?1h\x1b=", ["?1h", "keypad application"]),
        (b"\x1b=\x1b>", []),
        (b"\x1b[1;31mred", ["look 1 31"]),
        (b"\x1b[31mred\x1b[0m", []),
        (b"\x1b[31mred\x1b[m", []),
        (b"\x1b[0;1mbold", ["look 1"]),
        (b"\x1b[0;38;5;0;1mblack", ["look 1 38"]),
        (b"\x1b[38;2;0;0;1mblue", ["look 38"]),
        (b"\x1b[1;31;44mred\x1b[39;49;22m", []),
        (b"\x1b[2;10r", ["scroll region 2;10"]),
        (b"\x1b[2;10r\x1b[r", []),
        (b"\x1b[4h", ["mode 4 on"]),
        (b"\x1b[6 q", ["cursor shape 6"]),
        (b"\x1b[6 q\x1b[0 q", []),
        (b"\x1b(0lines", ["charset b'0'"]),
        (b"\x1b_Gf=100;\x1b[?7l\x1b\\", []),
        (b"\x1b]2;title\x07", []),
        (b"\x1b[?7l\x1b[1m\x1bc", []),
    ],
)
def test_each_mode_that_is_left_is_told(raw: bytes, left: list[str]) -> None:
    assert left_by(raw) == left
