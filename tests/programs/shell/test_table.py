"""One declaration gives the JSON document, the rows of a pipe, the columns of terminal and page."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from labapp.console import theme
from labapp.programs.shell.table import Document, Field, Table, list_of


@dataclass(frozen=True)
class Thing:
    id: str
    state: str
    seconds: int


THINGS: Table[Thing] = Table(
    fields=(
        Field("id", look="id"),
        Field("seconds", title="took", shown=lambda one: f"{one.seconds} s", drop=1),
        Field("state", sign=lambda one: "good", look="word"),
        Field("words", lambda one: f"{one.state} in {one.seconds} s"),
    ),
    empty="No things. Make one: make",
    empty_page="No things yet.",
    columns=("id", "state", "seconds"),
    piped=("id", "seconds", "state"),
    page=("state", "words", "id"),
    hidden=frozenset({"words"}),
    details=("state", "seconds", "id"),
)
ONE = Thing("a1", "done", 3)


def plain(page: RenderableType) -> str:
    """Return a page as text."""
    return theme.detect("never").ansi(page, 80).strip()


def test_json_has_each_field_but_those_for_people() -> None:
    assert THINGS.document(ONE) == {"id": "a1", "seconds": 3, "state": "done"}
    assert THINGS.listing.names == ("id", "seconds", "state")


def test_a_pipe_gets_values_and_a_terminal_what_people_see() -> None:
    assert THINGS.row(ONE) == ["a1", 3, "done"]
    assert THINGS.cells([ONE]) == [["a1", "done", "3 s"]]
    assert [head.title for head in THINGS.heads()] == ["id", "state", "took"]
    assert [head.drop for head in THINGS.heads()] == [0, 0, 1]


def test_an_id_is_whole_on_a_terminal_and_cut_on_a_page() -> None:
    whole, cut = THINGS.heads()[0], THINGS.heads(page=True)[2]
    assert (whole.keep, whole.line) == (True, False)
    assert (cut.keep, cut.line) == (False, True)


def test_a_page_has_signs_and_columns_of_its_own() -> None:
    ((state, words, name),) = THINGS.cells([ONE], page=True)
    assert isinstance(state, Text)
    assert state.plain == f"{theme.current().glyphs.done} done"
    assert (words, name) == ("done in 3 s", "a1")


def test_an_empty_listing_says_how_to_have_one() -> None:
    assert plain(THINGS.on_page([])) == "No things yet."
    assert plain(THINGS.on_page([], empty="None of these.")) == "None of these."
    assert plain(THINGS.on_page([ONE], "the newest 1")).startswith("the newest 1")


def test_a_list_is_told_by_its_fields_and_their_notes() -> None:
    assert list_of("name", "oldest", oldest="seconds").text == "list of `name`, `oldest` (seconds)"


def test_parts_have_words_of_their_own() -> None:
    parts = (Document(("folder", "pid"), "of the local cloud also"), Document((), "and no more"))
    told = Document(("cloud", "state"), parts=parts).text
    assert told == "`cloud`, `state`; of the local cloud also `folder`, `pid`; and no more"


def test_one_thing_is_read_whole_where_a_listing_has_a_line_of_it() -> None:
    odd = plain(THINGS.details_of(Thing("b\x1b2", "done", 3))).splitlines()
    assert [line.split() for line in odd] == [
        ["state", theme.current().glyphs.done, "done"],
        ["took", "3"],  # the value itself, no line of it
        ["id", "b?2"],
    ]
