"""What programs and the local cloud tell each other: the files in its folder, and two requests.

`cloud.json` names pid, port and a secret token; the listener at that port must know the token and
call itself by that pid. So neither a pid that now belongs to another program, nor a port that does,
can be taken for our cloud. The file is written by the cloud once it can answer.
"""

from __future__ import annotations

import dataclasses
import json
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from labapp import private

#: The only address the local cloud listens at.
LOOPBACK = "127.0.0.1"

#: The files in `home`.
STATE_FILE, LOCK_FILE, START_LOCK_FILE = "cloud.json", "cloud.lock", "start.lock"
LOG_FILE, PREVIOUS_LOG_FILE = "cloud.log", "cloud.log.1"

#: The folders in `home`: what S3 keeps, the queues, and where S3's objects lay at first.
STATE_FOLDER = "state"
DATA_FOLDERS = ("buckets", STATE_FOLDER, "s3")

#: The path that answers once the cloud is ready, and the one that asks it to stop.
HEALTH_PATH, STOP_PATH = "/_ministack/health", "/_labapp/stop"

#: The path that tells for how long the oldest message of each queue has waited.
AGES_PATH = "/_labapp/ages"

#: The headers by which a program shows that it knows this instance, and the instance itself.
TOKEN_HEADER, PID_HEADER = "x-labapp-token", "x-labapp-pid"

#: The header in which the instance says what is wrong with its disk, percent-encoded.
TROUBLE_HEADER = "x-labapp-trouble"

#: Bytes of an answer that are read for its head, which is far shorter.
_MOST_HEAD = 65_536

#: Seconds given to the cloud to answer one question; it may be busy with a large object.
PROBE_SECONDS = 2.0


#: What ends the message of a `NewerError`.
NEWER = "was written by a newer labapp"


class NewerError(Exception):
    """A file of the local cloud is of a form that is not known yet; it does not start over it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} {NEWER}")


@dataclass(frozen=True)
class State:
    """What `cloud.json` holds.

    Attributes:
        pid: the cloud's process.
        port: the TCP port it listens at, on loopback.
        started_at: when it became ready, in seconds since the epoch.
        token: the secret by which programs and this instance know each other.
    """

    pid: int
    port: int
    started_at: float
    token: str


def read_state(home: Path) -> State | None:
    """Return what `cloud.json` says; None where there is none, or nothing usable in it."""
    try:
        read = json.loads((home / STATE_FILE).read_text("utf-8"))
        state = State(
            int(read["pid"]), int(read["port"]), float(read["started_at"]), str(read["token"])
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
    whole = state.pid > 0 and 0 < state.port < 65536 and state.token.isascii()
    return state if whole and state.token.isprintable() else None


def write_state(home: Path, state: State) -> None:
    """Write `cloud.json` in one step, readable by this user only."""
    private.write_text(home / STATE_FILE, json.dumps(dataclasses.asdict(state)))


def ask_ours(state: State) -> str | None:
    """Ask the listener at the state's port how it is.

    Returns:
        What is wrong with its disk, else an empty text; None where it is not the cloud that wrote
        the state, or does not answer.
    """
    answer = ask(state, "GET", HEALTH_PATH)
    if answer is None or answer.get(PID_HEADER) != str(state.pid):
        return None
    return unquote(answer.get(TROUBLE_HEADER, ""))


def ask(state: State, method: str, path: str) -> dict[str, str] | None:
    """Send one request to the cloud; return the headers of a good answer, else None.

    Over a bare socket, because `http.client` takes 30 ms to import, and no proxy can come between.
    """
    lines = (
        f"{method} {path} HTTP/1.1",
        f"host: {LOOPBACK}:{state.port}",
        f"{TOKEN_HEADER}: {state.token}",
        "content-length: 0",
        "connection: close",
    )
    head = b""
    try:
        with socket.create_connection((LOOPBACK, state.port), PROBE_SECONDS) as connection:
            connection.settimeout(PROBE_SECONDS)
            connection.sendall("\r\n".join((*lines, "", "")).encode("ascii"))
            while b"\r\n\r\n" not in head and len(head) < _MOST_HEAD:
                chunk = connection.recv(_MOST_HEAD)
                if not chunk:
                    return None
                head += chunk
    except OSError:
        return None
    status, *headers = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    if not status.startswith("HTTP/1.1 2"):
        return None
    pairs = (line.partition(":") for line in headers)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
