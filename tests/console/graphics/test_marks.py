"""Marked blanks and what they stand for: kept as long as needed, the same for the same picture."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from labapp.console import picture, theme
from labapp.console.graphics import choice, marks
from labapp.console.graphics.choice import Choice
from labapp.console.picture import draw
from labapp.console.theme import Depth, Theme
from tests.support.pixel_pages import plain


@pytest.fixture(autouse=True)
def _kitty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(choice, "_current", Choice("kitty", cell=(4, 6)))
    monkeypatch.setattr(theme, "_current", Theme(Depth.TRUECOLOR))
    yield
    marks._kept.clear()


def test_blanks_tell_which_picture_and_which_row() -> None:
    drawing = draw(plain(1), 10, 5)
    [content] = drawing.contents
    assert (drawing.columns, len(drawing.lines)) == (10, 5)
    for row, fragments in enumerate(drawing.styled):
        assert "".join(text for _, text, *_ in fragments) == " " * 10
        styles = {style for style, text, *_ in fragments if text}
        assert {marks.mark_of(style) for style in styles} == {(content.number, row)}
    assert marks.content(content.number) is content


def test_nothing_else_is_a_mark() -> None:
    for style in ("", "#0f0e01", "hidden", "class:accent", "bold #0f0e01", "bg:#0f0e01 hidden"):
        assert marks.mark_of(style) is None, style


def test_the_same_pixels_at_the_same_size_are_encoded_once() -> None:
    pixels = plain(1)
    first, again = draw(pixels, 10, 5), draw(pixels, 10, 5)
    assert first.contents[0] is again.contents[0]
    assert first.lines == again.lines
    assert draw(pixels, 8, 5).contents[0] is not first.contents[0]
    assert draw(plain(1), 10, 5).contents[0] is not first.contents[0]


def test_so_are_they_once_the_cells_are_of_another_size(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = plain(1)
    before = draw(pixels, 10, 5)
    monkeypatch.setattr(choice, "_current", Choice("kitty", cell=(8, 12)))
    assert draw(pixels, 10, 5).contents[0] is not before.contents[0]


def test_only_the_last_ones_are_kept_without_a_drawing() -> None:
    gone = weakref.ref(draw(plain(1), 4, 4).contents[0])
    held = draw(plain(2), 4, 4)
    for color in range(marks.KEPT - 2):
        draw(plain(color), 4, 4)
    assert gone() is not None
    for color in range(marks.KEPT):
        draw(plain(color), 4, 4)
    gc.collect()
    assert gone() is None
    assert marks.content(held.contents[0].number) is held.contents[0]


def test_a_picture_without_pixels_is_drawn_in_blocks_as_ever() -> None:
    choice.use(Choice())
    drawing = draw(plain(1), 10, 5)
    assert not drawing.contents
    assert "▌" in str(drawing) or "\x1b[48;2;" in str(drawing)


def test_outside_a_page_it_is_printed_in_blocks() -> None:
    from io import StringIO

    sheet, drawing = StringIO(), draw(plain(1), 10, 5)
    theme.current().console(sheet, width=30, tty=True).print(drawing)
    choice.use(Choice(cell=(4, 6)))
    assert sheet.getvalue() == f"{draw(plain(1), 10, 5)}\n"


def test_on_a_page_it_is_marked_blanks_whatever_is_around_it() -> None:
    from rich.console import Group

    drawing = draw(plain(1), 10, 5)
    lines = theme.current().ansi(Group(drawing, "saved"), 30).splitlines()
    assert tuple(lines[:5]) == drawing.lines
    both = picture.before_after(plain(1), plain(2), 22, 6)
    assert "\x1b[8;38;2;" not in "".join(map(marks.in_blocks, both.lines))


def test_a_true_cell_gives_a_true_shape() -> None:
    choice.use(Choice("kitty", cell=(10, 22)))
    assert picture.fit(220, 220, 80, 10) == (22, 10)
    choice.use(Choice("kitty"))
    assert picture.fit(220, 220, 80, 10) == (20, 10)
