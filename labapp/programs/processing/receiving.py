"""Waiting for the results of pictures that a command sent, each saved as it comes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from labapp import interruptible
from labapp.console import progress
from labapp.errors import LabappError, TimedOutError
from labapp.programs.jobs.attendance import Attendance
from labapp.programs.jobs.outages import Wait
from labapp.programs.jobs.waiting import answered_entry, failure, save_result, tell_of_doubts
from labapp.programs.processing.outcomes import way_back
from labapp.programs.processing.sending import AT_ONCE

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence
    from concurrent.futures import Future

    from labapp.jobs.session import ClientSession
    from labapp.programs.processing.picture_job import PictureJob
    from labapp.programs.shell.context import Context
    from labapp.progress import Progress

#: Seconds of one look into the reply queue while pictures are processed.
LOOK = 1


def receive_all(
    context: Context,
    session: ClientSession,
    sent: Sequence[PictureJob],
    left: threading.Event,
) -> None:
    """Wait for the answers, saving each result as it comes, until Esc or the time is up."""
    waiting = {one.job: one for one in sent if one.job}
    if left.is_set():
        return
    saving: list[Future[None]] = []
    wait = Wait(context.settings.timeout)
    workers = Attendance(context, session.cloud)
    bars = progress.transfer("processing", len(waiting), "pictures", left, "leaves")
    with ThreadPoolExecutor(AT_ONCE) as pool, bars as bar:
        while waiting and not left.is_set():
            came = [e for job in waiting if (e := answered_entry(session, job))]
            for entry in came:
                one = waiting.pop(entry.job)
                one.entry = entry
                saving.append(pool.submit(_save, session, one, bar, context.settings.timeout))
                wait.renew()  # for each picture anew
            if wait.is_over:
                break
            if waiting and not came:
                wait.collect(session, LOOK)
                workers.look()
        for future in saving:
            interruptible.result(future)
    tell_of_doubts(context, session)
    if waiting and not left.is_set():
        for one in waiting.values():
            one.error = wait.timed_out("no answer", way_back([one]))
        workers.time_is_up()


def _save(session: ClientSession, one: PictureJob, bar: Progress, timeout: float) -> None:
    entry = one.entry
    assert entry is not None
    if bar.stopped() and entry.status == "done":
        return  # told with those that are not back yet
    try:
        if entry.status == "done":
            one.saved = Wait(timeout).until_reached(partial(save_result, session, entry))
        else:
            one.error = failure(entry, entry.reply)
    except TimedOutError as error:
        one.error = TimedOutError(error.message, way_back([one]))
    except LabappError as error:
        one.error = error
    bar.moved(1)
