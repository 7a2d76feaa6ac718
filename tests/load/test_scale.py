"""The page on scale says what the model says, and the keys of a lab lie where it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import labapp
from tests.load import layouts, scale

PAGE = Path(labapp.__file__).parent / "help" / "scale.md"


def test_the_pages_tables_are_the_models() -> None:
    told = re.findall(r"(?:^\|.*\n)+", PAGE.read_text("utf-8"), re.MULTILINE)
    assert told == scale.tables(), "python -m tests.load.scale prints them"


def test_what_a_million_jobs_cost_is_the_same_for_operators() -> None:
    told = re.findall(
        r"in all \| \| \*\*(\$.*)\*\*", PAGE.with_name("operators.md").read_text("utf-8")
    )
    one_by_one, as_a_stream = list(scale.million())[1:]
    assert told[:2] == [one_by_one[1], as_a_stream[2]]


@pytest.mark.parametrize("keys", layouts.LAYOUTS, ids=lambda keys: keys.what)
def test_keys_are_spread_unless_they_open_with_the_time(keys: layouts.Keys) -> None:
    used = layouts.used_at_once(keys)
    opens_with_the_time = ("logs", "one client's", "plain clients'")
    if keys.what.startswith(opens_with_the_time):
        assert used == 1
    else:
        assert used > layouts.PARTITIONS / 2


def test_borders_that_share_evenly_bear_as_many_times_as_much() -> None:
    assert layouts.shared(["b", "c"], ["a", "b", "c"]) == 3
    assert layouts.shared(["b", "c"], ["c", "d"]) == 1
    assert layouts.shared(["b", "c"], ["a", "a", "a", "c"]) == pytest.approx(4 / 3)


@pytest.mark.parametrize(
    ("workers", "log", "bound"),
    [
        (1, "job", "the workers"),
        (2, "job", "`logs/`"),
        (17, "batch", "the workers"),
        (18, "batch", "`logs/`"),
        (1_000, "none", "the workers"),
    ],
)
def test_logs_bound_number_jobs_first(workers: int, log: str, bound: str) -> None:
    assert scale.Fleet(workers, log).numbers[1] == bound


@pytest.mark.parametrize(
    ("workers", "log", "bound"),
    [
        (507, "job", "the workers"),
        (508, "batch", "`logs/`"),
        (1_000, "none", "the workers"),
        (7_000, "none", "`outbox/`"),
    ],
)
def test_logs_bound_pictures_first(workers: int, log: str, bound: str) -> None:
    assert scale.Fleet(workers, log).pictures[1] == bound
