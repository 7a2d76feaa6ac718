"""Labels taken out, in the formats of other tools."""

from __future__ import annotations

from labapp.labels.classes import DEFAULT_SCHEME
from labapp.programs.shell.command import Command, Line

_FIRST = DEFAULT_SCHEME.first.identifier

COMMANDS = (
    Command(
        "export",
        "write the labels to disk in a format that others read",
        "export.commands:export",
        "export.commands:export_arguments",
        (
            "export --format csv --out labels/",
            f"export --format manifest --out {_FIRST}.manifest",
            f"export --format imagefolder --out {_FIRST}s/ --min-answers 3",
            "export --format yolo --out yolo/ --min-probability 0.9",
            "export --format csv --out week/ --since 2026-11-16",
            "export --list",
        ),
        lines=(Line("Export the labels", "export.screen:run", key="3"),),
        writes=("export.commands:EXPORTED", "export.commands:LISTED"),
    ),
)
