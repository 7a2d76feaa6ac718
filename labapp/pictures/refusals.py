"""What the rooms that read bytes raise before anybody has told them the picture's name."""

from __future__ import annotations


class CutShortError(Exception):
    """The file ends before its format says it does; never leaves these rooms."""


class UnsupportedError(Exception):
    """A whole file, of a kind that is not taken; never leaves these rooms.

    Args:
        what: follows the picture's name, as in `is a TIFF whose pixels are complex numbers`.
        remedy: what would help.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class DamagedError(ValueError):
    """What is wrong with a file's bytes, in words for people; never leaves these rooms."""
