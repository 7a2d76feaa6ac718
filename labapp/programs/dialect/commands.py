"""admin.py's commands for dialects: which there are, what a file says, what is wrong with it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.console.figures import plural
from labapp.dialects import loading
from labapp.dialects.proposals import FILL_IN
from labapp.programs.dialect import files
from labapp.programs.dialect.table import BLOCKS, DIALECTS, FAULTS, QUEUES
from labapp.programs.shell.arguments import json_argument
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from labapp.programs.dialect.files import Checked
    from labapp.settings import Settings

#: How a program ends whose file is wrong: as with any setting that is.
WRONG = 2


def show_dialects(context: Context) -> None:
    """List the dialects that ship, and the one in force."""
    context.show(DIALECTS, files.listed(context.settings))


def show_file(context: Context) -> None:
    """Print a dialect's file as it is."""
    path = files.path_of(context.arguments.file or "", context.settings)
    for line in loading.text_of(path).splitlines():
        context.line(line)


def check(context: Context) -> int:
    """Tell all that is wrong with a dialect's file; where nothing is, what it says."""
    path = files.path_of(context.arguments.file or "", context.settings)
    found = files.check(path, context.settings)
    if context.arguments.json:
        context.json(document(found, context.settings))
    elif found.faults:
        context.show(FAULTS, found.faults)
        context.say(f"{path}: {plural(len(found.faults), 'fault')}")
    else:
        context.say(summary(found))
        _show_blocks(context, found)
    return WRONG if found.faults else 0


def summary(found: Checked) -> str:
    """Return in one line what a file is that has no faults."""
    dialect = found.dialect
    assert dialect  # a file without one has faults
    told = plural(len(dialect.blocks), "request")
    told += f" and {plural(len(dialect.queues), 'queue')}" if dialect.queues else ""
    about = f": {dialect.about}" if dialect.about else ""
    right = f"the dialect {dialect.name} is right, with {told}{about}"
    if found.unsaid:
        lines = plural(found.unsaid, "line")
        right += f". But {lines} of it say {FILL_IN}: what its clients read, nobody could see"
    return right


def document(found: Checked, settings: Settings) -> dict[str, object]:
    """Return what was found as JSON has it."""
    dialect = found.dialect
    return {
        "name": found.path.stem,
        "path": str(found.path),
        "about": dialect.about if dialect else "",
        "well": not found.faults,
        "faults": [FAULTS.document(one) for one in found.faults],
        "requests": [BLOCKS.document(one) for one in found.described(settings)],
        "queues": [QUEUES.document(one) for one in (dialect.queues.values() if dialect else ())],
    }


def _show_blocks(context: Context, found: Checked) -> None:
    """Write what each block does: read one after another by people, row by row by scripts."""
    for one in found.described(context.settings):
        if context.on_terminal:
            from labapp.console import theme

            theme.stdout().print()
            theme.stdout().print(BLOCKS.details_of(one))
        else:
            context.row(*BLOCKS.row(one))


def file_argument(parser: argparse.ArgumentParser, metavar: str = "FILE") -> None:
    """Add the dialect that is meant; `metavar` decides what Tab completes."""
    parser.add_argument(
        "file",
        nargs="?",
        metavar=metavar,
        help="a file, or the name of a dialect that ships (default: the setting dialect)",
    )


def show_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `dialect show` takes."""
    file_argument(parser, "DIALECT")


def check_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `dialect check` takes."""
    file_argument(parser)
    json_argument(parser)
