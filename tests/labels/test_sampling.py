"""Choosing pictures: uniform, never one that was answered, least answered first, few listings."""

from __future__ import annotations

import bisect
import hashlib
import math
import random
from collections import Counter
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.labels.label_file import Label, append, parse_label_file
from labapp.labels.sampling import POOL, estimated_answers, random_pool, shuffled
from tests.labels.builders import entries

small_keys = st.lists(st.sampled_from("abcdefghij"), max_size=12)


def hashed_keys(count: int) -> list[str]:
    digests = (hashlib.sha256(str(n).encode()).hexdigest()[:16] for n in range(count))
    return sorted(f"images/{digest}-p.jpg" for digest in digests)


def lister(keys: list[str], page: int = 1000) -> tuple[Callable[[str], list[str]], list[str]]:
    """Make a listing of sorted keys, and the record of what it was asked."""
    asked: list[str] = []

    def list_after(after: str) -> list[str]:
        asked.append(after)
        place = bisect.bisect_right(keys, after)
        return keys[place : place + page]

    return list_after, asked


def assert_uniform(drawn: Iterable[str], keys: list[str]) -> None:
    """Chi-square test at 0.1 % (quantile after Wilson and Hilferty, 1931)."""
    counts = Counter(drawn)
    assert set(counts) <= set(keys)
    expected = counts.total() / len(keys)
    assert expected >= 20
    statistic = sum((counts[key] - expected) ** 2 / expected for key in keys)
    spread = 2 / (9 * (len(keys) - 1))
    assert statistic < (len(keys) - 1) * (1 - spread + 3.0902 * math.sqrt(spread)) ** 3


def test_the_uniformity_test_finds_a_sample_that_is_not() -> None:
    keys = list("abcdefghij")
    crooked = ["a"] * 400 + ["b"] * 200 + keys * 200
    with pytest.raises(AssertionError):
        assert_uniform(crooked, keys)


def test_four_of_twenty_are_chosen_uniformly() -> None:
    keys = [f"images/{n}.jpg" for n in range(20)]
    rng = random.Random(1)
    rounds = [shuffled(keys, rng)[:4] for _ in range(5000)]
    assert_uniform((key for chosen in rounds for key in chosen), keys)
    assert_uniform((chosen[0] for chosen in rounds), keys)
    assert_uniform((chosen[3] for chosen in rounds), keys)


def test_every_set_of_two_is_equally_likely() -> None:
    keys = list("abcdef")
    rng = random.Random(2)
    sets = ["".join(sorted(shuffled(keys, rng)[:2])) for _ in range(6000)]
    pairs = [a + b for i, a in enumerate(keys) for b in keys[i + 1 :]]
    assert_uniform(sets, pairs)


def test_the_choice_is_uniform_among_the_least_answered() -> None:
    keys = list("abcdefgh")
    answers = {"a": 1, "b": 2, "c": 1}
    rng = random.Random(3)
    rounds = [shuffled(keys, rng, answers)[:2] for _ in range(2000)]
    assert_uniform((key for chosen in rounds for key in chosen), list("defgh"))


@given(small_keys, small_keys, st.integers())
def test_every_key_has_one_place_in_the_order_and_the_least_answered_come_first(
    keys: list[str], answered: list[str], seed: int
) -> None:
    answers = Counter(answered)
    order = shuffled(keys, random.Random(seed), answers)
    assert sorted(order) == sorted(set(keys))
    ranks = [answers[key] for key in order]
    assert ranks == sorted(ranks)


@given(small_keys, st.integers())
def test_the_same_seed_gives_the_same_choice(keys: list[str], seed: int) -> None:
    assert shuffled(keys, random.Random(seed)) == shuffled(keys, random.Random(seed))


