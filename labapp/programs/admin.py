"""admin.py: what the person in charge does from the prompt; without a sub-command, the menu."""

from __future__ import annotations

from functools import partial

from labapp.programs import (
    classes,
    cloud,
    dataset,
    deciding,
    dialect,
    doctor,
    export,
    fleet,
    gold,
    live,
    logs,
    queues,
    statistics,
    tracing,
    workers,
)
from labapp.programs.menus import open_menu
from labapp.programs.shell import commands as shell
from labapp.programs.shell.program import Program

PROGRAM = Program(
    "admin.py",
    "Look after the lab: its dataset, queues, logs, workers and cloud resources.\n"
    "Without a command it opens a menu.",
    (
        *queues.COMMANDS,
        *logs.COMMANDS,
        tracing.ADMIN,
        *workers.COMMANDS,
        *live.COMMANDS,
        *cloud.COMMANDS,
        *fleet.COMMANDS,
        *dialect.COMMANDS,
        doctor.ADMIN,
        *dataset.ADMIN_COMMANDS,
        *statistics.COMMANDS,
        *deciding.COMMANDS,
        *classes.COMMANDS,
        *gold.COMMANDS,
        *export.COMMANDS,
        dataset.IMPORT,
        *shell.COMMANDS,
    ),
    partial(open_menu, menu="admin_menu:run"),
    examples=("", "queues", "logs -n 5", "cloud status"),
    settings=("endpoint_url", "user", "port", "target_answers"),
    needs_dialect=False,  # its menu has what mends one
)


def main() -> int:
    """Run admin.py; return its exit code."""
    return PROGRAM.main()
