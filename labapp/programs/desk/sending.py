"""Pictures sent from the desk: they go behind the page, and their results come back to it.

One line tells how far they are, one notice at the end what became of them. Who leaves the desk, or
the program, loses nothing: what was sent is known in the ledger, and told when it is back. What
sends is imported by the first sending, as the cloud's library would keep the desk from opening.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import tables
from labapp.console.figures import count, plural
from labapp.console.page import show
from labapp.errors import LabappError
from labapp.programs.jobs.waiting import failure
from labapp.programs.menus.progress_page import Work
from labapp.programs.shell.output import with_name

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.jobs.picture_request import ProcessingRequest
    from labapp.programs.jobs.client_session import ClientMenuSession

HELP = """Pictures that were not processed, and why. Those that were refused need another picture, \
or other steps; the others can be sent again."""


class Sending(Work):
    """Pictures on their way, as the desk's line and its panels are told of them.

    `ended` is set once nothing more is sent: what is not back by then goes on without it.

    Args:
        menu: whose session they are sent by.
        paths: the pictures, each once.
        request: what is to be done.
        came: told of each result: the picture, and where the result is saved; in another thread.
    """

    def __init__(
        self,
        menu: ClientMenuSession,
        paths: Sequence[Path],
        request: ProcessingRequest,
        came: Callable[[Path, Path], None] = lambda _source, _saved: None,
    ) -> None:
        from labapp.programs.processing.outcomes import PictureJob, size_of

        super().__init__(f"sending {plural(len(paths), 'picture')}", sum(map(size_of, paths)))
        self.jobs = [PictureJob(path, request.folder) for path in paths]
        self._by_path = {str(one.path.absolute()): one for one in self.jobs}
        self._menu = menu
        self._came = came
        self._together = menu.together.begin(self._answered)
        self._request = replace(request, together=self._together)
        self.changed = menu.frame.changed

    def run(self) -> None:
        """Send them; blocks, and raises nothing."""
        from labapp.programs.processing.sending import send_all

        menu = self._menu
        try:
            session = menu.open_session()
            menu.ensure_worker(session.cloud)
            send_all(session, self.jobs, self._request, self, lambda _: menu.expect())
        except LabappError as error:
            self.error = error
            menu.announce(f"{self.title}: {error}", "failed")
        finally:  # whatever it was, nobody waits for it any longer
            self._close()

    def _close(self) -> None:
        """Say how sending ended; what was sent is told when it is back."""
        menu = self._menu
        failures = [(one.path.name, str(one.error)) for one in self.jobs if one.error]
        away = sum(1 for one in self.jobs if not (one.job or one.error))
        self.end()
        menu.together.close(self._together, failures, 0 if self.error else away)
        menu.expect()

    def moved(self, octets: int) -> None:
        """Count bytes; the line tells of pictures, so nothing is drawn for them."""
        with self._lock:
            self._moved += octets

    def end(self) -> None:
        """Say that nothing more is sent."""
        self.ended.set()
        self.changed()

    def _answered(self, entry: Entry, saved: Path | None, error: LabappError | None) -> None:
        one = self._by_path.get(entry.notes.get("path", ""))
        if one is None:
            return
        one.job, one.entry, one.saved = entry.job, entry, saved
        if saved is None:
            one.error = error or failure(entry, entry.reply)
        self.changes += 1
        if saved is not None:
            self._came(one.path, saved)
        self.changed()

    @property
    def is_over(self) -> bool:
        """Whether nothing more is sent, and nothing more is to come."""
        waits = any(one.job and not (one.saved or one.error) for one in self.jobs)
        return self.ended.is_set() and not waits

    @property
    def failures(self) -> list[tuple[Path, str]]:
        """The pictures that were refused or failed so far, each with the reason."""
        return [(one.path, str(one.error)) for one in self.jobs if one.error]

    @property
    def line(self) -> str:
        """How far they are: sent, back and failed, of all."""
        jobs = self.jobs
        sent = sum(1 for one in jobs if one.job)
        back = sum(1 for one in jobs if one.saved)
        failed = sum(1 for one in jobs if one.error)
        away = sum(1 for one in jobs if not (one.job or one.error)) if self.ended.is_set() else 0
        told = ((sent * (not self.is_over), "sent"), (back, "back"), (failed, "failed"))
        parts = [f"{count(n)} {word}" for n, word in (*told, (away, "not sent")) if n]
        of_all = f" of {plural(len(jobs), 'picture')}"
        return ", ".join(parts or ["none sent yet"]) + of_all


def begin(
    menu: ClientMenuSession,
    paths: Sequence[Path],
    request: ProcessingRequest,
    came: Callable[[Path, Path], None] = lambda _source, _saved: None,
) -> Sending:
    """Begin to send pictures behind the page; arguments as of `Sending`."""
    sending = Sending(menu, paths, request, came)
    menu.begin(sending)
    threading.Thread(target=sending.run, name="sending", daemon=True).start()
    return sending


def show_failures(menu: ClientMenuSession, sending: Sending) -> None:
    """Show what failed of a sending, and why, until dismissed."""
    lines = [("bad", with_name(path, why)) for path, why in sending.failures]
    body = tables.marked(lines) if lines else tables.told("good", "Nothing has failed.")
    show(sending.line.capitalize(), body, frame=menu.frame, help=HELP)
