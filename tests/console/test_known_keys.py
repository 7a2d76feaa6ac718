"""No sequence that a terminal sends for one key is read as Esc and letters."""

from __future__ import annotations

import pytest
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

from labapp.console.known_keys import KnownKeys


def read(*pieces: str) -> list[str]:
    """Return the names of the keys that are read."""
    found: list[KeyPress] = []
    keys = KnownKeys(Vt100Parser(found.append))
    for piece in pieces:
        keys.feed(piece)
    keys.flush()
    return [str(getattr(one.key, "value", one.key)) for one in found]


@pytest.mark.parametrize("unknown", ["\x1b[I", "\x1b[57;5u", "\x1b[1;9z", "\x1bOZ", "\x1b[?1;2$y"])
def test_an_unknown_key_is_one_without_a_meaning(unknown: str) -> None:
    assert read(f"a{unknown}b") == ["a", Keys.Ignore.value, "b"]


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("\x1b[A", ["up"]), ("\x1bOP", ["f1"]), ("\x1b[[A", ["f1"]), ("\x1b[3~", ["delete"]),
        ("\x1b", ["escape"]), ("\x1b1", ["escape", "1"]), ("\x1b\x1b", ["escape", "escape"]),
        ("\x1b[<35;10;5M", ["<vt100-mouse-event>"]), ("\x1b[M !!", ["<vt100-mouse-event>"]),
    ],
)  # fmt: skip
def test_known_keys_stay_what_they_are(typed: str, keys: list[str]) -> None:
    assert read(typed) == keys


def test_what_is_pasted_is_left_as_it_is() -> None:
    assert read("\x1b[200~a\x1b[Ib\x1b[201~") == ["<bracketed-paste>"]
    assert read("\x1b[200~a", "\x1b[I", "\x1b[201~x") == ["<bracketed-paste>", "x"]
