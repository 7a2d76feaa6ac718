"""A change of classes loses no answer and turns none round, and says what it does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.errors import RefusedError
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Order, Scheme
from labapp.labels.effective import Counting, labels_of
from labapp.labels.label_file import LabelFile
from labapp.labels.scheme_change import Change, Uses, is_look_needed, plan
from tests.labels.builders import entries

CAT, DOG, FOX = (
    LabelClass(1, "c", "cat", "a cat"),
    LabelClass(2, "d", "dog", "a dog"),
    LabelClass(3, "f", "fox", "a fox"),
)
ANIMALS = Scheme("Which animal?", (CAT, DOG, FOX))
USED = {code: Uses(answers=14, lines=14) for code in (1, 2, 3)}


def without_dog(**more: object) -> Scheme:
    return replace(ANIMALS, classes=(CAT, FOX), **more)  # type: ignore[arg-type]


def test_answers_of_a_class_that_goes_must_count_as_something() -> None:
    with pytest.raises(RefusedError, match=r"of no class: dog \(2\): 14 answers") as refused:
        plan(ANIMALS, without_dog(), {}, USED)
    assert '--map "dog=none"' in str(refused.value)


@pytest.mark.parametrize(
    "uses", [Uses(verdicts=1), Uses(gold=1), Uses(predictions=1), Uses(lines=1)]
)
def test_whatever_has_the_code_must_count_as_something(uses: Uses) -> None:
    with pytest.raises(RefusedError, match=r"dog \(2\): 1 "):
        plan(ANIMALS, without_dog(), {}, {2: uses})


def test_a_class_that_goes_leaves_its_code_retired() -> None:
    mapped = plan(ANIMALS, without_dog(), {2: 1}, USED)
    assert mapped.after.retired == {2: 1}
    assert mapped.after.former == {2: "dog"}
    assert mapped.told == ("gone: dog (2); 14 answers, counted as cat",)
    assert not mapped.unmapped
    unused = plan(ANIMALS, without_dog(), {}, {})
    assert unused.after.retired == {2: None}
    assert unused.unmapped == {2}
    assert plan(ANIMALS, without_dog(retired={2: 3}), {}, USED).after.retired == {2: 3}


def test_what_counted_as_a_class_that_goes_counts_as_what_that_counts_as() -> None:
    first = plan(ANIMALS, without_dog(), {2: 3}, USED).after
    two = replace(first, classes=(CAT, LabelClass(4, "o", "owl", "an owl")), retired={})
    assert plan(first, two, {3: 1}, USED).after.retired == {2: 1, 3: 1}
    assert plan(first, two, {3: None}, USED).after.retired == {2: None, 3: None}
    told = plan(first, replace(first, retired={2: 1}), {}, USED).told
    assert told == ("the code 2: 14 answers, counted as cat from now on",)


def test_what_counts_as_a_class_by_a_retired_code_is_as_its_own() -> None:
    first = plan(ANIMALS, without_dog(), {2: 3}, USED).after
    of_dog = {2: Uses(answers=14, lines=14)}  # nobody has said fox itself
    two = replace(first, classes=(CAT, LabelClass(4, "o", "owl", "an owl")), retired={})
    with pytest.raises(RefusedError, match=r"of no class: fox \(3\): 14 answers"):
        plan(first, two, {}, of_dog)
    assert plan(first, two, {3: 1}, of_dog).after.retired == {2: 1, 3: 1}
    assert plan(first, two, {2: 4}, of_dog).after.retired == {2: 4, 3: None}
    renamed = replace(first, classes=(CAT, LabelClass(3, "3", "owl", "an owl")))
    renamed = replace(renamed, retired={})
    with pytest.raises(RefusedError, match=r"code 3 is fox, with 14 answers, and would be owl"):
        plan(first, renamed, {}, of_dog)
    told = plan(first, renamed, {3: 3}, of_dog).told
    assert told[0] == "fox (3) is called owl and keeps its 14 answers"


def test_a_retired_code_is_given_to_no_other_class() -> None:
    before = plan(ANIMALS, without_dog(), {2: 1}, USED).after
    wolf = replace(before, classes=(*before.classes, LabelClass(2, "w", "wolf", "")), retired={})
    with pytest.raises(RefusedError, match="code 2 of wolf was that of dog, with 14 answers"):
        plan(before, wolf, {}, USED)
    assert plan(before, wolf, {}, {}).after.retired == {}
    again = plan(before, wolf, {2: 2}, USED)
    assert again.after.retired == {}
    assert again.told == ("new: wolf, code 2, key w, with 14 answers of that code",)
    back = replace(before, classes=(*before.classes, replace(DOG, name="Dog")), retired={})
    assert plan(before, back, {}, USED).after == replace(back, former={})


@pytest.mark.parametrize(
    ("changed", "is_the_same"),
    [
        (LabelClass(1, "c", "kitten", ""), True),  # by its key
        (LabelClass(1, "k", "cats", ""), True),  # by its name
        (LabelClass(1, "k", "CAT", ""), True),
        (LabelClass(1, "k", "kitten", ""), False),
        (LabelClass(1, "k", "big cat", ""), False),
        (LabelClass(1, "c", "dog", ""), False),  # was another's
    ],
)
def test_a_code_with_answers_gets_another_name_only_for_the_same_class(
    changed: LabelClass, is_the_same: bool
) -> None:
    fox = replace(DOG, name="wolf") if changed.name == "dog" else DOG
    wanted = replace(ANIMALS, classes=(changed, fox, FOX))
    assert is_look_needed(ANIMALS, wanted) == (changed.name != "CAT")
    if is_the_same:
        assert plan(ANIMALS, wanted, {}, USED).after == wanted
        return
    with pytest.raises(RefusedError, match="the code 1 is cat, with 14 answers"):
        plan(ANIMALS, wanted, {}, USED)
    assert plan(ANIMALS, wanted, {1: 1, 2: 2}, USED).after == wanted
    assert plan(ANIMALS, wanted, {}, {}).after == wanted


def test_the_digit_of_a_code_as_key_says_nothing_of_the_class() -> None:
    wanted = Scheme("Which?", (LabelClass(1, "1", "cat", "cat"), LabelClass(0, "0", "dog", "dog")))
    with pytest.raises(RefusedError, match="would be"):
        plan(DEFAULT_SCHEME, wanted, {}, {1: Uses(answers=1)})


def test_what_is_mapped_must_be_there_and_go() -> None:
    with pytest.raises(RefusedError, match="its answers count as its own"):
        plan(ANIMALS, ANIMALS, {2: 1}, USED)
    with pytest.raises(RefusedError, match="no class has, or had, the code 7"):
        plan(ANIMALS, without_dog(), {2: 1, 7: 1}, USED)
    with pytest.raises(RefusedError, match="which no class has"):
        plan(ANIMALS, without_dog(), {2: 8}, USED)


def test_each_thing_that_changes_is_told() -> None:
    wanted = Scheme(
        "What is it?", (FOX, replace(CAT, key="k", title="one cat"), DOG), "Look.", {},
        Order.RANDOM, 10, True, True,
    )  # fmt: skip
    assert plan(ANIMALS, wanted, {}, {}).told == (
        "asks 'What is it?', no longer 'Which animal?'",
        "cat has the key k, no longer c",
        "cat is told as 'one cat'",
        "the order of classes is fox, cat, dog",
        "guidelines of 5 signs",
        "shows at random, no longer fewest answers first",
        "one picture in 10 is gold",
        "feedback after gold pictures: on",
        "predictions as hints: on",
    )
    assert plan(ANIMALS, ANIMALS, {}, {}) == Change(ANIMALS, ANIMALS, ())
    assert not is_look_needed(ANIMALS, replace(wanted, classes=ANIMALS.classes))


scripts = st.lists(
    st.sampled_from(["ana1", "ana2", "bo3", "bo2", "cy4", "eve=2", "ana-1", "2", "bos"]),
    max_size=8,
).map(" ".join)


@settings(max_examples=40)
@given(script=scripts, steps=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 4)), max_size=4))
def test_after_any_changes_each_answer_counts_as_a_class_or_none(
    script: str, steps: list[tuple[int, int]]
) -> None:
    owl = LabelClass(4, "o", "owl", "an owl")
    scheme = replace(ANIMALS, classes=(*ANIMALS.classes, owl))
    file = LabelFile(entries(script))
    for gone, to in steps:
        own = {each.code for each in scheme.classes}
        if gone not in own or len(own) == 2 or to == gone or to not in {0, *own}:
            continue
        left = tuple(each for each in scheme.classes if each.code != gone)
        wanted = replace(scheme, classes=left, retired={})
        scheme = plan(scheme, wanted, {gone: to or None}, USED).after
    own = {each.code for each in scheme.classes}
    found = labels_of("k", file, counting=Counting(scheme))
    assert all(answer.code in own for answer in found.answers)
    assert found.verdict is None or found.verdict.code in own
