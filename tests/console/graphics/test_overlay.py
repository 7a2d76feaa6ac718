"""Pictures over a page's blanks: sent where they are new, gone where they go, in every protocol."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

from labapp.console import picture
from labapp.console.graphics import choice, marks, placed
from labapp.console.graphics.choice import Choice, Protocol
from labapp.console.picture import Drawing
from tests.support.pixel_pages import PixelPage, Pixels, plain
from tests.support.pixel_screen import GRAPHICS, PixelScreen

#: Pixels of a cell: 40 by 30 pixels are 10 by 5 cells.
CELL = 4, 6
COLUMNS, ROWS = 10, 5

EVERY: tuple[Protocol, ...] = ("kitty", "placeholders", "iterm", "sixel")

BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"


@pytest.fixture(params=EVERY, autouse=True)
def protocol(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Protocol]:
    told: Protocol = request.param
    monkeypatch.setattr(choice, "_current", Choice(told, cell=CELL))
    yield told
    placed.ending()
    marks._kept.clear()


@pytest.fixture
def screen() -> PixelScreen:
    return PixelScreen(60, 20, CELL)


def drawn(pixels: Pixels) -> Drawing:
    return picture.draw(pixels, COLUMNS, ROWS)


def is_shown(screen: PixelScreen, pixels: Pixels, column: int, row: int) -> bool:
    """Whether a picture, and nothing else, is on a screen."""
    canvas = screen.canvas().astype(int)
    wanted = np.zeros_like(canvas)
    top, left = row * CELL[1], column * CELL[0]
    wanted[top : top + len(pixels), left : left + pixels.shape[1]] = pixels
    return bool(np.abs(canvas - wanted).mean() < 1)


def is_bare(screen: PixelScreen) -> bool:
    return not screen.canvas().any()


def pictures_in(sent: str) -> int:
    """How many pictures were sent."""
    whole = sent.replace("\x1b\x1b", "\x1b")
    return len(re.findall(r"a=T|1337;File=|\x1bP0;1;0q", whole))


def without_pictures(sent: str) -> str:
    return GRAPHICS.sub("", sent)


def test_a_picture_stands_over_its_blanks(screen: PixelScreen) -> None:
    pixels = plain(1)
    sent = PixelPage(screen, "a title", drawn(pixels), "below").draw()
    assert is_shown(screen, pixels, 0, 1)
    assert screen.lines[0] == "a title"
    assert screen.lines[6] == "below"
    assert pictures_in(sent) == 1
    assert sent.index("a title") > sent.index(BEGIN)
    assert sent.endswith(END)
    assert sent.count(BEGIN) == sent.count(END) == 1


def test_what_is_on_the_screen_is_not_sent_again(screen: PixelScreen) -> None:
    page = PixelPage(screen, drawn(plain(1)), "one")
    page.draw()
    sent = page.draw(*page.lines[:1], "two")
    assert pictures_in(sent) == 0
    assert BEGIN not in sent
    assert screen.lines[5] == "two"


def test_the_same_pixels_at_the_same_size_are_not_sent_again(screen: PixelScreen) -> None:
    before, page = plain(1), PixelPage(screen)
    page.draw(picture.before_after(before, plain(2), 22, 6))
    sent = page.draw(picture.before_after(before, plain(90), 22, 6))
    assert pictures_in(sent) == 1
    assert pictures_in(page.draw(picture.before_after(before, plain(90), 22, 6))) == 1


def test_a_new_picture_in_the_same_place_is_all_that_is_sent(
    screen: PixelScreen, protocol: Protocol
) -> None:
    page, after = PixelPage(screen, drawn(plain(1))), plain(200)
    page.draw()
    sent = page.draw(drawn(after))
    assert is_shown(screen, after, 0, 0)
    # Nothing is blanked first, and no cell is written again.
    left = without_pictures(sent)
    if protocol == "placeholders":
        left = re.sub(r"\x1b\[\d+;1H\x1b\[0;38;5;\d+m(\U0010eeee..)+", "", left)
        assert left == f"{BEGIN}\x1b[0m\x1b7\x1b[0m\x1b8{END}"
    else:
        assert left == f"{BEGIN}\x1b[0m\x1b7\x1b[1;1H\x1b8{END}"


def test_a_picture_that_moves_leaves_nothing_behind(screen: PixelScreen) -> None:
    pixels = plain(1)
    page = PixelPage(screen, drawn(pixels))
    page.draw()
    page.draw("a notice", "of two lines", drawn(pixels))
    assert is_shown(screen, pixels, 0, 2)
    page.draw(drawn(pixels), "below")
    assert is_shown(screen, pixels, 0, 0)


def test_a_picture_that_goes_is_gone(screen: PixelScreen) -> None:
    page = PixelPage(screen, drawn(plain(1)))
    page.draw()
    page.draw("help")
    assert is_bare(screen)
    assert not screen.kept
    assert screen.lines[0] == "help"


def test_a_picture_that_help_was_over_comes_back(screen: PixelScreen) -> None:
    pixels = plain(1)
    drawing = drawn(pixels)
    page = PixelPage(screen, drawing)
    page.draw()
    page.draw("help")
    assert pictures_in(page.draw(drawing)) == 1
    assert is_shown(screen, pixels, 0, 0)


def test_a_smaller_picture_leaves_nothing_of_the_larger(screen: PixelScreen) -> None:
    page, pixels = PixelPage(screen, drawn(plain(1))), plain(2, 16, 12)
    page.draw()
    page.draw(picture.draw(pixels, 4, 2))
    assert is_shown(screen, pixels, 0, 0)


def test_all_is_sent_again_after_the_page_was_drawn_anew(screen: PixelScreen) -> None:
    pixels = plain(1)
    page = PixelPage(screen, drawn(pixels))
    page.draw()
    page.forget()
    assert pictures_in(page.draw()) == 1
    assert is_shown(screen, pixels, 0, 0)
    assert len(screen.kept) <= 1


def test_all_is_sent_again_after_the_window_changed(screen: PixelScreen) -> None:
    pixels = plain(1)
    page = PixelPage(screen, "above", drawn(pixels))
    page.draw()
    screen.resize(40, 12)
    assert pictures_in(page.draw()) == 1
    assert is_shown(screen, pixels, 0, 1)


def test_a_picture_too_wide_for_the_window_is_in_blocks_until_it_is_drawn_anew(
    screen: PixelScreen,
) -> None:
    drawing = drawn(plain(1))
    page = PixelPage(screen, drawing)
    page.draw()
    screen.resize(8, 12)
    assert pictures_in(page.draw()) == 0
    assert is_bare(screen)


def test_a_picture_half_scrolled_away_is_in_blocks(screen: PixelScreen) -> None:
    drawing = drawn(plain(1))
    page = PixelPage(screen, drawing, "below")
    page.draw()
    half = Drawing(drawing.lines[2:], COLUMNS, drawing.contents)
    assert pictures_in(page.draw(half, "below")) == 0
    assert is_bare(screen)
    [content] = drawing.contents
    assert screen.lines[0] == "".join(sign for _, sign in content.cells[2]).rstrip()
    assert screen.lines[3] == "below"


def test_no_picture_is_sent_to_the_last_row(screen: PixelScreen) -> None:
    page = PixelPage(screen, *["line"] * 15, drawn(plain(1)))
    assert pictures_in(page.draw()) == 0
    assert pictures_in(page.draw(*["line"] * 14, drawn(plain(1)))) == 1


def test_a_page_below_what_is_printed_has_blocks(screen: PixelScreen) -> None:
    page = PixelPage(screen, drawn(plain(1)), full_screen=False)
    assert pictures_in(page.draw()) == 0
    assert not any("8;38;2" in text for text in screen.writes)


def test_blanks_that_nothing_is_known_of_are_blanks(screen: PixelScreen) -> None:
    drawing = drawn(plain(1))
    lines = drawing.lines
    del drawing
    marks._kept.clear()
    page = PixelPage(screen, *lines, drawn(plain(2, 8, 12)))
    assert pictures_in(page.draw()) == 1
    assert screen.lines[:4] == [""] * 4


def test_the_next_page_takes_the_last_ones_pictures_away(screen: PixelScreen) -> None:
    PixelPage(screen, drawn(plain(1))).draw()
    marks._kept.clear()
    PixelPage(screen, "another page").draw()
    assert is_bare(screen)
    assert not screen.kept


def test_the_end_takes_pictures_away(screen: PixelScreen, protocol: Protocol) -> None:
    PixelPage(screen, drawn(plain(1))).draw()
    screen.write(placed.ending())
    assert not screen.kept
    assert placed.ending() == ""


def test_one_picture_twice_on_a_page_is_two(screen: PixelScreen) -> None:
    pixels = plain(1)
    PixelPage(screen, picture.before_after(pixels, pixels, 22, 6)).draw()
    for column in (0, 12):
        shown = screen.part(column, 1, COLUMNS, ROWS).astype(int)
        assert np.abs(shown - pixels).mean() < 4  # JPEG's colours bleed over the edge


def test_a_choice_that_came_late_shows_blocks_till_the_next_drawing(
    screen: PixelScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = PixelPage(screen, drawn(plain(1)))
    page.draw()
    monkeypatch.setattr(choice, "_current", Choice())
    page.draw()
    assert is_bare(screen)
    assert not screen.kept
