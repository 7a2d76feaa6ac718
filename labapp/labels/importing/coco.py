"""Classes of whole pictures in COCO: ours, FiftyOne's, CVAT's, Datumaro's.

An annotation names its image and its category by their ids (cocodataset.org, Data format); one that
marks a part of the picture with a box says no more of the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labapp import foreign
from labapp.labels.importing.row import Said

_PARTS = ("images", "annotations", "categories")


def may_be_one(text: str) -> bool:
    """Tell whether a text names all that a document of COCO has."""
    return all(f'"{part}"' in text for part in _PARTS)


def is_one(found: Mapping[str, Any]) -> bool:
    """Tell whether an object is such a document."""
    return all(isinstance(found.get(part), list) for part in _PARTS)


def read(found: Mapping[str, Any]) -> Iterator[Said]:
    """Yield what each annotation says; they have no lines, so that all stand in the first."""
    images = {str(each.get("id")): each for each in found["images"] if isinstance(each, dict)}
    names = {
        str(each.get("id")): each.get("name", "")
        for each in found["categories"]
        if isinstance(each, dict)
    }
    for number, one in enumerate(found["annotations"], start=1):
        said = foreign.table(one)
        image = images.get(str(said.get("image_id")), {})
        picture = str(image.get("image_key") or image.get("file_name") or "")
        if said.get("bbox"):
            yield Said(1, picture, reason=f"annotation {number:,} is a box, and no class")
            continue
        label = names.get(str(said.get("category_id")), "")
        yield Said(1, picture, label=label, confidence=said.get("score", ""))
