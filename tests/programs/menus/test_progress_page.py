"""What the page of something long tells of it."""

from __future__ import annotations

import itertools

import pytest

from labapp.programs.menus.progress_page import Work

ENDED = (
    ("a.jpg is there", "already there"),
    ("b.jpg added", "added"),
    ("c.txt is text", "refused"),
)


@pytest.mark.parametrize("order", list(itertools.permutations(ENDED)))
def test_what_went_well_is_counted_first_whatever_came_first(
    order: tuple[tuple[str, str], ...],
) -> None:
    work = Work("uploading 4 pictures", 0)
    for line, state in (*order, ENDED[1]):
        work.done(line, state, good=state != "refused")
    assert work.line == "2 added, 1 already there, 1 refused"
