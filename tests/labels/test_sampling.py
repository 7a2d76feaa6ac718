"""What comes next: uniform in a level, the lowest level first, and one gold of every few."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.labels.classes import Order
from labapp.labels.effective import Counting
from labapp.labels.label_file import Label, append, parse_label_file
from labapp.labels.sampling import (
    Level,
    Levels,
    Stand,
    estimated_answers,
    gold_places,
    level,
    stand_of,
)
from labapp.labels.tally import tally
from tests.labels.builders import entries, picture

small_levels = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 3).map(lambda n: (n,)))


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


def levels_of(levels: Mapping[str, Level], seed: int = 1) -> Levels:
    made = Levels(random.Random(seed))
    for key, at in levels.items():
        made.put(key, at)
    return made


def test_four_of_twenty_are_chosen_uniformly() -> None:
    keys = [f"images/{n}.jpg" for n in range(20)]
    rounds = []
    for seed in range(3000):
        rounds.append([key for key, _ in levels_of(dict.fromkeys(keys, (0,)), seed).take(4)])
    assert_uniform((key for chosen in rounds for key in chosen), keys)
    assert_uniform((chosen[0] for chosen in rounds), keys)
    assert_uniform((chosen[3] for chosen in rounds), keys)


def test_the_choice_is_uniform_whatever_was_put_back_and_dropped() -> None:
    made = levels_of(dict.fromkeys("abcdefgh", (0,)) | dict.fromkeys("xyz", (1,)), 2)
    made.put("x", (0,))
    made.put("a", (2,))
    made.drop("b")
    drawn = []
    for _ in range(2000):
        for key, at in made.take(2):
            drawn.append(key)
            made.put(key, at)
    assert_uniform(drawn, list("cdefghx"))


@settings(max_examples=60)
@given(small_levels, small_levels, st.sets(st.sampled_from("abcdefgh")), st.integers(0, 9))
def test_each_comes_once_and_the_lowest_level_first(
    first: dict[str, Level], later: dict[str, Level], dropped: set[str], count: int
) -> None:
    made = levels_of(first)
    for key, at in later.items():
        made.put(key, at)
    for key in dropped:
        assert made.drop(key) == (key in first or key in later)
    wanted = {key: at for key, at in {**first, **later}.items() if key not in dropped}
    assert len(made) == len(wanted)
    assert all(made.level_of(key) == wanted.get(key) for key in "abcdefgh")
    drawn = made.take(count)
    assert [at for _, at in drawn] == sorted(wanted.values())[:count]
    drawn += made.take(9)
    assert dict(drawn) == wanted
    assert len(drawn) == len(wanted)
    assert not made


@settings(max_examples=40)
@given(st.integers(2, 30), st.integers())
def test_one_of_every_few_is_gold_and_nobody_can_count_to_it(every: int, seed: int) -> None:
    places = gold_places(every, random.Random(seed))
    blocks = [[next(places) for _ in range(every)] for _ in range(40)]
    assert all(sum(block) == 1 for block in blocks)
    assert len({block.index(True) for block in blocks}) > 1


def test_none_is_gold_where_none_is_wanted() -> None:
    places = gold_places(0, random.Random(1))
    assert not any(next(places) for _ in range(100))


#: From the most disputed on, as statistics have it; then by the number of answers.
DISPUTES = ["a1 b0 c1 d0", "a1 b0", "a1 b0 c1", "a1 b0 c1 d1", "", "a1", "a1 b1", "a1 b1 c1"]


def test_most_disputed_first_is_what_statistics_call_so_then_the_fewest_answers() -> None:
    tallies = [tally(picture(script)) for script in DISPUTES]
    found = [level(Order.DISPUTED, one.answers, one.dispute) for one in tallies]
    assert found == sorted(found)
    assert len(set(found)) == len(DISPUTES)


@pytest.mark.parametrize(
    ("order", "lower", "higher"),
    [
        (Order.FEWEST, {"answers": 0}, {"answers": 1}),
        (Order.DISPUTED, {"answers": 9, "dispute": (0.9, -9)}, {"answers": 0}),
        (Order.UNCERTAIN, {"answers": 9, "certainty": 0.5}, {"answers": 0, "certainty": 0.6}),
        (Order.UNCERTAIN, {"answers": 9, "certainty": 1.0}, {"answers": 0}),
    ],
)
def test_what_decides_in_each_order(
    order: Order, lower: dict[str, float], higher: dict[str, float]
) -> None:
    assert level(order, **lower) < level(order, **higher)  # type: ignore[arg-type]


def test_at_random_all_are_alike() -> None:
    assert level(Order.RANDOM, 0, certainty=0.2) == level(Order.RANDOM, 7, (0.5, -7))


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("", ""),
        ("ana1", "done"),
        ("Ana1 ana-1", ""),
        ("anas", "skipped"),
        ("anas ana1", "done"),
        ("ana1 anas", "done"),
        ("ana~dark", "flagged broken"),
        ("bo~dark", "broken"),
        ("ana~dark ana-1", ""),
        ("ana~dark eve!1", ""),
        ("eve=1", "settled"),
        ("ana1 eve=1", "done settled"),
        ("1", ""),
    ],
)
@pytest.mark.parametrize("left_out", [frozenset[str](), frozenset(["ana"])])
def test_how_a_picture_stands_to_an_annotator_left_out_or_not(
    script: str, told: str, left_out: frozenset[str]
) -> None:
    labels = picture(script, counting=Counting(left_out=left_out))
    stand = stand_of(labels, "ana", Order.RANDOM)
    said = [name for name in ("done", "flagged", "skipped", "broken", "settled")
            if getattr(stand, f"is_{name}")]  # fmt: skip
    wanted = told.split()
    if left_out and script == "ana~dark":
        wanted.remove("broken")  # to whom this is said, it is; it counts for nobody else
    assert said == wanted
    assert isinstance(stand, Stand)


def test_two_names_of_one_person_are_one() -> None:
    labels = picture("anna1", counting=Counting(same={"anna": "ana"}))
    assert stand_of(labels, "ana", Order.RANDOM).is_done
    flagged = picture("anna~dark", counting=Counting(same={"anna": "ana"}))
    assert stand_of(flagged, "Ana", Order.RANDOM).is_flagged


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
