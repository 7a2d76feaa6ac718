"""The estimate of Dawid and Skene: their own example, what always holds, and what it rests on."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.labels import dawid_skene
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.dawid_skene import Said, fit
from labapp.labels.effective import Counting
from tests.labels.builders import picture

#: Table 1 of the paper: the classes, 1 to 4, that five anaesthetists put 45 patients in; the first
#: three answers to each patient are of the first of them, who saw each form three times.
PATIENTS = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223
2322223 4444444 2223343 1111111 2223212 1211111 1112111 1111111 1111111
2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222
1111111 1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343
2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222
"""
OBSERVERS = "AAABCDE"

#: What the paper has of each patient (table 4), to two places, where it is not 1: the share of the
#: likeliest class. All others are 1.00.
UNSURE = {7: (1, 0.98), 35: (2, 0.95), 38: (3, 0.98)}
CLASSES = """
1 4 2 2 2 2 1 3 2 2 4 3 1 2 1 1 1 1 2 2 2 2 2 2 1 1 2 1 1 1 1 3 1 2 2 4 2 3 3 1 1 1 2 1 2
"""

#: Rates of the first two anaesthetists (table 2), in percent: a row for each true class.
RATES = {
    "A": [[89, 11, 0, 0], [7, 88, 5, 0], [0, 34, 66, 0], [0, 0, 56, 44]],
    "B": [[83, 17, 0, 0], [5, 63, 31, 0], [0, 0, 100, 0], [0, 0, 0, 100]],
}


def example() -> list[Said]:
    return [
        Said(f"{number:02}", who, int(code))
        for number, codes in enumerate(PATIENTS.split(), start=1)
        for who, code in zip(OBSERVERS, codes, strict=True)
    ]


def test_the_published_example_of_45_patients_and_5_anaesthetists() -> None:
    model = fit(example(), (1, 2, 3, 4))
    shares = [round(share, 2) for share in model.shares.values()]
    assert shares == [0.40, 0.42, 0.11, 0.07]
    assert model.log_likelihood == pytest.approx(-192.8909, abs=1e-4)
    assert model.has_converged
    for number, code in enumerate(map(int, CLASSES.split()), start=1):
        wanted = UNSURE.get(number, (code, 1.00))
        assert model.of(f"{number:02}") == code == wanted[0]
        assert round(model.probability(f"{number:02}")[code], 2) == wanted[1]
    for who, rows in RATES.items():
        found = [
            [round(100 * share) for share in row.values()] for row in model.rates[who].values()
        ]
        assert found == rows


def test_the_likelihood_never_falls_and_shares_add_up_to_one() -> None:
    """With answers of any number by anybody, also by one who has given a single one."""
    one = st.builds(
        Said, st.sampled_from("pqrstu"), st.sampled_from(["ana", "bo", "cy"]), st.integers(0, 4)
    )

    @settings(max_examples=30)
    @given(
        st.lists(one, min_size=1, max_size=40), st.dictionaries(st.sampled_from("pq"), st.just(3))
    )
    def holds(said: list[Said], known: dict[str, int]) -> None:
        rising = list(_likelihoods(said, known, rounds=6))
        assert all(b >= a - 1e-9 * (1 + abs(a)) for a, b in pairwise(rising))
        model = fit(said, range(5), known)
        assert sum(model.shares.values()) == pytest.approx(1)
        for key in {each.key for each in said}:
            assert sum(model.probability(key).values()) == pytest.approx(1)
            assert key not in known or model.of(key) == 3
        for rates in model.rates.values():
            assert all(sum(row.values()) == pytest.approx(1) for row in rates.values())
        assert all(0 <= share <= 1 + 1e-9 for share in model.accuracy.values())
        shuffled = random.Random(7).sample(said, len(said))
        assert fit(shuffled, range(5), known) == model

    holds()


def _likelihoods(said: list[Said], known: dict[str, int], *, rounds: int) -> list[float]:
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dawid_skene, "LEAST_RISE", -1e9)
        for most in range(1, rounds):
            patch.setattr(dawid_skene, "MOST_ROUNDS", most)
            found.append(fit(said, range(5), known).log_likelihood)
    return found


def test_a_thousand_answers_to_one_picture_are_no_more_than_a_number_can_hold() -> None:
    said = [Said("p", f"n{n}", n % 3 == 0) for n in range(5_000)]
    said += [Said("q", f"n{n}", 1) for n in range(5_000)]
    model = fit(said, (0, 1))
    assert sum(model.probability("p").values()) == pytest.approx(1)
    assert model.of("q") == 1


def test_who_errs_one_time_in_three_weighs_less_than_who_seldom_does() -> None:
    """Two who err often are outvoted by one who does not, where majority takes their side."""
    chance = random.Random(5)
    truth = {f"{n:03}": n % 2 for n in range(400)}
    errs = {"ana": 0.03, "bo": 0.35, "cy": 0.35}
    said = [
        Said(key, who, code ^ (chance.random() < share))
        for key, code in truth.items()
        for who, share in errs.items()
    ]
    model = fit(said, (0, 1))
    votes = {key: Counter(one.code for one in said if one.key == key) for key in truth}
    by_majority = sum(votes[key].most_common(1)[0][0] == code for key, code in truth.items())
    by_model = sum(model.of(key) == code for key, code in truth.items())
    assert by_model > by_majority + 20
    assert model.accuracy["ana"] > 0.9 > 0.75 > max(model.accuracy["bo"], model.accuracy["cy"])


def test_a_tie_that_nothing_tells_apart_stays_one() -> None:
    model = fit([Said("p", "ana", 1), Said("p", "bo", 0)], (1, 0, 2))
    assert model.of("p") is None
    assert model.probability("p") == {1: 0.5, 0: 0.5, 2: 0.0}


def test_nothing_is_estimated_of_no_answers() -> None:
    model = dawid_skene.of([picture("anas")])
    assert (model.shares, model.rates, model.accuracy) == ({}, {}, {})
    assert model.probability("images/a.jpg") == {}
    assert model.of("images/a.jpg") is None
    assert model.basis.pictures == 0
    assert model.basis.too_few


def test_pictures_have_their_people_their_verdicts_and_what_was_left_out() -> None:
    decided = Counting(DEFAULT_SCHEME, {"anna": "ana"}, frozenset({"eve"}))
    script = "ana1 eve0 1 1 cys"
    pictures = [picture(script, f"images/{n}.jpg", counting=decided) for n in range(3)]
    pictures.append(picture("anna0 bo1 zoe=0", "images/settled.jpg", counting=decided))
    model = dawid_skene.of(pictures)
    assert sorted(model.accuracy) == ["", "ana", "bo"]
    assert model.probability("images/settled.jpg") == {1: 0.0, 0: 1.0}
    assert model.of("images/0.jpg") == 1
    assert model.accuracy["bo"] == 0


def test_what_it_rests_on_names_those_with_too_few_answers() -> None:
    basis = fit(example(), (1, 2, 3, 4)).basis
    assert (basis.pictures, basis.answers, basis.annotators) == (45, 315, 5)
    assert (basis.per_picture, basis.per_annotator) == (7, 45)
    assert not basis.too_few
    few = fit([Said("p", "ana", 1), Said("p", "bo", 1), Said("q", "ana", 0)], (0, 1)).basis
    assert few.too_few
    assert few.short_pictures == ("p", "q")
    assert few.short_annotators == ("ana", "bo")
