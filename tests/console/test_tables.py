"""One style for tables."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.console import tables
from labapp.console.theme import Depth, Theme
from labapp.errors import LabappError
from tests.console.columns import line, number


@pytest.fixture(params=[True, False], ids=["unicode", "ascii"])
def look(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Theme:
    chosen = Theme(Depth.NONE, request.param, plain=True)
    monkeypatch.setattr("labapp.console.theme._current", chosen)
    return chosen


def test_numbers_are_separated_and_right_aligned(look: Theme) -> None:
    table = tables.table(["Name", number("Jobs")], [("one", 12345), ("two", 7)])
    lines = look.ansi(table, 80).splitlines()
    assert lines[0].rstrip() == "Name     Jobs"
    assert set(lines[1].strip()) == {look.glyphs.rule}
    assert [line.rstrip() for line in lines[2:]] == ["one    12,345", "two         7"]


def test_rows_that_a_window_cuts_are_told_in_full_and_no_others() -> None:
    columns = [line("name"), number("jobs"), number("seen", drop=1)]
    table = tables.fitted(columns, [("a" * 20, 1234, 7), ("b", 2, None)])
    assert table.cut_rows(60) == []
    assert table.cut_rows(34)[0] == f"{'a' * 20}: jobs 1,234, seen 7"  # the name is cut
    assert table.cut_rows(20)[1].startswith("b: jobs 2, seen ")  # a column is left out


def test_a_column_is_measured_once() -> None:
    asked: list[int] = []

    class Row(tuple[str, ...]):
        def __getitem__(self, place: Any) -> Any:
            asked.append(place)
            return super().__getitem__(place)

    columns = [line("a"), number("b", drop=1), number("c", drop=2)]
    table = tables.fitted(columns, [("word", 12345, 12345)] * 100)
    table.rows = [Row(row) for row in table.rows]  # type: ignore[misc, arg-type]
    for width in (80, 20, 10):
        table.fit(width)
    assert len(asked) <= 2 * 3 * 100


def test_of_very_many_rows_few_are_made_and_columns_grow_for_those_that_are_seen() -> None:
    made: list[int] = []

    def cells(number: int) -> list[str | float]:
        made.append(number)
        return ["a much longer name" if number == 77_777 else "name", number % 10]

    rows = tables.Rows(100_000, cells)
    table = tables.Fitted([line("a"), number("b", drop=1)], rows)
    assert table.fit(80)[1] == [4, 1]
    assert len(made) <= tables.MEASURED
    assert [cell.plain for cell in table.row(77_777)] == ["a much longer name", "7"]
    assert table.fit(80)[1] == [18, 1]
    assert table.told(77_777) == "a much longer name: b 7"
    assert (len(rows), [row[0].plain for row in rows[-2:]]) == (100_000, ["name", "name"])
    assert len(made) <= tables.MEASURED + 3


def test_nothing_is_a_dash(look: Theme) -> None:
    lines = look.ansi(tables.table(["Name"], [(None,)]), 80).splitlines()
    assert lines[-1].strip() == look.glyphs.rule


def test_an_empty_table_says_how_to_fill_it(look: Theme) -> None:
    empty = tables.table(["Name"], [], empty="No jobs yet: send one with client.py numbers 1,2")
    assert look.ansi(empty, 80) == "No jobs yet: send one with client.py numbers 1,2"


def test_foreign_text_is_neither_markup_nor_escape_codes(look: Theme) -> None:
    text = look.ansi(tables.table(["Name"], [("[red]x[/red]\x1b[2J",)]), 80)
    assert "[red]x[/red]?[2J" in text
    assert "\x1b" not in text


def test_what_must_be_kept_is_kept_when_the_window_is_narrow(look: Theme) -> None:
    columns: list[tables.Column | str] = [tables.Column("Job", keep=True), "Note"]
    text = look.ansi(tables.table(columns, [("01JD3ABCDEFGH", "word " * 20)]), 40)
    assert "01JD3ABCDEFGH" in text
    assert all(len(line) <= 40 for line in text.splitlines())
    assert " ".join(text.split()).count("word") == 20


def test_names_and_values_stand_in_two_columns(look: Theme) -> None:
    text = look.ansi(tables.key_values({"sum": 1234, "note": "a [b]"}), 80)
    assert [line.rstrip() for line in text.splitlines()] == ["sum    1,234", "note   a [b]"]


def test_a_state_is_said_by_a_glyph_and_a_word(look: Theme) -> None:
    assert look.ansi(tables.mark("good", "done"), 80) == f"{look.glyphs.done} done"


def test_an_error_says_what_to_do_next(look: Theme) -> None:
    error = LabappError("the queue requestQueue is not there", "make it with admin.py cloud up")
    lines = look.ansi(tables.problem(error), 80).splitlines()
    assert [line.rstrip() for line in lines] == [
        f"{look.glyphs.failed} the queue requestQueue is not there",
        "  make it with admin.py cloud up",
    ]


def test_an_error_that_is_folded_stays_beside_its_glyph(look: Theme) -> None:
    error = LabappError("the queue requestQueue is not there", "make it with admin.py cloud up")
    lines = look.ansi(tables.problem(error), 24).splitlines()
    assert [line.rstrip() for line in lines] == [
        f"{look.glyphs.failed} the queue requestQueue",
        "  is not there",
        "  make it with admin.py",
        "  cloud up",
    ]


def test_each_note_on_a_table_has_a_line_and_breaks_in_it_are_seen(look: Theme) -> None:
    table = tables.table(["Name"], [("one",)])
    noted = look.ansi(tables.noted(table, "3 reports left out", "", "too large: a\nb"), 80)
    lines = noted.splitlines()
    assert [line.rstrip() for line in lines[:2]] == ["3 reports left out", r"too large: a\x0ab"]
    assert look.ansi(tables.noted(table, ""), 80) == look.ansi(table, 80)


def test_more_rows_go_on_in_the_same_columns(look: Theme) -> None:
    heads = [tables.Column("Id", keep=True), tables.Column("Text", line=True)]
    first = tables.fitted(heads, [("0123456789", "one")])
    first.stretch(30)
    more = first.further([("ab", "a text that is longer than the first one")], 30)
    whole = look.ansi(first, 30) + "\n" + look.ansi(more, 30)
    *_, one, two = [line for line in whole.splitlines() if line.strip()]
    assert whole.count("Id") == 1
    assert one.index("one") == two.index("a t")
    wider = more.further([("an id that is never cut", "x")], 60)
    assert "an id that is never cut" in look.ansi(wider, 60)
    assert "Id" in look.ansi(wider, 60)
