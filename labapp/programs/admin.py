"""admin.py: what the person in charge does from the prompt; without a sub-command, the menu."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.errors import LabappError
from labapp.programs import dataset_admin
from labapp.programs.cli import (
    Command,
    Context,
    Program,
    dry_argument,
    json_argument,
    limit_argument,
    yes_argument,
)

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: What has to be typed before all is deleted.
RESET = "reset"

#: Logs that `admin.py logs` shows where -n is not given, and dead letters of each queue.
LOGS, LETTERS = 20, 1_000


def _queues(context: Context) -> None:
    from labapp.programs import overview

    rows = overview.queue_rows(context.cloud())
    if context.arguments.json:
        context.json([row.fields() for row in rows])
        return
    if context.on_terminal:
        from labapp.programs import listings

        context.table(*listings.queues(rows), empty="No queues.")
        return
    cells = [(r.name, r.visible, r.in_flight, r.delayed, r.dead, r.oldest) for r in rows]
    context.table((), cells, empty="No queues.")


def _cloud_with(context: Context, name: str) -> Cloud:
    """Open the cloud; a queue that is not the lab's is told here, before anything is asked."""
    from labapp.programs import overview

    cloud = context.cloud()
    overview.check_name(cloud, name)
    return cloud


def _queues_purge(context: Context) -> None:
    from labapp.cloud.queues import Queue
    from labapp.console.figures import plural

    name = context.arguments.name
    queue = Queue(_cloud_with(context, name), name)
    counts = queue.counts()
    held = plural(counts.visible + counts.in_flight, "message")
    if context.dry:
        context.line(f"would delete {held} of {name}")
        return
    if not context.confirm(f"Delete {held} of {name}?"):
        raise LabappError(f"{name} was not purged", "Say y, or --yes, to purge it.")
    queue.purge()
    context.line(f"purged {name}")


def _name_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="QUEUE", help="the queue's name, as 'queues' lists it")
    yes_argument(parser)


def _queues_dead(context: Context) -> None:
    from labapp.programs import letters

    name = context.arguments.name
    limit = context.limit
    cloud = _cloud_with(context, name) if name else context.cloud()
    found = letters.all_letters(cloud, name, limit)
    if letters.is_cut(found, limit):
        context.say(letters.cut_note(limit) + ": -n N shows N of each")
    if context.arguments.json:
        context.json([letters.fields(queue, letter) for queue, letter in found])
        return
    empty = "No dead letters: every job was done, refused or is still waiting."
    if context.on_terminal:
        from labapp.programs import listings

        context.table(*listings.dead_letters(found), empty=empty)
    else:
        context.table((), [letters.row(queue, letter) for queue, letter in found], empty=empty)


def _queues_redrive(context: Context) -> None:
    from labapp.programs import letters

    arguments = context.arguments
    if context.dry:
        _dry_letters(context, "would be sent back")
        return
    count = 0
    cloud = _cloud_with(context, arguments.name)
    for letter in letters.redrive(cloud, arguments.name, arguments.id or ()):
        context.line(f"{letter.id}\tsent back")
        count += 1
    if not count:
        raise _no_letter(arguments)


def _dry_letters(context: Context, fate: str) -> None:
    """Say what would become of the dead letters that are meant."""
    from labapp.programs import letters

    arguments = context.arguments
    cloud = _cloud_with(context, arguments.name)
    found = [letter for _, letter in letters.all_letters(cloud, arguments.name)]
    meant = [one for one in found if not arguments.id or one.id in arguments.id]
    if not meant:
        raise _no_letter(arguments)
    for letter in meant:
        context.line(f"{letter.id}\t{fate}")


def _no_letter(arguments: argparse.Namespace) -> LabappError:
    which = "no such dead letter" if arguments.id else "no dead letters"
    return LabappError(f"{arguments.name} has {which}", "See 'queues dead'.")


def _queues_discard(context: Context) -> None:
    from labapp.console.figures import plural
    from labapp.programs import letters

    arguments = context.arguments
    if context.dry:
        _dry_letters(context, "would be deleted")
        return
    cloud = _cloud_with(context, arguments.name)
    which = plural(len(arguments.id), "dead letter") if arguments.id else "all dead letters"
    if not context.confirm(f"Delete {which} of {arguments.name} for good?"):
        raise LabappError("nothing was deleted", "Say y, or --yes, to delete.")
    count = 0
    for letter in letters.discard(cloud, arguments.name, arguments.id or ()):
        context.line(f"{letter.id}\tdeleted")
        count += 1
    if not count:
        raise _no_letter(arguments)