def test_answers_are_guessed_from_the_size_of_a_label_file() -> None:
    assert estimated_answers(0) == 0
    assert estimated_answers(2) == 1
    data = b""
    for number in range(1, 9):
        entry = entries("ana1")[0]
        ulid = f"01JD4T000000000000000000{number:02}"
        data = append(data, type(entry)(Label.ZERO, entry.at, "ana_maria", ulid)) or b""
        assert estimated_answers(len(data)) == pytest.approx(number, abs=1)
    assert len(parse_label_file(data).entries) == 8


def test_a_pool_out_of_a_large_bucket_costs_one_listing() -> None:
    keys = hashed_keys(100_000)
    rng = random.Random(5)
    calls = []
    for _ in range(50):
        list_after, asked = lister(keys)
        pool = random_pool(list_after, rng)
        assert len(pool) == len(set(pool)) == POOL
        calls.append(len(asked))
    assert sorted(calls)[25] == 1
    assert max(calls) <= 3


def test_choosing_from_pools_is_uniform_over_a_large_bucket() -> None:
    # A key's chance varies by 1 in sqrt(POOL), too little for 25 draws a key to tell it from none.
    keys = hashed_keys(1200)
    list_after, _ = lister(keys)
    rng = random.Random(6)
    drawn = [key for _ in range(7500) for key in shuffled(random_pool(list_after, rng), rng)[:4]]
    assert_uniform(drawn, keys)


def test_answered_pictures_leave_the_rest_of_a_large_bucket_uniform() -> None:
    keys = hashed_keys(1200)
    answered = set(keys[::3])
    list_after, _ = lister(keys)
    rng = random.Random(10)
    drawn = [
        key
        for _ in range(5000)
        for key in shuffled(random_pool(list_after, rng, answered=answered), rng)[:4]
    ]
    assert_uniform(drawn, sorted(set(keys) - answered))


def test_the_first_key_after_a_random_point_would_not_be_uniform() -> None:
    keys = hashed_keys(200)
    list_after, _ = lister(keys)
    rng = random.Random(7)
    firsts = [random_pool(list_after, rng, pool=1)[0] for _ in range(6000)]
    with pytest.raises(AssertionError):
        assert_uniform(firsts, keys)


@given(
    st.lists(
        st.one_of(
            st.from_regex(r"images/[0-9a-f]{16}-a", fullmatch=True),
            st.sampled_from(["images/1.jpg", "images/zebra.jpg", "images/~"]),
        ),
        unique=True,
        max_size=25,
    ),
    st.integers(1, 4),
    st.integers(),
)
def test_a_pool_larger_than_the_bucket_holds_every_unseen_key_once(
    keys: list[str], page: int, seed: int
) -> None:
    answered = keys[::3]
    list_after, asked = lister(sorted(keys), page)
    pool = random_pool(list_after, random.Random(seed), answered=answered, pool=1000)
    assert sorted(pool) == sorted(set(keys) - set(answered))
    assert len(asked) <= len(keys) + 3


@given(st.integers(), st.integers(1, 40))
def test_a_pool_never_holds_an_answered_key_and_stops_when_it_has_enough(
    seed: int, wanted: int
) -> None:
    keys = hashed_keys(60)
    answered = set(keys[10:30])
    list_after, _ = lister(keys, page=7)
    pool = random_pool(list_after, random.Random(seed), answered=answered, pool=wanted)
    assert not answered & set(pool)
    assert len(pool) == wanted


def test_a_key_that_is_the_random_point_itself_is_in_the_pool() -> None:
    key = f"images/{random.Random(11).getrandbits(64):016x}"
    list_after, asked = lister([key])
    assert random_pool(list_after, random.Random(11)) == [key]
    assert asked[0] == key


def test_an_empty_bucket_and_a_listing_that_stands_still_come_to_an_end() -> None:
    assert random_pool(lambda _: [], random.Random(8)) == []
    asked: list[str] = []

    def stands_still(after: str) -> list[str]:
        asked.append(after)
        assert len(asked) < 10, "it goes on for ever"
        return ["images/0"]

    assert random_pool(stands_still, random.Random(9)) == ["images/0"]
