"""What programs and the local cloud tell each other: the files in its folder, and two requests.

`cloud.json` names pid, port and a secret of this instance, and is written by the cloud once it can
answer. The secret is never sent. A program sends a fresh nonce, and the listener proves by an HMAC
over it, its pid, its port and what it says of its disk that it knows the secret; the port is the
one that was dialled, so that no listener at another port can have the answer made for it. Whoever
binds the port of a dead cloud, whatever pid is shown, is not believed and learns nothing.

`key.json` holds the cloud's own key. It takes requests that carry a signature of its key alone;
other users of the machine reach its port as its owner does, but not the folder in which the key
lies. The key is made once, when the cloud first starts, and kept until `cloud reset`: other
programs are set up with it. While the file `shared` lies there, any key will do. `cloud start
--share` puts it there, and `cloud stop` takes it away.
"""

from __future__ import annotations

import dataclasses
import json
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from labapp import foreign
from labapp.files import private, replacing

#: The only address the local cloud listens at.
LOOPBACK = "127.0.0.1"

#: The files in `home`.
STATE_FILE, LOCK_FILE, START_LOCK_FILE = "cloud.json", "cloud.lock", "start.lock"
LOG_FILE, PREVIOUS_LOG_FILE = "cloud.log", "cloud.log.1"
KEY_FILE, SHARE_FILE = "key.json", "shared"

#: Bytes of `cloud.json` and of `key.json`, which have some hundred.
_MOST = 10_000

#: The folders in `home`: what S3 keeps, the queues, and where S3's objects lay at first.
STATE_FOLDER = "state"
DATA_FOLDERS = ("buckets", STATE_FOLDER, "s3")

#: What the name of a file that was damaged begins with, behind its own.
DAMAGED = ".damaged-"

#: The path that answers once the cloud is ready, and the one that asks it to stop.
HEALTH_PATH, STOP_PATH = "/_ministack/health", "/_labapp/stop"

#: The path that tells for how long the oldest message of each queue has waited.
AGES_PATH = "/_labapp/ages"

#: The tag of a queue that a program of labapp made, and not a lab's client. Its value names the
#: attributes that a client has set since.
MADE_BY_LABAPP = "labapp"

#: The header with a program's nonce, the one with the cloud's own, good for one request to stop,
#: and the one with the proof of either side.
NONCE_HEADER, CHALLENGE_HEADER = "x-labapp-nonce", "x-labapp-challenge"
PROOF_HEADER = "x-labapp-proof"

#: The header with the instance's process id.
PID_HEADER = "x-labapp-pid"

#: What a proof is for; one for the first is no good for the second.
HEALTH, STOP = "health", "stop"

#: Bytes of a nonce, which nobody meets again, and of an instance's secret.
NONCE_BYTES, SECRET_BYTES = 16, 32

#: The header in which the instance says what is wrong with its disk, percent-encoded.
TROUBLE_HEADER = "x-labapp-trouble"

#: Bytes of an answer that are read for its head, which is far shorter.
_MOST_HEAD = 65_536

#: Seconds given to the cloud to answer one question; it may be busy with a large object.
PROBE_SECONDS = 2.0

#: What the id of a key begins with, so that it is known; Amazon's begin with `AKIA` or `ASIA`.
ID_PREFIX = "LABAPP"

#: Characters of an id, as Amazon's have, and of a secret. An id of twelve digits would be taken for
#: an account's.
ID_LENGTH, SECRET_LENGTH = 20, 40

#: A secret of 40 has 200 bits, and no shell has a mind of its own about letters and digits.
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

#: What a local cloud tells whoever comes without its key.
OWNERS_KEY = (
    "this local cloud takes its owner's key alone: 'python admin.py cloud env' prints it, and"
    " 'python admin.py cloud start --share' opens the cloud to everybody on the machine"
)

