"""admin.py watch: the lab live, as a page on a terminal, else as a stream."""

from __future__ import annotations

import argparse
import signal
import threading
import time
from typing import TYPE_CHECKING

from labapp.errors import UsageError
from labapp.jobs.wire import is_job_id
from labapp.programs.live.table import cells, document
from labapp.programs.shell import exits
from labapp.programs.shell.arguments import json_argument

if TYPE_CHECKING:
    from labapp.programs.shell.context import Context

#: Seconds of one wait between two looks, for Ctrl-C to be heard in on every platform.
_STEP = 0.2


def watch(context: Context) -> int:
    """Show the lab live on a terminal; with --json, --count or a pipe, write each look.

    Raises:
        UsageError: an argument is none that can be.
        CloudError: the lab cannot be looked at.
    """
    from labapp.console import theme

    asked = context.arguments
    _check(asked)
    if theme.is_interactive() and not (asked.json or asked.count or asked.every):
        from labapp.programs.live import page

        page.open_page(context, asked.job)
        return 0
    return _stream(context)


def _check(asked: argparse.Namespace) -> None:
    from labapp.programs.live.looking import EVERY

    if asked.count is not None and asked.count < 1:
        raise UsageError(f"--count is {asked.count}", "Give the number of looks, 1 or more.")
    if asked.every is not None and asked.every < EVERY:
        raise UsageError(
            f"--every is {asked.every:g}",
            f"A queue is asked every {EVERY:g} seconds at most: give {EVERY:g} or more.",
        )
    if asked.job and not is_job_id(asked.job):
        raise UsageError(f"--job is no job's id: {asked.job!r}", "'client.py jobs' lists them.")


def _stream(context: Context) -> int:
    """Write each look until Ctrl-C, or until there were as many as are wanted."""
    from labapp.programs.live.following import Followed, finder, follow
    from labapp.programs.live.looking import EVERY, Lookout, kept_looking
    from labapp.programs.live.source import CloudSource

    asked = context.arguments
    ended = threading.Event()
    cloud = context.cloud()
    lookout = Lookout(CloudSource(cloud))
    look, find = kept_looking(lookout), finder(cloud)
    followed = Followed(asked.job) if asked.job else None
    received = exits.on_signals(lambda _: ended.set(), signal.SIGINT)
    left = asked.count
    while not ended.is_set():
        lab = look()
        if followed and not lab.trouble:
            found, cost = find(followed, lab.logged)
            lookout.spend(cost)
            followed = follow(followed, lab, found)
        if asked.json:
            context.json_line(document(lab, followed))
        else:
            context.row(*cells(lab))
        left = left - 1 if left else None
        if left == 0:
            break
        _pause(ended, asked.every or EVERY)
    return 128 + received[0] if received else 0


def _pause(ended: threading.Event, seconds: float) -> None:
    """Wait, less if told to end meanwhile."""
    until = time.monotonic() + seconds
    while not ended.is_set() and (left := until - time.monotonic()) > 0:
        ended.wait(min(left, _STEP))


def watch_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `watch` takes."""
    parser.add_argument("--job", default="", metavar="JOB", help="follow this job through the lab")
    parser.add_argument(
        "--count", type=int, metavar="N", help="write so many looks, instead of a page"
    )
    parser.add_argument(
        "--every",
        type=float,
        metavar="S",
        help="write a look each S seconds, instead of a page (2 or more; default: 2)",
    )
    json_argument(parser)
