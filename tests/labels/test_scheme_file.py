"""The file of a dataset's classes: read back as written, and what is wrong in it is told."""

from __future__ import annotations

import contextlib
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import RefusedError
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Order, Scheme, plain
from labapp.labels.scheme_file import (
    MOST_LINE,
    MOST_NAME,
    TAKEN_KEYS,
    TAKEN_NAMES,
    of_text,
    to_text,
)
from labapp.visible import is_unseen

CATS = """
question = "Which animal?"
[[class]]
code = 1
name = "cat"
title = "a cat"
[[class]]
code = 3
key = "d"
name = "dog"
"""


def test_what_is_left_out_has_its_usual_value() -> None:
    found = of_text(CATS)
    assert found.classes == (LabelClass(1, "1", "cat", "a cat"), LabelClass(3, "d", "dog", "dog"))
    assert (found.order, found.gold_every, found.guidelines) == (Order.FEWEST, 0, "")


#: What guidelines have besides words.
SIGNS = "\n\t\"'\\#"


def line(most: int) -> st.SearchStrategy[str]:
    signs = st.characters(categories=("L", "N", "P", "S"))
    return st.text(signs, min_size=1, max_size=most).filter(
        lambda text: (
            text.isprintable()
            and not text.isdigit()
            and not any(map(is_unseen, text))
            and text == unicodedata.normalize("NFC", text)
        )
    )


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    codes = draw(st.lists(st.integers(0, 9), min_size=2, max_size=10, unique=True))
    names = draw(
        st.lists(
            line(MOST_NAME).filter(lambda name: plain(name) not in TAKEN_NAMES),
            min_size=len(codes),
            max_size=len(codes),
            unique_by=plain,
        )
    )
    keys = sorted(set("0123456789abcdefhilmnprtvwxyz") - TAKEN_KEYS)
    classes = tuple(
        LabelClass(code, key, name, draw(line(MOST_LINE)))
        for code, key, name in zip(codes, keys, names, strict=False)
    )
    free = sorted(set(range(10)) - set(codes))
    retired = draw(
        st.dictionaries(st.sampled_from(free), st.sampled_from([None, *codes]))
        if free
        else st.just({})
    )
    former = draw(st.dictionaries(st.sampled_from(free), line(MOST_NAME))) if free else {}
    guidelines = draw(
        st.text(st.characters(categories=("L", "Zs"), include_characters=SIGNS), max_size=99)
    )
    return Scheme(
        draw(line(MOST_LINE)),
        classes,
        guidelines.strip(),
        retired,
        draw(st.sampled_from(Order)),
        draw(st.sampled_from([0, 2, 10])),
        draw(st.booleans()),
        draw(st.booleans()),
        {code: name for code, name in former.items() if code in retired},
    )


@given(schemes())
def test_a_scheme_is_read_back_as_it_was_written(scheme: Scheme) -> None:
    assert of_text(to_text(scheme)) == scheme


def test_the_usual_scheme_is_one() -> None:
    assert of_text(to_text(DEFAULT_SCHEME)) == DEFAULT_SCHEME


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('question = "Which animal?"', "", "the question is missing"),
        ("code = 3", "code = 1", "two classes have the code 1"),
        ("code = 3", "code = 12", r"class 2 \(dog\): its code is not one of 0 to 9"),
        ('key = "d"', 'key = "dd"', r"class 2 \(dog\): its key is not one sign"),
        ('key = "d"', 'key = "u"', "does something else"),
        ('key = "d"', 'key = "1"', "two classes have the key '1'"),
        ('name = "dog"', 'name = "Cat"', "two classes have the name 'cat'"),
        ('name = "dog"', 'name = "disputed"', "no class can be called 'disputed'"),
        ('name = "dog"', 'name = "In-Progress"', "no class can be called 'In-Progress'"),
        ('key = "d"', 'key = "\u0301"', r"class 2 \(dog\): its key is not one sign"),
        ("question", 'guidelines = "a\\u001b[31m"\nquestion', "guidelines have the character"),
        ("question", 'guidelines = "a\\u007f"\nquestion', "guidelines have the character"),
        ('name = "dog"', f'name = "{"x" * 41}"', "class 2: its name is longer than 40"),
        ('name = "dog"', 'name = "dog"\ncolour = "red"', "'colour' is no key of class "),
        (
            'name = "dog"',
            'name = "dog"\n[retired]\n1 = 3',
            "code 1 is retired, and a class has",
        ),
        ('name = "dog"', 'name = "dog"\n[retired]\n2 = 4', "count as 4, which no class has"),
        ('name = "dog"', 'name = "dog"\n[retired]\n2 = "x"', "is not a code and what it counts as"),
        ("question", 'order = "best"\nquestion', "order is 'best'"),
        ("question", "gold_every = 1\nquestion", "gold_every is 1"),
        ("question", "hints = 1\nquestion", "hints is neither true nor false"),
        ("[[class]]\ncode = 3", "[[klass]]\ncode = 3", "'klass' is no key"),
        ("question =", "question", "no TOML"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, told: str) -> None:
    assert old in CATS
    with pytest.raises(RefusedError, match=told):
        of_text(CATS.replace(old, new, 1))


def test_one_class_is_none_to_choose_from() -> None:
    with pytest.raises(RefusedError, match="there are 1 classes"):
        of_text(CATS.partition("[[class]]\ncode = 3")[0])


@given(st.text(max_size=60))
def test_any_text_is_a_scheme_or_refused(text: str) -> None:
    with contextlib.suppress(RefusedError):
        of_text(text)


def test_guidelines_of_some_lines_are_written_as_people_edit_them() -> None:
    scheme = replace(DEFAULT_SCHEME, guidelines='One.\n\n"""Two""" \\ three"')
    written = to_text(scheme)
    assert 'guidelines = """\nOne.\n\n' in written
    assert of_text(written) == scheme
    assert of_text(written.replace("\n", "\r\n")) == scheme  # as an editor on Windows may
