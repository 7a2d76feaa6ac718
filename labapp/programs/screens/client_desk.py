"""The user's desk: one session, whose answers are taken in while the user does other things."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.console.frame import Kind
from labapp.errors import LabappError
from labapp.programs.screens.desk import Desk

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud
    from labapp.jobs.client import ClientSession
    from labapp.jobs.ledger import Entry
    from labapp.jobs.pictures import Wish
    from labapp.programs.cli import Context

#: Seconds of one look into the reply queue while jobs are pending.
LOOK = 2

#: Answers from earlier sessions that are announced one by one; more are told as a number.
ANNOUNCED = 3


class ClientDesk(Desk):
    """The cloud and the session behind the user's menu."""

    bucket_only = True  # who only labels opens no session, and needs no queue

    def __init__(self, context: Context, behind: Sequence[str] = ()) -> None:
        super().__init__(context, "client", behind)
        self._session: ClientSession | None = None
        self._session_lock = threading.Lock()
        #: Jobs whose answer a page shows by itself; `_telling` keeps an answer from being told
        #: between a job's sending and its claim.
        self._claimed: set[str] = set()
        self._telling = threading.Lock()
        self._sent = threading.Event()
        self.pending = 0

    def session(self) -> ClientSession:
        """Return the session, waiting behind a spinner until it is open.

        Raises:
            LabappError: it cannot be opened.
        """
        return self.wait("opening the session", self.session_opened)

    def session_opened(self) -> ClientSession:
        """Return the session, opening it first if need be; blocks.

        Raises:
            LabappError: it cannot be opened, or the queues are not there.
        """
        from labapp.cloud import provision
        from labapp.jobs.client import ClientSession

        cloud = self.opened()
        with self._session_lock:
            if self._session is None:
                provision.require(cloud)
                self._session = ClientSession(cloud)
                self._welcome(self._session)
                threading.Thread(target=self._visit, name="elsewhere", daemon=True).start()
            return self._session

    def ensure_worker(self, cloud: Cloud) -> None:
        """On the local cloud, start a worker unless one is alive, and say so."""
        from labapp.programs import sending

        started = sending.start_worker(cloud)
        if started:
            self.announce(f"started a worker in the background (pid {started.pid})", "info")

    def claim(self, send: Callable[[], str]) -> str:
        """Send a job whose answer will be waited for with `answer_to`; return its id; blocks."""
        with self._telling:
            job = send()
            self._claimed.add(job)
        return job

    def send_picture(self, path: Path, wish: Wish) -> str:
        """Upload a picture and ask for it to be processed; return the job's id; blocks."""
        from labapp.cloud.bucket import Bucket
        from labapp.jobs import pictures

        session = self.session_opened()
        job = pictures.send(session, Bucket(session.cloud), path, wish)
        self._sent.set()
        return job

    def send_behind(self, paths: Sequence[Path], wish: Wish) -> None:
        """Send pictures in a thread, announcing each that is refused, and the end."""
        from labapp.programs.screens.progress_page import Work

        work = Work(f"sending {figures.plural(len(paths), 'picture')}", 0)
        self.works.append(work)

        def send() -> None:
            sent = 0
            for path in paths:
                if work.stop.is_set():
                    break
                try:
                    self.send_picture(path, wish)
                    sent += 1
                except LabappError as error:
                    self.announce(f"{path.name}: {error}", "failed")
            work.ended.set()
            self.announce(f"{figures.plural(sent, 'picture')} sent; each is told when it is back")

        threading.Thread(target=send, name="sending", daemon=True).start()

    def save(self, entry: Entry, folder: Path | None = None) -> Path:
        """Fetch and save the result of a picture job; blocks."""
        from labapp.cloud.bucket import Bucket
        from labapp.jobs import pictures

        return pictures.save(Bucket(self.opened()), entry, folder)

    def answer_to(self, job: str, title: str = "Numbers") -> Entry | None:
        """Wait for a claimed job's answer; None if the user left the wait, and is told later."""
        from labapp.console import waiting
        from labapp.programs import sending

        session = self.session()
        self._sent.set()
        entry = waiting.wait_for(
            "waiting for the answer",
            lambda: sending.answered(session, job),
            interval=0.05,
            leave="go on; you are told when it comes",
            title=title,
            frame=self.frame,
        )
        with self._telling:
            if entry is None and (entry := sending.answered(session, job)) is None:
                self._claimed.discard(job)
                self.announce(f"job {job[-6:]} goes on; its answer is shown here when it comes")
                return None
        session.ledger.mark_shown([job])
        return entry

    def attend(self) -> None:
        """Take in answers while any are pending; announce those that nobody waits for."""
        from labapp.jobs.client import has_ledger

        if not has_ledger(self.opened()):  # nothing was ever sent: nothing can come
            self._sent.wait(0.5)
            return
        session = self.session_opened()
        self.pending = session.ledger.count_pending(session.client)
        if not self.pending:
            self._sent.wait(0.5)
            self._sent.clear()
            return
        for entry in session.collect(wait=LOOK):
            with self._telling:
                claimed = entry.job in self._claimed
            if not claimed:
                self._tell(session, entry)
        self.pending = session.ledger.count_pending(session.client)

    def close(self) -> None:
        """End the thread and the session."""
        self._sent.set()
        super().close()
        if self._session is not None:
            self._session.__exit__(None, None, None)

    def _welcome(self, session: ClientSession) -> None:
        """Tell of the answers that came while the program was closed."""
        while session.collect():  # at once: what it overlooks, `attend` announces soon after
            pass
        late = session.unshown()
        for entry in late[-ANNOUNCED:]:
            self._tell(session, entry)
        if len(late) > ANNOUNCED:
            self.announce(f"{len(late)} answers came while you were away: see Jobs", "info")
            session.ledger.mark_shown(entry.job for entry in late)

    def _visit(self) -> None:
        """Tell of what waits for slots that no program has: a second each, so nobody waits for it.

        A trouble is told by `attend`, which meets it too; the next start tries again.
        """
        with contextlib.suppress(LabappError):
            session = self.session_opened()
            for entry in session.elsewhere():
                if self.closed.is_set():
                    return
                self._tell(session, entry)

    def _tell(self, session: ClientSession, entry: Entry) -> None:
        from labapp.programs.listings import title_of

        try:
            if entry.kind == "pictures" and entry.status == "done":
                saved = self.save(entry)
                self.announce(f"{saved.name} is back, saved in {saved.parent}", "done")
            else:
                kind: Kind = "done" if entry.status == "done" else "failed"
                self.announce(f"{title_of(entry)}: {entry.reply}", kind)
        except LabappError as error:
            self.announce(str(error), "failed")
        session.ledger.mark_shown([entry.job])


def result_of(entry: Entry) -> dict[str, str]:
    """Return an answer's values as texts, exactly as the worker wrote them."""
    try:
        found = json.loads(entry.result, parse_float=str, parse_int=str)
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if found else {}
