"""Sending pictures to be processed, and saving their results: for the command and the menu."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from labapp import waits
from labapp.cloud.bucket import Bucket
from labapp.errors import LabappError, RefusedError, TimedOutError
from labapp.jobs import picture_client, picture_request
from labapp.programs.jobs.outages import Wait, with_job
from labapp.programs.jobs.waiting import (
    Attendance,
    LeftError,
    answered_entry,
    failure,
    save_result,
    tell_of_doubts,
)
from labapp.programs.processing.outcomes import say_lost, way_back
from labapp.programs.shell.output import with_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from labapp.jobs.picture_request import ProcessingRequest
    from labapp.jobs.proof import Identity
    from labapp.jobs.session import ClientSession
    from labapp.programs.processing.outcomes import PictureJob
    from labapp.programs.shell.context import Context
    from labapp.progress import Progress

#: Pictures uploaded, and results fetched, at once.
AT_ONCE = 8

#: Seconds of one look into the reply queue while pictures are processed.
LOOK = 1


def send(
    session: ClientSession,
    path: Path,
    request: ProcessingRequest,
    progress: Progress,
    new: Identity | None = None,
    stopped: Callable[[], bool] | None = None,
) -> str:
    """Upload a picture and ask for it to be processed; return the job's id.

    Args:
        session: who is answered.
        path: the picture's file.
        request: what is to be done.
        progress: told of bytes.
        new: the job's id and proof; new ones unless given.
        stopped: whether the upload is to be cut off; what `progress` says, unless given.

    Raises:
        LeftError: it was stopped, and not sent.
        LabappError: it was not sent; where it may be on its way all the same, the error says so.
    """
    stopped = stopped or progress.stopped

    def moved(octets: int) -> None:
        if stopped():
            raise LeftError(f"the upload of {path.name} was stopped")
        progress.moved(octets)

    new = new or session.identity()
    try:
        return picture_client.send(session, Bucket(session.cloud), path, request, moved, new)
    except LabappError as error:
        if session.ledger.get(new.job):  # written down before it is sent
            raise with_job(error, new.job, sent=False) from error
        raise


def send_all(
    session: ClientSession,
    pictures: Sequence[PictureJob],
    request: ProcessingRequest,
    progress: Progress,
    on_sent: Callable[[], None] = lambda: None,
) -> None:
    """Send pictures side by side; one that is refused stops no other.

    Each gets its job, or its error; one that was not sent as the user stopped it has neither.
    `progress` is told of bytes and of each that is through, `on_sent` is called after each.

    Raises:
        KeyboardInterrupt: Ctrl-C; what was under way is cut off.
    """
    cut = threading.Event()

    def stopped() -> bool:
        return cut.is_set() or progress.stopped()

    def send_one(one: PictureJob) -> None:
        if stopped():
            return
        try:
            one.job = send(session, one.path, request, progress, stopped=stopped)
        except LeftError:
            return
        except LabappError as error:
            one.error = error
            state = "refused" if isinstance(error, RefusedError) else "not sent"
            progress.done(with_name(one.path, str(error)), state, good=False)
        else:
            progress.done(f"{one.path.name} sent", "sent")
            on_sent()

    with _pool() as pool:
        try:
            for future in [pool.submit(send_one, one) for one in pictures]:
                waits.result(future)
        finally:
            cut.set()


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    """Give threads; where the block is left early, what is queued for them is dropped."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def tell_losses(context: Context, sent: Sequence[PictureJob], request: ProcessingRequest) -> None:
    """Say what pictures will lose by the format that is asked for, before they are sent."""
    from labapp.dataset.calls import parallel_map

    limits = picture_request.limits_of(context.settings)

    def look(one: PictureJob) -> None:
        one.lost.update(picture_client.losses(one.path, request, limits))

    for _ in parallel_map(look, sent, AT_ONCE):
        pass
    say_lost(context, [(one, one.lost) for one in sent])


def receive_all(
    context: Context,
    session: ClientSession,
    sent: Sequence[PictureJob],
    left: threading.Event,
) -> None:
    """Wait for the answers, saving each result as it comes, until Esc or the time is up."""
    from labapp.console import progress

    waiting = {one.job: one for one in sent if one.job}
    if left.is_set():
        return
    saving: list[Future[None]] = []
    wait = Wait(context.settings.timeout)
    workers = Attendance(context.say, session.cloud)
    bars = progress.transfer("processing", len(waiting), "pictures", left, "leaves")
    with _pool() as pool, bars as bar:
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
            waits.result(future)
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
