"""A server that answers by a script, on loopback, and notes what it was asked."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

#: What is done instead of an answer: the connection is closed; nothing is said for long.
CLOSE, SILENCE = b"", b"silence"


def answer(status: int, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """Return an answer of HTTP/1.1."""
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {size}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Scripted:
    """What a server was asked, and how it answers.

    Attributes:
        script: the answers that are left, in their order.
        always: the answer once none is left.
        asked: head and body of each request.
        connections: how many were made.
        close_idle: closes each connection once its answer is sent.
    """

    port: int = 0
    script: list[bytes] = field(default_factory=list)
    always: bytes = answer(200, b"{}", 'ETag: "e"')
    asked: list[tuple[str, bytes]] = field(default_factory=list)
    connections: int = 0
    close_idle: bool = False
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        held = b""
        with contextlib.suppress(OSError), connection:
            while True:
                while b"\r\n\r\n" not in held:
                    held += (chunk := connection.recv(65536))
                    if not chunk:
                        return
                head, _, held = held.partition(b"\r\n\r\n")
                size = _length(head)
                while len(held) < size:
                    held += connection.recv(65536)
                self.asked.append((head.decode("latin-1"), held[:size]))
                held = held[size:]
                said = self.script.pop(0) if self.script else self.always
                if said == SILENCE:
                    self.ended.wait(5)
                if said in (CLOSE, SILENCE):
                    return
                connection.sendall(said)
                if self.close_idle or said.endswith(b"cut"):
                    return


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


@contextlib.contextmanager
def scripted(host: str = "127.0.0.1", certificate: str = "") -> Iterator[Scripted]:
    """Give a server that answers by a script."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    with socket.create_server((host, 0), family=family, backlog=32) as listener:
        server = Scripted(listener.getsockname()[1])
        threads: list[threading.Thread] = []

        def begin(connection: socket.socket) -> None:
            with contextlib.suppress(OSError):
                server.serve(
                    context.wrap_socket(connection, server_side=True) if context else connection
                )
            connection.close()

        def accept() -> None:
            while not server.ended.is_set():
                with contextlib.suppress(OSError):
                    connection, _ = listener.accept()
                    if server.ended.is_set():
                        connection.close()
                        return
                    server.connections += 1
                    threads.append(threading.Thread(target=begin, args=(connection,), daemon=True))
                    threads[-1].start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server
        finally:
            server.ended.set()
            with contextlib.suppress(OSError):
                socket.create_connection((host, server.port), 1).close()
