"""Export as folders for classification with Ultralytics' YOLO: `train/<class>/`, `val/<class>/`.

The same folders are read by torchvision's ImageFolder and Keras. A class is known by its folder's
name and numbered by the alphabet; `labels.csv`, which those do not read, has our codes. Pictures
with the same bytes are in the same part in each export, however many others come, so that none that
was trained on is ever tested with.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from labapp.errors import UsageError
from labapp.labels.classes import LabelClass, Scheme
from labapp.labels.export.format import (
    Format,
    Labels,
    NamedPicture,
    PictureFolder,
    csv_line,
    named_pictures,
)
from labapp.labels.object_keys import DEVICES, parted

#: The parts, in the order of their shares.
PARTS = ("train", "val", "test")

#: Their shares, unless others are wanted.
SPLIT = "80/20"

#: What Windows allows in no name (Microsoft Learn, Naming Files, Paths, and Namespaces).
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')

#: Endings of pictures that torchvision does not look for, and so passes over (its IMG_EXTENSIONS).
_NOT_READ = frozenset((".gif",))


def shares_of(text: str) -> tuple[int, ...]:
    """Read shares as they are typed, such as `80/20`, or `80/10/10` with a part to test with.

    Raises:
        UsageError: these are none.
    """
    with contextlib.suppress(ValueError):
        shares = tuple(map(int, text.split("/")))
        if len(shares) in (2, 3) and min(shares) > 0 and sum(shares) == 100:
            return shares
    raise UsageError(
        f"{text!r} are no shares of a split",
        f"Give two or three that make 100, such as 80/20 for {PARTS[0]} and {PARTS[1]}.",
    )


def folders(scheme: Scheme) -> Mapping[int, str]:
    """Return the folder of each class by its code: safe on any disk, and no two alike on one."""
    found: dict[int, str] = {}
    taken = set[str]()
    for each in sorted(scheme.classes, key=lambda one: one.code):
        name = _UNSAFE.sub("_", unicodedata.normalize("NFC", each.name)).strip().rstrip(". ")
        if not name or name.startswith(".") or DEVICES.fullmatch(name.split(".")[0]):
            name = f"class_{name}".rstrip("._ ")
        if _folded(name) in taken:
            name = f"{name}_{each.code}"
        taken.add(_folded(name))
        found[each.code] = name
    return found


def _folded(name: str) -> str:
    """Return what names have in common that some disk takes for one."""
    return unicodedata.normalize("NFKC", name).casefold()


def placed(labels: Labels) -> Iterator[tuple[str, NamedPicture]]:
    """Yield the part of each decided picture, by key.

    A picture's part is by its bytes. Each class has at least one picture in each part, if there are
    enough of it, as readers number the classes by the folders that there are.
    """
    every = list(named_pictures(labels))
    places = [_place(labels, one.picture.key) for one in every]
    of_class: dict[int, list[int]] = defaultdict(list)
    for number, one in enumerate(every):
        of_class[one.taken.code].append(number)
    part_of = [0] * len(every)
    for numbers in of_class.values():
        found = _parts([places[number] for number in numbers], labels.split)
        for number, part in zip(numbers, found, strict=True):
            part_of[number] = part
    for part, one in zip(part_of, every, strict=True):
        yield PARTS[part], one


def _place(labels: Labels, key: str) -> float:
    """Return where a picture falls, 0 to 100: by its bytes, or its key where nobody knows them."""
    known = labels.layout.hash_part(key) or key
    digest = hashlib.sha256(f"split {known}".encode("utf-8", "surrogatepass")).digest()
    return 100 * int.from_bytes(digest[:8]) / 2**64


def _parts(places: Sequence[float], shares: Sequence[int]) -> list[int]:
    """Return the part of each picture of a class, none of them empty if that can be."""
    ends = [sum(shares[: number + 1]) for number in range(len(shares))]
    found = [next(n for n, end in enumerate(ends) if place < end or n == len(ends) - 1)
             for place in places]  # fmt: skip
    for part, end in enumerate(ends):
        counts = Counter(found)
        fullest = max(counts, key=lambda one: (counts[one], -one))
        if counts[part] or (counts[fullest] < 2 and part):
            continue
        middle = end - shares[part] / 2
        near = [n for n, of in enumerate(found) if of == fullest]
        found[min(near, key=lambda n: abs(places[n] - middle))] = part
    return found


def labels_csv(labels: Labels) -> Iterator[str]:
    """Yield the table, a line at a time, the header first."""
    yield csv_line(("file_name", "label", "class", *(["probability"] if labels.model else [])))
    for name, one in _files(labels):
        sure = labels.probability_cells(one.counted)
        yield csv_line((name, one.taken.code, one.taken.name, *sure))


def _files(labels: Labels) -> Iterator[tuple[str, NamedPicture]]:
    of = folders(labels.scheme)
    for part, one in placed(labels):
        yield f"{part}/{of[one.taken.code]}/{one.file}", one


def _pictures(labels: Labels) -> Iterator[tuple[str, str]]:
    for name, one in _files(labels):
        yield one.picture.key, name


def _named_in(table: str) -> Iterator[str]:
    """Yield the pictures of a table, which may be the user's own: names that an export gives."""
    with contextlib.suppress(csv.Error):  # no table of ours from there on
        for row in csv.DictReader(table.splitlines()):
            path = PurePosixPath(row.get("file_name") or "")
            parts = path.parts
            if len(parts) == 3 and parts[0] in PARTS and ".." not in parts and parted(path.name)[0]:
                yield str(path)


def remark(labels: Labels) -> str:
    """Return what is to be known of an export before it is trained on; empty where all is well."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    not_read = 0
    for part, one in placed(labels):
        counts[one.taken.code][part] += 1
        not_read += PurePosixPath(one.file).suffix.lower() in _NOT_READ
    told = []
    parts = PARTS[: len(labels.split)]
    lacking = [each for each in labels.scheme.classes if 0 < len(counts[each.code]) < len(parts)]
    told += [_lack(each, counts[each.code], parts) for each in lacking]
    if not_read:
        told.append(f"{not_read:,} GIF are there, which torchvision and Ultralytics pass over")
    return "; ".join(told)


def _lack(each: LabelClass, counts: Counter[str], parts: Sequence[str]) -> str:
    without = " and ".join(part for part in parts if not counts[part])
    return (
        f"too few pictures are {each.name} for all parts: {without} has none, and there the classes"
        " behind it have other numbers"
    )


FORMAT = Format(
    "yolo",
    "YOLO classification: train/ and val/, a folder a class",
    lambda labels: {"labels.csv": labels_csv(labels)},
    is_folder=True,
    decided_only=True,
    is_split=True,
    remark=remark,
    pictures=PictureFolder(_pictures, _named_in),
)
