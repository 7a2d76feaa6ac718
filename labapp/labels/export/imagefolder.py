"""Export as Hugging Face imagefolder: `metadata.csv` with the decided pictures beside it.

The loader wants the file under exactly this name, `file_name` relative to it, and an integer label;
undecided pictures are left out, of the table and of the folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from labapp.labels.export.rows import csv_line, decided
from labapp.labels.keys import local_file_name
from labapp.labels.standing import PictureLabels

COLUMNS = ("file_name", "label")


def metadata_csv(pictures: Iterable[PictureLabels], *, min_answers: int = 1) -> Iterator[str]:
    """Yield the table, a line at a time, the header first: file name, and 1 hot dog or 0 other.

    Args:
        pictures: the dataset, in any order.
        min_answers: pictures with fewer answers are left out.
    """
    yield csv_line(COLUMNS)
    for picture, _, label in decided(pictures, min_answers):
        yield csv_line((local_file_name(picture.key), label))


def imagefolder_files(
    pictures: Iterable[PictureLabels], *, min_answers: int = 1
) -> Iterator[tuple[str, str]]:
    """Yield key and file name of each picture to download beside `metadata.csv`, in its order.

    Args:
        pictures: the dataset, in any order.
        min_answers: pictures with fewer answers are left out.
    """
    for picture, _, _ in decided(pictures, min_answers):
        yield picture.key, local_file_name(picture.key)
