"""What the programs remember between sessions for the user's comfort, such as the last folder."""

from __future__ import annotations

from labapp.programs.menus.kept_file import KeptFile

#: The file's name, in the data folder.
FILE = "remembered.json"

#: The file, with at most some dozen values, each the path of a folder or a name.
_KEPT = KeptFile(FILE, 1_000_000)


def recall(name: str, default: str = "") -> str:
    """Return what was remembered under a name."""
    value = _KEPT.read().get(name, default)
    return value if isinstance(value, str) else default


def remember(name: str, value: str) -> None:
    """Remember a value under a name; what other programs remember meanwhile stays."""
    if _KEPT.read().get(name) != value:
        _KEPT.change(lambda known: {**known, name: value})
