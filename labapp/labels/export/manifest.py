"""Export as SageMaker Ground Truth augmented manifest: JSON Lines, one decided picture a line.

Undecided pictures are left out: training on a manifest stops at a line without its label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from labapp.labels.classes import POSITIVE
from labapp.labels.effective import PictureLabels
from labapp.labels.export.format import Format, Labels
from labapp.labels.export.rows import compact_json, decided_pictures, s3_address

#: The label attribute; its metadata are in `<attribute>-metadata`.
ATTRIBUTE = POSITIVE.identifier


def manifest(
    pictures: Iterable[PictureLabels], *, bucket: str, now: datetime, min_answers: int
) -> Iterator[str]:
    """Yield one line per picture that has a majority.

    The confidence is the majority's share, to two decimals, and 0 where there is one answer alone,
    as Ground Truth writes for a single worker: its readers want a number. The date is that of the
    latest answer.

    Args:
        pictures: the dataset, in any order.
        bucket: the bucket's name.
        now: with a time zone; the date where no answer has one.
        min_answers: pictures with fewer answers are left out.
    """
    for picture, counted, label in decided_pictures(pictures, min_answers):
        created = (counted.last_at or now).astimezone(UTC).replace(tzinfo=None)
        metadata = {
            "class-name": label.name,
            "confidence": round(counted.agreement or 0.0, 2),
            "type": "groundtruth/image-classification",
            "job-name": ATTRIBUTE,
            "human-annotated": "yes",
            "creation-date": created.isoformat(timespec="microseconds"),
        }
        line = {
            "source-ref": s3_address(bucket, picture.key),
            ATTRIBUTE: label.code,
            f"{ATTRIBUTE}-metadata": metadata,
        }
        yield compact_json(line) + "\n"


def _files(labels: Labels) -> dict[str, Iterator[str]]:
    lines = manifest(
        labels.pictures, bucket=labels.bucket, now=labels.now, min_answers=labels.min_answers
    )
    return {f"{ATTRIBUTE}.manifest": lines}


FORMAT = Format(
    "manifest",
    "SageMaker Ground Truth augmented manifest",
    _files,
    decided_only=True,
)
