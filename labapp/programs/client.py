"""client.py: what a user does from the prompt; without a sub-command, the user's menu."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.errors import (
    JobFailedError,
    LabappError,
    RefusedError,
    UsageError,
)
from labapp.programs.dataset import commands as dataset
from labapp.programs.jobs import wait_command
from labapp.programs.processing import commands as pictures
from labapp.programs.shell import completion, config
from labapp.programs.shell.arguments import (
    json_argument,
    limit_argument,
    timeout_argument,
    yes_argument,
)
from labapp.programs.shell.command import Command
from labapp.programs.shell.context import Context
from labapp.programs.shell.program import Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.cloud.session import Cloud
    from labapp.jobs.entry import Entry

#: Jobs that `client.py jobs` shows unless told otherwise.
NEWEST = 50

#: What `numbers` says of its list.
LIST_HELP = "the integers, with commas or blanks between; - reads them from standard input"


def _numbers(context: Context) -> None:
    """Send one list and wait for its answer; with --json a document tells of whatever comes."""
    from labapp.programs.jobs import waiting

    values: list[int] = []
    try:
        values = _values(context)  # first: what is refused here costs no import of the cloud
        cloud = context.cloud()
    except LabappError as error:
        if context.arguments.json:
            status = "refused" if isinstance(error, RefusedError | UsageError) else "unsent"
            context.json_text(waiting.unsent_json(status, str(error), values))
        raise
    _show_answer(context, _sent_and_awaited(context, cloud, values))


def _sent_and_awaited(context: Context, cloud: Cloud, values: list[int]) -> Entry:
    from labapp.jobs.session import ClientSession
    from labapp.programs.jobs import waiting
    from labapp.programs.jobs.outages import naming

    entry: Entry | None = None
    with ClientSession(cloud) as session:
        new = session.identity()
        job = new.job
        try:
            waiting.ensure_worker(context, session.cloud)
            if context.arguments.random is not None and not context.arguments.json:
                context.line(",".join(map(str, values)))  # nobody else knows what was asked
            with naming(job, sent=False):
                waiting.send_numbers(session, values, new)
            with naming(job):
                entry = waiting.wait_for(context, session, job)
        except (LabappError, KeyboardInterrupt) as error:
            why = str(error) or f"interrupted; 'client.py wait {job}' waits for its answer"
            if context.arguments.json:
                known = session.ledger.get(job)
                unsent = waiting.unsent_json("unsent", why, values)
                context.json_text(waiting.answer_json(known, why) if known else unsent)
            if isinstance(error, KeyboardInterrupt):
                context.say(f"job {job}: {why}")
            raise
        session.ledger.mark_shown([job])
    return entry


def _values(context: Context) -> list[int]:
    """Return the list that was typed, read or made, held against the rules."""
    from labapp import numbers
    from labapp.programs.jobs import waiting

    arguments = context.arguments
    typed = " ".join(arguments.list)
    given = [bool(arguments.list), arguments.file is not None, arguments.random is not None]
    if sum(given) != 1:
        raise UsageError(
            "numbers takes one list: LIST, - for standard input, --file FILE or --random N",
            "For instance: client.py numbers 1,12,55,4",
        )
    if arguments.random is not None:
        return waiting.random_list(arguments.random, waiting.rules(context.settings))
    if arguments.file is not None:
        text = waiting.read_list_file(arguments.file)
    else:
        text = waiting.read_list_input() if typed.strip() == "-" else typed
    values = numbers.parse(text)
    numbers.check(values, waiting.rules(context.settings))
    return values


def _show_answer(context: Context, entry: Entry) -> None:
    from labapp.programs.jobs import waiting

    if context.arguments.json:
        context.json_text(waiting.answer_json(entry))
    elif entry.status == "done":
        context.line(entry.reply)
    if entry.status == "done":
        return
    error = RefusedError if entry.status == "refused" else JobFailedError
    raise error(f"{entry.status}: {entry.reply}")


def _numbers_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("list", nargs="*", metavar="LIST", help=LIST_HELP)
    parser.add_argument("--file", metavar="FILE", help="read the integers from a file")
    parser.add_argument("--random", metavar="N", type=int, help="send N random integers")
    json_argument(parser)
    timeout_argument(parser)


def _jobs(context: Context) -> None:
    """List this machine's jobs, after taking in what came meanwhile."""
    from labapp.programs.jobs import waiting

    listed = waiting.list_jobs(context)
    _show_jobs(context, listed.entries, listed.total)
    if listed.away is not None:
        raise listed.away


