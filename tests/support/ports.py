"""TCP ports on loopback: one that is free, and the end of listening at one."""

from __future__ import annotations

import contextlib
import socket


def free_port() -> int:
    """Return a port that nobody listens at now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def stop_listening(listener: socket.socket) -> None:
    """Close a socket at which a thread waits for connections, and have the thread told."""
    with contextlib.suppress(OSError):  # Windows and macOS shut down what is connected alone
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
