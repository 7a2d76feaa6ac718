from __future__ import annotations

import pytest

from labapp.cloud import queue_names


@pytest.mark.parametrize(
    ("name", "dead"),
    [("requestQueue", "requestQueue-dlq"), ("lab.fifo", "lab-dlq.fifo"), ("a.b", "a.b-dlq")],
)
def test_a_queue_and_its_dead_letters_are_known_by_each_others_names(name: str, dead: str) -> None:
    assert queue_names.dead_letters_of(name) == dead
    assert queue_names.source_of(dead) == queue_names.source_of(name) == name
    assert queue_names.is_of_dead_letters(dead)
    assert not queue_names.is_of_dead_letters(name)
