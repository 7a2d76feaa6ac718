"""client.py's command for lists of integers: numbers."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.errors import LabappError, RefusedError, UsageError
from labapp.jobs.number_kind import NUMBERS
from labapp.programs.jobs import waiting
from labapp.programs.numbers import lists
from labapp.programs.numbers.answers import answer_json, unsent_json
from labapp.programs.shell.arguments import waiting_arguments
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud
    from labapp.jobs.entry import Entry

#: What `numbers` says of its list.
LIST_HELP = "the integers, with commas or blanks between; - reads them from standard input"

#: What it says of a file of lists.
LINES_HELP = "send each line's list; - reads standard input; an answer line each, in their order"
UNORDERED_HELP = "write the answers of --lines as they come"
RESUME_HELP = "go on with --lines where it was ended, by the ledger"


def send(context: Context) -> int:
    """Send one list and wait for its answer; with --json a document tells of whatever comes."""
    if context.arguments.lines is not None:
        return _send_lines(context)
    values: list[int] = []
    try:
        values = _values(context)  # first: what is refused here costs no import of the cloud
        cloud = waiting.attended_cloud(context, NUMBERS.request_queue_name(context.settings))
    except LabappError as error:
        if context.arguments.json:
            status = "refused" if isinstance(error, RefusedError | UsageError) else "unsent"
            context.json_text(unsent_json(status, str(error), values))
        raise
    _show_answer(context, _send_and_wait(context, cloud, values))
    return 0


def _send_lines(context: Context) -> int:
    from labapp.programs.numbers import line_command  # what it needs, one list does without

    arguments = context.arguments
    if arguments.list or arguments.file is not None or arguments.random is not None:
        raise UsageError("--lines takes no other list", "Leave it out.")
    return line_command.send_lines(context)


def _send_and_wait(context: Context, cloud: Cloud, values: list[int]) -> Entry:
    from labapp.jobs.session import ClientSession
    from labapp.programs.jobs.outages import errors_with_job

    entry: Entry | None = None
    with ClientSession(cloud, context.patience) as session:
        new = session.identity()
        job = new.job
        try:
            waiting.ensure_worker(context, session.cloud)
            if context.arguments.random is not None and not context.arguments.json:
                context.line(",".join(map(str, values)))  # nobody else knows what was asked
            with errors_with_job(job, sent=False):
                lists.send_numbers(session, values, new)
            with errors_with_job(job):
                entry = waiting.wait_for(context, session, job)
        except (LabappError, KeyboardInterrupt) as error:
            why = str(error) or f"interrupted; 'client.py wait {job}' waits for its answer"
            if context.arguments.json:
                known = session.ledger.get(job)
                unsent = unsent_json("unsent", why, values)
                context.json_text(answer_json(known, why) if known else unsent)
            if isinstance(error, KeyboardInterrupt):
                context.say(f"job {job}: {why}")
            raise
        session.ledger.mark_shown([job])
    return entry


def _values(context: Context) -> list[int]:
    """Return the list that was typed, read or made, held against the rules."""
    from labapp import numbers

    arguments = context.arguments
    if arguments.out is not None or arguments.unordered or arguments.resume:
        raise UsageError("--out, --unordered and --resume are of --lines", "Say --lines FILE.")
    typed = " ".join(arguments.list)
    given = [bool(arguments.list), arguments.file is not None, arguments.random is not None]
    if sum(given) != 1:
        raise UsageError(
            "numbers takes one list: LIST, - for standard input, --file FILE or --random N",
            "For instance: client.py numbers 1,12,55,4",
        )
    if arguments.random is not None:
        return lists.random_list(arguments.random, lists.rules(context.settings))
    if arguments.file is not None:
        text = lists.read_list_file(arguments.file)
    else:
        text = lists.read_list_input() if typed.strip() == "-" else typed
    values = numbers.parse(text)
    numbers.check(values, lists.rules(context.settings))
    return values


def _show_answer(context: Context, entry: Entry) -> None:
    if context.arguments.json:
        context.json_text(answer_json(entry))
    elif entry.status == "done":
        context.line(entry.reply)
    if entry.status != "done":
        raise waiting.failure(entry)


def send_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `numbers` takes."""
    parser.add_argument("list", nargs="*", metavar="LIST", help=LIST_HELP)
    parser.add_argument("--file", metavar="FILE", help="read the integers from a file")
    parser.add_argument("--random", metavar="N", type=int, help="send N random integers")
    parser.add_argument("--lines", metavar="FILE", help=LINES_HELP)
    parser.add_argument("--out", metavar="FILE", help="write the answers of --lines there")
    parser.add_argument("--unordered", action="store_true", help=UNORDERED_HELP)
    parser.add_argument("--resume", action="store_true", help=RESUME_HELP)
    waiting_arguments(parser)
