"""COCO for classification, as the readers of annotations without boxes have it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from labapp.labels.classes import LabelClass, Scheme
from labapp.labels.effective import Counting
from labapp.labels.export import FORMATS
from labapp.labels.export.coco import labels_json
from labapp.labels.export.format import Labels
from tests.labels.builders import picture

SCHEME = Scheme(
    "Which animal?",
    tuple(LabelClass(code, str(code), name, name) for code, name in (
        (7, "cat"), (2, '猫, "=dog"'), (4, "elk"))),
)  # fmt: skip
COUNTING = Counting(SCHEME)
CAT, DOG, NONE = (f"images/{letter * 16}-p.jpg" for letter in "abc")
LABELS = Labels(
    [picture("ana2", DOG, counting=COUNTING), picture("ana7 bo7 cy4", CAT, counting=COUNTING),
     picture("", NONE, counting=COUNTING)],
    scheme=SCHEME,
)  # fmt: skip


def read(labels: Labels) -> Any:
    return json.loads("".join(labels_json(labels)))


def test_each_decided_picture_is_an_image_with_one_annotation_and_ids_count_from_one() -> None:
    found = read(replace(LABELS, size_of={"data/" + CAT[7:]: (640, 480)}.get))
    assert found["categories"] == [
        {"id": 1, "name": '猫, "=dog"', "supercategory": "Which animal?", "code": 2},
        {"id": 2, "name": "elk", "supercategory": "Which animal?", "code": 4},
        {"id": 3, "name": "cat", "supercategory": "Which animal?", "code": 7},
    ]
    assert found["images"] == [
        {"id": 1, "file_name": CAT[7:], "width": 640, "height": 480, "image_key": CAT},
        {"id": 2, "file_name": DOG[7:], "image_key": DOG},
    ]
    assert found["annotations"] == [
        {"id": 1, "image_id": 1, "category_id": 3},
        {"id": 2, "image_id": 2, "category_id": 1},
    ]


def test_nothing_decided_is_a_document_as_well() -> None:
    found = read(Labels())
    assert found["images"] == found["annotations"] == []


def test_the_pictures_of_an_earlier_export_are_known_and_the_users_own_are_not() -> None:
    has = FORMATS["coco"].pictures
    assert has
    document = "".join(labels_json(LABELS))
    assert list(has.named_in(document)) == [name for _, name in has.of(LABELS)]
    assert list(has.named_in('{"file_name":"mine.jpg"} {"file_name":"../x.jpg"}')) == []
