"""admin.py: what the person in charge does from the prompt; without a sub-command, the menu."""

from __future__ import annotations

from labapp.programs.cloud import commands as cloud_admin
from labapp.programs.dataset import admin_commands
from labapp.programs.export import commands as export_commands
from labapp.programs.logs import commands as logs
from labapp.programs.queues import commands as queues_admin
from labapp.programs.shell import completion, config, help
from labapp.programs.shell.context import Context
from labapp.programs.shell.program import Program
from labapp.programs.statistics import commands as statistics_commands
from labapp.programs.workers import commands as workers


def _menu(context: Context) -> int | None:
    from labapp.programs.menus import open_menu

    return open_menu(context, "labapp.programs.admin_menu")


PROGRAM = Program(
    "admin.py",
    "Look after the lab: its dataset, queues, logs, workers and cloud resources.\n"
    "Without a command it opens a menu.",
    (
        *queues_admin.COMMANDS,
        *logs.COMMANDS,
        *workers.COMMANDS,
        *cloud_admin.COMMANDS,
        *admin_commands.COMMANDS,
        *statistics_commands.COMMANDS,
        *export_commands.COMMANDS,
        *config.COMMANDS,
        completion.COMPLETION,
        help.HELP,
    ),
    _menu,
    examples=("", "queues", "logs -n 5", "cloud status"),
    settings=("endpoint_url", "user", "port", "target_answers"),
)


def main() -> int:
    """Run admin.py; return its exit code."""
    return PROGRAM.main()
