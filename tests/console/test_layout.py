"""Notices beside a picture, and the key that takes them off any page."""

from __future__ import annotations

import pytest

from labapp.console import layout
from labapp.console.key import DISMISS, EVERYWHERE, Key
from labapp.console.stage import Frame, Notice, Stage
from tests.console.conftest import Demo
from tests.console.demo.around import header


def _blocks(text: str) -> list[int]:
    """Return the rows of a screen that have a part of a picture."""
    signs = set("▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")
    return [row for row, line in enumerate(text.splitlines()) if len(signs & set(line)) > 1]


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 12)])
def test_a_notice_leaves_a_picture_as_large_as_it_is(
    demo: Demo, photo: str, columns: int, rows: int
) -> None:
    screen = demo("dismissed", photo, columns=columns, rows=rows, env={"COLORTERM": "truecolor"})
    screen.wait_for("x end")
    screen.wait_until(lambda: len(_blocks(screen.text)) >= rows // 2, "the picture")
    before = _blocks(screen.text)
    screen.send("n")
    screen.wait_for("✓ 3-blur.jpg is back")
    assert _blocks(screen.text) == before
    screen.send("\x0c")
    screen.wait_gone("3-blur.jpg")
    assert _blocks(screen.text) == before
    screen.send("?")
    told = "3-blur.jpg is back, saved in photos"
    screen.wait_until(lambda: told in " ".join(screen.text.split()), told)


def test_the_key_that_clears_notices_is_one_of_all_pages_and_told_where_there_are_any() -> None:
    notices = [Notice("done")]
    stage = Stage(body=None, focus=None, typing=lambda: True)  # type: ignore[arg-type]
    assert DISMISS in EVERYWHERE
    assert DISMISS not in stage.common()
    stage.frame = Frame(header, lambda: notices, dismiss=notices.clear)
    assert (DISMISS.letter, DISMISS.words) in stage.hints, "also where letters are typed"
    assert DISMISS.sentence in stage.whole_help
    DISMISS.act(stage)
    assert DISMISS not in stage.common()


FILES = [("Esc", "back"), ("k", "stop sending"), ("Enter/o", "process"), ("x", "viewer"),
         ("?", "help"), ("\u2191\u2193", "move")]  # fmt: skip

#: A name of wide signs.
WIDE = ("Enter", "send \u7d75\u7d75.png")


@pytest.mark.parametrize(
    ("hints", "columns", "line"),
    [
        (FILES, 80, "Esc back|k stop sending|Enter/o process|x viewer|? help|\u2191\u2193 move"),
        (FILES, 64, "Esc back|k stop sending|Enter/o process|x viewer|? help"),
        (FILES, 56, "Esc back|k stop sending|Enter/o process|? more keys"),
        (FILES, 40, "Esc back|k stop sending|? more keys"),
        (FILES, 35, "Esc back|k stop sending|? more"),
        (FILES, 30, "Esc back|k stop sending|?"),
        (FILES, 24, "Esc back|?"),
        (FILES, 4, "?"),
        ([FILES[0], WIDE, *FILES[3:]], 40, "Esc back|Enter send \u7d75\u7d75.png|? more"),
        # Where nothing explains them, each is seen at least.
        ([("Esc", "back"), ("y", "yes"), ("n", "no")], 17, "Esc back|y|n"),
    ],
)
def test_keys_have_words_as_far_as_there_is_room_and_one_explains_the_others(
    hints: list[tuple[str, str]], columns: int, line: str
) -> None:
    shown = layout._fitting(hints, columns)
    assert "|".join(" ".join(filter(None, hint)) for hint in shown) == line
    assert layout._cells(shown) <= columns


def test_the_key_of_the_moment_is_told_before_the_others() -> None:
    keys = [Key("o", "process"), Key("k", "stop", first=True)]
    stage = Stage(body=None, keys=lambda: keys, typing=lambda: True)  # type: ignore[arg-type]
    assert [letter for letter, _ in stage.hints] == ["Esc", "k", "o"]
