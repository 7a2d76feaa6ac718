"""client.py: what a user does from the prompt; without a sub-command, the user's menu."""

from __future__ import annotations

from functools import partial

from labapp.programs import dataset, doctor, jobs, labelling, numbers, processing, tracing
from labapp.programs.menus import open_menu
from labapp.programs.shell import commands as shell
from labapp.programs.shell.program import Program

PROGRAM = Program(
    "client.py",
    "Send lists of integers and pictures to the lab's workers and read their answers.\n"
    "Without a command it opens a menu.",
    (
        *numbers.COMMANDS,
        *jobs.COMMANDS,
        tracing.CLIENT,
        *processing.COMMANDS,
        *dataset.COMMANDS,
        *labelling.COMMANDS,
        doctor.CLIENT,
        *shell.COMMANDS,
    ),
    partial(open_menu, menu="client_menu:run"),
    examples=("", "numbers 1,12,55,4", "jobs --json"),
    settings=("endpoint_url", "user", "annotator", "timeout", "max_integers", "allow_negative"),
)


def main() -> int:
    """Run client.py; return its exit code."""
    return PROGRAM.main()
