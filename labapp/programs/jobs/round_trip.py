"""A job whose answer a page shows by itself: claimed, sent, waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labapp.errors import LabappError
    from labapp.jobs.entry import Entry
    from labapp.jobs.proof import Identity
    from labapp.jobs.session import ClientSession
    from labapp.programs.jobs.client_session import ClientMenuSession


class Claim:
    """A job to be: known by its nonce before there is a session, and so a client that asks."""

    def __init__(self, nonce: str) -> None:
        self.nonce = nonce
        self._new: Identity | None = None

    def identity(self, session: ClientSession) -> Identity:
        """Return its id and proof, the same each time."""
        self._new = self._new or session.identity(self.nonce)
        return self._new


class RoundTrip:
    """A job on its way: opens what it needs, sends it, looks for its answer."""

    def __init__(
        self, menu: ClientMenuSession, claim: Claim, send: Callable[[ClientSession], object] | None
    ) -> None:
        self._menu = menu
        self._claim = claim
        #: Its id, once the session is open.
        self.job = ""
        self._send = send
        self.session: ClientSession | None = None
        #: What is done just now, in words.
        self.doing = "opening the session"
        #: Set where the user does not wait: what was not sent by then is not sent.
        self.left = threading.Event()
        self.is_sent = send is None

    def look(self) -> Entry | None:
        """Do what is next; return the answer once it is there."""
        if self.session is None:
            session = self._menu.open_session()
            self.job = self._claim.identity(session).job
            if self._send:
                self.doing = "looking for a worker"
                self._menu.ensure_worker(session.cloud)
                if self.left.is_set():
                    return None
                self.doing, self.is_sent = "sending it", True
                self._send(session)
            self.doing = "waiting for the answer"
            self._menu.expect()
            self.session = session
        return self._menu.hear(self.session, self.job)


def answer_to(
    menu: ClientMenuSession,
    claim: Claim,
    title: str = "Numbers",
    send: Callable[[ClientSession], object] | None = None,
) -> Entry | None:
    """Send a claimed job and wait for its answer; None if the user left, and is told later.

    All of it is one wait: a page for each step costs more than the steps. Call it within the
    block of `claim_job`.

    `send` sends it; None where that was done.

    Raises:
        LabappError: the cloud cannot be opened, or the job not be sent.
    """
    from labapp.console import waiting

    asked = RoundTrip(menu, claim, send)
    errors: list[LabappError] = []

    def failed(error: LabappError) -> None:
        errors.append(error)
        menu.announce(f"left while {asked.doing}: {error}", "failed")

    entry = waiting.wait_for(
        lambda: asked.doing,
        asked.look,
        leave="go on; you are told when it comes",
        title=title,
        frame=menu.frame,
        late=failed,
    )
    if errors:
        return None
    if entry is None:
        asked.left.set()
        text = f"job {asked.job[-6:]} goes on; its answer is shown here when it comes"
        menu.announce(text if asked.is_sent else f"left while {asked.doing}; nothing was sent")
    elif asked.session is not None:
        asked.session.ledger.mark_shown([asked.job])
    return entry
