"""What is told of pictures that failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.errors import RefusedError
from labapp.programs.processing import outcomes
from labapp.programs.processing.outcomes import PictureJob
from labapp.programs.shell.output import with_name

BAD = Path("bad")


@pytest.mark.parametrize(
    ("name", "why", "line"),
    [
        ("a.jpg", "a.jpg is text.", "{} is text."),
        ("a\nb.jpg", "a\nb.jpg is text.", "{} is text."),
        ("a.jpg", f"cannot read {BAD / 'a.jpg'}.", f"cannot read {BAD / 'a.jpg'}."),
        ("a.jpg", "it has too many pixels.", "{}: it has too many pixels."),
        ("a.jpg", "a.jpg-like names are not taken.", "{}: a.jpg-like names are not taken."),
    ],
)
def test_a_picture_that_failed_is_named_once_by_its_path(name: str, why: str, line: str) -> None:
    told = outcomes.line_of(PictureJob(BAD / name, error=RefusedError(why)))
    assert told == line.format(str(BAD / name).replace("\n", "\\x0a"))


def test_a_reason_that_has_a_name_as_it_can_be_written_gets_no_other() -> None:
    assert with_name(BAD / "a\nb.jpg", "a\\x0ab.jpg is text") == "a\\x0ab.jpg is text"
