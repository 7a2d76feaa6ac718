"""Sending pictures to be processed: the same for the command and for the menu."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from labapp import interruptible
from labapp.cloud.bucket import Bucket
from labapp.errors import LabappError, RefusedError
from labapp.jobs import picture_client
from labapp.programs.jobs.outages import with_job
from labapp.programs.jobs.waiting import LeftError
from labapp.programs.menus.work import with_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from labapp.jobs.picture_client import ProcessingRequest
    from labapp.jobs.proof import Identity
    from labapp.jobs.session import ClientSession
    from labapp.programs.processing.picture_job import PictureJob
    from labapp.progress import Progress

#: Pictures uploaded, and results fetched, at once.
AT_ONCE = 8


def send(
    session: ClientSession,
    path: Path,
    request: ProcessingRequest,
    progress: Progress,
    new: Identity | None = None,
    stopped: Callable[[], bool] | None = None,
) -> str:
    """Upload a picture and ask for it to be processed; an upload that is stopped is cut off.

    Args:
        session: who is answered.
        path: the picture's file.
        request: what is to be done.
        progress: told of bytes.
        new: the job's id and proof; new ones unless given.
        stopped: whether the upload is to be cut off; what `progress` says, unless given.

    Returns:
        The job's id.

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

    Args:
        session: who is answered.
        pictures: those to be sent.
        request: what is to be done.
        progress: told of bytes, and of each picture that is through.
        on_sent: called after each that is sent.

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

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for future in [pool.submit(send_one, one) for one in pictures]:
                interruptible.result(future)
        finally:
            cut.set()
            pool.shutdown(cancel_futures=True)