def _dead_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="QUEUE", help="one queue; all, unless given")
    limit_argument(parser, LETTERS, "how many of each queue to show")
    json_argument(parser)


def _letter_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="QUEUE", help="the queue, as 'queues' lists it")
    parser.add_argument(
        "--id",
        action="append",
        metavar="MESSAGE",
        help="a message, as 'queues dead' lists it; again for more (default: all)",
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

    limit = context.limit
    # One more than asked for, since only its being there tells that the listing is cut.
    found = list(logbook.newest(Bucket(context.cloud(bucket_only=True)), limit + 1))
    logs = found[:limit]
    if len(found) > limit:
        context.say_if_cut(limit, None, "logs")
    if context.arguments.json:
        context.json([asdict(log) for log in logs])
        return
    empty = "No jobs are logged yet. Send one: client.py numbers 1,12,55,4"
    if context.on_terminal:
        from labapp.programs import listings

        context.table(*listings.logs(logs), empty=empty)
        return
    rows = [(one.time, one.kind, one.client, one.status, one.request, one.outcome) for one in logs]
    context.table((), rows, empty=empty)


def _logs_arguments(parser: argparse.ArgumentParser) -> None:
    limit_argument(parser, LOGS)
    json_argument(parser)


def _workers(context: Context) -> None:
    from labapp.programs import overview

    rows = overview.worker_rows(context.cloud(bucket_only=True))
    if context.arguments.json:
        context.json([row.fields() for row in rows])
        return
    empty = f"No worker has reported. Start one: python server.py{context.loaded.again}"
    if context.on_terminal:
        from labapp.programs import listings

        context.table(*listings.workers(rows), empty=empty)
        return
    cells = [
        (r.worker, r.state, r.pid, r.done, r.refused, r.failed, r.in_hand, r.age) for r in rows
    ]
    context.table((), cells, empty=empty)


def _cloud_status(context: Context) -> None:
    from labapp.programs import clouds

    status = clouds.status(context.settings)
    if context.arguments.json:
        context.json(status)
        return
    told = clouds.told(status)
    if context.on_terminal:
        from labapp.console import tables, theme

        theme.stdout().print(tables.key_values(told))
    else:
        context.table((), told.items(), empty="")


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
    from labapp.cloud import embedded_disk
    from labapp.programs import clouds

    running = clouds.start(context.settings)
    context.line(f"the local cloud runs at {running.endpoint_url} (pid {running.pid})")
    if running.trouble:
        context.say(f"{running.trouble}. {embedded_disk.remedy(running.trouble)}")


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
    question = "Delete the local cloud's queues, pictures, labels and logs?"
    if not context.confirm(question, RESET):
        raise LabappError("nothing was deleted", f"Type {RESET}, or say --yes, to delete.")
    clouds.reset(context.settings)
    context.line("the local cloud is empty")


def _menu(context: Context) -> int | None:
    from labapp.programs.screens import open_menu

    return open_menu(context, "labapp.programs.screens.admin_menu")


PROGRAM = Program(
    "admin.py",
    "Look after the lab: its dataset, queues, logs, workers and cloud resources.\n"
    "Without a command it opens a menu.",
    (
        Command(
            "queues",
            "show each queue: messages waiting, in flight, dead letters",
            _queues,
            json_argument,
            ("queues", "queues --json", "queues purge QUEUE --yes"),
        ),
        Command(
            "queues purge",
            "delete every message of a queue",
            _queues_purge,
            _name_argument,
            ("queues purge QUEUE",),
        ),
        Command(
            "queues dead",
            "show the dead letters, each with its reason",
            _queues_dead,
            _dead_arguments,
            ("queues dead", "queues dead QUEUE --json"),
        ),
        Command(
            "queues redrive",
            "send dead letters back to their queue, to be done again",
            _queues_redrive,
            _redrive_arguments,
            ("queues redrive QUEUE", "queues redrive QUEUE --dry-run"),
        ),
        Command(
            "queues discard",
            "delete dead letters for good",
            _queues_discard,
            _discard_arguments,
            ("queues discard QUEUE --yes",),
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
            "stop the local cloud and delete everything in it; asks for a word to be typed",
            _cloud_reset,
            yes_argument,
            ("cloud reset --yes",),
        ),
        *dataset_admin.COMMANDS,
    ),
    _menu,
    examples=("", "queues", "logs -n 5", "cloud status"),
    settings=("endpoint_url", "user", "port", "target_answers"),
)


def main() -> int:
    """Run admin.py; return its exit code."""
    return PROGRAM.main()
