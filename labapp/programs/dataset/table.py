"""What is listed of the dataset: its pictures, and what became of files, pictures and answers."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from labapp.console import figures
from labapp.programs.shell.table import Field, Table
from labapp.utc import format_time

if TYPE_CHECKING:
    from labapp.cloud.bucket import Entry as Listed
    from labapp.dataset.importing import Outcome as Imported
    from labapp.dataset.removal import Removal
    from labapp.dataset.upload import Outcome as Uploaded
    from labapp.labels.label_file import Entry
    from labapp.labels.layout import Layout
    from labapp.labels.predictions import Prediction
    from labapp.labels.tally import Tally


class Picture(NamedTuple):
    """A picture as it is listed, and where it lies."""

    listed: Listed
    layout: Layout


def short_key(each: Tally) -> str:
    """Return a picture's key as commands take it too: 80 columns are few."""
    return each.layout.name_of(each.key)


PICTURES: Table[Picture] = Table(
    fields=(
        Field(
            "key",
            attrgetter("listed.key"),
            shown=lambda one: one.layout.name_of(one.listed.key),
            look="id",
        ),
        Field("name", lambda one: one.layout.picture_name(one.listed.key)),
        Field("bytes", attrgetter("listed.size"), look="number", drop=1),
        Field(
            "uploaded_at",
            lambda one: format_time(one.listed.modified),
            "uploaded",
            shown=lambda one: figures.clock(one.listed.modified),
            look="word",
            drop=2,
        ),
    ),
    empty="No pictures yet. Add some: admin.py upload",
    columns=("key", "bytes", "uploaded_at"),
)

#: What became of each file of an upload; scripts alone get it as a whole.
UPLOADED: Table[Uploaded] = Table(
    fields=(
        Field("path", lambda one: str(one.path)),
        Field("state", lambda one: one.state.value),
        Field("key"),
        Field("reason"),
        Field("labels", note="lines that came back"),
    ),
)

REMOVED: Table[Removal] = Table(
    fields=(
        Field("key"),
        Field("state", lambda _: "removed"),
        Field("lines", note="of labels"),
        Field("kept", attrgetter("aside"), note="where they are"),
    ),
)


def _entry(one: Imported) -> Entry | None:
    return one.row.given.entry if one.row.given else None


def _label(one: Imported) -> int | None:
    entry = _entry(one)
    return int(entry.label) if entry and entry.is_answer else None


def _labelled_at(one: Imported) -> str | None:
    entry = _entry(one)
    return format_time(entry.at) if entry and entry.at else None


IMPORTED: Table[Imported] = Table(
    fields=(
        Field("path", lambda one: str(one.path)),
        Field("line"),
        Field("state", lambda one: one.state.value),
        Field("key"),
        Field("label", _label),
        Field("annotator", lambda one: entry.annotator if (entry := _entry(one)) else None),
        Field("labelled_at", _labelled_at),
        Field("answer_id", lambda one: entry.answer_id if (entry := _entry(one)) else None),
        Field("reason"),
    ),
)


def _predicted(one: Imported) -> Prediction | None:
    return one.row.prediction


#: What became of each prediction of a file; `--remove` tells of those that were there.
PREDICTED: Table[Imported] = Table(
    fields=(
        Field("path", lambda one: str(one.path) if one.line else None),
        Field("line", lambda one: one.line or None),
        Field("state", lambda one: one.state.value),
        Field("key"),
        Field("label", lambda one: said.code if (said := _predicted(one)) else None),
        Field("confidence", lambda one: said.confidence if (said := _predicted(one)) else None),
        Field("reason"),
    ),
)

PREDICTED_DOCUMENT = replace(PREDICTED.listing, flag="--predictions")
