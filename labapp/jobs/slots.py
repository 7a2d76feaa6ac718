"""Client slots: who this terminal is, to the worker that answers it.

A slot is an id kept on this machine and a lock beside it. A program takes the first free slot and
keeps it while it runs, so that two terminals never share a reply queue; the next session finds the
same slot again, and in its queue what came meanwhile. The lock dies with the process that holds it.
"""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from labapp.errors import LabappError, os_errors_as
from labapp.files import private, replacing
from labapp.jobs.wire import is_client_id

#: Slots looked at before giving up: more programs than this do not run on one machine.
MOST_SLOTS = 1000

#: Characters of the user's name that an id begins with.
MOST_NAME = 20

#: Bytes of chance behind it, in hexadecimal: an id's last 12 characters have no dash, so that from
#: the end it is always clear whose id it is, whatever the names are.
_BYTES = 6


@dataclass(frozen=True)
class Slot:
    """A taken slot: the id by which workers answer this program, until released."""

    client: str
    _lock: FileLock

    def release(self) -> None:
        """Let another program have the slot."""
        self._lock.release()


def name_in_ids(user: str) -> str:
    """Return a user's name as ids have it: lower-case letters, digits, and dashes between them."""
    return "-".join(re.findall(r"[a-z0-9]+", user.lower()))[:MOST_NAME].rstrip("-") or "client"


def take(home: Path, user: str, wanted: Collection[str] = ()) -> Slot:
    """Take a free slot of a user's.

    What AWS permits to a person goes by the name that ids begin with, so that none of another name
    is taken.

    Args:
        home: the folder of what this machine keeps about the cloud.
        user: whose it is; a new slot's id begins with this name.
        wanted: ids that still wait for answers; a free one of these is taken first.

    Raises:
        LabappError: the folder cannot be written, or no slot is free.
    """
    known = sorted((home / "clients").glob("*/id")) if wanted else []
    name = name_in_ids(user)
    waiting = [path.parent for path in known if _kept_id(path) in wanted]
    by_number = (home / "clients" / str(number) for number in range(1, MOST_SLOTS + 1))
    for folder in itertools.chain(waiting, by_number):
        if _is_of(_kept_id(folder / "id"), name) and (slot := _take(folder, name)):
            return slot
    raise LabappError(f"all {MOST_SLOTS} client slots are taken", "End some of the programs.")


def idle(home: Path, wanted: Collection[str]) -> Iterator[Slot]:
    """Yield those of the wanted slots that nobody has, each held until the next is asked for.

    Raises:
        LabappError: the folder of one cannot be used.
    """
    for path in sorted((home / "clients").glob("*/id")):
        client = _kept_id(path)
        if client and client in wanted and (slot := _take(path.parent, _name_of(client))):
            try:
                yield slot
            finally:
                slot.release()


def known(home: Path, user: str = "") -> list[str]:
    """Return the ids of a user's slots on this machine, taken or not; of all users', if empty."""
    kept = [
        client for path in sorted((home / "clients").glob("*/id")) if (client := _kept_id(path))
    ]
    return [client for client in kept if not user or _name_of(client) == name_in_ids(user)]


def _name_of(client: str) -> str:
    """Return the name that an id begins with."""
    return client.rpartition("-")[0]


def _is_of(client: str | None, name: str) -> bool:
    """Return whether an id is of a user's name; one that is still to be made will be."""
    return client is None or _name_of(client) == name


def _take(folder: Path, name: str) -> Slot | None:
    """Take the slot kept in `folder`, made at its first use; None where somebody has it."""
    lock = private.lock(folder / "lock", blocking=False)
    remedy = "Make it writable, or name another with LABAPP_DATA_DIR."
    with os_errors_as(LabappError, f"the folder {folder} cannot be used", remedy):
        private.folder(folder)
        try:
            with lock:
                client = _id_of(folder, name)
                lock.acquire()  # once more than the block releases it
        except Timeout:
            return None
    slot = Slot(client, lock)
    if not _is_of(client, name):  # made by another user's program since it was looked at
        slot.release()
        return None
    return slot


def _id_of(folder: Path, name: str) -> str:
    """Return the slot's id, made at its first use: the user's name and 48 random bits."""
    if kept := _kept_id(folder / "id"):
        return kept
    made = f"{name}-{secrets.token_hex(_BYTES)}"
    private.write_text(folder / "id", made, durable=True)  # answers come to it for days
    return made


def _kept_id(path: Path) -> str | None:
    """Return the id kept in a file; None where there is none, or none that may be used."""
    try:
        kept = replacing.read(path).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return kept if is_client_id(kept) else None
