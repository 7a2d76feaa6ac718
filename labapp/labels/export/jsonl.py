"""Export as JSON Lines: an object per answer that counts, with the columns of the answers table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from labapp.labels.effective import PictureLabels
from labapp.labels.export.format import Format, Labels
from labapp.labels.export.rows import answer_rows, compact_json


def answers_jsonl(pictures: Iterable[PictureLabels]) -> Iterator[str]:
    """Yield one line per answer; what is not known of an anonymous one is null, as is a hash.

    Args:
        pictures: the dataset, in any order.
    """
    for row in answer_rows(pictures):
        fields = {
            "image_key": row.image_key,
            "sha256": row.sha256 or None,
            "annotator": row.annotator or None,
            "label": row.label,
            "labelled_at": row.labelled_at or None,
            "answer_id": row.answer_id or None,
        }
        yield compact_json(fields) + "\n"


def _files(labels: Labels) -> dict[str, Iterator[str]]:
    return {"answers.jsonl": answers_jsonl(labels.pictures)}


FORMAT = Format(
    "jsonl",
    "one JSON object per answer and line",
    _files,
    is_hashed=True,
    answers="answers.jsonl",
)
