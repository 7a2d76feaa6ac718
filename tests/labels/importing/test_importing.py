"""Files are read back row by row; what cannot be taken has its line and the reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import RefusedError
from labapp.labels.effective import PictureLabels, labels_of
from labapp.labels.export import FORMATS, export_files
from labapp.labels.export.format import Labels
from labapp.labels.importing import NoAnswersError, Reading, Row, read
from labapp.labels.label_file import Entry, Label, parse_label_file
from labapp.labels.merging import Given, merge
from tests.labels.builders import picture

NOW = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
HEAD = "image_key,sha256,annotator,label,labelled_at,answer_id\n"
KEY = "images/00000000000000aa-bun.jpg"

scripts = st.lists(
    st.sampled_from(["0", "1", "ana1", "ana0", "bo1", "bos", "ana-1", "cy0", "cys"]), max_size=6
).map(" ".join)


def rows(text: str) -> list[Row]:
    return list(read(text.encode(), Reading("f")))


def reasons(text: str) -> dict[int, str]:
    return {row.line: row.reason for row in rows(text) if row.reason}


def exported(name: str, pictures: list[PictureLabels], *, excel: bool = False) -> dict[str, str]:
    labels = Labels(pictures, "b", target=3, now=NOW)
    files = export_files(FORMATS[name], labels, excel=excel)
    return {file: "".join(chunks) for file, chunks in files.items()}


@given(st.lists(scripts, max_size=4), st.sampled_from(["csv", "jsonl", "label-studio", "excel"]))
def test_what_was_exported_is_exported_again_to_the_byte(made: list[str], name: str) -> None:
    excel, name = name == "excel", name.replace("excel", "csv")
    dataset = [picture(script, f"images/{n:016x}-p.jpg") for n, script in enumerate(made)]
    first = exported(name, dataset, excel=excel)
    text = next(iter(first.values()))
    found: dict[str, list[Given]] = {}
    for row in rows(text):
        assert row.given is not None, row.reason
        found.setdefault(row.picture.removeprefix("s3://b/"), []).append(row.given)
    again = [
        labels_of(one.key, parse_label_file(merge(b"", found.get(one.key, ()))[0]))
        for one in dataset
    ]
    assert exported(name, again, excel=excel) == first


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{KEY},,ana,2,2026-11-21T10:00:00Z,a", "the label '2' is neither 1"),
        (f"{KEY},,ana,,2026-11-21T10:00:00Z,a", "the label '' is neither 1"),
        (f"{KEY},,ana,1,yesterday,a", "the time 'yesterday' is not like"),
        (f"{KEY},,ana,1,2026-11-21T10:00:00,a", "is not like"),
        (f"{KEY},,ana,1,0001-01-01T00:00:00+09:00,a", "no year from 1"),
        (f"{KEY},,ana,1,,a", "it has no time"),
        (f"{KEY},,,1,2026-11-21T10:00:00Z,a", "no annotator"),
        (f"{KEY},,!!,1,2026-11-21T10:00:00Z,a", "no letter or digit"),
        (f"{KEY},,ana,1,2026-11-21T10:00:00Z,a b", "the answer's id 'a b'"),
        (f"{KEY},,ana,1", "4 cells instead of 6"),
    ],
)
def test_a_wrong_row_is_told_by_its_line_and_the_others_are_read(line: str, reason: str) -> None:
    good = f"{KEY},,ana,1,2026-11-21T10:00:00Z,a\n"
    text = HEAD + good + "\n" + line + "\n" + good
    ((number, told),) = reasons(text).items()
    assert number == 4
    assert reason in told
    assert [row.line for row in rows(text) if row.given] == [2, 5]


def test_json_lines_that_are_wrong_are_told_by_their_numbers() -> None:
    good = {"image_key": KEY, "annotator": "ana", "label": 1, "labelled_at": "2026-11-21T10:00:00Z"}
    lines = [good, good | {"label": True}, good | {"label": 0.5}]
    text = "\n".join([*map(json.dumps, lines), "{", "[]", ""])
    told = reasons(text)
    assert list(told) == [2, 3, 4, 5]
    assert told[4] == "it is no JSON from character 2 on"
    assert "no JSON object" in told[5]


def test_an_answer_without_an_id_gets_the_same_one_each_time() -> None:
    line = f"image_key,annotator,label,labelled_at\n{KEY},ana,1,2026-11-21T10:00:00Z\n"
    first, second = rows(line)[0].given, rows(line)[0].given
    other = rows(line.replace("ana", "bo"))[0].given
    assert first == second
    assert first is not None
    assert other is not None
    assert first.is_derived
    assert first.entry.answer_id != other.entry.answer_id


@pytest.mark.parametrize(
    ("label", "answer_id"),
    [("1", "x-880e8761267777cf1fbdeca5"), ("0", "x-5cf1139a9757f3be984946f3")],
)
def test_the_id_that_is_given_is_that_of_every_version(label: str, answer_id: str) -> None:
    (row,) = rows(f"{HEAD}{KEY},,ana,{label},2026-11-21T10:00:00Z,\n")
    assert row.given is not None
    assert row.given.entry.answer_id == answer_id


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_tables_as_excel_saves_them_are_read(sign: str) -> None:
    text = f"\ufeff{HEAD}{KEY},,ana,1,2026-11-21T10:00:00Z,a\n".replace(",", sign)
    (row,) = rows(text.replace("\n", "\r\n"))
    assert row.given is not None
    assert row.given.entry == Entry(Label.ONE, datetime(2026, 11, 21, 10, tzinfo=UTC), "ana", "a")


def test_the_apostrophe_that_keeps_a_spreadsheet_quiet_is_no_part_of_an_id() -> None:
    (row,) = rows(HEAD + f"{KEY},,ana,1,2026-11-21T10:00:00Z,'-x\n")
    assert row.given is not None
    assert row.given.entry.answer_id == "-x"


def annotation(**fields: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "completed_by": 3,
        "created_at": "2026-11-21T10:00:00.5Z",
        "was_cancelled": False,
        "result": [{"type": "choices", "value": {"choices": ["hot dog"]}, "id": "Xy12"}],
    } | fields


def tasks(*annotations: dict[str, Any], image: str = "s3://b/images/a.jpg") -> str:
    return json.dumps([{"id": 1, "data": {"image": image}, "annotations": annotations}], indent=1)


def test_label_studios_own_annotations_are_answers_of_its_people() -> None:
    text = tasks(
        annotation(unique_id="6f1c1f2e-0000-4000-8000-000000000001"),
        annotation(completed_by={"email": "bo@lab.org"}, id=8),
        annotation(completed_by=4, was_cancelled=True, result=[]),
    )
    one, two, skip = (row.given for row in rows(text) if row.given)
    assert (one.entry.annotator, one.entry.label) == ("label-studio-3", Label.ONE)
    assert one.entry.answer_id == "6f1c1f2e-0000-4000-8000-000000000001"
    assert (two.entry.annotator, two.is_derived) == ("bo@lab.org", True)
    assert skip.entry.label is Label.SKIP
    assert rows(text) == rows(text), "derived ids are the same each time"
    (nobody,) = (row.given for row in rows(tasks(annotation(completed_by=None))))
    assert nobody is not None
    assert nobody.entry.annotator == "label-studio"


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("1", Label.ONE), (1, Label.ONE), ("Hot_Dog", Label.ONE),
        (" hot-dog ", Label.ONE), ("HOT - DOG", Label.ONE), ("0", Label.ZERO),
        (0, Label.ZERO), ("Other", Label.ZERO),
    ],
)  # fmt: skip
def test_a_choice_is_read_in_any_spelling(said: object, label: Label) -> None:
    (row,) = rows(tasks(annotation(result=[{"value": {"choices": [said]}}])))
    assert row.given is not None
    assert row.given.entry.label is label


@pytest.mark.parametrize(
    ("by", "name"),
    [
        ({"email": "a@lab.org", "username": "ana", "id": 5}, "a@lab.org"),
        ({"email": "", "username": "ana", "id": 5}, "ana"), ({"id": 5}, "label-studio-5"),
        ("cy", "cy"), (9, "label-studio-9"), ({}, "label-studio"),
    ],
)  # fmt: skip
def test_who_answered_is_named_by_what_is_known_of_the_account(by: object, name: str) -> None:
    (row,) = rows(tasks(annotation(completed_by=by)))
    assert row.given is not None
    assert row.given.entry.annotator == name


def test_a_card_and_a_configuration_are_known_by_what_they_are() -> None:
    files = exported("imagefolder", [picture("ana1", KEY)])
    with pytest.raises(NoAnswersError, match="is the card of an imagefolder"):
        rows(files["README.md"])
    # Its words alone, or its first letter, make no card.
    with pytest.raises(RefusedError, match="has no column") as caught:
        rows("Exported by labapp.,b\n1,2\n")
    assert not isinstance(caught.value, NoAnswersError)
    with pytest.raises(RefusedError, match="has no column"):
        rows("-a,b\n1,2\n")
    with pytest.raises(NoAnswersError, match="is XML"):
        rows(exported("label-studio", [picture("ana1", KEY)])["labelling.xml"])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"result": []}, "0 choices instead of one"),
        ({"result": [{"value": {"choices": ["pizza"]}}]}, "the label 'pizza' is neither"),
        ({"result": [{"value": {"choices": ["hot dog", "other"]}}]}, "2 choices"),
        ({"created_at": None}, "it has no time"),
    ],
)
def test_an_annotation_that_is_no_answer_is_told(fields: dict[str, Any], reason: str) -> None:
    (told,) = reasons(tasks(annotation(**fields))).values()
    assert reason in told


def test_a_task_is_told_by_the_line_that_it_begins_in() -> None:
    text = '[\n{"data": {"image": "a"}, "annotations": []},\n\n{"id": 2},\n7\n]'
    assert list(reasons(text)) == [4, 5]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("é".encode("latin-1"), "not text in UTF-8"),
        (b"a,b\n1,2\n", "no column image_key and no column label"),
        (b"image_key,label,votes,votes_1,agreement,status\n", "the table of pictures"),
        (b'{"source-ref":"s3://b/a","hotdog":1}\n', "is a manifest"),
        (b'[{"data": {}}, {"da', "no JSON from line 1 on. Export"),
        (b'[{"data": {}},\n{"data":\n {]', "no JSON from line 3 on. Export"),
        (b"[" * 100_000, "nests deeper than 32 lists and objects. Export"),
        (b'[{"data": {}}', "ends in the middle"),
    ],
)
def test_a_file_that_cannot_be_read_back_is_refused_whole(data: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        list(read(data, Reading("f")))


def test_a_quote_that_is_not_closed_ends_the_table_in_words_of_ours() -> None:
    good = f"{KEY},,ana,1,2026-11-21T10:00:00Z,a\n"
    told = reasons(f'{HEAD}{good}{KEY},"{"x" * 200_000}')
    assert told == {3: "a quote is opened and not closed, or a cell is too long"}


def test_a_text_without_a_line_break_is_no_table_and_no_crash() -> None:
    with pytest.raises(RefusedError, match="first line cannot be read"):
        rows("x" * 200_000)


@pytest.mark.parametrize("choices", [5, True, 1.5, "hot dog", {"hot dog": 1}, None])
def test_choices_that_are_no_list_are_a_row_with_a_reason(choices: object) -> None:
    annotation = {"result": [{"value": {"choices": choices}}], "completed_by": 1}
    task = {"data": {"image": KEY}, "annotations": [annotation]}
    assert reasons(json.dumps([task])) == {1: "an annotation has 0 choices instead of one"}
