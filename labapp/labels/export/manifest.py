"""Export as SageMaker Ground Truth augmented manifest: JSON Lines, one decided picture a line.

Undecided pictures are left out: training on a manifest stops at a line without its label.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from labapp.labels.export.format import Format, Labels, compact_json


def manifest(labels: Labels) -> Iterator[str]:
    """Yield one line per picture that is taken for a class.

    The label attribute is the scheme's; its metadata are in `<attribute>-metadata`.

    The confidence is the majority's share, to two decimals, and 0 where there is one answer alone,
    as Ground Truth writes for a single worker: its readers want a number. With a model it is the
    class's probability, as Ground Truth's own consolidation writes. The date is that of the latest
    answer.
    """
    attribute = labels.scheme.attribute
    for picture, counted, label in labels.decided():
        created = (counted.last_at or labels.now).astimezone(UTC).replace(tzinfo=None)
        sure = labels.probability_of(counted)
        metadata = {
            "class-name": label.name,
            "confidence": round(counted.agreement or 0.0 if sure is None else sure, 2),
            "type": "groundtruth/image-classification",
            "job-name": attribute,
            "human-annotated": "yes",
            "creation-date": created.isoformat(timespec="microseconds"),
        }
        line = {
            "source-ref": labels.address(picture),
            attribute: label.code,
            f"{attribute}-metadata": metadata,
        }
        yield compact_json(line) + "\n"


FORMAT = Format(
    "manifest",
    "SageMaker Ground Truth augmented manifest",
    lambda labels: {f"{labels.scheme.attribute}.manifest": manifest(labels)},
    decided_only=True,
)
