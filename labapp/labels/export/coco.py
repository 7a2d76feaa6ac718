"""Export as COCO for classification: `labels.json` with the decided pictures in `data/`.

COCO's own tasks mark parts of pictures. Readers that know classes of whole ones, among them
FiftyOne, Datumaro (its `labels`), CVAT and Microsoft's vision-datasets, take annotations that have
a `category_id` and no `bbox`. Ids count from 1 without a gap: several readers take category 0 for
the background, or for none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from labapp.labels.export.format import (
    Format,
    Labels,
    PictureFolder,
    compact_json,
    named_pictures,
)
from labapp.labels.object_keys import parted
from labapp.utc import format_time

#: The folder of the pictures; their names in `labels.json` are relative to it.
DATA = "data"

_NAME = re.compile(r'"file_name":"([A-Za-z0-9._-]+)"')


def labels_json(labels: Labels) -> Iterator[str]:
    """Yield the document, an image or annotation at a time.

    Width and height are those of the stored picture; they are left out where it does not tell them.
    """
    by_code = sorted(labels.scheme.classes, key=lambda each: each.code)
    ids = {each.code: number for number, each in enumerate(by_code, start=1)}
    question = labels.scheme.question
    info = {"description": question, "date_created": format_time(labels.now)}
    categories = [
        {"id": ids[each.code], "name": each.name, "supercategory": question, "code": each.code}
        for each in by_code
    ]
    yield f'{{"info":{compact_json(info)},"licenses":[],"categories":{compact_json(categories)}'
    yield ',\n"images":['
    for number, named in enumerate(named_pictures(labels), start=1):
        size = labels.size_of(f"{DATA}/{named.file}")
        known = {"width": size[0], "height": size[1]} if size else {}
        image = {"id": number, "file_name": named.file, **known, "image_key": named.picture.key}
        yield ("\n" if number == 1 else ",\n") + compact_json(image)
    yield '],\n"annotations":['
    for number, named in enumerate(named_pictures(labels), start=1):
        sure = labels.probability_of(named.counted)
        score = {} if sure is None else {"score": round(sure, 4)}
        said = {"id": number, "image_id": number, "category_id": ids[named.taken.code], **score}
        yield ("\n" if number == 1 else ",\n") + compact_json(said)
    yield "]}\n"


def _pictures(labels: Labels) -> Iterator[tuple[str, str]]:
    for named in named_pictures(labels):
        yield named.picture.key, f"{DATA}/{named.file}"


def _named_in(document: str) -> Iterator[str]:
    """Yield the pictures of a document, which may be the user's own: names that an export gives."""
    for found in _NAME.finditer(document):
        if parted(found[1])[0]:
            yield f"{DATA}/{found[1]}"


FORMAT = Format(
    "coco",
    "COCO for classification: labels.json beside the pictures",
    lambda labels: {"labels.json": labels_json(labels)},
    is_folder=True,
    decided_only=True,
    pictures=PictureFolder(_pictures, _named_in),
)
