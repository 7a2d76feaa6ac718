"""Client slots: who this terminal is, to the worker that answers it.

A slot is an id kept on this machine and a lock beside it. A program takes the first free slot and
keeps it while it runs, so that two terminals never share a reply queue; the next session finds the
same slot again, and in its queue what came meanwhile. The lock dies with the process that holds it.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from labapp.errors import LabappError
from labapp.jobs.wire import is_client_id

#: Slots looked at before giving up: more programs than this do not run on one machine.
MOST_SLOTS = 1000


@dataclass(frozen=True)
class Slot:
    """A taken slot: the id by which workers answer this program, until released."""

    client: str
    _lock: FileLock

    def release(self) -> None:
        """Let another program have the slot."""
        self._lock.release()


def take(home: Path, user: str, wanted: Collection[str] = ()) -> Slot:
    """Take a free slot.

    Args:
        home: the folder of what this machine keeps about the cloud.
        user: the name that a new slot's id begins with.
        wanted: ids that still wait for answers; a free one of these is taken first.

    Raises:
        LabappError: the folder cannot be written.
    """
    waiting: list[Slot] = []
    for slot in _free_slots(home, user):
        if slot.client in wanted or not wanted:
            _release(waiting)
            return slot
        waiting.append(slot)
        if len(waiting) > len(wanted) + 1:
            break
    if not waiting:
        raise LabappError(f"all {MOST_SLOTS} client slots are taken", "End some of the programs.")
    _release(waiting[1:])
    return waiting[0]


def _release(slots: list[Slot]) -> None:
    for slot in slots:
        slot.release()


def _free_slots(home: Path, user: str) -> Iterator[Slot]:
    """Yield the free slots by number, each taken; new ones are made behind the last."""
    for number in range(1, MOST_SLOTS + 1):
        folder = home / "clients" / str(number)
        lock = FileLock(folder / "lock", timeout=0)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            continue
        except OSError as error:
            raise LabappError(
                f"the folder {folder} cannot be used: {error.strerror or error}",
                "Make it writable, or name another with LABAPP_DATA_DIR.",
            ) from error
        yield Slot(_id_of(folder, user), lock)


def _id_of(folder: Path, user: str) -> str:
    """Return the slot's id, made at its first use: the user's name and 48 random bits."""
    path = folder / "id"
    with contextlib.suppress(OSError, UnicodeDecodeError):
        kept = path.read_text("ascii").strip()
        if is_client_id(kept):
            return kept
    name = re.sub(r"[^a-z0-9]+", "-", user.lower()).strip("-")[:20] or "client"
    made = f"{name}-{secrets.token_hex(6)}"
    path.write_text(made, "ascii")
    return made
