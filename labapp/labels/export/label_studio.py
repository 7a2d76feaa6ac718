"""Export as Label Studio tasks: a JSON array, one task per picture, one annotation per answer.

Skips are annotations with `was_cancelled` true; a picture nobody has seen is a task without any.
Label Studio knows annotators only by its own accounts, so who answered is not in this format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from labapp.labels.export.rows import by_key, compact_json, s3_address
from labapp.labels.line import Entry, Label
from labapp.labels.standing import PictureLabels
from labapp.labels.tally import Consensus

#: The names that the labelling configuration gives to its choices and its image.
FROM_NAME = "cls"
TO_NAME = "img"


def label_studio(pictures: Iterable[PictureLabels], *, bucket: str) -> Iterator[str]:
    """Yield a JSON array, a task at a time.

    Args:
        pictures: the dataset, in any order.
        bucket: the bucket's name.
    """
    opening = "["
    for picture in by_key(pictures):
        answers = [_annotation(entry) for entry in picture.answers]
        skips = [{"result": [], "was_cancelled": True} for _ in picture.skips]
        task = {
            "data": {"image": s3_address(bucket, picture.key)},
            "annotations": [*answers, *skips],
        }
        yield opening + compact_json(task)
        opening = ",\n"
    yield "[]\n" if opening == "[" else "]\n"


def _annotation(entry: Entry) -> dict[str, object]:
    """Return the annotation of one answer."""
    choice = Consensus.HOT_DOG if entry.label is Label.HOT_DOG else Consensus.OTHER
    result = {
        "from_name": FROM_NAME,
        "to_name": TO_NAME,
        "type": "choices",
        "value": {"choices": [choice.value]},
    }
    return {"result": [result], "was_cancelled": False}
