"""What the ledger tells of results: which picture each was made from, and what was done to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.errors import LabappError
from labapp.jobs.picture_kind import PICTURES

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.jobs.session import ClientSession

#: Jobs that are looked through, the newest.
MOST = 2_000


class Made:
    """The jobs of pictures that were sent from this machine.

    Args:
        session: gives the session, if it is open.
    """

    def __init__(self, session: Callable[[], ClientSession | None]) -> None:
        self._session = session
        self._version: object = None
        self._job_of: Callable[[Path], Entry | None] = lambda path: None
        self._known: dict[Path, Entry | None] = {}

    def look(self) -> bool:
        """Read the ledger if it has changed; tell whether it has. Blocks."""
        if (session := self._session()) is None:
            return False
        from labapp.jobs import saving

        try:
            version = session.ledger.version()
            if version == self._version:
                return False
            self._job_of = saving.made_by(session.ledger.newest(MOST, PICTURES.name))
        except LabappError:  # told by whoever sends
            return False
        self._version, self._known = version, {}
        return True

    def source_of(self, path: Path) -> Path | None:
        """Return the picture that a file was made from; blocks."""
        job = self._known[path] = self._job_of(path)
        source = job.notes.get("path", "") if job else ""
        return Path(source) if source else None

    def job_of(self, path: Path) -> Entry | None:
        """Return the job whose result a file is, as far as it was asked for its source."""
        return self._known.get(path)
