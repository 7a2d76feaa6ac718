"""admin.py: what the person in charge does from the prompt; without a sub-command, the menu."""

from __future__ import annotations

import argparse

from labapp.errors import LabappError, UsageError
from labapp.programs import dataset_admin
from labapp.programs.cli import (
    Command,
    Context,
    Program,
    dry_argument,
    json_argument,
    yes_argument,
)

#: Logs that `admin.py logs` shows where -n is not given.
LOGS = 20


def _queues(context: Context) -> None:
    from labapp.programs import overview

    rows = overview.queue_rows(context.cloud())
    if context.arguments.json:
        context.json([row.fields() for row in rows])
        return
    context.table(
        ["queue", "waiting", "in flight", "delayed", "dead letters", "oldest (s)"],
        [(r.name, r.visible, r.in_flight, r.delayed, r.dead, r.oldest) for r in rows],
        empty="No queues.",
    )


def _queues_purge(context: Context) -> None:
    from labapp.cloud.queues import Queue

    name = context.arguments.name
    queue = Queue(context.cloud(), name)
    held = queue.counts()
    if context.dry:
        context.line(f"would delete {held.visible + held.in_flight} messages of {name}")
        return
    if not context.confirm(f"Delete all {held.visible + held.in_flight} messages of {name}?"):
        raise LabappError(f"{name} was not purged", "Say y, or --yes, to purge it.")
    queue.purge()
    context.line(f"purged {name}")


def _name_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the queue's name, as 'queues' lists it")
    yes_argument(parser)


def _queues_dead(context: Context) -> None:
    from labapp.programs import letters

    found = letters.all_letters(context.cloud(), context.arguments.name)
    if context.arguments.json:
        context.json([letters.fields(queue, letter) for queue, letter in found])
        return
    context.table(
        ["queue", "message", "reason", "receives", "first", "last", "body"],
        [letters.row(context, queue, letter) for queue, letter in found],
        empty="No dead letters.",
    )


def _queues_redrive(context: Context) -> None:
    from labapp.programs import letters

    arguments = context.arguments
    if context.dry:
        _dry_letters(context, "would be sent back")
        return
    count = 0
    for letter in letters.redrive(context.cloud(), arguments.name, arguments.id or ()):
        context.line(f"{letter.id}\tsent back")
        count += 1
    if not count:
        raise _no_letter(arguments.name)


def _dry_letters(context: Context, fate: str) -> None:
    """Say what would become of the dead letters that are meant."""
    from labapp.programs import letters

    arguments = context.arguments
    found = [letter for _, letter in letters.all_letters(context.cloud(), arguments.name)]
    meant = [one for one in found if not arguments.id or one.id in arguments.id]
    if not meant:
        raise _no_letter(arguments.name)
    for letter in meant:
        context.line(f"{letter.id}\t{fate}")


def _no_letter(name: str) -> LabappError:
    return LabappError(f"{name} has no such dead letter", "See 'queues dead'.")


def _queues_discard(context: Context) -> None:
    from labapp.programs import letters

    arguments = context.arguments
    if context.dry:
        _dry_letters(context, "would be deleted")
        return
    which = f"{len(arguments.id)} dead letters" if arguments.id else "all dead letters"
    if not context.confirm(f"Delete {which} of {arguments.name} for good?"):
        raise LabappError("nothing was deleted", "Say y, or --yes, to delete.")
    count = 0
    for letter in letters.discard(context.cloud(), arguments.name, arguments.id or ()):
        context.line(f"{letter.id}\tdeleted")
        count += 1
    if not count:
        raise _no_letter(arguments.name)


def _dead_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="one queue; all, unless given")
    json_argument(parser)


def _letter_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the queue, as 'queues' lists it")
    parser.add_argument(
        "--id", action="append", metavar="MESSAGE", help="one message; again for more; else all"
    )


def _redrive_arguments(parser: argparse.ArgumentParser) -> None:
    _letter_arguments(parser)
    dry_argument(parser)


def _discard_arguments(parser: argparse.ArgumentParser) -> None:
    _letter_arguments(parser)
    yes_argument(parser)


def _logs(context: Context) -> None:
    from dataclasses import asdict

    from labapp.cloud.bucket import Bucket
    from labapp.jobs import logbook

    count = context.arguments.n
    if count < 1:
        raise UsageError(f"-n is {count}", "Give the number of logs to show, 1 or more.")
    logs = list(logbook.newest(Bucket(context.cloud()), count))
    if context.arguments.json:
        context.json([asdict(log) for log in logs])
        return
    context.table(
        ["time", "kind", "client", "status", "request", "outcome"],
        [
            (context.clock(log.time), log.kind, log.client, log.status, log.request, log.outcome)
            for log in logs
        ],
        empty="No jobs are logged yet. Send one: client.py numbers 1,12,55,4",
    )


def _logs_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-n", type=int, default=LOGS, metavar="N", help=f"how many to show (default: {LOGS})"
    )
    json_argument(parser)


