"""Pages of Markdown, as terminals of several widths show them."""

from __future__ import annotations

import re

import pytest

from labapp.console import theme
from labapp.console.markdown import Page
from labapp.console.theme import Depth, Theme

TABLE = r"""| name | default | meaning |
| --- | --- | --- |
| `port` | `4566` | port of the local cloud; another is taken if it is not free |
| `bucket` |  | labapp-\<account> on AWS |
"""


def drawn(text: str, columns: int) -> list[str]:
    """Return a page's lines, less colours and blanks at their ends."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", theme.current().ansi(Page(text), columns))
    return [line.rstrip() for line in plain.strip("\n").splitlines()]


def test_a_heading_stands_on_the_left() -> None:
    assert drawn("# Title\n\nText.", 60) == ["Title", "", "Text."]


def test_a_table_has_the_houses_style_where_there_is_room() -> None:
    head, rule, port, *_ = drawn(TABLE, 60)
    assert head.split() == ["name", "default", "meaning"]
    assert not rule.strip("─")
    assert port.split()[:4] == ["port", "4566", "port", "of"]


def test_in_a_narrow_window_a_row_is_a_paragraph() -> None:
    assert drawn(TABLE, 30) == [
        "port",
        "  default: 4566",
        "  meaning: port of the local",
        "  cloud; another is taken if",
        "  it is not free",
        "bucket",
        "  meaning: labapp-<account> on",
        "  AWS",
    ]


@pytest.mark.parametrize("columns", range(34, 70, 5))
def test_no_word_of_a_table_is_broken(columns: int) -> None:
    words = {word for line in drawn(TABLE, columns) for word in line.split()}
    assert {"labapp-<account>", "bucket", "another"} <= words


def test_what_a_row_says_of_one_thing_needs_no_heading() -> None:
    rows = "| code | meaning |\n| --- | --- |\n| 0 | done and everything is well indeed |\n"
    assert drawn(rows, 14)[:2] == ["0", "  done and"]


def test_lines_to_be_typed_stand_apart_and_their_remarks_below_where_there_is_no_room() -> None:
    text = "```text\nls -l     # lists the folder\n\nls\n```\n"
    assert drawn(text, 40) == ["  ls -l     # lists the folder", "", "  ls"]
    assert drawn(text, 24) == ["  ls -l", "    # lists the folder", "", "  ls"]


def test_what_looks_like_html_is_text() -> None:
    assert drawn("A <this>-<client> and `<that>`.", 60) == ["A <this>-<client> and <that>."]


def test_an_item_has_a_sign_that_the_terminal_can_show(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn("- one", 60) == [" • one"]
    monkeypatch.setattr(theme, "_current", Theme(Depth.NONE, unicode=False))
    assert drawn("- one", 60) == [" * one"]


def test_what_is_to_be_typed_stands_out_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme, "_current", Theme(Depth.NONE))
    assert "\x1b[1mls\x1b[0m" in theme.current().ansi(Page("Type `ls` now."), 60)


def test_no_line_is_wider_than_can_be_read() -> None:
    assert max(map(len, drawn("word " * 100, 300))) <= theme.MAX_WIDTH
