"""Labels taken out, in the formats of other tools."""

from __future__ import annotations

from labapp.labels.classes import POSITIVE
from labapp.programs.shell.command import Command, Line

COMMANDS = (
    Command(
        "export",
        "write the labels to disk in a format that others read",
        "export.commands:export",
        "export.commands:export_arguments",
        (
            "export --format csv --out labels/",
            f"export --format manifest --out {POSITIVE.identifier}.manifest",
            f"export --format imagefolder --out {POSITIVE.identifier}s/ --min-answers 3",
        ),
        lines=(Line("Export the labels", "export.screen:run", key="3"),),
        writes=("export.commands:EXPORTED",),
    ),
)
