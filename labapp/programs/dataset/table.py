"""What is listed of the dataset: its pictures, and what became of files, pictures and answers."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.programs.shell.table import Field, Table
from labapp.utc import format_time

if TYPE_CHECKING:
    from labapp.cloud.bucket import Entry as Listed
    from labapp.dataset.importing import Outcome as Imported
    from labapp.dataset.removal import Removal
    from labapp.dataset.upload import Outcome as Uploaded
    from labapp.labels.label_file import Entry
    from labapp.labels.tally import Tally


def short_key(each: Listed | Tally) -> str:
    """Return a picture's key as commands take it too: 80 columns are few."""
    from labapp.labels.object_keys import IMAGES

    return each.key.removeprefix(IMAGES)


def _name(each: Listed) -> str:
    from labapp.labels.object_keys import picture_name

    return picture_name(each.key)


PICTURES: Table[Listed] = Table(
    fields=(
        Field("key", shown=short_key, look="id"),
        Field("name", _name),
        Field("bytes", attrgetter("size"), look="number", drop=1),
        Field(
            "uploaded_at",
            lambda each: format_time(each.modified),
            "uploaded",
            shown=lambda each: figures.clock(each.modified),
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
