"""Damaged files of the local cloud: what could not be read, for whoever asks how it is.

No damage stops a start: what can be read is used. Of a journal or a bucket's settings a copy is set
aside, and told of until somebody takes it away; an object or an upload is left out where it lies.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from labapp import foreign
from labapp.cloud.embedded.journal import DAMAGED
from labapp.cloud.embedded.state import DATA_FOLDERS, STATE_FOLDER
from labapp.files import replacing

#: In the folder of the queues: what the last start left out.
_NOTE_FILE = "left-out.json"

#: Bytes of it: a count, and a path.
_MOST = 100_000


def note(home: Path, left_out: Sequence[Path]) -> None:
    """Keep for `told` which files were left out at this start."""
    file = home / STATE_FOLDER / _NOTE_FILE
    with contextlib.suppress(OSError):  # on a full disk the log has it
        if left_out:
            replacing.write_text(file, json.dumps([len(left_out), str(left_out[0])]))
        else:
            replacing.remove(file, missing_ok=True)


def report(home: Path) -> str:
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
