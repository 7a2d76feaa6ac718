"""The file of what is decided of annotators: read back as written, and what is wrong is told."""

from __future__ import annotations

import pytest

from labapp.errors import RefusedError
from labapp.labels.annotator_file import Annotators, of_text, to_text


def test_it_is_read_back_as_it_was_written() -> None:
    decided = Annotators(("bo", "", "Zoë_K"), {"anna_k": "Anna", "a.b": "Anna"})
    assert of_text(to_text(decided)) == decided
    assert of_text("") == Annotators()


def test_whoever_is_another_is_left_out_with_them() -> None:
    decided = Annotators(("Anna_K",), {"anna_k": "Anna"})
    assert decided.people == {"anna_k": "anna"}
    assert decided.people_left_out == {"anna"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("left_out = 1", "left_out is no list of names"),
        ("same = []", "same is no table of names"),
        ('[same]\nana = "Ana"', "ana is said to be Ana"),
        ('[same]\na = "b"\nb = "c"', "who is said to be somebody else"),
        ("left_out", "no TOML"),
    ],
)
def test_what_is_wrong_is_told(text: str, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        of_text(text)