def _workers(context: Context) -> None:
    from labapp.programs import overview

    rows = overview.worker_rows(context.cloud())
    if context.arguments.json:
        context.json([row.fields() for row in rows])
        return
    context.table(
        ["worker", "state", "pid", "done", "refused", "failed", "in hand", "seen (s ago)"],
        [
            (r.worker, r.state, str(r.pid), r.done, r.refused, r.failed, r.in_hand, r.age)
            for r in rows
        ],
        empty="No worker has reported. Start one: python server.py",
    )


def _cloud_status(context: Context) -> None:
    from labapp.programs import clouds

    status = clouds.status(context.settings)
    if context.arguments.json:
        context.json(status)
        return
    context.table(["", ""], [(name, str(value)) for name, value in status.items()], empty="")


def _cloud_up(context: Context) -> None:
    from labapp.cloud import provision

    if context.dry:
        for name in provision.missing(context.cloud(start=False, require=False)):
            context.line(f"would make {name}")
        return
    cloud = context.cloud(require=False)
    for resource in provision.up(cloud):
        done = "made" if resource.made else "there already"
        context.line(f"{resource.kind} {resource.name}: {done}")


def _cloud_start(context: Context) -> None:
    from labapp.programs import clouds

    running = clouds.start(context.settings)
    context.line(f"the local cloud runs at {running.endpoint_url} (pid {running.pid})")


def _cloud_stop(context: Context) -> None:
    from labapp.programs import clouds

    stopped, workers = clouds.stop(context.settings)
    for pid in workers:
        context.line(f"ended the worker in the background (pid {pid})")
    context.line("stopped the local cloud" if stopped else "the local cloud was not running")


def _cloud_reset(context: Context) -> None:
    from labapp.programs import clouds

    clouds.only_local(context.settings)
    if context.dry:
        context.line("would delete all queues, pictures, labels and logs of the local cloud")
        return
    if not context.confirm("Delete everything in the local cloud: queues, pictures, labels, logs?"):
        raise LabappError("nothing was deleted", "Say y, or --yes, to delete.")
    clouds.reset(context.settings)
    context.line("the local cloud is empty")


def _menu(context: Context) -> int | None:
    from labapp.programs.screens import open_menu

    return open_menu(context, "labapp.programs.screens.admin_menu")


PROGRAM = Program(
    "admin.py",
    "Look after the lab: its queues, logs, workers and cloud resources.",
    (
        Command(
            "queues",
            "show each queue: messages waiting, in flight, dead letters",
            _queues,
            json_argument,
            ("queues", "queues --json", "queues purge requestQueue --yes"),
        ),
        Command(
            "queues purge",
            "delete every message of a queue",
            _queues_purge,
            _name_argument,
            ("queues purge requestQueue",),
        ),
        Command(
            "queues dead",
            "show the dead letters, each with its reason",
            _queues_dead,
            _dead_arguments,
            ("queues dead", "queues dead requestQueue --json"),
        ),
        Command(
            "queues redrive",
            "send dead letters back to their queue, to be done again",
            _queues_redrive,
            _redrive_arguments,
            ("queues redrive requestQueue", "queues redrive requestQueue --dry-run"),
        ),
        Command(
            "queues discard",
            "delete dead letters for good",
            _queues_discard,
            _discard_arguments,
            ("queues discard requestQueue --yes",),
        ),
        Command(
            "logs",
            "show the log of jobs, newest first",
            _logs,
            _logs_arguments,
            ("logs", "logs -n 100 --json"),
        ),
        Command(
            "workers",
            "show the workers and when each was last seen",
            _workers,
            json_argument,
            ("workers", "workers --json"),
        ),
        Command(
            "cloud",
            "show which cloud this is, and what is missing there",
            _cloud_status,
            json_argument,
            ("cloud", "cloud up --cloud aws"),
        ),
        Command(
            "cloud status",
            "show which cloud this is, and what is missing there",
            _cloud_status,
            json_argument,
            ("cloud status --json",),
        ),
        Command(
            "cloud up",
            "make the bucket and the queues that are missing; what is there stays as it is",
            _cloud_up,
            dry_argument,
            ("cloud up --dry-run", "cloud up --cloud aws --profile lab"),
        ),
        Command("cloud start", "start the local cloud", _cloud_start, examples=("cloud start",)),
        Command(
            "cloud stop",
            "stop the local cloud and the workers started in the background; all is kept",
            _cloud_stop,
            examples=("cloud stop",),
        ),
        Command(
            "cloud reset",
            "delete everything in the local cloud",
            _cloud_reset,
            yes_argument,
            ("cloud reset --yes",),
        ),
        *dataset_admin.COMMANDS,
    ),
    _menu,
    examples=("", "queues", "logs -n 5", "cloud status"),
)


def main() -> int:
    """Run admin.py; return its exit code."""
    return PROGRAM.main()
