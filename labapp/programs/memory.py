"""What the programs remember between sessions for the user's comfort, such as the last folder.

Losing it costs nothing but a question asked again, so a file that cannot be read or written is
passed over in silence.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from labapp import replacing, settings

#: The file's name, in the data folder.
FILE = "remembered.json"


def recall(name: str, default: str = "") -> str:
    """Return what was remembered under a name."""
    return _all().get(name, default)


def remember(name: str, value: str) -> None:
    """Remember a value under a name."""
    known = _all()
    if known.get(name) == value:
        return
    with contextlib.suppress(OSError):
        replacing.write_text(_path(), json.dumps({**known, name: value}, indent=1))


def _all() -> dict[str, str]:
    try:
        found = json.loads(_path().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _path() -> Path:
    return settings.data_dir() / FILE
