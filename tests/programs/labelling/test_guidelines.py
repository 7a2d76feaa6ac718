"""That there are guidelines is told once, and again where they are others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from labapp.labels.classes import DEFAULT_SCHEME
from labapp.programs.labelling import guidelines


class Menu:
    def __init__(self) -> None:
        self.told: list[str] = []

    def announce(self, text: str, *_: object) -> None:
        self.told.append(text)


def test_guidelines_are_told_of_once_for_each_bucket_and_when_they_change() -> None:
    menu: Any = Menu()
    first = replace(DEFAULT_SCHEME, guidelines="Look at the ears.")
    for scheme in (DEFAULT_SCHEME, first, first, replace(first, guidelines="Look twice.")):
        guidelines.hint(menu, "labapp", scheme)
    guidelines.hint(menu, "another", first)
    assert menu.told == [
        "g shows the guidelines",
        "the guidelines have changed: g shows them",
        "g shows the guidelines",
    ]
