"""admin.py's command dialect record."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.console.figures import moment, one_line
from labapp.errors import CloudError, UsageError
from labapp.files import typed_paths
from labapp.jobs.attributes import text_of
from labapp.jobs.wire import quoted
from labapp.programs.dialect import recording
from labapp.programs.dialect.recording import COST, MOST_SECONDS, NOTHING, SECONDS, Record
from labapp.programs.dialect.table import MOST_BODY, REQUESTS
from labapp.programs.shell.arguments import json_argument
from labapp.programs.shell.context import Context
from labapp.programs.shell.table import Document

if TYPE_CHECKING:
    from pathlib import Path

    from labapp.jobs.watched_queue import Seen

#: What `dialect record` writes with --json.
RECORD = Document(
    ("seconds", "workers", "done", "proposal", "out", "queues", "requests"),
    notes={
        "workers": "the most at work at a time",
        "done": "requests that they did meanwhile, by the logs",
        "proposal": "the text of a dialect's file",
        "out": "the file that was written",
    },
    parts=(
        Document(
            ("name", "foreign", "own", "receives", "most", "anew", "last"),
            "each queue",
            {
                "receives": "of the message that was received most often",
                "most": "that the queue allows, or null",
                "anew": "sent anew after the last of these",
                "last": "that could not be",
            },
        ),
        Document(REQUESTS.listing.names, "each request", REQUESTS.listing.notes),
    ),
)


def record(context: Context) -> int:
    """Watch queues for a while, and propose a first dialect for what was seen."""
    from labapp.console import progress

    asked, found, code = context.arguments, Record(), 0
    failed: CloudError | None = None
    out = _out(context)
    cloud = context.cloud(require=not asked.queue)
    names = asked.queue or recording.queue_names(context.settings)
    context.say(f"watching {', '.join(names)}: {COST}")
    with progress.transfer("watching", asked.seconds, "seconds", lines=not asked.json) as bar:

        def show(seen: Seen) -> None:
            if context.on_terminal:
                for line in lines_of(seen):
                    bar.done(line)
            elif not asked.json:
                context.row(*REQUESTS.row(seen))

        try:
            recording.run(cloud, names, asked.seconds, bar, found, show, context.say)
        except KeyboardInterrupt:  # what was seen until then is told, too
            code = 130
        except CloudError as error:
            failed = error
    if found.requests or not failed:
        _tell(context, found, out)
    if failed:
        raise failed
    return code


def _out(context: Context) -> Path | None:
    """Return the file to be written, if one is; what was typed is checked before anything is done.

    Raises:
        UsageError: there are no such seconds, or no such queue.
        RefusedError: something is in the way of the file.
    """
    asked = context.arguments
    if not 1 <= asked.seconds <= MOST_SECONDS:
        raise UsageError(f"--seconds is {asked.seconds}", f"Give 1 to {MOST_SECONDS:,}.")
    for name in asked.queue or ():
        recording.check_name(name)
    if not asked.out:
        return None
    out = typed_paths.parse(asked.out)
    recording.check_free(out, force=asked.force)
    return out


def lines_of(seen: Seen) -> list[str]:
    """Return a foreign request as a terminal shows it: its body, and its attributes below."""
    message = seen.message
    body = quoted(message.body, MOST_BODY)
    first = f"{moment(message.sent_at)}  {seen.queue}  {body}"
    attributes = [f"    {text_of({name: one})}" for name, one in sorted(message.typed.items())]
    group = [f"    of the group {quoted(message.group)}"] if message.group else []
    return [one_line(line) for line in (first, *attributes, *group)]


def _tell(context: Context, found: Record, out: Path | None) -> None:
    """Tell what was seen, and propose a file; or write it."""
    for warning in recording.warnings(found):
        context.say(warning)
    text = recording.proposal(found, context.settings)
    if out:
        recording.write(out, text)
    if context.arguments.json:
        context.json(document(found, context.arguments.seconds, text, out))
        return
    context.say(recording.summary(found))
    if not found.requests:
        context.say(NOTHING)
    if out:
        context.line(str(out))
    else:
        for line in text.splitlines():
            context.line(line)


def document(found: Record, seconds: int, text: str, out: Path | None) -> dict[str, object]:
    """Return a record as JSON has it."""
    return {
        "seconds": seconds,
        "workers": found.workers,
        "done": found.done,
        "proposal": text,
        "out": str(out) if out else None,
        "queues": [
            {name: getattr(one, name) for name in RECORD.parts[0].names} for one in found.queues
        ],
        "requests": [REQUESTS.document(one) for one in found.requests],
    }


def record_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `dialect record` takes."""
    parser.add_argument(
        "--queue",
        action="append",
        metavar="QUEUE",
        help="a queue to watch, any in the account; again for more (default: all from which"
        " workers of this lab take requests)",
    )
    parser.add_argument(
        "--seconds",
        type=int,
        default=SECONDS,
        metavar="N",
        help=f"for how long (default: {SECONDS}); Esc or Ctrl-C ends it",
    )
    parser.add_argument("--out", metavar="FILE", help="write the proposal there")
    parser.add_argument("--force", action="store_true", help="replace that file")
    json_argument(parser)
