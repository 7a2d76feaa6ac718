"""The local cloud's own process: `python -m labapp.cloud.embedded.server HOME PORT`.

Programs start it through `labapp.cloud.embedded.launcher`, never by hand. It holds the lock
`cloud.lock` for as long as it lives, so that two can never write the same state, and writes
`cloud.json` once it can answer. What survives what:

- What S3 and SQS have acknowledged is in files by then, and survives the death of this process by
  whatever (kill -9, a crash), but not a power failure: no answer waits for a sync, which would cost
  more than all else (`s3`, `queues`).
- What cannot be written is refused (`disk`).
- That a message was handed out is kept likewise: it stays in flight, its receipt handle stays good,
  and the receive counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import Timeout

from labapp.cloud.embedded import troubles
from labapp.cloud.embedded.disk import Disk
from labapp.cloud.embedded.queues import ages
from labapp.cloud.embedded.state import (
    DATA_FOLDERS,
    LOCK_FILE,
    LOOPBACK,
    SECRET_BYTES,
    STATE_FILE,
    NewerError,
    State,
    is_shared,
    keep_key,
    write_state,
)
from labapp.files import private, replacing

if TYPE_CHECKING:
    from labapp.cloud.embedded.gateway import Gateway
    from labapp.cloud.embedded.queues import Queues
    from labapp.cloud.embedded.receiving import LongPolls

#: Seconds a new process waits for one that is just ending.
LOCK_SECONDS = 10.0

#: Bytes after which the log begins anew.
LOG_BYTES = 1_000_000

#: Seconds that requests under way are given at a stop.
GRACE_SECONDS = 1.0

#: Seconds between two looks whether the folder is still there.
FOLDER_SECONDS = 3.0

#: Seconds between two looks whether it still listens, which cost nothing.
DEAF_SECONDS = 0.5

#: Seconds that an idle connection is kept; botocore's pool keeps its own for ever.
KEEP_ALIVE_SECONDS = 3600

#: Environment of MiniStack, read when it is imported. It knows a queue by an address with the port
#: in it, and would lose the queues when another port is taken; so it is told the same port always,
#: and shows callers the one by which they reached it.
MINISTACK = {
    "GATEWAY_PORT": "4566",
    "BIND_HOST": LOOPBACK,
    "SERVICES": "s3,sqs,sts",
    "S3_PERSIST": "0",
    "PERSIST_STATE": "0",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "LOG_LEVEL": "WARNING",
}

_log = logging.getLogger("labapp.local")


def main(home: Path, port: int) -> None:
    """Serve until asked to stop.

    Args:
        home: the existing folder for state, lock and log.
        port: the port to listen at; if it is taken, any free one.

    Raises:
        SystemExit: another process serves this folder already, or a newer labapp wrote in it.
    """
    os.umask(0o077)
    try:
        with private.lock(home / LOCK_FILE, LOCK_SECONDS):
            _set_up_log()
            listener = _listener(port)
            os.environ.update(MINISTACK)
            _raise_file_limit()
            asyncio.run(_serve(home, listener))
    except Timeout:
        raise SystemExit("another process serves this folder already") from None
    except NewerError as error:
        raise SystemExit(str(error)) from None


def _raise_file_limit() -> None:
    """Take as many open files as this user may have: each connection is one."""
    if sys.platform == "win32":  # no such limit there
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # macOS names no hard limit, and refuses more than it has for one process.
    for wanted in (hard, 10_240):
        if wanted == resource.RLIM_INFINITY or wanted <= soft:
            continue
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            return


def _listener(port: int) -> socket.socket:
    """Listen at `port`, or at any free port."""
    try:
        return _listen(port)
    except OSError as error:
        _log.warning("port %d is not free: %s", port, error)
        return _listen(0)


def _listen(port: int) -> socket.socket:
    # asyncio sets TCP_NODELAY where the protocol is named as TCP (its `_set_nodelay`); without it,
    # the second packet of an answer waits 40 ms for the first to be acknowledged.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform == "win32":  # there, SO_REUSEADDR would let two programs share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


async def _serve(home: Path, listener: socket.socket) -> None:
    """Serve MiniStack at `listener` until a signal or a program asks for the end."""
    disk = Disk(home)
    with _nothing_collected():
        # MiniStack reads its environment when it is imported.
        from ministack import app as front
        from ministack.services import s3, sqs

        from labapp.cloud.embedded import one_account
        from labapp.cloud.embedded.expiry import keep_expiring
        from labapp.cloud.embedded.gate import Gate
        from labapp.cloud.embedded.gateway import Gateway

        one_account.install_front(front)
        queues, polls = _load(home, disk)
    port = listener.getsockname()[1]
    state = State(os.getpid(), port, time.time(), os.urandom(SECRET_BYTES).hex())
    gate = Gate(state, keep_key(home), partial(is_shared, home))
    gateway = Gateway(front.app, gate, disk.trouble, partial(ages, sqs))
    _stop_on_signals(gateway.stop_asked)
    serving = asyncio.create_task(_hypercorn(gateway, listener))
    write_state(home, state)
    _log.info("process %d serves http://%s:%d", os.getpid(), LOOPBACK, port)
    orphaned = asyncio.create_task(_folder_is_gone(home))
    asked = asyncio.create_task(gateway.stop_asked.wait())
    deaf = asyncio.create_task(_is_deaf(listener))
    expiring = asyncio.create_task(keep_expiring(s3))
    await asyncio.wait({serving, asked, orphaned, deaf}, return_when=asyncio.FIRST_COMPLETED)
    gateway.stop_asked.set()
    expiring.cancel()
    polls.close()
    if orphaned.done():
        return
    # Its own limit is GRACE_SECONDS; from Python 3.12 on it waits for idle connections without one.
    await asyncio.wait({serving}, timeout=GRACE_SECONDS + 1)
    queues.close()
    replacing.remove(home / STATE_FILE, missing_ok=True)
    _log.info("process %d stopped", os.getpid())
    if serving.done():
        serving.result()


@contextlib.contextmanager
def _nothing_collected() -> Iterator[None]:
    """Look for no garbage in the block, nor ever at what was made in it: all of it stays.

    With 100,000 messages to read back it were half of the time.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def _load(home: Path, disk: Disk) -> tuple[Queues, LongPolls]:
    """Have MiniStack hold what was kept, and keep what it is told from now on."""
    from ministack.services import s3, sqs, sts  # noqa: F401

    from labapp.cloud.embedded import one_account
    from labapp.cloud.embedded.legacy import take_over_objects, take_over_queues
    from labapp.cloud.embedded.queues import JOURNAL_FILE, Queues
    from labapp.cloud.embedded.receiving import LongPolls
    from labapp.cloud.embedded.s3 import Store

    new, state, old = (home / name for name in DATA_FOLDERS)
    one_account.install(sqs, s3)
    queues = Queues(sqs, state, disk)
    take_over_queues(sqs, state, state / JOURNAL_FILE)
    queues.load()
    replacing.remove(state / "sqs.json", missing_ok=True)
    store = Store(s3, new, disk, queues)
    take_over_objects(s3, store, old, state)
    troubles.note_left_out(home, store.load())
    polls = LongPolls(sqs)
    polls.install()
    return queues, polls


