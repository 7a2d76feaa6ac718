"""Which dialect a setting chooses, and what its file says."""

from __future__ import annotations

from pathlib import Path

from labapp.dialects.rules import Dialect


def load(path: Path) -> Dialect:
    """Read a dialect's file and hold it against what could never work.

    Raises:
        SettingError: something in it is wrong; names file and line.
    """
    raise NotImplementedError


def chosen(setting: str) -> Dialect | None:
    """Return the dialect that the setting `dialect` names, a path or one that ships; None for none.

    Raises:
        SettingError: there is no such dialect, or something in it is wrong.
    """
    if not setting:
        return None
    raise NotImplementedError


def shipped() -> list[Path]:
    """Return the files of the dialects that come along, in order."""
    return sorted((Path(__file__).parent / "shipped").glob("*.toml"))
