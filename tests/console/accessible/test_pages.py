"""Pages as text, their keys as letters to type."""

from __future__ import annotations

import numpy as np
import pytest
from rich.console import Group
from rich.text import Text

from labapp.console import page, picture, tables
from labapp.console.accessible import keys as typed
from labapp.console.accessible import pages, texts
from labapp.console.key import Key
from tests.support.spoken import Spoken


def test_a_page_is_text_and_its_keys_are_typed(spoken: Spoken) -> None:
    stays: list[str] = []
    keys = [
        Key("p", "purge", help="deletes all of it"),
        Key("s", "sort", lambda: stays.append("s"), stays=True),
    ]
    spoken.type("?", "s", "x", "p")
    body = tables.key_values({"queue": "inbox", "waiting": 1200})
    assert page.show("Queue", body, frame=spoken.frame, keys=keys, help="One queue.") is keys[0]
    assert stays == ["s"]
    start = spoken.lines.index("Queue")
    assert spoken.lines[start + 1 : start + 3] == ["queue     inbox", "waiting   1,200"]
    assert spoken.lines.count("Type p (purge), s (sort).") == 1
    assert "Key: One queue." in spoken.lines
    assert "p deletes all of it." in spoken.lines
    assert "There is no 'x' on this page. Type one of p, s." in spoken.text


def test_enter_does_what_enter_does_on_a_page(spoken: Spoken) -> None:
    keys = [Key("o", "open", enter=True)]
    spoken.type("", "<")
    assert page.show("One", Text("x"), frame=spoken.frame, keys=keys) is keys[0]
    assert page.show("One", Text("x"), frame=spoken.frame, keys=keys) is None


def test_a_live_page_is_read_again_when_the_user_says_so(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ARRIVE", 0.0)
    counted = [0]

    def body(_columns: int, _rows: int) -> Text:
        counted[0] += 1
        return Text(f"reading {counted[0]}")

    spoken.type("", "", "<")
    page.show(
        "Live", body, frame=spoken.frame, keys=[Key("r", "refresh")], watch=lambda: counted[0]
    )
    assert counted == [3]


def test_a_long_text_is_read_in_parts(spoken: Spoken) -> None:
    spoken.type("", "", "")
    text = Text("\n".join(f"line {number}" for number in range(1, 51)))
    page.show("Long", text, frame=spoken.frame)
    assert "Enter reads on (30 lines): line 21" in spoken.lines
    assert spoken.lines[-1] == "Enter goes back: "


def test_tables_are_sentences_and_pictures_are_words(spoken: Spoken) -> None:
    table = tables.table(["name", "answers"], [("1.jpg", 3), ("2.jpg", None)])
    drawing = picture.draw(np.zeros((4, 4, 3), np.uint8), 8, 4)
    found = texts.lines(Group(drawing, Text("below"), table), 60)
    assert found == [texts.PICTURE, "below", "1.jpg: answers 3", "2.jpg: answers -"]


def test_what_steers_a_terminal_is_not_sent(spoken: Spoken) -> None:
    spoken.type("")
    page.show("A\x1b[2Jtitle", Text("bo\x1bdy\x07"), frame=spoken.frame)
    assert "\x07" not in spoken.text


def test_a_page_that_ends_by_itself_tells_its_news_in_lines(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "EVERY", 0.0)
    monkeypatch.setattr(pages, "ARRIVE", 0.0)
    told = ["nothing yet"]
    looks = iter([["nothing yet"], ["first"], ["first", "second"], ["second", "third"]])

    def until() -> bool:
        told[:] = next(looks, [])
        return not told

    shown = page.show(
        "Going on", lambda _c, _r: Text("\n".join(told)), frame=spoken.frame, until=until
    )
    assert shown is None
    start = spoken.lines.index("Going on")
    assert spoken.lines[start + 2 :] == ["first", "second", "third"]


def test_such_a_page_hears_what_is_typed(spoken: Spoken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "ARRIVE", 0.0)
    monkeypatch.setattr(pages, "has_line", lambda: True)
    stop = Key("x", "stop")
    spoken.type("y", "", "", "x", "<")
    for expected in (stop, None):
        body, keys = Text("x"), [stop]
        frame = spoken.frame
        assert expected is page.show("On", body, frame=frame, keys=keys, until=lambda: False)
    assert "There is no 'y' on this page." in spoken.text


def test_of_a_page_that_ends_at_once_nothing_is_read(spoken: Spoken) -> None:
    assert page.show("Soon", Text("over"), frame=spoken.frame, until=lambda: True) is None
    assert "over" not in spoken.text


def test_ctrl_c_on_such_a_page_asks_what_to_do(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ARRIVE", 0.0)
    interrupts = iter([False, True, True])
    stop = Key("x", "stop")

    def until() -> bool:
        if next(interrupts, False):
            raise KeyboardInterrupt
        return False

    spoken.type("", "x")
    found = page.show("Going on", Text("x"), frame=spoken.frame, keys=[stop], until=until)
    assert found is stop
    assert spoken.text.count("Type x (stop).\nKey, or Enter to go on: ") == 1
    assert spoken.text.count("Type x; ? explains.\nKey, or Enter to go on: ") == 1


def test_named_keys_are_typed_by_their_names() -> None:
    assert typed.answers(Key("Space", "mark"), "space")
    assert typed.answers(Key("Enter", "open"), "")
    assert not typed.answers(Key("p", "purge"), "")


def test_ctrl_c_before_such_a_page_is_read_leaves_no_program(spoken: Spoken) -> None:
    def until() -> bool:
        raise KeyboardInterrupt

    stop = Key("x", "stop")
    spoken.type("x")
    found = page.show("Going on", Text("x"), frame=spoken.frame, keys=[stop], until=until)
    assert found is stop


def test_rules_are_not_read(spoken: Spoken) -> None:
    assert texts.lines(Text("head\n----  ---\n- point"), 60) == ["head", "- point"]