async def _hypercorn(gateway: Gateway, listener: socket.socket) -> None:
    """Serve `gateway` over HTTP until it is asked to stop."""
    from hypercorn.asyncio import serve

    from labapp.cloud.embedded.gateway import At, install_connections

    install_connections()
    config = At(listener)
    config.loglevel = "WARNING"
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.graceful_timeout = GRACE_SECONDS
    await serve(gateway, config, shutdown_trigger=gateway.stop_asked.wait)  # type: ignore[arg-type]


async def _folder_is_gone(home: Path) -> None:
    """Return once the folder was deleted under us: nobody can find us then."""
    while (home / STATE_FILE).exists():
        await asyncio.sleep(FOLDER_SECONDS)


async def _is_deaf(listener: socket.socket) -> None:
    """Return once the listener was closed under us: the next program starts a cloud that hears.

    asyncio on Windows closes it where one connection is gone before it is taken (its
    `proactor_events`, "Accept failed on a socket").
    """
    while listener.fileno() >= 0:
        await asyncio.sleep(DEAF_SECONDS)


def _stop_on_signals(stop: asyncio.Event) -> None:
    """Stop at SIGTERM and Ctrl-C; a terminal that is closed is none of our business."""
    if sys.platform == "win32":  # a detached process gets no signals there; programs ask by HTTP
        return
    loop = asyncio.get_running_loop()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


class _BoundedLog(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to stderr, which is the log file, and empties it when it is full."""

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):  # not a file: then there is nothing to empty
            if os.fstat(2).st_size > LOG_BYTES:
                os.ftruncate(2, 0)
                os.lseek(2, 0, os.SEEK_SET)
        super().emit(record)


def _set_up_log() -> None:
    if isinstance(sys.stderr, io.TextIOWrapper):  # programs read the log as UTF-8
        sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")
    handler = _BoundedLog()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    _log.setLevel(logging.INFO)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
