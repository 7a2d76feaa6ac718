"""What was found of a fact."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """What was found of a fact.

    Attributes:
        words: as people read it.
        holds: whether it is as documented; None where it could not be tried.
    """

    words: str
    holds: bool | None
