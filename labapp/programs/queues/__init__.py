"""Queues and dead letters: looked at, purged, redriven."""

from __future__ import annotations

from labapp.programs.shell.command import Command, Line

COMMANDS = (
    Command(
        "queues",
        "show each queue: messages waiting, in flight, dead letters",
        "queues.commands:show_queues",
        "shell.arguments:json_argument",
        ("queues", "queues --json", "queues purge QUEUE --yes"),
        lines=(Line("Queues", "queues.page:run", key="4"),),
        writes=("queues.table:QUEUES.listing",),
    ),
    Command(
        "queues purge",
        "delete every message of a queue",
        "queues.commands:purge",
        "queues.commands:purge_arguments",
        ("queues purge QUEUE", "queues purge QUEUE --dry-run --json"),
        unlisted="p on the page of queues purges one",
        writes=("queues.commands:PURGED",),
    ),
    Command(
        "queues prune",
        "delete the reply queues of clients that are gone; there is no undo",
        "queues.commands:prune",
        "queues.commands:prune_arguments",
        ("queues prune --dry-run", "queues prune --older-than 90 --yes"),
        unlisted="x on the page of queues shows and deletes them",
        writes=("queues.commands:PRUNED",),
    ),
    Command(
        "queues dead",
        "show the dead letters, each with its reason",
        "queues.commands:show_dead_letters",
        "queues.commands:dead_letters_arguments",
        ("queues dead", "queues dead QUEUE --json"),
        unlisted="d on the page of queues shows them",
        writes=("queues.table:DEAD_LETTERS.listing",),
    ),
    Command(
        "queues redrive",
        "send dead letters back to their queue, to be done again",
        "queues.commands:redrive",
        "queues.commands:redrive_arguments",
        (
            "queues redrive QUEUE",
            'queues redrive QUEUE --reason "disk is full"',
        ),
        unlisted="s, a and b on the page of dead letters send them back",
        writes=("queues.commands:OUTCOMES",),
    ),
    Command(
        "queues discard",
        "delete dead letters for good",
        "queues.commands:discard",
        "queues.commands:discard_arguments",
        ("queues discard QUEUE --yes", "queues discard QUEUE --reason damaged"),
        unlisted="x and b on the page of dead letters delete them",
        writes=("queues.commands:OUTCOMES",),
    ),
)
