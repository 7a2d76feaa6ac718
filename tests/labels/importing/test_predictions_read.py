"""Predictions are read from tables, JSON Lines, Label Studio's tasks and manifests."""

from __future__ import annotations

import json

import pytest

from labapp.errors import RefusedError
from tests.labels.importing.reading import answers, predictions


def test_a_table_has_a_class_and_perhaps_how_sure_it_is() -> None:
    assert predictions("name,label,confidence\na,cat,0.75\nb,3,\n") == [
        ("a", 1, 0.75),
        ("b", 3, None),
    ]
    assert predictions("name,label\na,cat\n") == [("a", 1, None)]
    assert predictions("Score;File;Predicted Class\n1;a;bird\n") == [("a", 4, 1.0)]


def test_a_table_with_a_share_for_each_class_gives_the_likeliest() -> None:
    text = "name,cat,big dog,bird\na,0.2,0.7,0.1\nb,0.5,0.3,0.2\nc,0.5,,0.2\n"
    *good, bad = predictions(text)
    assert good == [("a", 3, 0.7), ("b", 1, 0.5)]
    assert "the label ''" in str(bad)
    with pytest.raises(RefusedError, match="no column label"):
        answers(text)


def test_json_lines_of_a_classifier_are_read() -> None:
    text = '{"file": "a.jpg", "label": "Cat", "score": 0.9987}\n{"file": "b.jpg", "label": "bird"}'
    assert predictions(text) == [("a.jpg", 1, 0.9987), ("b.jpg", 4, None)]


def test_predictions_in_label_studios_tasks_have_a_score() -> None:
    """As labelstud.io/guide/predictions has them: the score of the whole, or of the result."""

    def made(name: str, **fields: object) -> dict[str, object]:
        result = {"from_name": "x", "to_name": "i", "type": "choices"}
        value = {"value": {"choices": [name]}}
        score = {"score": fields.pop("inner")} if "inner" in fields else {}
        return {"model_version": "one", "result": [{**result, **value, **score}], **fields}

    tasks = [
        {"data": {"image": "a"}, "predictions": [made("cat", score=0.95)]},
        {"data": {"image": "b"}, "predictions": [made("bird", inner=0.5)]},
        {"data": {"image": "c"}, "predictions": [], "annotations": [made("bird")]},
        {"data": {"image": "d"}, "predictions": [made("horse", score=1)]},
    ]
    *good, bad = predictions(tasks)
    assert good == [("a", 1, 0.95), ("b", 4, 0.5)]
    assert "the label 'horse'" in str(bad)
    assert answers(tasks[:2]) == [], "predictions are no answers"


def test_a_manifests_classes_are_meant_by_their_names() -> None:
    """Ground Truth numbers classes for itself (SageMaker, Image Classification Job Output)."""
    about = {"class-name": "bird", "confidence": 0.65, "human-annotated": "no"}
    line = {"source-ref": "s3://b/a.jpg", "animals": 0, "animals-metadata": about}
    assert predictions(json.dumps(line)) == [("s3://b/a.jpg", 4, 0.65)]


def test_classes_of_whole_pictures_in_coco_are_read_and_boxes_are_told() -> None:
    document = {
        "images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}, None],
        "categories": [{"id": 1, "name": "bird"}, {"id": 9, "name": "horse"}, 3],
        "annotations": [
            {"image_id": 1, "category_id": 1, "score": 0.8},
            {"image_id": 2, "category_id": 1, "bbox": [1, 2, 3, 4]},
            {"image_id": 2, "category_id": 9},
            {"image_id": 3, "category_id": 7},
            None,
        ],
    }
    good, box, horse, *lost = predictions(document)
    assert good == ("a.jpg", 4, 0.8)
    assert box == "annotation 2 is a box, and no class"
    assert "the label 'horse'" in str(horse)
    assert all("the label ''" in str(one) for one in lost)
    assert predictions(json.dumps(document, indent=2))[0] == good


@pytest.mark.parametrize("said", ["1.2", "-1", "97%", "nan", "high", "1e999"])
def test_a_confidence_that_is_none_is_told(said: str) -> None:
    (told,) = predictions(f"name,label,score\na,cat,{said}\n")
    assert told == f"the confidence '{said}' is no number from 0 to 1"
