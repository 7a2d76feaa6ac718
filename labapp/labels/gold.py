"""The file of gold pictures: an admin knows their class, and they come unmarked among the others.

    [pictures]
    "images/0a1b2c3d4e5f6071-lunch.jpg" = 1

Annotators are measured by them. A code stands there as it was given: one that is retired since
counts as what its answers count as. What the file says is checked as what comes from outside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from labapp.errors import RefusedError
from labapp.labels.classes import LabelClass, Scheme
from labapp.labels.decided_file import table

#: Where it lies: no label file's name ends so.
KEY = "labels/gold.toml"

#: Gold pictures that are kept: at one in ten, for somebody who labels 50,000.
MOST = 5_000

_REMEDY = "'admin.py gold' writes it."


@dataclass(frozen=True)
class Gold:
    """The gold pictures of a dataset.

    Attributes:
        codes: the code of each one's class, as it was given, by the picture's key.
    """

    codes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def by(self, scheme: Scheme) -> Mapping[str, int]:
        """Return the code that each counts as by a scheme, without those that count as none."""
        known = scheme.by_code
        counted = ((key, known.get(code)) for key, code in self.codes.items())
        return {key: each.code for key, each in counted if each is not None}

    def with_more(self, keys: Iterable[str], label_class: LabelClass) -> Gold:
        """Return these and more of a class, or some that are of another class now.

        Raises:
            RefusedError: there are as many as there may be.
        """
        codes = {**self.codes, **dict.fromkeys(keys, label_class.code)}
        if len(codes) > MOST:
            raise RefusedError(
                f"there would be {len(codes):,} gold pictures, and at most {MOST:,} are kept",
                "Remove one first: 'admin.py gold remove KEY'.",
            )
        return Gold(codes)


def to_text(gold: Gold) -> str:
    """Return them as their file has them, by key; nothing where there are none."""
    lines = [f"{_quoted(key)} = {code}\n" for key, code in sorted(gold.codes.items())]
    return "".join(["[pictures]\n", *lines]) if lines else ""


def of_text(text: str) -> Gold:
    """Return what a file says.

    Raises:
        RefusedError: something in it is wrong; says what.
    """
    said = table(text, "the gold pictures", ("pictures",), "gold pictures", _REMEDY)
    pictures = said.get("pictures", {})
    if not isinstance(pictures, dict):
        raise RefusedError("pictures is no table of keys and codes", _REMEDY)
    if len(pictures) > MOST:
        raise RefusedError(f"there are {len(pictures):,} gold pictures", f"Keep at most {MOST:,}.")
    for key, code in pictures.items():
        if not isinstance(code, int) or isinstance(code, bool) or not 0 <= code <= 9:
            raise RefusedError(
                f"the code of the gold picture {key!r} is not one of 0 to 9", _REMEDY
            )
    return Gold(pictures)


def _quoted(key: str) -> str:
    # JSON writes strings as TOML reads them, but for this one sign.
    return json.dumps(key, ensure_ascii=False).replace("\x7f", "\\u007f")
