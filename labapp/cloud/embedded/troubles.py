"""What is wrong with a local cloud: why it does not come up, and which of its files are damaged.

No damage stops a start: what can be read is used. Of a journal or a bucket's settings a copy is set
aside, and told of until somebody takes it away; an object or an upload is left out where it lies.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from labapp import foreign
from labapp.cloud.embedded import disk
from labapp.cloud.embedded.state import (
    DAMAGED,
    DATA_FOLDERS,
    KEY_FILE,
    LOG_FILE,
    NEWER,
    STATE_FOLDER,
)
from labapp.errors import EmbeddedCloudError
from labapp.files import replacing

#: Lines of the log shown in an error.
TAIL_LINES = 3

#: In the folder of the queues: what the last start left out.
_NOTE_FILE = "left-out.json"

#: Bytes of that note: a count, and a path.
_MOST = 100_000


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


def note_left_out(home: Path, left_out: Sequence[Path]) -> None:
    """Keep for `damage` which files were left out at this start."""
    file = home / STATE_FOLDER / _NOTE_FILE
    with contextlib.suppress(OSError):  # on a full disk the log has it
        if left_out:
            replacing.write_text(file, json.dumps([len(left_out), str(left_out[0])]))
        else:
            replacing.remove(file, missing_ok=True)


def damage(home: Path) -> str:
    """Return what could not be read, in a sentence without a full stop; empty: nothing."""
    return "; ".join(_sentences(home))


def _sentences(home: Path) -> Iterator[str]:
    if copies := sorted((home / STATE_FOLDER).glob(f"*{DAMAGED}*")):
        yield f"some changes of the queues could not be read; what was there is in {copies[-1]}"
    for copy in sorted((home / DATA_FOLDERS[0]).glob(f"*/*/*{DAMAGED}*")):
        bucket = copy.parent.name.removeprefix("b-")
        yield f"the settings of the bucket {bucket} could not be read; what was there is in {copy}"
    try:
        count, first = foreign.read(replacing.read(home / STATE_FOLDER / _NOTE_FILE), _MOST)
    except (OSError, ValueError, TypeError):
        return
    if count == 1:
        yield f"an object could not be read and is left out: {first}"
    else:
        yield f"{count:,} objects could not be read and are left out, such as {first}"
