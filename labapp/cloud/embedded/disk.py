"""A full disk below the local cloud: what is said of it, and whether it is still so.

Nothing is acknowledged before it is written, so a disk that takes nothing makes the cloud refuse.
It answers 507, which SDKs do not try again by themselves, with `CODE` and a sentence for people.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
from pathlib import Path

from labapp.files import private, replacing

#: The error code of a refusal, and its HTTP status (RFC 4918, section 11.5).
CODE, STATUS = "LocalStorageError", 507

#: Bytes that must be free for the disk not to be called full.
LEAST_FREE = 65_536

#: Bytes written to find out whether anything can be written.
_PROBE_BYTES = 4_096

#: What people can do; the folder is named in the sentence before it.
REMEDY = "Make room there, or let LABAPP_DATA_DIR name a folder on a disk with room."
REMEDY_RIGHTS = "See that you may write there, or let LABAPP_DATA_DIR name another folder."

_log = logging.getLogger("labapp.local")

_FULL = {
    getattr(errno, "EDQUOT", errno.ENOSPC): " (your quota on it is used up)",
    errno.ENOSPC: "",  # behind the one for quotas, which not every platform knows
    errno.EFBIG: " (a file on it has reached the limit that is set for its size)",
}


def sentence(error: OSError, home: Path) -> str:
    """Return what to tell people of a failed write below `home`, without a full stop.

    What this machine keeps of another cloud lies in a folder of that cloud's.
    """
    disk = "the disk of the local cloud" if home.name == "local" else "this machine's disk"
    if error.errno in _FULL:
        why = _FULL[error.errno] or (" (it can hold no more files)" if _no_inodes(home) else "")
        return f"{disk} is full{why}: {home}"
    if error.errno == errno.EROFS:
        return f"{disk} is read-only: {home}"
    return f"{disk} cannot be written: {home}: {error.strerror or error}"


def remedy(what: str) -> str:
    """Return what to do about a `sentence`."""
    return REMEDY if "is full" in what else REMEDY_RIGHTS


def look(home: Path, least: int = LEAST_FREE) -> str:
    """Write a little in `home`, see that there is room, and say what is wrong; empty: nothing.

    Args:
        home: a folder; one that is not there has no trouble.
        least: bytes that shall be free.
    """
    if not home.is_dir():
        return ""
    probe = replacing.within(home)
    try:
        with open(probe, "wb", opener=private.opener) as file:
            file.write(bytes(_PROBE_BYTES))
    except OSError as error:
        return sentence(error, home)
    finally:
        with contextlib.suppress(OSError):
            replacing.remove(probe)
    if _free(home) < least:
        return sentence(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), home)
    return ""


class Disk:
    """The disk as the cloud's process knows it; `home` is the cloud's folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._told = ""
        self._wanted = LEAST_FREE

    def note_refusal(self, error: OSError, size: int = LEAST_FREE) -> str:
        """Note that so many bytes could not be written; return the sentence for it."""
        told = sentence(error, self.home)
        if told != self._told:
            _log.warning("%s; what cannot be kept is refused", told)
        self._told = told
        self._wanted = max(self._wanted, size)
        return told

    def trouble(self) -> str:
        """Return what is wrong now, empty when there is room for what was refused last."""
        found = look(self.home, self._wanted)
        if not found:
            if self._told:
                _log.info("the disk takes what is written again")
            self._told, self._wanted = "", LEAST_FREE
        return found


def _free(home: Path) -> int:
    """Return the bytes that this user may still write; root may use those set aside for it."""
    if sys.platform == "win32":
        import shutil

        return shutil.disk_usage(home).free
    found = os.statvfs(home)
    return (found.f_bfree if os.geteuid() == 0 else found.f_bavail) * found.f_frsize


def _no_inodes(home: Path) -> bool:
    if sys.platform == "win32":
        return False
    try:
        found = os.statvfs(home)
    except OSError:
        return False
    return found.f_files > 0 and found.f_ffree == 0
