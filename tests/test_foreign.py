"""The reader of foreign JSON: any value within bounds comes back, any bytes raise one error."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from labapp import foreign
from labapp.foreign import ForeignError

MOST = 1_000_000

SCALARS = (
    some.none()
    | some.booleans()
    | some.integers(-(10**300), 10**300)
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(some.characters(exclude_categories=["Cs"]))
)
VALUES = some.recursive(
    SCALARS,
    lambda inner: (
        some.lists(inner, max_size=5)
        | some.dictionaries(
            some.text(some.characters(exclude_categories=["Cs"])), inner, max_size=5
        )
    ),
    max_leaves=20,
)


@given(VALUES, some.booleans())
def test_any_value_within_bounds_comes_back(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert foreign.read(text, MOST) == value
    assert foreign.read(text.encode(), MOST) == value
    assert foreign.read(b"\xef\xbb\xbf" + text.encode(), MOST) == value


@given(some.binary() | some.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"[" * 200_000)
@example(b'{"a":' * 200_000)
@example(b'["' + b"\\" * 200_000)
@example(b'"\\ud800"')
@example(b"\xff\xfe[\x001\x00]\x00")
@example(b"9" * 5000)
@example(b"-1e999")
@example(b"NaN")
@example(b"\x00")
def test_any_bytes_give_a_value_that_can_be_printed_or_one_error(data: bytes) -> None:
    try:
        value = foreign.read(data, MOST)
    except ForeignError as error:
        str(error).encode()
    else:
        repr(value).encode()
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


@given(some.text(some.characters() | some.sampled_from('[]{}",\\')))
def test_any_text_gives_a_value_or_one_error(text: str) -> None:
    try:
        repr(foreign.read(text, MOST)).encode()
    except ForeignError as error:
        str(error).encode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 200_000, "holds more than 100,000 values"),
        ("[" * 200, "nests deeper than 32 lists and objects"),
        ("[" * 33 + "]" * 33, "nests deeper than 32 lists and objects"),
        ("[" + "0," * 100_001 + "0]", "holds more than 100,000 values"),
        ("9" * 641, "holds a number of more than 640 digits"),
        ("1." + "0" * 640, "holds a number of more than 640 digits"),
        ("1e999", "holds a number that is too large"),
        ("-Infinity", "holds -Infinity, which is no JSON"),
        ("NaN", "holds NaN, which is no JSON"),
        (r'"\uD83C"', "holds half a character (a lone surrogate)"),
        (r'{"a": [{"\udf2d": 1}]}', "holds half a character (a lone surrogate)"),
        ('"\ud83c"', "holds half a character (a lone surrogate)"),
        ('{"a": 1,\n"b" 2}', "is no JSON from character 5 of line 2 on"),
        ("", "is no JSON from character 1 of line 1 on"),
        ("[1] [2]", "is no JSON from character 5 of line 1 on"),
        (b"\xff", "is not text in UTF-8"),
        (" " * (MOST + 1), "has 1,000,001 characters; at most 1,000,000 are read"),
        (b" " * (MOST + 1), "has 1,000,001 bytes; at most 1,000,000 are read"),
    ],
)
def test_what_is_beyond_a_bound_is_told_in_one_sentence(text: str | bytes, said: str) -> None:
    with pytest.raises(ForeignError) as raised:
        foreign.read(text, MOST)
    assert str(raised.value) == said


def test_what_lies_at_the_bounds_is_read() -> None:
    deepest = "[" * 32 + "]" * 32
    assert json.dumps(foreign.read(deepest, 64)) == deepest
    assert len(foreign.read("[" + "0," * 99_999 + "0]", MOST)) == 100_000
    assert foreign.read("9" * 640, 640) == 10**640 - 1
    assert foreign.read(r'"\ud83c\udf2d \\ud83c"', MOST) == "\U0001f32d \\ud83c"


def test_brackets_and_commas_within_texts_count_for_nothing() -> None:
    text = json.dumps({"a": "[" * 100 + '"' + "," * 200_000, "b": "\\"})
    assert foreign.read(text, MOST)["b"] == "\\"


def test_numbers_come_as_they_are_written_where_that_is_asked() -> None:
    assert foreign.read("[1.50, 10]", 20, as_written=True) == ["1.50", "10"]
    with pytest.raises(ForeignError, match="more than 640 digits"):
        foreign.read("9" * 641, MOST, as_written=True)


def test_where_a_text_is_at_fault_is_told_without_its_line_to_who_named_it() -> None:
    with pytest.raises(ForeignError) as raised:
        foreign.read("{]", 2)
    assert raised.value.in_line == "is no JSON from character 2 on"


@pytest.mark.parametrize("data", ["[1]", "nonsense", "[" * 200_000, b"\xff", "7"])
def test_of_what_is_no_object_an_empty_one_may_be_made(data: str | bytes) -> None:
    assert foreign.object_or_empty(data, MOST) == {}
    with pytest.raises(ForeignError):
        foreign.read_object(data, MOST)
    assert foreign.read_object('{"a": 1}', MOST) == foreign.object_or_empty('{"a": 1}', MOST)


def test_the_digits_that_are_read_are_those_that_python_always_prints() -> None:
    assert sys.int_info.str_digits_check_threshold == foreign.MOST_DIGITS


class TestItems:
    def test_each_comes_with_its_line(self) -> None:
        text = ' [1,\n\n{"a":\n2}\n, [3] ]'
        assert list(foreign.items(text, 100)) == [(1, 1), (3, {"a": 2}), (5, [3])]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[1,\n{]", "is no JSON from character 2 of line 2 on"),
            ("[1, 2", "ends in the middle"),
            ("", "is no JSON list"),
            ("{}", "is no JSON list"),
            ("[" * 100_000, "nests deeper than 32 lists and objects"),
            ("[1e999]", "holds a number that is too large"),
            (r'["\ud800"]', "holds half a character (a lone surrogate)"),
            ("[1, 2, 3]" + " " * 100_000, "has 100,009 characters; at most 100,000 are read"),
        ],
    )
    def test_what_is_none_raises_the_one_error(self, text: str, said: str) -> None:
        with pytest.raises(ForeignError) as raised:
            list(foreign.items(text, 100_000))
        assert str(raised.value) == said

    @settings(max_examples=40)
    @given(some.lists(VALUES, max_size=5), some.integers(1, 9), some.sampled_from([None, 1]))
    def test_they_are_the_same_in_whatever_pieces_they_are_looked_at(
        self, values: list[Any], size: int, indent: int | None
    ) -> None:
        text = json.dumps(values, indent=indent)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(foreign, "_PIECE", size)
            try:
                found = [value for _, value in foreign.items(text, len(text))]
            except ForeignError:
                with pytest.raises(ForeignError):
                    foreign.read(text, len(text))
            else:
                assert found == foreign.read(text, len(text))

    def test_one_that_is_cut_far_into_a_list_is_told_with_its_place(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(foreign, "_PIECE", 4)
        text = '[{"a": 1},\n {"b": 22},\n  {"c": x}]'
        with pytest.raises(ForeignError, match="is no JSON from character 9 of line 3 on"):
            list(foreign.items(text, 100))
        deep = "[1, " + "[" * 40 + "]" * 40 + "]"
        with pytest.raises(ForeignError, match="nests deeper"):
            list(foreign.items(deep, 100))

    def test_one_item_has_no_more_than_a_piece_may_have(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(foreign, "_PIECE", 4)
        monkeypatch.setattr(foreign, "MOST_PIECE", 8)
        with pytest.raises(ForeignError, match="is no JSON from character 2 of line 1 on"):
            list(foreign.items('["' + "x" * 100 + '"]', 1_000))


class TestFields:
    @given(VALUES)
    def test_whatever_they_are_a_table_can_show_them(self, value: Any) -> None:
        shown = foreign.text(value)
        assert isinstance(shown, str)
        assert len(shown) <= foreign.MOST_TEXT
        assert "\n" not in shown
        shown.encode()
        assert -foreign.MOST_NUMBER <= foreign.number(value) <= foreign.MOST_NUMBER
        assert 0 <= foreign.count(value) <= foreign.MOST_NUMBER
        assert isinstance(foreign.table(value), dict)
        assert isinstance(foreign.as_list(value), list)

    def test_texts_are_of_one_line_and_cut(self) -> None:
        assert foreign.text("a\nb\x00\u2028") == r"a\x0ab\x00\u2028"
        assert foreign.text("\ud800") == r"\ud800"
        assert foreign.text("a" * 10, 10) == "a" * 10
        assert foreign.text("a" * 11, 10) == "a" * 7 + "..."
        assert foreign.text(7) == "7"
        assert foreign.text(10**600, 6) == "100..."
        assert foreign.text(True, other="?") == foreign.text([["a"]], other="?") == "?"

    def test_numbers_are_none_where_they_are_of_no_use(self) -> None:
        assert foreign.number(2.5) == 2.5
        assert foreign.number(True, 3) == foreign.number("7", 3) == foreign.number(None, 3) == 3
        assert foreign.number(10**400, 3) == foreign.number(float("nan"), 3) == 3
        assert foreign.number(-7, 3, most=6) == 3
        assert foreign.count(-7) == foreign.count("7") == 0
        assert foreign.count(7.9) == 7

    def test_lists_and_objects_are_empty_where_they_are_none(self) -> None:
        assert foreign.table({"a": 1}) == {"a": 1}
        assert foreign.as_list([1]) == [1]
        assert foreign.table([1]) == {}
        assert foreign.as_list({"a": 1}) == []
