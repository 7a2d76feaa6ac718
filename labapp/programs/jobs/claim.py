"""A job to be, whose answer a page shows by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labapp.jobs.proof import Identity
    from labapp.jobs.session import ClientSession


class Claim:
    """A job to be: known by its nonce before there is a session, and so a client that asks."""

    def __init__(self, nonce: str) -> None:
        self.nonce = nonce
        self._new: Identity | None = None

    def identity(self, session: ClientSession) -> Identity:
        """Return its id and proof, the same each time."""
        self._new = self._new or session.identity(self.nonce)
        return self._new