def _show_jobs(context: Context, entries: Sequence[Entry], total: int) -> None:
    from labapp.programs.jobs import waiting

    context.say_if_cut(len(entries), total, "job")
    if context.arguments.json:
        context.json([waiting.entry_fields(entry) for entry in entries])
        return
    empty = "No jobs yet. Send one: client.py numbers 1,12,55,4"
    if context.on_terminal:
        from labapp.programs.jobs import table

        context.table(*table.jobs(entries), empty=empty)
    else:
        context.table((), [waiting.entry_row(entry) for entry in entries], empty=empty)


def _jobs_arguments(parser: argparse.ArgumentParser) -> None:
    limit_argument(parser, NEWEST)
    json_argument(parser)


def _purge(context: Context) -> None:
    """Give up pending jobs and throw away the answers that wait for this client."""
    from labapp.console.figures import plural
    from labapp.jobs import session as client

    question = "Throw away the answers that wait for you, and give up pending jobs?"
    if not context.dry and not context.confirm(question):
        raise LabappError("nothing was purged", "Say y, or --yes, to purge.")
    cloud = context.cloud()
    if context.dry:
        with client.ClientSession(cloud) as session:
            purged = session.purge(dry=True)
    else:
        purged = client.purge(cloud)
    if purged.aside:
        context.say(f"the ledger of jobs could not be used and is set aside: {purged.aside}")
    done = "would purge" if context.dry else "purged"
    if purged.cleared:
        context.say(f"{done} {plural(purged.cleared, 'row')} of the ledger that cannot be a job's")
    if context.arguments.json:
        context.json({"state": context.fate("purged"), "given_up": purged.given_up})
    else:
        context.line(f"{done}; {plural(len(purged.given_up), 'pending job')} given up")


def _purge_arguments(parser: argparse.ArgumentParser) -> None:
    json_argument(parser)
    yes_argument(parser)


def _menu(context: Context) -> int | None:
    from labapp.programs.menus import open_menu

    return open_menu(context, "labapp.programs.client_menu")


PROGRAM = Program(
    "client.py",
    "Send lists of integers and pictures to the lab's workers and read their answers.\n"
    "Without a command it opens a menu.",
    (
        Command(
            "numbers",
            "send a list of integers; get min, max, mean, median and sum",
            _numbers,
            _numbers_arguments,
            (
                "numbers 1,12,55,4",
                "numbers --file input.txt",
                "numbers --random 8 --json",
                "numbers -",
            ),
        ),
        Command(
            "jobs",
            "list the jobs sent from this machine and their answers",
            _jobs,
            _jobs_arguments,
            ("jobs", "jobs -n 500", "jobs --json"),
        ),
        wait_command.COMMAND,
        Command(
            "purge",
            "throw away the answers that wait for you, and give up pending jobs",
            _purge,
            _purge_arguments,
            ("purge --yes", "purge --dry-run --json"),
        ),
        *pictures.COMMANDS,
        *dataset.COMMANDS,
        *config.COMMANDS,
        completion.COMPLETION,
    ),
    _menu,
    examples=("", "numbers 1,12,55,4", "jobs --json"),
    settings=("endpoint_url", "user", "annotator", "timeout", "max_integers", "allow_negative"),
)


def main() -> int:
    """Run client.py; return its exit code."""
    return PROGRAM.main()
