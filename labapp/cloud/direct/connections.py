"""Connections to one service, kept from request to request, and never shared by two at once.

A server may close a connection at any time, and mostly does while it is idle: that is looked for
before it is used again. Where one ends all the same under a request of which it cannot have taken
anything, or that may be sent twice, the request goes once more by a new one. All else is for the
caller, who takes botocore's way.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labapp.cloud.direct import answers
from labapp.cloud.direct.answers import Answer, MalformedError
from labapp.cloud.time_limits import CONNECTIONS, TimeLimits

if TYPE_CHECKING:
    import ssl

#: Seconds for which a connection is kept while nobody needs it: S3 closes its own after some.
MOST_IDLE = 50.0

#: Seconds after which one is made anew, so that a name which is moved to other hosts is followed.
MOST_AGE = 300.0

#: Seconds for which one of TLS that was never used is good unseen: what lies there to be read are
#: the tickets of TLS 1.3.
UNSEEN = 5.0

#: Bytes of a body that goes in one piece with its head; to copy a larger one costs more than that.
_JOINED = 65_536


class NoAnswerError(Exception):
    """No plain answer came: the request may have been taken or not.

    Attributes:
        was_kept: whether it went by a connection that had answered before, and that was closed.
    """

    def __init__(self, said: str, *, was_kept: bool = False) -> None:
        super().__init__(said)
        self.was_kept = was_kept


@dataclass(frozen=True)
class Address:
    """Where connections lead to, and how one begins.

    Attributes:
        host: a name or an IP address.
        port: of TCP.
        tls: makes what checks the certificate, once; None: requests go without TLS.
        prove: is to raise an OSError where a new connection leads to a stranger.
    """

    host: str
    port: int
    tls: Callable[[], ssl.SSLContext] | None = None
    prove: Callable[[socket.socket], object] | None = None


class Connections:
    """The connections to one address; shared by threads."""

    def __init__(self, address: Address, limits: TimeLimits) -> None:
        self._address = address
        self._limits = limits
        self._context: ssl.SSLContext | None = None
        self._idle: deque[_Connection] = deque()
        weakref.finalize(self, _close_all, self._idle)

    def exchange(self, head: bytes, body: bytes, most: int, *, repeatable: bool) -> Answer:
        """Send a request and read its answer; arguments and errors as of `send` and `answer`."""
        return self.answer(self.send(head, body), most, repeatable=repeatable)

    def send(self, head: bytes, body: bytes) -> Sent:
        """Send a request, of which the answer is read later: others may be sent meanwhile.

        Args:
            head: the request's line and headers, with the empty line behind them.
            body: its body.

        Raises:
            NoAnswerError: it cannot be sent.
        """
        while True:
            kept = self._kept()
            connection = kept or self._connected()
            try:
                if len(body) > _JOINED:
                    connection.send(head)
                    connection.send(body)
                else:
                    connection.send(head + body)
            except OSError as error:
                connection.close()
                if kept and not isinstance(error, TimeoutError):
                    self.close()  # the others are as old
                    continue
                raise NoAnswerError(str(error) or type(error).__name__) from error
            except BaseException:  # such as Ctrl-C: what comes of it later is of no request
                connection.close()
                raise
            return Sent(connection, head, body, was_kept=kept is not None)

    def answer(self, sent: Sent, most: int, *, repeatable: bool) -> Answer:
        """Read the answer to a request, a body of at most so many bytes.

        Args:
            sent: the request.
            most: bytes that the answer's body may have.
            repeatable: whether it may be sent once more though it may have been taken.

        Raises:
            NoAnswerError: no plain answer came.
        """
        connection = sent.connection
        try:
            answer = answers.read(connection, most, bodiless=sent.head.startswith(b"HEAD "))
        except (OSError, MalformedError) as error:
            connection.close()
            late = isinstance(error, (TimeoutError, MalformedError))
            stale = sent.was_kept and not (late or connection.has_heard)
            if stale and repeatable:
                self.close()
                return self.exchange(sent.head, sent.body, most, repeatable=repeatable)
            raise NoAnswerError(str(error) or type(error).__name__, was_kept=stale) from error
        except BaseException:
            connection.close()
            raise
        if answer.stays and time.monotonic() - connection.made_at < MOST_AGE:
            self._keep(connection)
        else:
            connection.close()
        return answer

    def prepare(self, count: int) -> None:
        """Have so many connections ready, as far as can be seen.

        Those that lack are made side by side: one after another, each would wait for the network.

        Raises:
            NoAnswerError: one cannot be made.
        """
        lacking = count - len(self._idle)
        if lacking < 2:
            return
        errors: list[NoAnswerError] = []

        def make() -> None:
            try:
                self._keep(self._connected())
            except NoAnswerError as error:
                errors.append(error)

        threads = [threading.Thread(target=make, daemon=True) for _ in range(lacking)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    def close(self) -> None:
        """Close those that nobody uses."""
        _close_all(self._idle)

    def _keep(self, connection: _Connection) -> None:
        connection.used_at = time.monotonic()
        if len(self._idle) < CONNECTIONS:
            self._idle.append(connection)
        else:
            connection.close()

    def _kept(self) -> _Connection | None:
        """Return a connection that is good still; None where there is none."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if connection.is_usable():
                return connection
            connection.close()
        return None

    def _connected(self) -> _Connection:
        address = self._address
        try:
            plain = socket.create_connection((address.host, address.port), self._limits.connect)
        except (OSError, UnicodeError) as error:  # a name that no DNS takes
            raise NoAnswerError(str(error)) from error
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if address.tls:
                if self._context is None:  # threads that come at once make their own, once
                    self._context = address.tls()
                plain = self._context.wrap_socket(plain, server_hostname=address.host)
            if address.prove:
                address.prove(plain)
            plain.settimeout(self._limits.read)
        except (OSError, ValueError) as error:
            plain.close()
            raise NoAnswerError(str(error)) from error
        except BaseException:
            plain.close()
            raise
        return _Connection(plain)


