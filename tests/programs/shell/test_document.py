"""Documents of JSON, as the manual tells of them."""

from __future__ import annotations

from labapp.programs.shell.document import Document, list_of


def test_a_list_is_told_by_its_fields_and_their_notes() -> None:
    assert list_of("name", "oldest", oldest="seconds").text == "list of `name`, `oldest` (seconds)"


def test_parts_have_words_of_their_own() -> None:
    parts = (Document(("folder", "pid"), "of the local cloud also"), Document((), "and no more"))
    told = Document(("cloud", "state"), parts=parts).text
    assert told == "`cloud`, `state`; of the local cloud also `folder`, `pid`; and no more"
