"""A file of decisions is read whole, or refused in a sentence, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labapp.errors import RefusedError
from labapp.labels import annotator_file, gold, scheme_file


@pytest.mark.parametrize("of_text", [annotator_file.of_text, gold.of_text, scheme_file.of_text])
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x = ", "no TOML: Invalid value"),
        ("x = " + "[" * 9_000, "no TOML: something nests too deep"),
        ("x = " + "9" * 9_000, "no TOML: Exceeds the limit"),
        ("newer = 1", "'newer' is no key of"),
    ],
)
def test_what_is_none_is_refused_in_a_sentence(
    of_text: Callable[[str], object], text: str, why: str
) -> None:
    with pytest.raises(RefusedError, match=why):
        of_text(text)