class _Connection:
    """One connection, for one request at a time.

    Attributes:
        made_at: when it was made, monotonic.
        used_at: when it was last used.
        has_heard: whether a byte of an answer to it came.
    """

    __slots__ = ("_is_new", "_pending", "_pid", "_socket", "has_heard", "made_at", "used_at")

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        #: Of TLS: tells how many bytes were received and not yet read.
        self._pending: Callable[[], int] | None = getattr(connected, "pending", None)
        self._is_new = True
        self._pid = os.getpid()
        self.made_at = self.used_at = time.monotonic()
        self.has_heard = False

    def send(self, request: bytes) -> None:
        """Send a request."""
        self.has_heard = self._is_new = False
        self._socket.sendall(request)

    def recv(self, most: int, /) -> bytes:
        """Return the next bytes."""
        found = self._socket.recv(most)
        self.has_heard = True if found else self.has_heard
        return found

    def is_usable(self) -> bool:
        """Tell whether another request may go by it, as far as can be seen."""
        now = time.monotonic()
        if self._pid != os.getpid():  # a fork's parent goes on with it
            return False
        if now - self.used_at > MOST_IDLE or now - self.made_at > MOST_AGE:
            return False
        if self._pending and self._is_new and now - self.made_at < UNSEEN:
            return True
        # What comes while nobody asks is its end, or belongs to no request.
        return not (self._pending and self._pending()) and not _has_come(self._socket)

    def close(self) -> None:
        """Close it; in a fork the parent's is left as it is."""
        self._socket.close()


@dataclass(frozen=True)
class Sent:
    """A request that was sent whole, on a connection that was kept, or a new one."""

    connection: _Connection
    head: bytes = field(repr=False)  # with the session's token
    body: bytes = field(repr=False)
    was_kept: bool


def _has_come(connected: socket.socket) -> bool:
    """Tell whether something can be read at once, if only the end."""
    # Windows has no `poll`, nor has a Python that found macOS's broken; elsewhere `select` takes
    # low numbers only.
    if sys.platform == "win32" or not hasattr(select, "poll"):
        return bool(select.select([connected], [], [], 0)[0])
    poll = select.poll()
    poll.register(connected, select.POLLIN)
    return bool(poll.poll(0))


def _close_all(idle: deque[_Connection]) -> None:
    while idle:
        try:
            idle.pop().close()
        except IndexError:
            return
