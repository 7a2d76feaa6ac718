"""Connections to the local cloud live as long as their peers.

hypercorn waits for the next request on a connection for as long as its keep-alive says, also after
the peer has closed it. Ours is an hour, for botocore keeps connections for ever; so each program
that ended left one or two open files, until there were no more.
"""

from __future__ import annotations

from typing import Any

from hypercorn.asyncio import run
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.events import Updated


def install() -> None:
    """Have hypercorn, in this process, close a connection when its peer has."""
    run.TCPServer = Connection  # type: ignore[attr-defined]


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
