"""admin.py's command for the log of jobs."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from labapp.errors import UsageError
from labapp.programs.logs.table import LOGS
from labapp.programs.shell.arguments import newest_arguments
from labapp.programs.shell.context import Context
from labapp.settings import LOG_NONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from labapp.cloud.bucket import Bucket
    from labapp.jobs.log_wanted import Wanted
    from labapp.jobs.logbook import Log

#: Logs that are shown where -n is not given.
NEWEST = 20

#: What may become of a job, as `--status` names it, and as a log does.
STATUSES = {"done": "done", "refused": "refused", "failed": "failed", "put-aside": "put aside"}

#: What is said where none fits.
NONE_FITS = "No log fits: leave out --job, --client, --status or --since."

#: What is said where workers keep none, and only earlier ones are there.
NO_LOGS = "log = none: workers with these settings keep no logs of what they do"

#: What is said besides where it may be a job that nobody finished.
DEAD = "What SQS put aside itself has no log: 'queues dead' lists it, 'trace JOB' tells its way."


def show_logs(context: Context) -> int:
    """Show the log of jobs, newest first; or as they come."""
    wanted, limit = _wanted(context.arguments), context.limit
    bucket = context.bucket()
    wanted = _with_time(bucket, wanted)
    if context.arguments.follow:
        from labapp.programs.logs import following

        return following.follow(context, bucket, wanted, limit)
    from labapp.jobs import log_listing
    from labapp.programs.shell.streaming import show_as_read

    cut = False

    def newest() -> Iterator[Log]:
        """Read one more than asked for: only its being there tells that the listing is cut."""
        nonlocal cut
        found = log_listing.newest(bucket, limit + 1, context.say, wanted)
        for number, log in enumerate(found):
            if number == limit:
                cut = True
                return
            yield log

    if context.settings.log == LOG_NONE:
        context.say(NO_LOGS)
    shown = show_as_read(context, LOGS, newest(), empty=_empty(wanted))
    if cut:
        context.say_if_cut(shown, None, "log")
    return 0


def _empty(wanted: Wanted) -> str:
    from labapp.jobs.log_wanted import ALL
    from labapp.jobs.logbook import UNTOLD
    from labapp.jobs.wire import FAILED

    may_be_dead = wanted.job or UNTOLD in wanted.statuses or FAILED in wanted.statuses
    if may_be_dead:
        return f"{NONE_FITS} {DEAD}"
    return "" if wanted == ALL else NONE_FITS


def _wanted(asked: argparse.Namespace) -> Wanted:
    """Return which logs are asked for.

    Raises:
        UsageError: what is given for it cannot be.
    """
    from labapp.jobs.log_wanted import Wanted
    from labapp.jobs.wire import is_client_id, is_job_id, quoted

    if asked.job and not is_job_id(asked.job):
        raise UsageError(
            f"{quoted(asked.job, 80)} is no job's id, nor a part of one",
            "Copy one from 'logs' or 'client.py jobs'.",
        )
    if asked.client and not is_client_id(asked.client):
        raise UsageError(
            f"{quoted(asked.client, 80)} is no client",
            "It is as 'logs' lists it, such as ada-0123456789ab, or ada alone; plain for plain"
            " clients.",
        )
    since = None
    if asked.since is not None:
        from labapp.labels.export.choice import moment

        since = moment(asked.since)
    statuses = tuple(dict.fromkeys(STATUSES[name] for name in asked.status))
    return Wanted(asked.job, asked.client, statuses, since)


def _with_time(bucket: Bucket, wanted: Wanted) -> Wanted:
    """Add when the job was sent that is wanted, where it was sent from this machine."""
    if not wanted.job:
        return wanted
    from labapp.jobs.session import entry_here

    entry = entry_here(bucket.cloud, wanted.job)
    return replace(wanted, sent_at=entry.sent_at) if entry else wanted


def logs_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `logs` takes."""
    parser.add_argument(
        "--job", default="", metavar="JOB", help="a job's id, its beginning or its ending"
    )
    parser.add_argument(
        "--client",
        default="",
        metavar="NAME",
        help="of one client, by its id, the id's beginning, or the person's name before the last"
        " dash; plain for plain clients",
    )
    parser.add_argument(
        "--status",
        action="append",
        default=[],
        choices=tuple(STATUSES),
        help="of jobs that ended so; again for more",
    )
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="asked for then and later, such as 5m, 2h, 1d for so long ago, or 2026-11-21T10:00,"
        " in UTC",
    )
    parser.add_argument(
        "--follow",
        action="store_true",
        help="then show new ones as they come, until Ctrl-C; --json writes each on a line",
    )
    newest_arguments(parser, NEWEST)
