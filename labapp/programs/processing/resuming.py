"""`client.py image --resume`: what an earlier run has sent is not sent again.

Each picture's job is noted with what was asked and with its file's size and time. So the ledger
tells what is saved, what is back, and what may be on its way, which is asked for once more under
its own job: that is done once, however often it is asked for. The rest is sent.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.cloud.abilities import BATCH
from labapp.errors import UsageError
from labapp.files import private
from labapp.jobs import picture_client, saving, slots
from labapp.jobs.entry import PENDING, SAVED, UNSENT, Entry
from labapp.jobs.picture_client import ASKED, STAMP
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.picture_request import limits_of
from labapp.jobs.proof import Identity
from labapp.pictures.arrivals import stamp_of

if TYPE_CHECKING:
    from labapp.jobs.picture_request import ProcessingRequest
    from labapp.jobs.session import ClientSession
    from labapp.programs.processing.outcomes import PictureJob
    from labapp.programs.processing.sending import Receiver

#: Jobs of an earlier run that are looked at, the newest.
MOST = 1_000_000


@dataclass
class TakenUp:
    """What is to be done for each picture.

    Attributes:
        rest: those to be sent.
        waits: those that are sent and not answered, or may be.
        back: those that are answered and not saved.
        saved: how many are saved, and need nothing.
    """

    rest: list[PictureJob] = field(default_factory=list)
    waits: list[tuple[PictureJob, Entry]] = field(default_factory=list)
    back: list[tuple[PictureJob, Entry]] = field(default_factory=list)
    saved: int = 0

    def go_on(self, session: ClientSession, request: ProcessingRequest, receiver: Receiver) -> None:
        """Save what is back; ask again for what is not, and wait for it.

        Raises:
            CloudError: it could not be asked for.
        """
        for one, entry in self.back:
            receiver.expect(one, entry)
        for one, entry in self.waits:
            receiver.expect(one, elsewhere=entry.client != session.client)
        for start in range(0, len(self.waits), BATCH):
            session.put(
                PICTURES,
                [
                    picture_client.request_of(
                        entry.client, Identity(entry.job, entry.nonce), one.path, request
                    )
                    for one, entry in self.waits[start : start + BATCH]
                ],
            )


@contextlib.contextmanager
def alone(home: Path, request: ProcessingRequest) -> Iterator[None]:
    """Keep a second program from going on with the same, which would do it twice.

    Raises:
        UsageError: one does.
    """
    from filelock import Timeout

    private.folder(home)
    lock = private.lock(home / f"image-{picture_client.asked(request)}.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise _busy() from error
    try:
        yield
    finally:
        lock.release()


def take_up(
    session: ClientSession, sent: Sequence[PictureJob], request: ProcessingRequest
) -> TakenUp:
    """Find what an earlier run has done of these pictures.

    Raises:
        UsageError: another program waits for some of them.
        CloudError: what has come meanwhile cannot be read.
    """
    session.collect_all()
    known: dict[str, Entry] = {}
    for entry in session.ledger.noted(ASKED, picture_client.asked(request), MOST):
        known.setdefault(entry.notes.get("path", ""), entry)
    taken = TakenUp()
    for one in sent:
        was = known.get(str(one.path.absolute()))
        if was is None or was.notes.get(STAMP) != stamp_of(one.path):
            taken.rest.append(one)
        elif was.status in (PENDING, UNSENT):
            one.job = was.job
            taken.waits.append((one, was))
        elif was.is_picture_done:
            one.job = was.job
            _take_result(taken, one, was)
        else:
            taken.rest.append(one)
    _find_saved(session, taken)
    _check_nobody_waits(session, [entry for _, entry in (*taken.waits, *taken.back)])
    return taken


def _take_result(taken: TakenUp, one: PictureJob, entry: Entry) -> None:
    saved = Path(entry.notes.get(SAVED, ""))
    if saved.is_file():
        one.entry, one.saved = entry, saved
        taken.saved += 1
    else:
        taken.back.append((one, entry))


def _find_saved(session: ClientSession, taken: TakenUp) -> None:
    """Note results that were saved when the program was ended before it could note so."""
    by_job = {entry.job: one for one, entry in taken.back if SAVED not in entry.notes}
    back = [entry for _, entry in taken.back if entry.job in by_job]
    limits = limits_of(session.cloud.settings)
    for folder in {Path(entry.notes.get("folder") or ".") for entry in back}:
        for entry, path in saving.saved_in(folder, back, limits):
            if one := by_job.pop(entry.job, None):
                session.ledger.note_saved(entry.job, str(path.absolute()))
                one.entry, one.saved = entry, path
                taken.saved += 1
    taken.back = [(one, entry) for one, entry in taken.back if not one.saved]


def _check_nobody_waits(session: ClientSession, entries: Sequence[Entry]) -> None:
    others = {entry.client for entry in entries} - {session.client}
    free = {slot.client for slot in slots.idle(session.cloud.home, others)} if others else set()
    if others - free:
        raise _busy()


def _busy() -> UsageError:
    return UsageError("another program is at these pictures", "Wait for its end, or end it.")


def summary(taken: TakenUp) -> str:
    """Return how far an earlier run was."""
    counts: Mapping[str, int] = {
        "saved": taken.saved,
        "back": len(taken.back),
        "on the way": len(taken.waits),
        "to be sent": len(taken.rest),
    }
    return "going on: " + ", ".join(f"{n:,} {name}" for name, n in counts.items() if n)
