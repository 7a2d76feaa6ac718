"""What the programs remember between sessions for the user's comfort, such as the last folder.

Losing it costs nothing but a question asked again, so a file that cannot be read or written is
passed over in silence.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from labapp import foreign, settings
from labapp.files import private, replacing

#: The file's name, in the data folder.
FILE = "remembered.json"

#: Bytes of the file: a few dozen values, each the path of a folder or a name.
MOST = 1_000_000

#: Seconds to wait while another program remembers something.
BUSY_TIMEOUT = 5.0


def recall(name: str, default: str = "") -> str:
    """Return what was remembered under a name."""
    value = _all().get(name, default)
    return value if isinstance(value, str) else default


def remember(name: str, value: str) -> None:
    """Remember a value under a name; what other programs remember meanwhile stays."""
    if _all().get(name) == value:
        return
    from filelock import Timeout  # not for a menu that only recalls

    path = _path()
    with contextlib.suppress(OSError, Timeout):
        private.folder(path.parent)
        with private.lock(path.with_name(path.name + ".lock"), BUSY_TIMEOUT):
            private.write_text(path, json.dumps({**_all(), name: value}, indent=1))


def _all() -> dict[str, object]:
    """Return all that is remembered, also what only other versions of labapp make use of."""
    try:
        return foreign.object_or_empty(replacing.read(_path()), MOST, halves=True)
    except OSError:
        return {}


def _path() -> Path:
    return settings.data_dir() / FILE
