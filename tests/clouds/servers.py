"""Servers that stand for a cloud: started on loopback, and ended with all that they started."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from tests.support.steps import clean_environment

#: Seconds that a service may take until it answers, and then to end.
START, STOP = 120.0, 10.0


class ServerError(Exception):
    """A service did not come up: what it wrote last."""


@contextlib.contextmanager
def served(
    argv: Sequence[str], url: str, folder: Path, variables: Mapping[str, str], cwd: Path
) -> Iterator[None]:
    """Have a server at work until the block ends.

    Args:
        argv: its command.
        url: answers, with whatever status, once the server is ready.
        folder: where it may write, with a HOME of its own and its log.
        variables: added to its environment.
        cwd: where it stands.

    Raises:
        ServerError: it ended, or did not answer in time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    own = {"HOME": str(folder), "TMPDIR": str(folder), "NO_PROXY": "127.0.0.1"}
    with log.open("ab") as output:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**clean_environment(), **own, **variables},
            cwd=cwd,
        )
    try:
        _wait(process, url, log)
        yield
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + START
    while not answers(url):
        if process.poll() is not None or time.monotonic() > until:
            told = log.read_text("utf-8", "replace")[-1000:]
            raise ServerError(f"{url} does not answer: {told}")
        time.sleep(0.1)


def answers(url: str) -> bool:
    """Tell whether a server answers at an address, with whatever status."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a server and what it started."""
    family = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        with contextlib.suppress(psutil.Error):
            child.kill()


def is_bound_beyond_loopback(port: int) -> bool:
    """Tell whether a process of this user listens at a port on more than loopback."""
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            for connection in one.net_connections("inet"):
                bound = connection.laddr
                if connection.status == psutil.CONN_LISTEN and bound and bound.port == port:
                    return bound.ip not in ("127.0.0.1", "::1")
    return False


def below(folder: Path, *parts: str) -> str:
    """Return a folder below another as a variable has it; it is made."""
    path = folder.joinpath(*parts)
    path.mkdir(parents=True, exist_ok=True)
    return os.fspath(path)
