"""The workers: who is at work, and the console of each."""

from __future__ import annotations

from labapp.programs.shell.command import Command, Line

COMMANDS = (
    Command(
        "workers",
        "show the workers and when each was last seen",
        "workers.commands:show_workers",
        "workers.commands:workers_arguments",
        ("workers", "workers --json"),
        lines=(Line("Workers", "workers.page:run", key="6"),),
        writes=("workers.table:WORKERS.listing",),
    ),
)

HEALTH = Command(
    "health",
    "say whether this machine's workers poll their queues; exit code 0 or 1",
    "workers.commands:show_health",
    "shell.arguments:json_argument",
    ("health", "health --json"),
    writes=("workers.commands:HEALTH",),
)

GUARD = Command(
    "guard",
    "drain an EC2 instance's worker before that goes; restart it if unwell",
    "workers.guard:guard",
    "workers.guard:guard_arguments",
    ("guard", "guard --group labapp-workers"),
    notes=(
        "For a unit of systemd beside the worker's, and of the same user. It ends once\n"
        "the instance is to go and the worker is out."
    ),
)
