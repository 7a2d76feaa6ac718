"""The admin's first look: progress, class balance, what has been done since yesterday."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.labels.effective import Counting, PictureLabels, labels_of
from labapp.labels.label_file import LabelFile
from labapp.labels.summary import activity, progress, summarise
from labapp.labels.tally import Tally
from tests.labels.builders import HOT_DOG, OTHER, START, picture

NOW = START + timedelta(hours=30)
RECENTLY = NOW - timedelta(hours=4)

counted = st.builds(
    Tally,
    st.text(max_size=3),
    st.fixed_dictionaries({0: st.integers(0, 6), 1: st.integers(0, 6)}),
    unreadable=st.integers(0, 2),
)


def test_progress_counts_pictures_by_status_and_answers_against_the_target() -> None:
    found = progress(
        [
            Tally("a", {1: 3, 0: 0}),
            Tally("b", {1: 1, 0: 1}),
            Tally("c", {1: 0, 0: 1}),
            Tally("d"),
            Tally("e", {1: 1, 0: 9}),
        ],
        target=3,
    )
    assert (found.decided, found.in_progress, found.disputed, found.untouched) == (2, 1, 1, 1)
    assert (found.answers, found.useful, found.wanted) == (16, 9, 15)
    assert found.share == pytest.approx(9 / 15)
    assert (found.count(HOT_DOG), found.count(OTHER)) == (
        1,
        2,
    )
    assert found.balance(HOT_DOG) == pytest.approx(1 / 3)


def test_progress_of_nothing_is_nothing() -> None:
    found = progress([], target=3)
    assert (found.pictures, found.share, found.balance(HOT_DOG)) == (0, 0.0, None)


def test_unreadable_lines_and_their_files_are_counted() -> None:
    found = progress([Tally("a", unreadable=2), Tally("b", unreadable=1), Tally("c")], target=3)
    assert (found.unreadable_lines, found.unreadable_files) == (3, 2)


@given(st.lists(counted, max_size=20), st.integers(1, 5))
def test_every_picture_has_one_status(tallies: list[Tally], target: int) -> None:
    found = progress(tallies, target=target)
    parts = (found.decided, found.in_progress, found.disputed, found.untouched)
    assert sum(parts) == found.pictures == len(tallies)
    assert found.useful <= min(found.answers, found.wanted)
    assert 0 <= found.share <= 1
    assert sum(found.majorities.values()) + found.disputed + found.untouched == found.pictures


def mixed(old: str, new: str, key: str = "images/a.jpg") -> PictureLabels:
    """Make a picture with entries of more than a day ago and of four hours ago."""
    new_ids = [
        type(e)(e.label, e.at, e.annotator, e.answer_id and f"n{e.answer_id}", e.retracts)
        for e in picture(new, start=RECENTLY).file.entries
    ]
    return labels_of(key, LabelFile((*picture(old).file.entries, *new_ids)))


def test_since_yesterday_counts_what_is_new_and_stands() -> None:
    pictures = [
        mixed("ana1 bo1", "cy1 dees"),  # newly decided
        mixed("ana1 bo1 cy1", "ana0"),  # was decided, still is, one answer changed
        mixed("ana1", "ana-1"),  # undone today
        mixed("ana1 1 1", ""),  # nothing new, bare lines are old
    ]
    found = activity(pictures, target=3, now=NOW)
    assert (found.answers, found.skips, found.decided) == (2, 1, 1)
    assert found.annotators == 3
    assert found.answers_per_hour == pytest.approx(2 / 4)


def test_what_a_fast_clock_dates_in_the_future_is_left_for_later() -> None:
    ahead = [picture("ana1", start=NOW + timedelta(hours=1))]
    assert activity(ahead, target=1, now=NOW).answers == 0
    assert activity(ahead, target=1, now=NOW + timedelta(hours=2)).answers == 1
    partly = [picture("ana1 bo1", start=NOW - timedelta(minutes=5), gap=3600)]
    assert activity(partly, target=1, now=NOW).answers == 1


def test_a_line_is_either_new_or_old_at_the_very_border() -> None:
    at_border = [picture("ana1", start=NOW - timedelta(hours=24))]
    found = activity(at_border, target=1, now=NOW)
    assert (found.answers, found.decided) == (0, 0)
    just_after = activity(at_border, target=1, now=NOW - timedelta(seconds=1))
    assert (just_after.answers, just_after.decided) == (1, 1)


def test_the_rate_is_taken_over_at_least_an_hour() -> None:
    fresh = [picture("ana1 bo1 cy1", start=NOW - timedelta(minutes=3))]
    assert activity(fresh, target=3, now=NOW).answers_per_hour == pytest.approx(3)
    assert activity([], target=3, now=NOW).answers_per_hour == 0


def test_the_summary_holds_all_figures_of_the_same_pictures() -> None:
    pictures = [picture("ana1 bo1", "images/b.jpg"), picture("ana0 bo1", "images/a.jpg")]
    found = summarise(pictures, target=2, now=NOW)
    assert [each.key for each in found.tallies] == ["images/b.jpg", "images/a.jpg"]
    assert found.progress == progress(found.tallies, target=2)
    assert found.activity == activity(pictures, target=2, now=NOW)
    assert (found.quality.pairs, found.quality.raw) == (2, 0.5)
    # z * o = 1 on one picture of two, n = 4, Z = 1, O = 3: 1 - 3 * 1 / 3.
    assert found.quality.alpha == pytest.approx(0)
    assert [each.annotator for each in found.annotators] == ["ana", "bo"]


def test_who_only_settles_pictures_or_is_left_out_was_no_annotator_since_yesterday() -> None:
    decided = Counting(left_out=frozenset({"eve"}))
    recent = picture("ana1 eve0 zoe=1", start=RECENTLY, counting=decided)
    found = activity([recent], target=1, now=NOW)
    assert (found.answers, found.annotators) == (1, 1)
