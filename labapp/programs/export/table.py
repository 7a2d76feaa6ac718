"""What is listed of the formats that labels are exported in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.programs.shell.table import Field, Table

if TYPE_CHECKING:
    from labapp.labels.export.format import Format

FORMATS_TABLE: Table[Format] = Table(
    fields=(
        Field("format", lambda one: one.name, look="id", least=12),
        Field("written", lambda one: "folder" if one.is_folder else "file", look="word"),
        Field("pictures", lambda one: "with" if one.pictures else "without", look="word", drop=1),
        Field(
            "labels",
            lambda one: "decided" if one.decided_only else "all",
            look="word",
            drop=2,
            note="`decided`: of decided pictures only",
        ),
        Field("importable", lambda one: bool(one.answers), shown=lambda one: "yes" if one.answers
              else "no", look="word", drop=3),
        Field("note", lambda one: one.note, look="text"),
    ),
    empty="No formats.",
    columns=("format", "written", "pictures", "labels", "importable", "note"),
)  # fmt: skip
