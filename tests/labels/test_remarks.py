"""What was decided of a picture is told line by line: what, of whose line, by whom and when."""

from __future__ import annotations

from labapp.labels.effective import Counting
from labapp.labels.remarks import remarks, withdrawn_from, withdrawn_line
from tests.labels.builders import picture

COUNTING = Counting(same={"ana_k": "ana"}, left_out=frozenset({"bo"}))


def told(script: str, counting: Counting = COUNTING) -> list[tuple[str, str, str, str]]:
    return [
        (one.decided.value, one.entry.annotator, one.whose, one.by)
        for one in remarks(picture(script, counting=counting))
    ]


def test_each_kind_is_told() -> None:
    assert told("ana_k1 bo0 cy0 cy~dark eve!3 eve=1") == [
        ("settled", "eve", "", "eve"),
        ("flagged as broken", "cy", "", ""),
        ("withdrawn", "cy", "", "eve"),
        ("left out", "bo", "", ""),
        ("counts as another's", "ana_k", "ana", ""),
    ]


def test_what_was_taken_back_is_told_too() -> None:
    assert told("cy~dark eve!1 eve=1 eve!3") == [
        ("flag dismissed", "cy", "", "eve"),
        ("verdict taken back", "eve", "", "eve"),
    ]
    assert told("cy1 eve!1 eve!2") == []
    assert told("ana1 1 ana0") == []


def test_annotators_see_what_was_withdrawn_of_theirs() -> None:
    one = picture("ana_k1 cy0 eve!1 eve!2", counting=COUNTING)
    assert [each.entry.answer_id for each in withdrawn_from(one, "Ana")] == ["id1"]
    assert withdrawn_from(one, "bo") == ()
    assert withdrawn_line([one, one], "ana") == (
        "2 of your answers were withdrawn by eve; answered anew, those pictures count again"
    )
    assert withdrawn_line([picture("ana1 eve!1 ana0")], "ana") == ""
    assert withdrawn_line([one], "cy").startswith("one of your answers was withdrawn by eve;")
