"""Write labels in the formats others read: which files each format has, as chunks of text.

Every function gives strings in a fixed order (by key, then the file's order), so the same labels
give the same bytes; the caller writes them as UTF-8 with newlines as they are, atomically.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain

from labapp.errors import UsageError
from labapp.labels.effective import PictureLabels, as_first_typed
from labapp.labels.export.csv_files import answers_csv, pictures_csv
from labapp.labels.export.imagefolder import CARD, CARD_END, imagefolder_files, metadata_csv
from labapp.labels.export.jsonl import answers_jsonl
from labapp.labels.export.label_studio import CONFIGURATION, label_studio
from labapp.labels.export.manifest import ATTRIBUTE, manifest

__all__ = [
    "CARD_END",
    "FORMATS",
    "answers_csv",
    "answers_jsonl",
    "export_files",
    "imagefolder_files",
    "label_studio",
    "manifest",
    "metadata_csv",
    "pictures_csv",
]

#: What opens a file in UTF-8 for programs that would else take it for something else.
BYTE_ORDER_MARK = "\ufeff"

#: The formats there are, and what each is for.
FORMATS: dict[str, str] = {
    "csv": "two tables for a spreadsheet: answers and pictures",
    "jsonl": "one JSON object per answer and line",
    "manifest": "SageMaker Ground Truth augmented manifest",
    "label-studio": "Label Studio tasks with an annotation per answer, and their configuration",
    "imagefolder": "Hugging Face imagefolder: metadata.csv and class names beside the pictures",
}


def export_files(
    name: str,
    pictures: Iterable[PictureLabels],
    *,
    bucket: str,
    target: int,
    now: datetime,
    min_answers: int = 1,
    excel: bool = False,
) -> dict[str, Iterator[str]]:
    """Return the files of a format: file name to chunks of text, still to be drawn.

    Where a format has one main file and others beside it, the main one comes first. The pictures of
    `imagefolder` themselves are named by `imagefolder_files`.

    Args:
        name: one of `FORMATS`.
        pictures: the dataset with what counts on each picture, in any order.
        bucket: the bucket's name, for `s3://` addresses.
        target: answers wanted for each picture, which the status of a picture depends on.
        now: with a time zone; the date of a label whose answers have none.
        min_answers: answers a picture must have for its majority to be exported, where a format
            has only decided pictures (`manifest`, `imagefolder`).
        excel: begin `csv` files with a byte-order mark, without which Excel takes UTF-8 for the
            machine's own code page.

    Raises:
        UsageError: there is no such format, or it has no mark.
    """
    every = as_first_typed(list(pictures))
    if excel and name != "csv":
        raise UsageError(f"{name} is not for Excel", "Export csv for it.")
    mark = (BYTE_ORDER_MARK,) if excel else ()
    writers: dict[str, Callable[[], dict[str, Iterator[str]]]] = {
        "csv": lambda: {
            "answers.csv": chain(mark, answers_csv(every)),
            "pictures.csv": chain(mark, pictures_csv(every, target=target)),
        },
        "jsonl": lambda: {"answers.jsonl": answers_jsonl(every)},
        "manifest": lambda: {
            f"{ATTRIBUTE}.manifest": manifest(
                every, bucket=bucket, now=now, min_answers=min_answers
            )
        },
        "label-studio": lambda: {
            "tasks.json": label_studio(every, bucket=bucket),
            "labelling.xml": iter([CONFIGURATION]),
        },
        "imagefolder": lambda: {
            "metadata.csv": metadata_csv(every, min_answers=min_answers),
            "README.md": iter([CARD]),
        },
    }
    if name not in writers:
        raise UsageError(f"there is no format {name!r}", f"Choose one of {', '.join(FORMATS)}.")
    return writers[name]()
