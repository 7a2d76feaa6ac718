"""Texts cut to the room there is for them, in cells of the terminal."""

from __future__ import annotations

from labapp.console import theme
from labapp.console.figures import one_line


def cut(text: str, room: int) -> str:
    """`text` on one line of at most `room` columns, with a sign where something is missing."""
    from prompt_toolkit.utils import get_cwidth

    text = one_line(text)
    if get_cwidth(text) <= room:
        return text
    sign = theme.current().glyphs.ellipsis
    room -= len(sign)
    kept = 0
    while kept < len(text) and (room := room - get_cwidth(text[kept])) >= 0:
        kept += 1
    return text[:kept].rstrip() + sign


def cut_middle(text: str, room: int) -> str:
    """`text` in at most `room` columns; of names the end tells them apart as often as the start."""
    from prompt_toolkit.utils import get_cwidth

    text = one_line(text)
    if get_cwidth(text) <= room:
        return text
    sign = theme.current().glyphs.ellipsis
    half = max(room - len(sign), 0) // 2
    tail = ""
    for character in reversed(text):
        if get_cwidth(character + tail) > half:
            break
        tail = character + tail
    head = cut(text, room - get_cwidth(tail)).removesuffix(sign)
    return f"{head}{sign}{tail}"
