from __future__ import annotations

import json
import re
import statistics
import unicodedata
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import RefusedError
from labapp.numbers import (
    DECIMALS,
    GREATEST,
    SMALLEST,
    Rules,
    check,
    decimal,
    parse,
    summarise,
)

INTEGERS = st.integers(SMALLEST, GREATEST)
LISTS = st.lists(INTEGERS, min_size=1, max_size=30)
SEPARATORS = st.text(",; \t\r\n\x85\u2028\u2029", min_size=1, max_size=4)
#: Blanks that people do not see as another kind: many group digits in figures that are copied.
FOREIGN_BLANKS = [c for c in map(chr, range(0x80, 0x3001)) if unicodedata.category(c) == "Zs"]
FRACTIONS = st.builds(Fraction, INTEGERS, st.integers(1, 100_000))


@given(LISTS, SEPARATORS, SEPARATORS)
def test_any_mix_of_separators_and_empty_fields_reads_the_same_list(
    values: list[int], between: str, around: str
) -> None:
    assert parse(around + between.join(map(str, values)) + around) == values


@given(LISTS, st.sampled_from(FOREIGN_BLANKS))
def test_a_foreign_blank_beside_a_separator_does_no_harm(values: list[int], blank: str) -> None:
    assert parse(blank + f",{blank}".join(map(str, values)) + blank) == values


@given(LISTS, st.data(), st.sampled_from(FOREIGN_BLANKS))
def test_a_foreign_blank_between_digits_is_refused_by_its_name(
    values: list[int], data: st.DataObject, blank: str
) -> None:
    at = data.draw(st.integers(0, len(values) - 1))
    fields = [*map(str, values)]
    fields[at] += f"{blank}000"
    with pytest.raises(RefusedError, match=rf"U\+{ord(blank):04X} .* may group its digits"):
        parse(";".join(fields))


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u2009", "\u202f", "\u2007", "\u3000", ","])
def test_figures_whose_digits_are_grouped_are_no_list_of_their_groups(blank: str) -> None:
    for text in (f"1{blank}000", f"1{blank}000;2{blank}500", f"12{blank}050{blank}200"):
        with pytest.raises(RefusedError):
            parse(text)


@pytest.mark.parametrize(
    "text", ["1 500;2 500", "1,500;2,500", "1,5;2,5", "-1 500;3", "100,007", "1,000,000"]
)
def test_what_may_be_one_number_or_two_is_refused_as_that(text: str) -> None:
    with pytest.raises(RefusedError, match="may be one number or two integers"):
        parse(text)


@given(LISTS, st.sampled_from(["[]", "()", "{}"]), st.sampled_from([",", ", ", " ", ";"]))
def test_a_list_as_programs_print_it_is_taken(values: list[int], pair: str, between: str) -> None:
    inside = between.join(map(str, values))
    assert parse(f" {pair[0]}{inside}{pair[1]}\n") == values
    assert parse(f"{pair[0]} {inside} , {pair[1]}") == values


@pytest.mark.parametrize(
    "text", ["[1,2", "1,2]", "[1,2)", "[[1],[2]]", "[1] [2]", "[1,2],", "array([1])", "[", "]"]
)
def test_brackets_that_are_not_one_pair_around_the_list_are_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="is not an integer"):
        parse(text)


@given(st.lists(st.integers(SMALLEST, -1), min_size=1, max_size=5))
def test_a_typeset_minus_is_a_minus(values: list[int]) -> None:
    assert parse(",".join(map(str, values)).replace("-", "\u2212")) == values


@given(st.text("0123456789 ,;\t\n+-.\u2212\u00a0\u202f\u2009\u2007'_[](){}ex\uff11\u0663"))
def test_whatever_is_read_has_each_digit_that_was_typed(text: str) -> None:
    try:
        values = parse(text)
    except RefusedError:
        return
    words = re.split(r"[,; \t\n\[\](){}]+", text.replace("\u2212", "-"))
    typed = [word.strip() for word in words if word.strip()]
    assert [int(word) for word in typed] == values
    assert all(re.fullmatch("[+-]?[0-9]+", word) for word in typed)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        values = parse(text)
    except RefusedError:
        return
    assert values
    assert all(SMALLEST <= value <= GREATEST for value in values)


@given(LISTS)
def test_a_summary_is_exact(values: list[int]) -> None:
    summary = summarise(values)
    assert (summary.min, summary.max) == (min(values), max(values))
    assert (summary.sum, summary.count) == (sum(values), len(values))
    assert summary.mean == statistics.mean(map(Fraction, values))
    assert summary.median == statistics.median(map(Fraction, values))


