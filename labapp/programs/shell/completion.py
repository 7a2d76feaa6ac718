"""The command completion, which all three programs have."""

from __future__ import annotations

import argparse

from labapp.jobs import kinds
from labapp.programs.shell.context import Context

#: Shells that `completion` has a script for.
SHELLS = ("bash", "zsh", "fish", "powershell")


def write_script(context: Context) -> None:
    """Write the script for a shell."""
    from labapp.programs.shell.completion_script import script

    queues = kinds.queue_names(context.settings)
    written = script(context.parser(), context.arguments.shell, queues)
    print(written)  # noqa: T201 - it may hold any character, and is nobody's but ours


def completion_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `completion` takes."""
    told = ", ".join(SHELLS)
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=told)
