"""The logs of jobs."""

from __future__ import annotations

from labapp.programs.shell.command import Command, Line

COMMANDS = (
    Command(
        "logs",
        "show the log of jobs, newest first",
        "logs.commands:show_logs",
        "logs.commands:logs_arguments",
        (
            "logs",
            "logs -n 100 --json",
            "logs --client ada-0123456789ab --status failed",
            "logs --since 2h --follow",
        ),
        lines=(Line("Logs", "logs.page:run", key="5"),),
        writes=("logs.table:LOGS.listing",),
    ),
)