@given(LISTS)
def test_json_holds_whole_numbers_exactly_and_never_rounds_to_floats(values: list[int]) -> None:
    summary = summarise(values)
    read = json.loads(summary.json(), parse_float=Decimal)
    assert list(read) == ["min", "max", "mean", "median", "sum", "count"]
    assert (read["min"], read["max"]) == (summary.min, summary.max)
    assert Fraction(read["median"]) == summary.median
    assert Fraction(read["mean"]) == round(summary.mean, DECIMALS)


@given(FRACTIONS)
def test_a_fraction_is_written_as_people_do(value: Fraction) -> None:
    written = decimal(value)
    assert Fraction(written) == round(value, DECIMALS)
    if "." in written:
        assert not written.endswith(("0", "."))
    assert written != "-0"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Fraction(18), "18"),
        (Fraction(55, 4), "13.75"),
        (Fraction(1, 3), "0.3333333333"),
        (Fraction(-1, 2), "-0.5"),
        (Fraction(100), "100"),
        (Fraction(-1, 10**12), "0"),
        (Fraction(GREATEST + GREATEST - 1, 2), "9223372036854775806.5"),
    ],
)
def test_means_and_medians_are_never_truncated(value: Fraction, written: str) -> None:
    assert decimal(value) == written


def test_plain_clients_read_the_sentence_they_know() -> None:
    assert summarise(parse("1,12,55,4")).sentence() == (
        "minimum is 1 maximum is 55 average is 18 median is 8 sum is 72"
    )


@pytest.mark.parametrize("text", ["", " ", ",,;", "\n\t", "[]", "( )", "\u00a0"])
def test_a_list_without_integers_is_called_empty(text: str) -> None:
    with pytest.raises(RefusedError, match="the list is empty"):
        parse(text)


@pytest.mark.parametrize(
    "word",
    [
        *("1.5", "1e3", "0x10", "one", "1_000", "--1", "+", "-", "٣", "²", "1\x00", "\x1b[31m"),
        *("1'000", "1\u2019000", "1.000", "\uff11", "1\u200b", "\u20135", '"1"', "None", "1\x1c2"),
    ],
)
def test_what_is_no_integer_is_named(word: str) -> None:
    with pytest.raises(RefusedError) as caught:
        parse(f"1,{word},2")
    assert caught.value.message == f"{word!r} is not an integer"


@pytest.mark.parametrize(
    "word", [str(GREATEST + 1), str(SMALLEST - 1), "1" + "0" * 5000], ids=["high", "low", "huge"]
)
def test_an_integer_beyond_64_bits_is_refused(word: str) -> None:
    with pytest.raises(RefusedError, match="does not fit 64 bits") as caught:
        parse(word)
    assert len(str(caught.value)) < 200


def test_signs_and_leading_zeros_do_no_harm() -> None:
    assert parse("+5 -0 007 -" + "0" * 50 + "9") == [5, 0, 7, -9]


def test_the_first_negative_is_named() -> None:
    with pytest.raises(RefusedError, match="all integers must be positive or zero, and -3 is not"):
        check([1, -3, -7], Rules())
    check([1, -3], Rules(allow_negative=True))
    check([0], Rules())


@given(st.integers(1, 50), st.integers(0, 60))
def test_too_many_gives_the_count(most: int, count: int) -> None:
    rules = Rules(max_integers=most)
    if count <= most:
        check([1] * count, rules)
        return
    with pytest.raises(RefusedError) as caught:
        check([1] * count, rules)
    assert f"at most {most} integers" in caught.value.message
    assert caught.value.message.endswith(f"has {count}")


@pytest.mark.parametrize(
    ("text", "integers"),
    [("0", [0]), ("-0,+0", [0, 0]), ("000", [0]), ("007 -010", [7, -10]),
     ("9223372036854775807 -9223372036854775808", [2**63 - 1, -(2**63)])],
)  # fmt: skip
def test_zeros_in_front_and_the_ends_of_64_bits_are_read(text: str, integers: list[int]) -> None:
    assert parse(text) == integers


@pytest.mark.parametrize(
    "text", ["9223372036854775808", "-9223372036854775809", "1" + "0" * 19, "9" * 400]
)
def test_what_is_one_beyond_64_bits_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="does not fit 64 bits"):
        parse(text)


def test_of_a_long_field_forty_characters_are_shown() -> None:
    for length, shown in ((40, "x" * 40), (41, "x" * 40 + "...")):
        with pytest.raises(RefusedError) as caught:
            parse("x" * length)
        assert caught.value.message == f"'{shown}' is not an integer"


@pytest.mark.parametrize("text", ["1,55;", ";1,55", "1,55 ;\n"])
def test_a_semicolon_at_an_end_parts_nothing(text: str) -> None:
    assert parse(text) == [1, 55]
