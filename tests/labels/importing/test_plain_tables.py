"""Tables of a picture and its class are read however a spreadsheet or a person writes them."""

from __future__ import annotations

import contextlib
import json

import pytest

from labapp.errors import RefusedError
from labapp.labels.importing import NoAnswersError
from labapp.labels.importing.row import Fault
from labapp.labels.label_file import Label
from labapp.labels.merging import UNTIMED
from tests.labels.importing.reading import ANIMALS, AT, answers, rows

COCO = {
    "images": [{"id": 7, "file_name": "a"}],
    "annotations": [{"id": 1, "image_id": 7, "category_id": 2}],
    "categories": [{"id": 1, "name": "bird"}, {"id": 2, "name": "cat"}],
}


@pytest.mark.parametrize(
    "text",
    [
        "name,label\na.jpg,cat\n",
        "Label,Name\nCAT,a.jpg\n",
        "File Name;Class\na.jpg;1\n",
        "filename\tcategory\r\na.jpg\tcat\r\n",
        '"image_path","label"\n"a.jpg","1"',
        "sep=;\nname;label\na.jpg;cat\n",
        "name,label\ra.jpg,cat\r",
        "\ufeffname,label\na.jpg,1.0\n",
        "path,class_name,notes\na.jpg,cat,\n",
        "a.jpg,cat\n",
        "id,label\na.jpg,cat\n",
        "name,label,extra\na.jpg,cat,\n\n,,\n",
        '{"name": "a.jpg", "label": "cat"}\n',
        '{"file": "a.jpg",\n "class": 1}\n',
        '[{"image": "a.jpg", "label": "cat"}]',
    ],
)
@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_a_picture_and_its_class_are_found_by_what_their_columns_are_called(
    text: str, code: str
) -> None:
    assert answers(text.encode(code)) == ["a.jpg import 1"]
    assert answers(text.encode(code), annotator="Eve M") == ["a.jpg Eve_M 1"]


def test_a_class_is_meant_by_code_or_name_in_any_spelling() -> None:
    text = "name,label\na,3\nb,Big_Dog\nc,big-dog \nd,3.0\ne,BigDog\n"
    assert [each[-1] for each in answers(text)] == ["3"] * 5


def test_our_table_of_pictures_gives_those_that_are_taken_for_a_class() -> None:
    text = "image_key,label,votes,class\na,3,2,big dog\nb,,2,\n"
    assert [row.picture for row in rows(text, annotator="eve")] == ["a"]


def test_a_class_that_a_file_calls_otherwise_than_its_code_is_known() -> None:
    text = "image_key,label,annotator,labelled_at,class\n" + "".join(
        f"a,{code},ana,{AT},{name}\n" for code, name in ((1, "Cat"), (1, "circle"), (3, ""))
    )
    assert [row.otherwise for row in rows(text)] == ["", "circle", ""]


def test_what_is_no_class_is_told_with_what_it_says() -> None:
    text = "name,label\na,horse\nb,2\nc,\nd,0.5\n"
    found = rows(text)
    assert found[0].reason == "the label 'horse' is none of 1 cat, 3 big dog, 4 bird"
    assert [each.unknown for each in found] == ["horse", "2", "", "0.5"]
    assert [each.fault for each in found] == [Fault.CLASS, Fault.CLASS, Fault.OTHER, Fault.CLASS]
    assert [each.line for each in found] == [2, 3, 4, 5]


def test_an_answer_without_a_time_has_that_of_its_file_and_the_same_id_each_time() -> None:
    first, again = rows("name,label,annotator\na,cat,ana\n"), rows("a,b\n".replace("b", "cat"))
    assert first[0].given
    assert first[0].given.entry.at == AT
    assert first[0].given.is_untimed
    assert first[0].given.entry.answer_id.startswith(UNTIMED)
    assert first == rows("annotator,label,name\nana,cat,a\n")
    assert again[0].given
    assert again[0].given.entry.answer_id != first[0].given.entry.answer_id


def test_two_names_for_one_file_give_answers_of_two_people() -> None:
    ids = {
        row.given.entry.answer_id
        for who in ("", "eve", "bo")
        for row in rows("name,label\na,cat\n", annotator=who)
        if row.given
    }
    assert len(ids) == 3


def test_rows_that_say_that_nobody_answered_stay_anonymous_unless_somebody_is_named() -> None:
    """Our own exports have an empty cell, or null, for an answer of a lab's own program."""
    text = "image_key,annotator,label,labelled_at,answer_id\na,,1,,\n"
    assert answers(text) == ["a - 1"]
    assert answers('{"image_key": "a", "annotator": null, "label": 1}') == ["a - 1"]
    assert answers(text, annotator="eve") == ["a eve 1"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("image_key,label,votes,votes_1,agreement,status\na,1,3,3,1.0,decided\n", "pictures"),
        ("file_name,label\na,1\n", "imagefolder"),
        (
            json.dumps({"source-ref": "a", "x": 0, "x-metadata": {"class-name": "cat"}}),
            "manifest",
        ),
        (json.dumps(COCO, indent=1), "COCO"),
    ],
)
def test_what_does_not_say_who_answered_is_taken_where_somebody_is_named(
    text: str, told: str
) -> None:
    with pytest.raises(NoAnswersError, match=f"{told}.* --annotator NAME"):
        rows(text)
    assert answers(text, annotator="gt") == ["a gt 1"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "no column image_key and no column label"),
        ("name,who\na,cat\n", "no column label"),
        ("label,who\ncat,ana\n", "no column image_key"),
        ("a.jpg,horse\n", "no column"),
        (b"name,label\nz\xfcri.jpg,cat\n", "not text in UTF-8. Save it as 'CSV UTF-8'"),
    ],
)
def test_a_table_without_what_is_needed_is_refused_whole(text: str | bytes, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        rows(text)


@pytest.mark.parametrize(
    "text",
    [
        "name,label\n" + "=cmd|' /C calc'!A0,cat\n",
        "name,label\n\x00a\x00,cat\n",
        "name,label\n" + "x" * 100_000 + ",cat\n",
        "name,label\na," + "x" * 100_000 + "\n",
        '{"name": "a", "label": ' + "[" * 1_000 + "]" * 1_000 + "}",
        '{"name": "a", "label": NaN}',
        '{"name": "a", "label": ' + "9" * 5_000 + "}",
        '{"name": {"a": 1}, "label": [1]}',
        '{"name": "a", "label": "cat", "annotator": "!!"}',
        '{"name": "a", "label": "cat", "labelled_at": "9999-12-31T23:59:59-23:59"}',
        '{"name": "\\ud800", "label": "cat"}',
        '{"name": "a", "label": "cat"',
        '[1, null, [], {}, "a"]',
        "\x00",
        ",,\n,,\n",
    ],
)
@pytest.mark.parametrize("predicted", [False, True])
def test_whatever_a_file_holds_it_ends_in_rows_or_in_one_error(text: str, predicted: bool) -> None:
    found = []
    with contextlib.suppress(RefusedError):
        found = rows(text, predicted=predicted)
    assert all(row.reason or row.given or row.prediction for row in found)
    assert all(len(row.reason) < 300 for row in found)


def test_a_class_that_is_no_more_is_still_known_by_its_code() -> None:
    text = "name,label\na,1\n"
    assert Label("1") is Label.of(ANIMALS.first)
    assert answers(text) == ["a import 1"]
