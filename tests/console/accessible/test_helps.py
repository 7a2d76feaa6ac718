"""Helps say nothing of keys that are not there."""

from __future__ import annotations

import pytest

from labapp.console.accessible.helps import without_pages


@pytest.mark.parametrize(
    ("help", "said"),
    [
        ("Arrows move, and the picture follows. It is kept.", "It is kept."),
        ("A letter acts at once; arrows work; Esc goes back.", "Esc goes back."),
        ("It is kept; arrows move.", "It is kept."),
        ("Arrows move; o opens.", "o opens."),
        ("Send; the picture follows; it comes. It is kept.", "Send; it comes. It is kept."),
        ("Send them; arrows move. It is kept.", "Send them. It is kept."),
        ("One.\n\nLeft and right change it.\n\nTwo.", "One.\n\nTwo."),
        ("What is left goes on, right behind the client.py that sends.", ""),
    ],
)  # fmt: skip
def test_what_only_a_page_has_is_left_out(help: str, said: str) -> None:
    assert without_pages(help) == (said or help)
