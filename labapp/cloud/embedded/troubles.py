"""The errors of a local cloud that does not come up, or cannot be used, each with what to do."""

from __future__ import annotations

from pathlib import Path

from labapp.cloud.embedded import disk
from labapp.cloud.embedded.key import KEY_FILE
from labapp.cloud.embedded.state import LOG_FILE, NEWER
from labapp.errors import EmbeddedCloudError

#: Lines of the log shown in an error.
TAIL_LINES = 3


def another_version(home: Path, pid: int) -> EmbeddedCloudError:
    """Return the error for a cloud that another version of labapp started, and that still lives."""
    return EmbeddedCloudError(
        f"another version of labapp started the local cloud in {home} (pid {pid})",
        "Run 'python admin.py cloud stop', which ends it and keeps all it holds; the next start is"
        " of this version.",
    )


def keyless(home: Path) -> EmbeddedCloudError:
    """Return the error for a cloud that lives, and whose key is gone."""
    return EmbeddedCloudError(
        f"the local cloud's key {home / KEY_FILE} cannot be read",
        "Run 'python admin.py cloud stop': at its next start it makes another.",
    )


def not_up(home: Path, what: str) -> EmbeddedCloudError:
    """Return the error for a cloud that is not ready, with the end of its log."""
    if trouble := disk.look(home, least=0):
        return EmbeddedCloudError(trouble, disk.remedy(trouble))
    try:
        lines = (home / LOG_FILE).read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    if newer := next((line for line in lines if line.endswith(NEWER)), ""):
        return EmbeddedCloudError(
            f"the local cloud does not come up: {newer}",
            "Use that labapp here, or another folder: LABAPP_DATA_DIR names one.",
        )
    # Of a traceback the last line says it; the rest is for whoever opens the log.
    said = [line for line in lines if line.strip() and not line.startswith((" ", "Traceback"))]
    tail = "; ".join(said[-TAIL_LINES:]) or "nothing in it"
    return EmbeddedCloudError(
        f"the local cloud does not come up: {what}; the end of its log {home / LOG_FILE}: {tail}",
        "Run 'admin.py cloud stop' and try again; if packages are missing, run: "
        "python -m pip install -r requirements.txt",
    )


def unwritable(home: Path, error: OSError) -> EmbeddedCloudError:
    """Return the error for a folder of the local cloud that cannot be written."""
    what = disk.sentence(error, home)
    return EmbeddedCloudError(what, disk.remedy(what))
