"""Single changes of a scheme, and what is said of codes on the command line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labapp.errors import RefusedError
from labapp.labels import scheme_edits
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme
from labapp.labels.scheme_file import TAKEN_KEYS

EQUALS = Scheme("?", (LabelClass(1, "a", "=1+1", "x"), LabelClass(2, "b", "a=b", "y")))


def test_a_class_more_has_a_code_and_a_key_that_are_free() -> None:
    scheme = DEFAULT_SCHEME
    for number in range(8):
        scheme = scheme_edits.with_class(scheme, f"class {number}x")
    assert [each.code for each in scheme.classes] == [1, 0, *range(2, 10)]
    assert len({each.key for each in scheme.classes}) == 10
    with pytest.raises(RefusedError, match="there are 10 classes"):
        scheme_edits.with_class(scheme, "one more")
    with pytest.raises(RefusedError, match="there are 10 classes"):
        scheme_edits.check_room(scheme)


def test_a_key_that_means_something_is_given_to_no_class() -> None:
    taken = tuple(LabelClass(code, str(9 - code), f"n{code}", "x") for code in range(9))
    found = scheme_edits.with_class(Scheme("?", taken), "last")
    assert found.classes[-1] == LabelClass(9, "0", "last", "last")
    assert found.classes[-1].key not in TAKEN_KEYS


def test_a_retired_code_comes_last_and_only_where_no_line_has_it() -> None:
    classes = tuple(LabelClass(code, str(code), f"n{code}", "x") for code in range(8))
    scheme = Scheme("?", classes, retired={8: None, 9: 1})
    assert scheme_edits.with_class(scheme, "new", {8}).retired == {8: None}
    with pytest.raises(RefusedError, match="no code is free"):
        scheme_edits.with_class(scheme, "new", {8, 9})
    free = replace(scheme, retired={9: 1})
    assert scheme_edits.with_class(free, "new").classes[-1].code == 8


def test_a_class_that_comes_again_has_the_code_that_it_had() -> None:
    scheme = replace(DEFAULT_SCHEME, retired={7: 1}, former={7: "big dog"})
    found = scheme_edits.with_class(scheme, "Big-Dog")
    assert (found.classes[-1].code, found.retired, found.former) == (7, {}, {})
    assert scheme_edits.mapped(["big dog=none"], scheme, scheme) == {7: None}


def test_names_with_an_equals_sign_are_told_apart() -> None:
    assert scheme_edits.assigned("=1+1=c", EQUALS) == (EQUALS.classes[0], "c")
    assert scheme_edits.assigned("a=b=d=e", EQUALS) == (EQUALS.classes[1], "d=e")
    assert scheme_edits.mapped(["a=b==1+1"], EQUALS, EQUALS) == {2: 1}
    assert scheme_edits.mapped(["=1+1=None", "2=a=b"], EQUALS, EQUALS) == {1: None, 2: 2}


@pytest.mark.parametrize("text", ["", "=", "cat", "a=b", "cat=1", "1=cat", "1="])
def test_what_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="--map"):
        scheme_edits.mapped([text], EQUALS, EQUALS)


def test_the_usual_scheme_keeps_what_is_retired() -> None:
    before = Scheme("?", EQUALS.classes, retired={0: None, 3: 1, 4: 2})
    assert scheme_edits.default(before) == replace(DEFAULT_SCHEME, retired={3: 1})


def test_of_two_classes_none_goes() -> None:
    with pytest.raises(RefusedError, match="nothing to ask"):
        scheme_edits.without(DEFAULT_SCHEME, DEFAULT_SCHEME.first)