#: The header in which a local cloud says by a code that it wants another key.
REFUSED_HEADER = "x-labapp-refused"

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
        secret: by it programs and this instance know each other; empty where another version of
            labapp wrote the file, whose cloud cannot prove itself.
    """

    pid: int
    port: int
    started_at: float
    secret: str = field(repr=False)


def read_state(home: Path) -> State | None:
    """Return what `cloud.json` says; None where there is none, or nothing usable in it."""
    try:
        read = foreign.read_object(replacing.read(home / STATE_FILE), _MOST)
        secret = str(read["secret"] if "secret" in read or "token" not in read else "")
        state = State(int(read["pid"]), int(read["port"]), float(read["started_at"]), secret)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return state if state.pid > 0 and 0 < state.port < 65536 else None


def write_state(home: Path, state: State) -> None:
    """Write `cloud.json` in one step, readable by this user only."""
    private.write_text(home / STATE_FILE, json.dumps(dataclasses.asdict(state)))


def proof(secret: str, purpose: str, *facts: object) -> str:
    """Return the proof of who knows an instance's secret: HMAC-SHA256 (RFC 2104), in hex digits.

    Args:
        secret: of the instance.
        purpose: `HEALTH` or `STOP`.
        facts: what the proof is for, in this order; none has a line break in it.
    """
    import hmac  # a page of the menu that asks nothing does without

    text = "\n".join((purpose, *map(str, facts)))
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()


def ask_ours(state: State) -> str | None:
    """Ask the listener at the state's port how it is.

    Returns:
        What is wrong with its disk, else an empty text; None where it is not the cloud that wrote
        the state, or does not answer.
    """
    try:
        with _connected(state) as connection:
            answer = proves_itself(state, connection)
    except OSError:
        return None
    return None if answer is None else unquote(answer.get(TROUBLE_HEADER, ""))


def ask_to_stop(state: State) -> bool:
    """Ask the cloud that wrote the state to end; tell whether it heard."""
    try:
        with _connected(state) as connection:
            answer = proves_itself(state, connection)
            if answer is None:
                return False
            challenge = answer[CHALLENGE_HEADER]
            shown = proof(state.secret, STOP, challenge, state.pid, state.port)
            headers = {CHALLENGE_HEADER: challenge, PROOF_HEADER: shown}
            return _exchange(connection, state.port, "POST", STOP_PATH, headers) is not None
    except OSError:
        return False


def proves_itself(state: State, connection: socket.socket) -> dict[str, str] | None:
    """Challenge the listener at the other end of a connection, which stays open.

    Args:
        state: of the cloud that it should be; its port is the one that was dialled.
        connection: with a timeout, and nothing under way on it.

    Returns:
        The headers of the answer, if it is proved; else None.

    Raises:
        OSError: the connection fails.
    """
    if not state.secret:
        return None
    nonce = os.urandom(NONCE_BYTES).hex()
    answer = _exchange(connection, state.port, "GET", HEALTH_PATH, {NONCE_HEADER: nonce})
    if answer is None or answer.get(PID_HEADER) != str(state.pid):
        return None
    said = answer.get(CHALLENGE_HEADER, ""), answer.get(TROUBLE_HEADER, "")
    wanted = proof(state.secret, HEALTH, nonce, state.pid, state.port, *said)
    import hmac

    good = hmac.compare_digest(wanted.encode(), answer.get(PROOF_HEADER, "").encode("utf-8"))
    return answer if good else None


def leads_home(home: Path, connection: socket.socket) -> bool:
    """Tell whether a new connection leads to the cloud of a folder; errors of `proves_itself`."""
    state = read_state(home)
    return (
        state is not None
        and connection.getpeername()[:2] == (LOOPBACK, state.port)
        and proves_itself(state, connection) is not None
    )


def _connected(state: State) -> socket.socket:
    return socket.create_connection((LOOPBACK, state.port), PROBE_SECONDS)


def _exchange(
    connection: socket.socket, port: int, method: str, path: str, headers: dict[str, str]
) -> dict[str, str] | None:
    """Send a request without a body, and read an answer without one.

    Over a bare socket, because `http.client` takes 30 ms to import, and no proxy can come between.
    """
    lines = (
        f"{method} {path} HTTP/1.1",
        f"host: {LOOPBACK}:{port}",
        *(f"{name}: {value}" for name, value in headers.items()),
        "content-length: 0",
    )
    connection.sendall("\r\n".join((*lines, "", "")).encode("ascii"))
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _MOST_HEAD:
        chunk = connection.recv(_MOST_HEAD)
        if not chunk:
            return None
        head += chunk
    status, *told = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    if not status.startswith("HTTP/1.1 2"):
        return None
    pairs = (line.partition(":") for line in told)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


@dataclass(frozen=True)
class Key:
    """An access key.

    Attributes:
        id: the access key id, which every request shows.
        secret: the secret access key, which none does.
    """

    id: str
    secret: str = field(repr=False)


def read_key(home: Path) -> Key | None:
    """Return the key of the cloud in `home`; None where there is none, or nothing usable."""
    try:
        read = foreign.read_object(replacing.read(home / KEY_FILE), _MOST)
        key = Key(str(read["id"]), str(read["secret"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    usable = len(key.id) == ID_LENGTH and len(key.secret) == SECRET_LENGTH
    return key if usable and (key.id + key.secret).isalnum() and key.id.isascii() else None


def keep_key(home: Path) -> Key:
    """Return the key of the cloud in `home`, made if there is none; the caller serves the folder.

    Raises:
        OSError: it cannot be written.
    """
    key = read_key(home)
    if key is None:
        more = ID_LENGTH - len(ID_PREFIX)
        key = Key(ID_PREFIX + _random(more), _random(SECRET_LENGTH))
        text = json.dumps({"id": key.id, "secret": key.secret})
        private.write_text(home / KEY_FILE, text)
    return key


def is_shared(home: Path) -> bool:
    """Tell whether everybody on the machine may use the cloud in `home`."""
    return (home / SHARE_FILE).exists()


def mark_shared(home: Path) -> None:
    """Open the cloud in `home` to everybody on the machine, until it is stopped.

    Raises:
        OSError: the folder cannot be written.
    """
    os.close(os.open(home / SHARE_FILE, os.O_WRONLY | os.O_CREAT, private.FILE))


def _random(length: int) -> str:
    # 32 divides 256: each character is as likely as any other.
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in os.urandom(length))
