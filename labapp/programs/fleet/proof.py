"""That a fleet works: a worker of it reports, and one list that is sent is answered."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from labapp import utc
from labapp.errors import ForbiddenError, TimedOutError
from labapp.programs.jobs import waiting
from labapp.programs.jobs.outages import Wait
from labapp.programs.numbers import lists
from labapp.worker import reports

if TYPE_CHECKING:
    from collections.abc import Callable

    from labapp.cloud.patience import Patience
    from labapp.cloud.session import Cloud

#: The list that is sent.
LIST = [1, 12, 55, 4]

#: Seconds between two looks for a worker's report, which comes each half minute; and for how long
#: it is looked for: a boot takes some two minutes.
LOOK, LONGEST = 5.0, 600.0

#: Seconds by which a worker's clock may be behind ours.
SLACK = 30.0


def wait_for_worker(
    cloud: Cloud, since: float | None, pause: Callable[[float], None], longest: float = LONGEST
) -> str:
    """Wait until a worker reports; return its id.

    Args:
        cloud: where.
        since: when it must have started at the earliest, seconds since 1970; None: any one counts.
        pause: waits for so many seconds.
        longest: seconds after which it is given up.

    Raises:
        TimedOutError: none reported.
    """
    until = time.monotonic() + longest
    while not (found := _worker(cloud, since)):
        if time.monotonic() >= until:
            raise TimedOutError(
                f"no worker of the fleet reported within {longest / 60:.0f} minutes",
                "'admin.py deploy logs' shows why a boot failed; AWS goes on, and 'admin.py deploy'"
                " tells how it is.",
            )
        pause(LOOK)
    return found


def _worker(cloud: Cloud, since: float | None) -> str:
    """Return the id of a worker that is at work and started since; empty if there is none."""
    for row in reports.worker_rows(cloud):
        started = utc.seconds_of(row.started) or 0.0  # long ago where it does not say
        if row.state == "running" and (since is None or started >= since - SLACK):
            return row.worker
    return ""


def answer(cloud: Cloud, patience: Patience) -> str:
    """Send one list and return its answer; what is in the way of sending, for who may not.

    Raises:
        TimedOutError: it was not answered in time.
        CloudError: it could not be sent.
    """
    from labapp.jobs.session import ClientSession

    try:
        with ClientSession(cloud, patience) as session:
            wait = Wait(cloud.settings.timeout)
            new = session.identity()
            lists.send_numbers(session, LIST, new)
            while (entry := waiting.answered_entry(session, new.job)) is None:
                if wait.is_over:
                    raise wait.timed_out(
                        f"no answer to job {new.job}", "'admin.py workers' shows who is at work."
                    )
                wait.collect(session, waiting.LOOK)
            session.ledger.mark_shown([new.job])
    except ForbiddenError as error:
        return f"no list was sent: {error.message}"
    if entry.status != "done":
        raise waiting.failure(entry)
    return entry.reply
