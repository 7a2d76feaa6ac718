"""What is listed of gold pictures, and what became of them."""

from __future__ import annotations

from operator import attrgetter
from typing import NamedTuple

from labapp.labels.classes import LabelClass
from labapp.labels.layout import Layout
from labapp.programs.shell.table import Field, Table


class GoldPicture(NamedTuple):
    """A gold picture.

    Attributes:
        key: its key.
        code: the code of its class as it was given.
        label_class: the class that it counts as; None: as none, since the class is no more.
        layout: where it lies.
        state: what became of it, where something did.
        before: what it was until then.
    """

    key: str
    code: int
    label_class: LabelClass | None
    layout: Layout
    state: str = ""
    before: LabelClass | None = None


def _class_name(one: GoldPicture) -> str:
    return one.label_class.name if one.label_class else ""


def _class_shown(one: GoldPicture) -> str:
    return _class_name(one) or f"none: the code {one.code} counts as no class any more"


_KEY: Field[GoldPicture] = Field("key", shown=lambda one: one.layout.name_of(one.key), look="id")
_FIELDS: tuple[Field[GoldPicture], ...] = (
    Field("name", lambda one: one.layout.picture_name(one.key)),
    Field(
        "label",
        lambda one: one.label_class.code if one.label_class else None,
        note="the code of its class; null where it counts as none",
    ),
    Field("class", _class_name, shown=_class_shown, look="word"),
)

GOLD: Table[GoldPicture] = Table(
    fields=(_KEY, *_FIELDS, Field("code", note="as it was given")),
    empty="No gold pictures yet. Add one: admin.py gold add KEY CLASS",
    columns=("key", "class"),
    piped=("key", "label", "class"),
    page=("name", "class"),
)

CHANGED: Table[GoldPicture] = Table(
    fields=(
        _KEY,
        *_FIELDS,
        Field("state", attrgetter("state"), look="word"),
        Field(
            "before",
            lambda one: one.before.code if one.before else None,
            shown=lambda one: one.before.name if one.before else "",
            note="the code of the class that it was gold of; null: it was none",
        ),
    ),
    columns=("key", "class", "state"),
    piped=("key", "label", "class", "state"),
)
