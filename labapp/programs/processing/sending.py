"""Sending pictures to be processed, and saving their results: for the command and the menu."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from labapp import waits
from labapp.cloud.abilities import BATCH
from labapp.cloud.bucket import Bucket
from labapp.errors import LabappError, RefusedError, TimedOutError, UnreachableError
from labapp.jobs import picture_client, picture_request
from labapp.jobs.joint_sending import JointSending
from labapp.jobs.picture_kind import PICTURES
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

    from labapp.jobs.entry import Entry
    from labapp.jobs.picture_request import ProcessingRequest
    from labapp.jobs.proof import Identity
    from labapp.jobs.session import ClientSession
    from labapp.programs.processing.outcomes import PictureJob
    from labapp.programs.shell.context import Context
    from labapp.progress import Progress

#: Pictures uploaded, and results fetched, at once: as many as are sent in one request.
AT_ONCE = 10

#: Seconds of one look into the reply queue while pictures are processed.
LOOK = 1

#: Seconds for which answers gather, where many are to come: a receive costs the same for ten.
GATHER = 0.3

#: Seconds between two looks while others are sent.
SOON = 0.05


def send(
    session: ClientSession,
    path: Path,
    request: ProcessingRequest,
    progress: Progress,
    new: Identity | None = None,
    stopped: Callable[[], bool] | None = None,
    jointly: JointSending | None = None,
) -> str:
    """Upload a picture and ask for it to be processed; return the job's id.

    Args:
        session: who is answered.
        path: the picture's file.
        request: what is to be done.
        progress: told of bytes.
        new: the job's id and proof; new ones unless given.
        stopped: whether the upload is to be cut off; what `progress` says, unless given.
        jointly: asks for it together with others; alone unless given.

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
        return picture_client.send(
            session, Bucket(session.cloud), path, request, moved, new, jointly
        )
    except LabappError as error:
        if session.ledger.get(new.job):  # written down before it is sent
            raise with_job(error, new.job, sent=False) from error
        raise


def send_all(
    session: ClientSession,
    pictures: Sequence[PictureJob],
    request: ProcessingRequest,
    progress: Progress,
    on_sent: Callable[[PictureJob], object] = lambda one: None,
) -> None:
    """Send pictures side by side; one that is refused stops no other.

    Each gets its job, or its error; one that was not sent as the user stopped it has neither.
    `progress` is told of bytes and of each that is through, `on_sent` of each that is sent.

    Raises:
        KeyboardInterrupt: Ctrl-C; what was under way is cut off.
    """
    cut, jointly = threading.Event(), JointSending(session, PICTURES)

    def stopped() -> bool:
        return cut.is_set() or progress.stopped()

    def send_one(one: PictureJob) -> None:
        if stopped():
            return
        jointly.coming()
        try:
            one.job = send(session, one.path, request, progress, stopped=stopped, jointly=jointly)
        except LeftError:
            return
        except LabappError as error:
            one.error = error
            state = "refused" if isinstance(error, RefusedError) else "not sent"
            progress.done(with_name(one.path, str(error)), state, good=False)
        else:
            progress.done(f"{one.path.name} sent", "sent")
            on_sent(one)
        finally:
            jointly.gone()

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


class Receiver:
    """Takes in the answers to pictures, and saves their results, while others are sent still.

    Args:
        context: the command's.
        session: who is answered.
        left: whether the user pressed Esc.
    """

    def __init__(self, context: Context, session: ClientSession, left: threading.Event) -> None:
        self._context = context
        self._session = session
        self._left = left
        self._wait = Wait(context.settings.timeout)
        self._attendance = Attendance(context.say, session.cloud)
        self._waiting: dict[str, PictureJob] = {}
        self._early: dict[str, Entry] = {}
        #: Those whose answers come to another slot of this machine.
        self._elsewhere: set[str] = set()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._saving: deque[Future[None]] = deque()
        self._expected = self._done = 0
        self._bar: Progress | None = None
        self._error: BaseException | None = None

    def expect(
        self, one: PictureJob, entry: Entry | None = None, *, elsewhere: bool = False
    ) -> None:
        """Wait for the answer to a picture, from now on; it may have come already.

        Args:
            one: the picture.
            entry: its job, where that is answered.
            elsewhere: whether the answer comes to another slot of this machine.
        """
        with self._lock:
            self._expected += 1
            entry = entry or self._early.pop(one.job, None)
            if entry is None:
                self._waiting[one.job] = one
                if elsewhere:
                    self._elsewhere.add(one.job)
        if entry is not None:
            self._take(one, entry)

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Receive and save for as long as the block runs, which sends."""
        over = threading.Event()

        def receive() -> None:
            try:
                while not (over.wait(SOON) or self._left.is_set()):
                    if self._waiting:
                        self._wait.renew()
                        self._look()
            except BaseException as error:  # noqa: BLE001 - raised by `receive_all`
                self._error = error

        thread = threading.Thread(target=receive, name="results", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def receive_all(self) -> None:
        """Wait for all answers, saving each result as it comes, until Esc or the time is up."""
        from labapp.console import progress

        if self._error is not None:
            raise self._error
        all_sent = self._expected
        with progress.transfer("processing", all_sent, "pictures", self._left, "leaves") as bar:
            with self._lock:
                bar.moved(self._done)
                self._bar = bar
            self._wait.renew()
            while self._waiting and not (self._left.is_set() or self._wait.is_over):
                self._look()
            for future in self._saving:
                waits.result(future)
        tell_of_doubts(self._context, self._session)
        if self._waiting and not self._left.is_set():
            for one in self._waiting.values():
                one.error = self._wait.timed_out("no answer", way_back([one]))
            self._attendance.time_is_up()

    def close(self) -> None:
        """End; what is queued to be saved is not."""
        self._pool.shutdown(cancel_futures=True)

    def _look(self) -> None:
        """Take in what comes within a moment."""
        came = self._wait.collect(self._session, LOOK)
        for entry in came or self._come_elsewhere():
            with self._lock:
                one = self._waiting.pop(entry.job, None)
                if one is None:
                    self._early[entry.job] = entry
            if one is not None:
                self._take(one, entry)
        if not came and self._waiting:
            self._attendance.look()
        elif len(came) < BATCH < len(self._waiting):
            self._left.wait(GATHER)

    def _come_elsewhere(self) -> list[Entry]:
        """Return what is answered of jobs whose answers come to other slots."""
        if not self._elsewhere:
            return []
        with suppress(UnreachableError):
            for _ in self._session.elsewhere():
                pass
        found = [answered_entry(self._session, job) for job in list(self._elsewhere)]
        came = [entry for entry in found if entry]
        self._elsewhere.difference_update(entry.job for entry in came)
        return came

    def _take(self, one: PictureJob, entry: Entry) -> None:
        one.entry = entry
        self._wait.renew()  # for each picture anew
        self._saving.append(self._pool.submit(self._save, one))

    def _save(self, one: PictureJob) -> None:
        """Save one result, unless the user left."""
        entry = one.entry
        assert entry is not None
        if self._left.is_set() and entry.status == "done":
            return  # told with those that are not back yet
        try:
            if entry.status == "done":
                save = partial(save_result, self._session, entry)
                one.saved = Wait(self._context.settings.timeout).until_reached(save)
            else:
                one.error = failure(entry, entry.reply)
        except TimedOutError as error:
            one.error = TimedOutError(error.message, way_back([one]))
        except LabappError as error:
            one.error = error
        with self._lock:
            self._done += 1
            if self._bar is not None:
                self._bar.moved(1)
