"""Connections to the local cloud live as long as their peers, and speak HTTP/1.1 alone.

hypercorn waits for the next request on a connection for as long as its keep-alive says, also after
the peer has closed it. Ours is an hour, for botocore keeps connections for ever; so each program
that ended left one or two open files, until there were no more.

The gate refuses HTTP/2, and hypercorn would take it up wherever a client offers it (RFC 9110, 7.8),
as Java's own does with each request. An offer is passed over here, and answered in HTTP/1.1.

hypercorn makes its sockets, and of one that is given it still sets options and lets children have
it. Windows refuses an option that contradicts an earlier one; so ours is served as it was made.
"""

from __future__ import annotations

import socket
from typing import Any

from hypercorn.asyncio import run
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.config import Config, Sockets
from hypercorn.events import Updated
from hypercorn.protocol import h11


def install() -> None:
    """Have hypercorn, in this process, close a connection when its peer has, and not upgrade it."""
    run.TCPServer = Connection  # type: ignore[attr-defined]
    h11.H11Protocol._check_protocol = _stay  # type: ignore[assignment, method-assign]


async def _stay(protocol: h11.H11Protocol, event: Any) -> None:
    """Stay with HTTP/1.1, whatever the head of a request offers."""


class At(Config):
    """Where hypercorn serves: at a socket that listens already, and that is left as it is."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    def create_sockets(self) -> Sockets:
        """Return the listener, for connections without TLS."""
        return Sockets([], [self._listener], [])


class Connection(TCPServer):
    """A connection that is not kept once its peer is gone."""

    _gone = False

    async def protocol_send(self, event: Any) -> None:
        """Send; a request that ends after its peer went begins no wait for another."""
        if not (self._gone and isinstance(event, Updated)):
            await super().protocol_send(event)

    async def _read_data(self) -> None:
        await super()._read_data()
        self._gone = True
        await self.idle_task.stop()
