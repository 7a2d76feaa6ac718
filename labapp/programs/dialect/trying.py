"""admin.py's command dialect try: a message, as a worker would take it."""

from __future__ import annotations

import argparse

from labapp.dialects import loading
from labapp.dialects.messages import Incoming
from labapp.programs.dialect import files, message
from labapp.programs.dialect.commands import file_argument
from labapp.programs.dialect.message import FORMS
from labapp.programs.dialect.tried import ID, attempt, document, page_of, told
from labapp.programs.shell.arguments import json_argument
from labapp.programs.shell.context import Context

#: How a program ends whose message would not be answered: as with any request that is refused.
REFUSED = 3


def run(context: Context) -> int:
    """Tell what a worker would read, do, store and answer."""
    asked = context.arguments
    dialect = loading.load(files.path_of(asked.file or "", context.settings))
    incoming = Incoming(asked.id, asked.body, message.attributes(asked.attr), asked.group)
    tried = attempt(dialect, context.settings, incoming, asked.queue, asked.object)
    if asked.json:
        context.json(document(tried))
    elif context.on_terminal:
        from labapp.console import theme

        theme.stdout().print(page_of(tried))
    else:
        for name, lines in told(tried).items():
            for line in lines:
                context.row(name, line)
    return 0 if tried.state == "answered" else REFUSED


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `dialect try` takes."""
    file_argument(parser)
    parser.add_argument("--body", required=True, metavar="TEXT", help="the message's body")
    parser.add_argument(
        "--attr",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"an attribute: {FORMS}; again for more",
    )
    parser.add_argument(
        "--queue", default="", metavar="QUEUE", help="the queue that it waits in (default: any)"
    )
    parser.add_argument("--id", default=ID, metavar="ID", help="the id that SQS gave it")
    parser.add_argument("--group", default="", metavar="ID", help="its group, on a FIFO queue")
    parser.add_argument(
        "--object",
        default="",
        metavar="TEXT",
        help="what the S3 object of integers holds that it names (default: an example)",
    )
    json_argument(parser)
