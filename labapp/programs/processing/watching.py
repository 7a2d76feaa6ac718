"""`client.py image --watch`: wait for pictures to arrive, have them processed, until Ctrl-C.

The folder is looked at when it tells of a change, and every now and then all the same: disks of
other machines tell nothing. What cannot be done now, as the cloud cannot be reached or a disk is
full, is told once and done later.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console.figures import one_line, plural
from labapp.dataset.calls import parallel_map
from labapp.errors import LabappError, StorageError, UnreachableError, UsageError
from labapp.jobs import picture_request
from labapp.jobs.session import ClientSession
from labapp.pictures.arrivals import Arrivals, Arrived
from labapp.programs.jobs import waiting
from labapp.programs.jobs.outages import Wait
from labapp.programs.processing import outcomes
from labapp.programs.processing.hot_folder import HotFolder
from labapp.programs.processing.table import PICTURE_JOBS
from labapp.programs.shell import exits

if TYPE_CHECKING:
    from labapp.jobs.picture_request import ProcessingRequest
    from labapp.programs.processing.outcomes import PictureJob
    from labapp.programs.shell.context import Context

#: Seconds between two looks at the folder: where it tells of changes, and where it may not.
RARELY, OFTEN = 10.0, 2.0

#: Seconds between two looks while a file is being written.
SOON = 0.3

#: Seconds of one look for answers.
LOOK = 1

#: Pictures sent and not back, at most; and how many of them are read and sent at once.
IN_HAND, AT_ONCE = 32, 4

#: Seconds that what is in hand is given at the end.
GRACE = 10.0

#: Seconds before what could not be done is tried again.
AGAIN = 2.0

#: A wait that does not end by itself.
_FOR_EVER = 1e9


def watch(context: Context, folder: Path, request: ProcessingRequest) -> int:
    """Process what arrives in a folder until a signal ends it; return the exit code.

    Raises:
        UsageError: the folder cannot be read, or results cannot be saved where they are to be.
        LabappError: it failed in a way that no waiting mends.
    """
    arguments, out = context.arguments, request.folder
    if out is None:
        raise UsageError("say where results go with --out", "A folder in the watched one will do.")
    picture_request.check_folder(out)
    inside = out.resolve()
    if inside == folder.resolve():
        raise UsageError(
            "results cannot go into the folder that is watched", "Name another with --out."
        )
    arrivals = Arrivals(folder.resolve(), recursive=arguments.recursive, without=inside)
    arrivals.look()  # what cannot be read is told at once
    with ClientSession(context.cloud(), context.patience) as session:
        run = _Run(context, session, arrivals, folder.resolve(), request)
        with contextlib.ExitStack() as stack:
            stack.enter_context(run.alone())
            stack.enter_context(_listening(folder, run, recursive=arguments.recursive))
            received = exits.on_signals(run.end, signal.SIGINT)
            context.say(f"watching {one_line(str(folder))}: Ctrl-C ends it")
            run.go()
    return 128 + received[0] if received else 0


class _Run:
    """One run of a watch."""

    def __init__(
        self,
        context: Context,
        session: ClientSession,
        arrivals: Arrivals,
        folder: Path,
        request: ProcessingRequest,
    ) -> None:
        self._context = context
        self._session = session
        self._arrivals = arrivals
        self._hot = HotFolder(
            session, folder, request, self._tell, results=context.arguments.results
        )
        self.alone = self._hot.alone
        self._attendance = waiting.Attendance(context.say, session.cloud)
        self._wait = Wait(_FOR_EVER)
        self._writing = threading.Lock()
        self._troubles: set[str] = set()
        self.changed = threading.Event()
        self.stopped = threading.Event()
        #: Whether the folder tells of changes.
        self.hears = False
        self._next_look = 0.0
        self._forced = False

    def end(self, number: int) -> None:
        """Take a signal: finish what is in hand; at the second leave it."""
        if self.stopped.is_set():
            self._forced = True
        self.stopped.set()
        self.changed.set()

    def go(self) -> None:
        """Process what arrives until it is ended, then finish what is in hand."""
        self._until_reached(self._session.collect_all)
        self._until_reached(self._hot.resume)
        while not self.stopped.is_set():
            self._take()
            self._receive()
        until = time.monotonic() + GRACE
        while self._hot.in_hand and time.monotonic() < until and not self._forced:
            self._receive()
        outcomes.tell_of_the_rest(self._hot.left)
        for one in self._hot.left:
            self._tell(one)
        self._say_left(len(self._hot.left))

    def _say_left(self, left: int) -> None:
        if left:
            self._context.say(
                f"{plural(left, 'picture')} not back yet: the same command saves what is back then"
            )

    def _take(self) -> None:
        """Send what has arrived and is whole, as much as there is room for."""
        if not self.changed.is_set() and time.monotonic() < self._next_look:
            return
        self.changed.clear()
        room = IN_HAND - self._hot.under_way
        found = sorted(self._look(), key=self._hot.is_held)  # they may keep no other from its turn
        pause = RARELY if self.hears else OFTEN
        if found and room > 0:
            waiting.ensure_worker(self._context, self._session.cloud)
            taken = parallel_map(self._take_one, found[:room], AT_ONCE, self.stopped.is_set)
            pause = pause if all(list(taken)) else AGAIN
        if self._arrivals.is_moving or len(found) > room:
            pause = SOON
        self._next_look = time.monotonic() + pause

    def _look(self) -> Sequence[Arrived]:
        try:
            found = self._arrivals.look()
        except UsageError as error:  # a disk that was taken away comes back
            self._trouble(error)
            return ()
        return found

    def _take_one(self, found: Arrived) -> bool:
        try:
            if not self._hot.take(found):
                return False
        except (UnreachableError, StorageError) as error:
            self._trouble(error)
            self._again()
            return False
        self._arrivals.take(found)
        return True

    def _receive(self) -> None:
        """Save what is back; wait for more, or for a change of the folder."""
        came = self._hot.answered()
        if came:
            for done in parallel_map(self._finish, came, AT_ONCE):
                if not done:
                    self._again()
            return
        if self._hot.in_hand:
            self._wait.collect(self._session, LOOK)
            if self._wait.trouble:
                self._trouble(UnreachableError(self._wait.trouble))
            self._attendance.look()
            waiting.tell_of_doubts(self._context, self._session)
        elif not self.stopped.is_set():
            left = max(self._next_look - time.monotonic(), 0.0)
            self.changed.wait(min(left, LOOK))

    def _finish(self, one: PictureJob) -> bool:
        try:
            self._hot.finish(one)
        except (UnreachableError, StorageError) as error:
            self._trouble(error)
            return False
        return True

    def _tell(self, one: PictureJob) -> None:
        """Write what became of a picture: a line, or with --json a document on a line."""
        context = self._context
        with self._writing:
            if not one.error:
                outcomes.say_lost(context, [(one, one.lost_since)])
            if context.arguments.json:
                context.json_line(PICTURE_JOBS.document(one))
            elif one.error:
                context.say(outcomes.line_of(one))
            else:
                context.row(str(one.path), str(one.saved or one.job))
            if not one.error:
                self._troubles.clear()  # it went on: what comes next is told anew

    def _trouble(self, error: LabappError) -> None:
        with self._writing:
            if error.message not in self._troubles:
                self._troubles.add(error.message)
                self._context.say(one_line(f"{error} It is tried again until it can be done."))

    def _again(self) -> None:
        self.stopped.wait(AGAIN)
        self.changed.set()

    def _until_reached(self, action: Callable[[], object]) -> None:
        while not self.stopped.is_set():
            try:
                action()
            except (UnreachableError, StorageError) as error:
                self._trouble(error)
                self._again()
            else:
                return


@contextlib.contextmanager
def _listening(folder: Path, run: _Run, *, recursive: bool) -> Iterator[None]:
    """Have the folder tell of changes for as long as the block runs, where it can."""
    ended = threading.Event()

    def listen() -> None:
        try:
            # Where the library or the system cannot, the folder is looked at often.
            with contextlib.suppress(ImportError, OSError, RuntimeError):
                from watchfiles import watch as changes

                run.hears = True
                for _ in changes(
                    folder, watch_filter=None, stop_event=ended, recursive=recursive,
                    rust_timeout=1000, raise_interrupt=False,
                ):  # fmt: skip
                    run.changed.set()
        finally:
            run.hears = False

    thread = threading.Thread(target=listen, name="changes", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(2.0)
