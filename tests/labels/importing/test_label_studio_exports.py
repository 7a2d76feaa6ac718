"""Label Studio's exports as its own code writes them: JSON, JSON-MIN, CSV, and stored tasks.

JSON: labelstud.io/guide/task_format. JSON-MIN and CSV: label_studio_sdk/converter, the functions
`Converter.convert_to_json_min` and `exports.csv2.prepare_annotation`: the columns of data and of
controls have the names of the project's own, in alphabetical order among Label Studio's.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.labels.importing.reading import answers, rows

#: A choice, as the editor stores it.
CHOICE = {
    "id": "Dx_aB91ISN", "type": "choices", "origin": "manual", "to_name": "image",
    "from_name": "species", "value": {"choices": ["big dog"]},
}  # fmt: skip

#: A box drawn in the same annotation.
BOX = {
    "id": "Ab1", "type": "rectanglelabels", "to_name": "image", "from_name": "where",
    "original_width": 600, "original_height": 400, "image_rotation": 0,
    "value": {"x": 1.5, "y": 2, "width": 9, "height": 9, "rotation": 0, "rectanglelabels": ["cat"]},
}  # fmt: skip


def annotation(**fields: Any) -> dict[str, Any]:
    return {
        "id": 1001, "completed_by": 10, "result": [CHOICE], "was_cancelled": False,
        "ground_truth": False, "created_at": "2021-03-09T22:16:08.728353Z",
        "updated_at": "2021-03-09T22:16:08.728378Z", "draft_created_at": None, "lead_time": 4.288,
        "prediction": {}, "result_count": 1, "unique_id": "6f1c1f2e-0000-4000-8000-000000000001",
        "import_id": None, "last_action": None, "bulk_created": False, "task": 1, "project": 83,
        "updated_by": 1, "parent_prediction": None, "parent_annotation": None,
        "last_created_by": None,
    } | fields  # fmt: skip


def task(*annotations: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": 1, "annotations": list(annotations), "file_upload": "0a1b2c3d-a.jpg", "drafts": [],
        "predictions": [], "data": {"image": "/data/upload/7/0a1b2c3d-a.jpg"}, "meta": {},
        "created_at": "2021-03-09T21:52:49.513742Z", "updated_at": "2021-03-09T22:16:08.746926Z",
        "allow_skip": True, "inner_id": 1, "total_annotations": 1, "cancelled_annotations": 0,
        "total_predictions": 0, "comment_count": 0, "project": 83, "comment_authors": [],
    } | fields  # fmt: skip


PLACE = "/data/upload/7/0a1b2c3d-a.jpg"


def test_each_annotation_of_a_task_is_an_answer_and_a_cancelled_one_a_skip() -> None:
    people = [10, {"id": 3, "email": "bo@lab.org", "first_name": ""}, "cy@lab.org"]
    made = [annotation(completed_by=who, unique_id=f"u-{n}") for n, who in enumerate(people)]
    made.append(annotation(was_cancelled=True, result=[], unique_id="u-9"))
    assert answers([task(*made)]) == [
        f"{PLACE} label-studio-10 3",
        f"{PLACE} bo@lab.org 3",
        f"{PLACE} cy@lab.org 3",
        f"{PLACE} label-studio-10 s",
    ]


def test_controls_may_have_any_name_and_what_is_no_class_is_of_another_question() -> None:
    quality = CHOICE | {"from_name": "quality", "value": {"choices": ["sharp"]}}
    assert answers([task(annotation(result=[BOX, quality, CHOICE]))]) == [
        f"{PLACE} label-studio-10 3"
    ]


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        ([BOX], "an annotation has 0 choices instead of one; it has rectanglelabels"),
        ([CHOICE | {"value": {"choices": ["cat", "bird"]}}], "2 choices instead of one"),
        ([CHOICE | {"value": {"choices": ["horse"]}}], "the label 'horse' is none of"),
        ([CHOICE | {"value": {"choices": [["cat"]]}}], "the label \"['cat']\" is none of"),
        ("text", "0 choices instead of one"),
        ([None, 7, {"value": 1}], "0 choices instead of one"),
    ],
)
def test_results_that_are_no_class_are_told(results: object, reason: str) -> None:
    (told,) = answers([task(annotation(result=results))])
    assert reason in told


def test_tasks_that_it_stores_in_a_bucket_are_read_one_a_file_or_one_a_line() -> None:
    stored = annotation(task=task(), completed_by={"email": "bo@lab.org"})
    assert answers(json.dumps(stored, indent=2)) == [f"{PLACE} bo@lab.org 3"]
    assert answers(json.dumps(task(annotation()), indent=2)) == [f"{PLACE} label-studio-10 3"]
    lines = f"{json.dumps(task(annotation()))}\n{json.dumps(stored)}\n"
    assert answers(lines) == [f"{PLACE} label-studio-10 3", f"{PLACE} bo@lab.org 3"]


RECORD = {
    "image": PLACE, "id": 1, "species": "big dog", "annotator": 10, "annotation_id": 1001,
    "created_at": "2021-03-09T22:16:08.728353Z", "updated_at": "2021-03-09T22:16:08.728378Z",
    "lead_time": 4.288,
}  # fmt: skip


def test_the_shorter_json_is_read_whatever_its_control_is_called() -> None:
    other = {**RECORD, "annotation_id": 1002, "annotator": 11, "sharpness": "high"}
    assert answers([RECORD, other]) == [f"{PLACE} label-studio-10 3", f"{PLACE} label-studio-11 3"]
    boxes = {name: value for name, value in RECORD.items() if name != "species"}
    assert "the label '' is none of" in answers([boxes | {"where": [{"x": 1}]}])[0]
    assert "the label 'horse' is none of" in answers([RECORD | {"species": "horse"}])[0]


def test_its_csv_is_read_whatever_its_control_is_called_and_skips_are_skips() -> None:
    text = (
        '"annotation_id","annotator","created_at","id","image","lead_time","species","updated_at",'
        '"was_cancelled"\r\n'
        f'1001,"bo@lab.org","2021-03-09T22:16:08.728353Z",1,"{PLACE}",4.288,"big dog",'
        '"2021-03-09T22:16:08.728378Z","False"\r\n'
        f'1002,10,"2021-03-09T22:17:08.728353Z",1,"{PLACE}",1.5,"",'
        '"2021-03-09T22:17:08.728378Z","True"\r\n'
    )
    assert answers(text) == [f"{PLACE} bo@lab.org 3", f"{PLACE} label-studio-10 s"]
    for other in (text.replace("species", "choice"), text.replace('"image"', '"photo"')):
        assert answers(other) == answers(text)


def test_two_annotations_of_one_person_in_one_second_are_two_answers() -> None:
    made = [
        annotation(id=number, unique_id=None, result=[CHOICE | {"id": ""}]) for number in (7, 8)
    ]
    ids = {row.given.entry.answer_id for row in rows([task(*made)]) if row.given}
    assert len(ids) == 2
