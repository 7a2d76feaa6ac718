"""One job's whole way: sent, received, begun, stored, answered, deleted, read."""

from __future__ import annotations

from labapp.programs.shell.command import Command

NOTES = """\
JOB is an id, or its beginning or ending (6 characters or more) if no other
job has that. Times are this machine's on a terminal, UTC elsewhere. What this
role may not look at is said, and no error. Nothing is changed by it."""

#: What client.py has of it; and admin.py.
CLIENT = Command(
    "trace",
    "show one job's whole way: who did it, when, and what is missing",
    "tracing.commands:show_newest_or_named",
    "tracing.commands:client_arguments",
    ("trace", "trace 01M7Y17TSX24YQ6Q58P948AX5D", "trace 01M7Y17T --json"),
    NOTES + "\nWithout JOB it is the last one that was sent from this machine.",
    unlisted="t on the page of jobs shows it",
    writes=("tracing.table:TRACE",),
)
ADMIN = Command(
    "trace",
    "show one job's whole way: who did it, when, and what is missing",
    "tracing.commands:show_named",
    "tracing.commands:admin_arguments",
    ("trace 01M7Y17TSX24YQ6Q58P948AX5D", "trace 01M7Y17T --json"),
    NOTES + "\nThe id of a dead letter's message does as well, as 'queues dead' lists it.",
    unlisted="t on the page of dead letters shows it, and on that of logs",
    writes=("tracing.table:TRACE",),
)
