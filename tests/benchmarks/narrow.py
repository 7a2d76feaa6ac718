"""A slow network: a relay on 127.0.0.1 that is long, and narrow towards the program."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from tests.chaos.proxy import HOST

#: Bytes that are passed on at once.
_PIECE = 2_048


class Narrow:
    """Listens until closed.

    Args:
        target: the port of what is behind it.
        delay: seconds that a byte takes there and back.
        rate: bytes a second from there, of all connections together; 0: as fast as they come.
    """

    def __init__(self, target: int, delay: float = 0.0, rate: float = 0.0) -> None:
        self._target, self._delay, self._rate = target, delay, rate
        self._loop = asyncio.new_event_loop()
        self._free_at = 0.0
        self._listening = threading.Event()
        self._stop = asyncio.Event()
        self.port = 0
        self._thread = threading.Thread(target=self._run, name="narrow", daemon=True)
        self._thread.start()
        self._listening.wait()

    @property
    def url(self) -> str:
        """The address for the setting endpoint_url."""
        return f"http://{HOST}:{self.port}"

    def close(self) -> None:
        """End the relay."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._listen())

    async def _listen(self) -> None:
        server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        await self._stop.wait()
        server.close()
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    @staticmethod
    async def _read(reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.read(_PIECE)
        except OSError:  # it is gone
            return b""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inward, outward = await asyncio.open_connection(HOST, self._target)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(
                self._pass_on(reader, outward, 0.0), self._pass_on(inward, writer, self._rate)
            )

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rate: float
    ) -> None:
        loop = asyncio.get_running_loop()
        coming: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def take() -> None:
            while data := await self._read(reader):
                due = loop.time() + self._delay / 2
                if rate:  # all connections wait for one another
                    self._free_at = max(self._free_at, loop.time()) + len(data) / rate
                    due = self._free_at + self._delay / 2
                    await asyncio.sleep(max(0.0, self._free_at - loop.time()))
                coming.put_nowait((due, data))
            coming.put_nowait((0.0, b""))

        taking = asyncio.create_task(take())
        with contextlib.suppress(OSError):
            while True:
                due, data = await coming.get()
                if not data:
                    break
                await asyncio.sleep(max(0.0, due - loop.time()))
                writer.write(data)
                await writer.drain()
        taking.cancel()
        writer.close()
