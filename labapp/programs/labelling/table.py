"""What is listed of an annotator's own answers, and what each is called."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from labapp.console import figures
from labapp.labels.label_file import Label
from labapp.labels.tokens import annotator_name
from labapp.programs.shell.table import Field, Table
from labapp.utc import format_time

if TYPE_CHECKING:
    from labapp.labels.classes import Scheme
    from labapp.labels.label_file import Entry
    from labapp.labels.layout import Layout


class Said(NamedTuple):
    """What somebody said of a picture.

    Attributes:
        key: the picture's.
        entry: the line.
        scheme: by which it is read.
        layout: where the picture lies.
        state: what becomes of it now, such as `taken back`; empty for nothing.
    """

    key: str
    entry: Entry
    scheme: Scheme
    layout: Layout
    state: str = ""

    @property
    def kind(self) -> str:
        """Whether it is an answer, a skip or a flag."""
        return {Label.SKIP: "skip", Label.BROKEN: "flag"}.get(self.entry.label, "answer")

    @property
    def word(self) -> str:
        """What it is called."""
        return word_of(self.entry, self.scheme)


def word_of(entry: Entry, scheme: Scheme) -> str:
    """Return what an answer, a skip or a flag is called on the screen."""
    if entry.label is Label.SKIP:
        return "skipped"
    if entry.label is Label.BROKEN:
        return f"broken: {annotator_name(entry.says)}"
    found = scheme.by_code.get(int(entry.label))
    return found.name if found else f"a class that is no more ({entry.label.value})"


def _at(one: Said) -> str:
    return format_time(one.entry.at) if one.entry.at else ""


_FIELDS: tuple[Field[Said], ...] = (
    Field("key", shown=lambda one: one.layout.name_of(one.key), look="id"),
    Field("name", lambda one: one.layout.picture_name(one.key)),
    Field("kind", note="`answer`, `skip` or `flag`"),
    Field("label", attrgetter("entry.code"), note="the code of the class; null unless an answer"),
    Field("said", attrgetter("word"), look="word"),
    Field("annotator", attrgetter("entry.annotator"), look="word", drop=2),
    Field("id", attrgetter("entry.answer_id"), look="id"),
    Field(
        "labelled_at",
        _at,
        "when",
        shown=lambda one: figures.clock(one.entry.at) if one.entry.at else "",
        look="word",
        drop=1,
    ),
)

_table = partial(
    Table[Said],
    columns=("key", "said", "labelled_at"),
    piped=("key", "said", "annotator", "labelled_at"),
)

#: An annotator's own answers.
MINE = _table(fields=_FIELDS, empty="Nothing was said of any picture under this name yet.")

#: What is said or taken back just now.
SAID = Table(
    fields=(*_FIELDS, Field("state", look="word")),
    columns=("key", "said", "annotator", "state"),
)
