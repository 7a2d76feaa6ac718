"""The lab as it is at this moment, drawn for a class on the projector."""

from __future__ import annotations

from labapp.programs.shell.command import Command, Line

COMMANDS = (
    Command(
        "watch",
        "show the lab live: queues, workers, what each has in hand, answers",
        "live.commands:watch",
        "live.commands:watch_arguments",
        ("watch", "watch --job 01JD3P8QX0000000000000000A", "watch --json --count 10 --every 5"),
        notes="--json and pipes stream: one object, or one line, for each look, until Ctrl-C.",
        lines=(Line("Live", "live.page:run", key="l", note="clients, queues, workers"),),
        writes=("live.table:LAB",),
    ),
)
