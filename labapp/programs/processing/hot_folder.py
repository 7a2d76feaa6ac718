"""A folder whose pictures are processed as they arrive, none twice, whatever ends it in between.

What was done stands in the ledger with the job: a picture is written down before it is sent, with
its size, time and content, and its job is marked once its result is saved. So whoever begins again
finds what is pending and asks for it under the same job, saves what is back, and knows a result
that was saved and not marked by its place, name and size.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.cloud.bucket import Bucket
from labapp.errors import (
    JobFailedError,
    LabappError,
    RefusedError,
    StorageError,
    UnreachableError,
    UsageError,
)
from labapp.files import private
from labapp.jobs import picture_client, picture_request, saving
from labapp.jobs.entry import PENDING, UNSENT, Entry
from labapp.jobs.picture_client import STAMP
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.proof import Identity
from labapp.pictures import looks, sources
from labapp.pictures.arrivals import Arrived
from labapp.pictures.mark import is_marked
from labapp.programs.jobs.waiting import answered_entry, failure, save_result
from labapp.programs.processing.outcomes import PictureJob

if TYPE_CHECKING:
    from labapp.jobs.picture_request import ProcessingRequest
    from labapp.jobs.session import ClientSession

#: The names in a job's note: of the folder with what is done there; of the file's content.
WATCH, CONTENT = "watch", "sha256"

#: Files of a folder that are remembered; who keeps more there has the oldest done again.
REMEMBERED = 100_000

#: Seconds at rest after which a file that is no whole picture is none, and not being written.
PATIENCE = 10.0


@dataclass(frozen=True)
class _Known:
    """What a file was when it was taken."""

    stamp: str
    content: str


class HotFolder:
    """The pictures of one folder on their way; its methods may be called from several threads.

    Args:
        session: who is answered.
        folder: where pictures arrive, from the root on.
        request: what is done to each, and where the results go.
        tell: told of each that is at its end.
        results: whether results of labapp are taken, too.
    """

    def __init__(
        self,
        session: ClientSession,
        folder: Path,
        request: ProcessingRequest,
        tell: Callable[[PictureJob], None],
        *,
        results: bool = False,
    ) -> None:
        self.session = session
        self._bucket = Bucket(session.cloud)
        self._request = request
        self._tell = tell
        self._results = results
        self._limits = picture_request.limits_of(session.cloud.settings)
        self._name = picture_client.digest_of(request, folder, request.folder)
        self._known: dict[str, _Known] = {}
        #: The stamps of files that may not be read as yet, which was told.
        self._held: dict[str, str] = {}
        #: The jobs of files that could not be sent, as far as can be told: by path and content.
        self._begun: dict[tuple[str, str], Identity] = {}
        #: What was sent and is not at its end, by job.
        self.in_hand: dict[str, PictureJob] = {}

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep a second program from doing the same to the same folder, which would do all twice.

        Raises:
            UsageError: one does.
        """
        from filelock import Timeout

        home = self.session.cloud.home
        private.folder(home)
        try:
            with private.lock(home / f"watch-{self._name}.lock", blocking=False):
                yield
        except Timeout as error:
            raise UsageError(
                "another program watches this folder, and does the same to its pictures",
                "End that one first.",
            ) from error

    def resume(self) -> None:
        """Take up what was begun before: what is pending, and what is back and not saved."""
        unshown = {entry.job for entry in self._unshown()}
        for entry in reversed(self.session.ledger.noted(WATCH, self._name, REMEMBERED)):
            notes = entry.notes
            path, stamp = notes.get("path", ""), notes.get(STAMP, "")
            self._known[path] = _Known(stamp, notes.get(CONTENT, ""))
            one = PictureJob(Path(path), self._request.folder, entry.job)
            if entry.status in (PENDING, UNSENT):
                # As good as not sent, until its file is found as it was.
                self._begun[path, self._known.pop(path).content] = Identity(entry.job, entry.nonce)
                self.in_hand[entry.job] = one
            elif entry.job in unshown:
                self.in_hand[entry.job] = one
        self._find_saved()
        for path in {path for path, _ in self._begun if not Path(path).exists()}:
            self._ask_for_lost(path)

    def _unshown(self) -> list[Entry]:
        """Return what is answered and was not marked, of all clients of this machine."""
        ledger = self.session.ledger
        clients = ledger.waiting_clients() | {self.session.client}
        return [entry for client in clients for entry in ledger.unshown(client)]

    def _find_saved(self) -> None:
        """Mark the jobs whose results were saved when the program was ended before it said so."""
        entries = [entry for job in self.in_hand if (entry := answered_entry(self.session, job))]
        if not entries or self._request.folder is None:
            return
        for entry, path in saving.saved_in(self._request.folder, entries, self._limits):
            if one := self.in_hand.get(entry.job):
                one.entry, one.saved = entry, path
                self._end(one)

    def is_held(self, found: Arrived) -> bool:
        """Tell whether another program kept a file from being read, when it was tried last."""
        return self._held.get(str(found.path)) == found.stamp

    def take(self, found: Arrived) -> bool:
        """Send a picture that arrived, unless it was done; return whether that is settled.

        Raises:
            UnreachableError, StorageError: it cannot be sent now; it is to be taken again.
            LabappError: it failed in a way that no waiting mends.
        """
        path = str(found.path)
        known = self._known.get(path)
        if known and known.stamp == found.stamp:
            return True
        if not self._results and is_marked(found.path):
            return True
        try:
            data = sources.read(found.path, self._limits)
            content = hashlib.sha256(data).hexdigest()
            if known and known.content == content:
                self._known[path] = _Known(found.stamp, content)
                return True
            looks.checked_format(data, found.path.name, self._limits)
        except (RefusedError, JobFailedError) as error:
            if found.rested < PATIENCE:
                return False  # it may be on its way still, or the look at it have met with trouble
            if not self.is_held(found):
                self._tell(PictureJob(found.path, error=error))
            if not isinstance(error.__cause__, PermissionError):
                return True
            self._held[path] = found.stamp  # on Windows, whoever has it open lets go of it later
            return False
        self._send(found, data, content)
        return True

    def _ask_for_lost(self, path: str, content: str = "") -> None:
        """Ask again for what was begun of a file that is gone, or of another content by now.

        Its source may lie in the bucket or not, which the answer tells.
        """
        for begun in [one for one in self._begun if one[0] == path and one[1] != content]:
            new = self._begun[begun]
            entry = self.session.ledger.get(new.job)
            if entry is not None:
                wanted = picture_client.request_of(entry.client, new, Path(path), self._request)
                self.session.ask_again(PICTURES, wanted)
            del self._begun[begun]

    def _send(self, found: Arrived, data: bytes, content: str) -> None:
        path = str(found.path)
        self._ask_for_lost(path, content)
        new = self._begun.setdefault((path, content), self.session.identity())
        notes = {WATCH: self._name, STAMP: found.stamp, CONTENT: content}
        self.in_hand.setdefault(new.job, PictureJob(found.path, self._request.folder, new.job))
        if answered_entry(self.session, new.job) is None:
            picture_client.send_once(
                self.session, self._bucket, found.path, data, self._request, new, notes
            )
        self._begun.pop((path, content), None)
        self._known[path] = _Known(found.stamp, content)

    def answered(self) -> list[PictureJob]:
        """Return what is back and not at its end."""
        came = []
        for job, one in list(self.in_hand.items()):
            if entry := answered_entry(self.session, job):
                one.entry = entry
                came.append(one)
        return came

    def finish(self, one: PictureJob) -> None:
        """Save the result of a picture that is back, and tell what became of it.

        Raises:
            UnreachableError, StorageError: it cannot be saved now; it is to be finished again.
        """
        entry = one.entry
        assert entry is not None
        try:
            if entry.status == "done" and self._is_unshown(entry):
                one.saved = save_result(self.session, entry)
            elif entry.status != "done":
                one.error = failure(entry, entry.reply)
        except (UnreachableError, StorageError):
            raise
        except LabappError as error:
            if isinstance(error.__cause__, OSError):  # the disk, not the result
                raise StorageError(error.message, error.remedy) from error
            one.error = error
        self._end(one)

    def _is_unshown(self, entry: Entry) -> bool:
        """Tell whether nobody has saved it: a menu may, that has the slot it was sent by."""
        return any(entry.job == one.job for one in self.session.ledger.unshown(entry.client))

    def _end(self, one: PictureJob) -> None:
        self.session.ledger.mark_shown([one.job])
        self.in_hand.pop(one.job, None)
        self._need_not_be_found(one)
        self._tell(one)

    def _need_not_be_found(self, one: PictureJob) -> None:
        """Take the file of a job that was begun before, and is at its end already, for done."""
        for path, content in [of for of, new in self._begun.items() if new.job == one.job]:
            del self._begun[path, content]
            stamp = one.entry.notes.get(STAMP, "") if one.entry else ""
            self._known[path] = _Known(stamp, content)

    @property
    def under_way(self) -> int:
        """How many were sent by this run, and are not at their end."""
        return len(self.in_hand) - len(self._begun)

    @property
    def left(self) -> Sequence[PictureJob]:
        """What was sent and is not at its end."""
        return list(self.in_hand.values())
