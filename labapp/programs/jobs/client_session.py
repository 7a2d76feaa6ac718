"""What stands behind the user's menu: one session, whose answers are taken in meanwhile."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from labapp.console.stage import Kind
from labapp.errors import LabappError, UnreachableError
from labapp.programs.jobs import waiting
from labapp.programs.jobs.round_trip import Claim
from labapp.programs.jobs.together import NOTE, Together, is_together
from labapp.programs.menus.session import LOCAL_LOOK, STOP_SECONDS, MenuSession
from labapp.programs.shell.command import named

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud
    from labapp.jobs.entry import Entry
    from labapp.jobs.session import ClientSession
    from labapp.programs.shell.context import Context

#: Seconds for which one look for an answer waits for word of one: Esc is heard in between.
HEAR = 0.25

#: Results that are fetched and saved at once.
AT_ONCE = 8

#: What is said where jobs wait and no worker is there, in the words of the menu.
NO_WORKER = "no worker is running: w in the menu starts one, and the jobs go on"

#: Answers from earlier sessions that are announced one by one; more are told as a number.
ANNOUNCED = 3


class ClientMenuSession(MenuSession):
    """The cloud and the session behind the user's menu."""

    bucket_only = True  # who only labels opens no session, and needs no queue

    def __init__(
        self, context: Context, behind: Sequence[str] = (), at_start: Sequence[str] = ()
    ) -> None:
        super().__init__(context, "client", behind)
        #: Names of what is called with the session, in its thread, once the cloud is open.
        self._at_start = list(at_start)
        self._session: ClientSession | None = None
        self._attendance: waiting.Attendance | None = None
        self._session_lock = threading.Lock()
        #: Nonces of jobs whose answer a page shows by itself. Claimed before they are sent, so that
        #: no answer is told in between; all others that nobody was shown `background_tick` tells.
        self._claimed: set[str] = set()
        #: What was sent together, and is told of together.
        self.together = Together()
        self._visiting: threading.Thread | None = None
        self._welcomed = False
        #: Set where there may be something to take in or to tell.
        self._sent = threading.Event()
        self._sent.set()
        #: Set when answers have come.
        self._answered = threading.Event()
        self.pending = 0

    def what_shows(self) -> tuple[object, ...]:
        """Return what pages show of what happens behind them, apart from notices."""
        return *super().what_shows(), self.pending

    def session(self) -> ClientSession:
        """Return the session, waiting behind a spinner until it is open.

        Raises:
            LabappError: it cannot be opened.
        """
        return self.wait("opening the session", self.open_session)

    @property
    def opened(self) -> ClientSession | None:
        """The session, if it is open."""
        return self._session

    def open_session(self) -> ClientSession:
        """Return the session, opening it first if need be; blocks.

        Raises:
            LabappError: it cannot be opened, or the queues are not there.
        """
        cloud = self.open_cloud()  # first: without it, nobody waits for the imports
        from labapp.jobs import lab
        from labapp.jobs.session import ClientSession

        with self._session_lock:
            if self._session is None:
                lab.require(cloud)
                self._session = ClientSession(cloud)
                self._visiting = threading.Thread(target=self._visit, name="elsewhere", daemon=True)
                self._visiting.start()
            return self._session

    def ensure_worker(self, cloud: Cloud) -> None:
        """On the local cloud, start a worker unless one is alive, and say so."""
        if started := waiting.start_worker(cloud):
            self._workers = max(1, self._workers or 0)  # known before anybody looks again
            self.announce(f"started a worker in the background (pid {started.pid})", "info")

    @contextmanager
    def claim_job(self) -> Iterator[Claim]:
        """Give a job to be, whose answer the block shows by itself.

        Where the block is left without it, even while the job is still being sent, the answer is
        told when it comes, like that of any other job.
        """
        from labapp.jobs.proof import new_nonce

        claim = Claim(new_nonce())
        self._claimed.add(claim.nonce)
        try:
            yield claim
        finally:
            self._claimed.discard(claim.nonce)
            self._sent.set()

    def prepare(self) -> None:
        """Open the session behind a page that leads to sending; what is wrong is told then."""

        def open_behind() -> None:
            with contextlib.suppress(LabappError):
                self.running_cloud()
                self.open_session()

        if self._session is None:
            threading.Thread(target=open_behind, name="prepare", daemon=True).start()

    def hear(self, session: ClientSession, job: str) -> Entry | None:
        """Return a job once it is answered; None if no answer comes for a moment."""
        self._answered.clear()
        entry = waiting.answered_entry(session, job)
        if entry is None and self._answered.wait(HEAR):
            entry = waiting.answered_entry(session, job)
        return entry

    def expect(self) -> None:
        """Begin to take in answers: something was sent."""
        self._sent.set()

    def background_tick(self) -> None:
        """Take in answers while any are pending; announce those that nobody waits for."""
        from labapp.jobs.session import has_ledger

        while self._at_start:
            named(self._at_start.pop(0))(self)
        if not has_ledger(self.running_cloud()):  # nothing was ever sent: nothing can come
            self._sent.wait(LOCAL_LOOK)
            self._sent.clear()
            return
        session = self._session or self.open_session()
        if not self._welcomed:
            self._welcome(session)
            self._welcomed = True
            self._sent.set()
        if not (self.pending or self._sent.wait(LOCAL_LOOK)):
            return  # nothing was sent: nothing can come
        self._sent.clear()
        self._count(session)
        if self.pending and session.collect(wait=waiting.LOOK):
            self._answered.set()
        elif self.pending:
            self._look_for_workers(session)
        if doubted := session.new_doubts():
            self.announce(waiting.doubts_note(doubted), "failed")
        if session.new_loss():
            self.announce(waiting.LOSS_NOTE, "failed")
        self._count(session)
        self._tell_all(session, self._unclaimed(session))
        self._tell_together(session)

    def _look_for_workers(self, session: ClientSession) -> None:
        """Tell where the worker that is to do what is pending was ended, or never was."""
        if self._attendance is None:

            def say(told: str) -> None:
                by_key = NO_WORKER if told == waiting.NO_WORKER else told
                self.announce(by_key, "warning", "workers")

            def reported() -> int | None:
                return None if session.cloud.is_local else self.workers

            self._attendance = waiting.Attendance(say, session.cloud, reported)
        self._attendance.look()

    def _count(self, session: ClientSession) -> None:
        self.pending = session.ledger.count_pending(session.client)
        self.show_changes()

    def close(self) -> None:
        """End the thread and the session."""
        self._sent.set()
        super().close()
        if self._visiting is not None:
            self._visiting.join(STOP_SECONDS)
        if self._session is not None:
            self._session.__exit__(None, None, None)

    def _welcome(self, session: ClientSession) -> None:
        """Save the results that came while the program was closed, and tell of the answers."""
        while (
            session.collect()
        ):  # at once: what it overlooks, `background_tick` announces soon after
            pass
        found = self._unclaimed(session)
        self._tell_all(session, [entry for entry in found if is_together(entry)])
        self._tell_together(session, early=True)
        late = [entry for entry in found if not is_together(entry)]
        for place, entry in enumerate(late):
            if self.closed.is_set():
                return  # the rest is saved and told the next time
            self._tell(session, entry, aloud=len(late) - place <= ANNOUNCED)
        if len(late) > ANNOUNCED:
            self.announce(f"{len(late)} answers came while you were away: see Jobs", "info")

    def _visit(self) -> None:
        """Tell of what waits for slots that no program has: a second each, so nobody waits for it.

        A trouble is told by `background_tick`, which meets it too; the next start tries again.
        """
        with contextlib.suppress(LabappError):
            session = self.open_session()
            for entry in session.elsewhere():
                if self.closed.is_set():
                    return
                self._tell_all(session, [entry])
            self._tell_together(session, early=True)

    def _unclaimed(self, session: ClientSession) -> list[Entry]:
        """Return the answers that the user was not shown, and that no page is going to show."""
        return [entry for entry in session.unshown() if entry.nonce not in self._claimed]

    def _tell_all(self, session: ClientSession, entries: Sequence[Entry]) -> None:
        """Tell of answers: of each, or where more were sent together, of those in one notice."""
        from labapp.dataset.calls import parallel_map

        for entry in entries:
            if not is_together(entry):
                self._tell(session, entry)
        group = [entry for entry in entries if is_together(entry)]
        for _ in parallel_map(partial(self._take_in, session), group, AT_ONCE, self.closed.is_set):
            pass

    def _take_in(self, session: ClientSession, entry: Entry) -> None:
        """Save the result of one of several that were sent together."""
        saved = error = None
        try:
            if entry.is_picture_done:
                saved = waiting.save_result(session, entry)
        except UnreachableError:  # it lies there: the next look takes it in
            self._sent.set()
            return
        except LabappError as raised:
            error = raised
        session.ledger.mark_shown([entry.job])
        self.together.note(entry, saved, error)

    def _tell_together(self, session: ClientSession, *, early: bool = False) -> None:
        def pending() -> list[str]:
            to_come = [*session.ledger.pending(session.client), *session.unshown()]
            return [entry.notes.get(NOTE, "") for entry in to_come]

        for name, text, kind in self.together.told(pending, early=early):
            self.announce(text, kind, name)

    def _tell(self, session: ClientSession, entry: Entry, *, aloud: bool = True) -> None:
        """Save a result, and announce an answer; quietly, only what goes wrong is announced."""
        kind: Kind
        try:
            if entry.is_picture_done:
                # By the session's own cloud: nobody asked for one to be started.
                saved = waiting.save_result(session, entry)
                text, kind = f"{saved.name} is back, saved in {saved.parent}", "done"
            else:
                text = f"{entry.title}: {entry.reply}"
                kind = "done" if entry.status == "done" else "failed"
        except UnreachableError:  # as above
            self._sent.set()
            return
        except LabappError as error:
            text, kind, aloud = str(error), "failed", True
        if aloud:
            self.announce(text, kind)
        session.ledger.mark_shown([entry.job])
