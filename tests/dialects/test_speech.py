"""What a message asks is read by a block, whatever the message; what lacks is named."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.dialects import speech
from labapp.dialects.messages import Incoming
from labapp.dialects.separators import NON_DIGIT
from labapp.errors import RefusedError
from tests.support.dialect_blocks import block, done, message, number, numbers, picture


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({}, True),
        ({"attr.Kind": ("Average",)}, True),
        ({"attr.Kind": ("average",)}, False),
        ({"attr.Kind": ("Sum", "Av*")}, True),
        ({"attr.Kind": ("*",)}, True),
        ({"attr.Kind": ()}, False),
        ({"attr.Other": ()}, True),
        ({"attr.Other": ("*",)}, False),
        ({"attr.n*": ("2",)}, True),
        ({"attr.n*": ("3",)}, False),
        ({"body": ("avg*",)}, True),
        ({"field2": ("1",), "field3": ()}, True),
        ({"body.kind": ("*",)}, False),
        ({"group": ("g",), "attr.Kind": ("Sum",)}, False),
    ],
)
def test_a_block_fits_by_its_conditions_alone(
    when: dict[str, tuple[str, ...]], expected: bool
) -> None:
    came = message(" avg 1\n", "g", Kind=" Average ", n1="1", n2=number("2"))
    assert (speech.block_of([block(numbers(), when=when)], came) is not None) is expected


def test_the_first_block_that_fits_answers() -> None:
    blocks = [
        block(numbers(), when={"body.kind": ("sum", "mean")}),
        block(numbers(), when={"body.kind": ("*",)}, name="else"),
        block(numbers(), when={"body.kind": ()}, name="bare"),
    ]
    bodies = ['{"kind": "mean"}', '{"kind": 3}', "1,2"]
    found = [speech.block_of(blocks, message(body)) for body in bodies]
    assert found == blocks
    assert speech.block_of(blocks[:2], message("1")) is None


@pytest.mark.parametrize(
    ("work", "came"),
    [
        (numbers(), message("1, 12;55 -4")),
        (numbers(), message("[1, 12, 55, -4]")),
        (numbers("{field2+}"), message("avg 1 12 55 -4")),
        (numbers("{attr.entier*}"), message("x", entier10="-4", entier1="1;12", entier2="55")),
        (
            numbers("{attr.n*}"),
            message("x", n1=number("1"), n2=b"12", n3="55", n4=number("-4"), n9=" "),
        ),
        (numbers("{attr.List}"), message("x", List="(1 12 55 -4)")),
        (numbers("{body.data.values}"), message('{"data": {"values": [1, "12", 55, -4]}}')),
        (numbers("{body.values}"), message('{"values": "1,12,55,-4"}')),
        (numbers("{body.a},{body.b},55,{body.c}"), message('{"a": 1, "b": 12, "c": "-4"}')),
        (numbers(separators="/"), message("1/12/ 55/-4/")),
        (numbers(), message("1.0, +12.00;55 -4.0")),
        (numbers(separators="/"), message("1.0/12.00/55/-4.0")),
        (numbers(separators="./"), message("1.12/55.-4")),
        (numbers("{body.v}"), message('{"v": [1.0, 12, 55.000, -4.0]}')),
        (
            numbers("{attr.n#}"),
            message("x", n1=number("1.0"), n2="12", n3="55", n4="-4.0", name="z"),
        ),
        (numbers("{attr.n*}", "/"), message("x", n1="1/12", n2="55", n3="-4")),
        (numbers("{field2+}", "/"), message("avg/1/12/55/-4")),
        (numbers(separators=NON_DIGIT), message("1 et 12 et 55 et -4.")),
        (numbers(separators="|:"), message("1|12:55|-4")),
        (
            numbers({"by": "{field1}", "a": "{attr.A}", "else": "{field2+}"}),
            message("A", A="1 12 55 -4"),
        ),
    ],
)
def test_integers_are_read_wherever_a_lab_puts_them(work: Any, came: Incoming) -> None:
    assert speech.integers(block(work), came) == [1, 12, 55, -4]
    assert speech.object_key(block(work), came) == ""


@pytest.mark.parametrize("separators", ["", "/", NON_DIGIT])
def test_integers_may_lie_in_an_object(separators: str) -> None:
    one = block(numbers("{attr.Key}", separators, is_object=True))
    came = message("x", Key=" lists/1.txt ")
    assert speech.object_key(one, came) == "lists/1.txt"
    between = separators if separators == "/" else "\n"
    assert speech.integers(one, came, between.join(("1", "12", "-4"))) == [1, 12, -4]


def test_attributes_stand_for_one_integer_each() -> None:
    # Joined they might be read as one number whose digits are grouped.
    assert speech.integers(block(numbers("{attr.n*}")), message(n1="5", n2="007")) == [5, 7]


@pytest.mark.parametrize(
    ("work", "body", "told"),
    [
        (numbers(), "1,x", "'x' is not an integer"),
        (numbers(), " ", "the list is empty"),
        (numbers(), "1,000,000", "may be one number or two integers"),
        (numbers(separators="/"), "1/1 000", "'1 000' is not an integer"),
        (numbers(separators="/"), "1/2,3", "'2,3' is not an integer"),
        (numbers(separators="/"), "//", "the list is empty"),
        (numbers(separators=NON_DIGIT), "none", "the list is empty"),
        (numbers(separators=NON_DIGIT), "9" * 30, "does not fit 64 bits"),
        (numbers("{body.v}"), '{"v": []}', "the list is empty"),
        (numbers("{body.v}"), '{"v": [1, 2.5]}', "'2.5' is not an integer"),
        (numbers("{body.v}"), '{"v": [1, null]}', "'null' is not an integer"),
    ],
)
def test_what_is_no_integer_is_refused_in_the_words_for_all(
    work: Any, body: str, told: str
) -> None:
    with pytest.raises(RefusedError, match=told):
        speech.integers(block(work), message(body))


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (numbers("{attr.List}"), r"numbers: the attribute List is missing \(dialect lab, request"),
        (numbers("{attr.n*}"), r"numbers: no attribute fits n\*"),
        (numbers("{attr.Key}", is_object=True), "numbers: the attribute Key is missing"),
        (picture("{attr.Key}"), r"picture: the attribute Key is missing \(dialect lab, request 1"),
        (picture("{field3}"), "picture: the body has no field 3"),
        (picture("{body.key}"), "picture: the body is no JSON object"),
        (picture(steps="blur:sigma={attr.S}"), "steps: the attribute S is missing"),
        (picture(format="{attr.Type}"), "format: the attribute Type is missing"),
        (picture(quality="{attr.Q}"), "quality: the attribute Q is missing"),
    ],
)
def test_a_refusal_names_what_lacked_what_and_the_block(work: Any, told: str) -> None:
    one = block(work)
    read: Any = speech.picture if not one.is_numbers else speech.integers
    if one.is_numbers and work.is_object:
        read = speech.object_key
    with pytest.raises(RefusedError, match=told):
        read(one, message("a b"))


@pytest.mark.parametrize(
    ("work", "came"),
    [
        (picture(), message(" photos/a b.png\n")),
        (picture("{field1}", ","), message("photos/a b.png, flip")),
        (picture("{attr.Key}"), message("x", Key="photos/a b.png")),
        (picture("{attr.Key}"), message("x", Key=b"photos/a b.png")),
        (picture("photos/{field2}", "/"), message("x/a b.png")),
        (picture("{body.picture.key}"), message('{"picture": {"key": "photos/a b.png"}}')),
    ],
)
def test_a_pictures_key_is_read_wherever_a_lab_puts_it(work: Any, came: Incoming) -> None:
    asked = speech.picture(block(work), came)
    assert (asked.key, asked.steps, asked.format) == ("photos/a b.png", None, "")


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (" ", r"picture: the key '' cannot be used: it is empty \(dialect lab, request 1\)"),
        ("/cat.png", "'/cat.png' cannot be used: it begins with a slash .*Send 'cat.png'"),
        ("s3://theirs/cat.png", "it is an address .*Send 'cat.png' alone"),
        ("https://a.b/cat.png", "it is an address .*Send the key alone, as"),
        ("a//cat.png", "it has a folder without a name .*Send 'a/cat.png'"),
        ("photos/", "it ends in a slash, as a folder's does .*Send the key of an object in it"),
        ("photos/../labels/a", "it leads out of its folder"),
        ("a\u202e\x1bb.png", r"'a\\u202e\\x1bb.png' cannot be used: it holds control characters"),
    ],
)
def test_a_key_that_no_object_of_a_labs_has_is_refused(key: str, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        speech.picture(block(picture()), message(key))


def test_a_mark_of_the_encoding_before_a_body_says_nothing() -> None:
    assert speech.integers(block(numbers()), message("\ufeff1,2\r\n")) == [1, 2]
    assert speech.integers(block(numbers("{field2+}")), message("\ufeffsum 1 2")) == [1, 2]
    assert speech.integers(block(numbers("{body.n}")), message('\ufeff{"n": [1, 2]}')) == [1, 2]
    assert speech.block_of([block(numbers(), when={"field1": ("sum",)})], message("\ufeffsum 1"))


@pytest.mark.parametrize(
    ("steps", "came", "expected"),
    [
        ("grayscale", message(), ("grayscale",)),
        ("blur:sigma={attr.S}", message(S=number("3.5")), ("blur:sigma=3.5",)),
        ("blur:sigma={attr.S|2}  flip", message(), ("blur:sigma=2", "flip")),
        ("{attr.Op}:sigma={attr.S|2}", message(Op=" blur "), ("blur:sigma=2",)),
        ("{attr.Op|blur:sigma=2 flip} flip", message(), ("blur:sigma=2 flip", "flip")),
        ("{attr.Steps}", message(Steps="blur:sigma=3  grayscale"), ("blur:sigma=3", "grayscale")),
        ("{attr.More|} flip", message(), ("flip",)),
        ("blur:sigma={attr.S|2}", message(S=" "), ("blur:sigma=2",)),
        ("blur:sigma={attr.S}", message(S="2,5"), ("blur:sigma=2.5",)),
    ],
)
def test_steps_are_filled_word_by_word(
    steps: str, came: Incoming, expected: tuple[str, ...]
) -> None:
    assert speech.picture(block(picture(steps=steps)), came).steps == expected


@pytest.mark.parametrize(
    "value", ["3,size=9", "1,000", "3 flip", "3:x", "a=b", "3\tflip", "3\u2003flip"]
)
@pytest.mark.parametrize("steps", ["blur:sigma={attr.S}", "{attr.S} flip"])
def test_a_value_never_becomes_more_than_its_part_of_a_step(value: str, steps: str) -> None:
    with pytest.raises(RefusedError, match=r"steps: .* cannot be part of a step, as it holds"):
        speech.picture(block(picture(steps=steps)), message(S=value))


CHOICE = {"by": "{field2}", "1": "flip", "Gray": "grayscale", "gray": "blur:sigma={attr.S}"}
CHOICE["été"] = "invert"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a.png 1", ("flip",)),
        ("a.png Gray", ("grayscale",)),
        ("a.png gray", ("blur:sigma=4",)),
        ("a.png GRAY", ("grayscale",)),
        ("a.png E\u0301TE\u0301", ("invert",)),
    ],
)
def test_what_is_done_is_chosen_by_a_value(body: str, expected: tuple[str, ...]) -> None:
    asked = speech.picture(block(picture("{field1}", steps=CHOICE)), message(body, S="4"))
    assert asked.steps == expected


def test_a_value_that_chooses_nothing_is_refused_with_those_that_do_unless_there_is_an_else() -> (
    None
):
    one = block(picture("{field1}", steps=CHOICE))
    with pytest.raises(
        RefusedError, match=r"steps: '9' is none of 1, Gray, gray, été \(dialect lab"
    ):
        speech.picture(one, message("a.png 9"))
    with pytest.raises(RefusedError, match="steps: the body has no field 2"):
        speech.picture(one, message("a.png"))
    one = block(picture("{field1}", steps={**CHOICE, "else": "invert"}))
    for body in ("a.png 9", "a.png"):
        assert speech.picture(one, message(body)).steps == ("invert",)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("jpg", "jpeg"), (".PNG", "png"), ("image/webp", "webp"), (" Image/JPEG ", "jpeg"), ("", "")],
)
def test_a_format_is_taken_as_programs_name_it(written: str, expected: str) -> None:
    one = block(picture(format="{attr.Output_Type|}", quality="{attr.Q|}"))
    asked = speech.picture(one, message(Output_Type=written, Q=number("80")))
    assert (asked.format, asked.quality) == (expected, 80)


@pytest.mark.parametrize(
    ("part", "value", "told"),
    [
        ("format", "docx", "format: the format 'docx' is not written"),
        ("quality", "101", "quality: the quality '101' is not taken"),
    ],
)
def test_a_format_or_quality_that_is_none_is_refused(part: str, value: str, told: str) -> None:
    with pytest.raises(RefusedError, match=rf"{told} \(dialect lab, request 1\)"):
        speech.picture(block(picture(**{part: "{body}"})), message(value))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("{stem}_blurred{ext}", "cat_blurred.jpg"),
        ("{folder}small/{name}", "photos/small/cat.png"),
        ("{folder}/small/{name}", "photos/small/cat.png"),
        ("/{attr.Out}/{message_id}{ext}", "a/b/id-1.jpg"),
        ({"by": "{attr.Out}", "a/b": "x/{name}"}, "x/cat.png"),
    ],
)
def test_a_results_key_is_made_of_the_file(result: Any, expected: str) -> None:
    one, came = block(picture(), result=result), message("photos/cat.png", Out="a//b")
    if isinstance(result, dict):
        came = message("photos/cat.png", Out="a/b")
    found = done(source="photos/cat.png", extension=".jpg")
    assert speech.result_key(one, came, found) == expected


def test_a_picture_at_the_root_has_a_result_without_an_empty_folder() -> None:
    one = block(picture(), result="{folder}/blurred/{name}")
    assert speech.result_key(one, message("cat"), done(source="cat")) == "blurred/cat"


def test_the_ordinary_key_is_not_the_files_matter() -> None:
    assert speech.result_key(block(picture()), message("a"), done(source="a")) == ""


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("../secret", "it leads out of its folder"),
        ("a/./b", "it leads out of its folder"),
        ("/", "it is empty"),
        ("a\x07", "it holds control characters"),
        ("a\ud800", "it holds control characters"),
        ("é" * 513, "S3 takes 1,024 bytes"),
        ("/images/a", "labapp keeps its own objects in images/"),
        ("labels/a/b", "labapp keeps its own objects in labels/"),
        ("photos/cat.png", "that is the object that was asked for"),
    ],
)
def test_no_message_has_a_result_written_where_it_must_not_be(value: str, told: str) -> None:
    one = block(picture(), result="{attr.Out}")
    with pytest.raises(RefusedError, match=rf"result: the key .* cannot be written: {told}"):
        speech.result_key(one, message(Out=value), done(source="photos/cat.png"))


def test_a_result_may_have_its_sources_key_in_another_bucket() -> None:
    one = block(picture(), result="{folder}{name}", result_bucket="other")
    assert speech.result_key(one, message(), done(source="a/b"), "labs") == "a/b"
    with pytest.raises(RefusedError, match="that is the object that was asked for"):
        speech.result_key(one, message(), done(source="a/b"), "other")


def test_what_is_stored_of_numbers_is_the_sentence_or_what_the_file_says() -> None:
    found = done(1, 2)
    assert found.summary
    assert speech.content(block(numbers()), message(), found) == found.summary.sentence()
    one = block(numbers(), content='{"mean": {mean}}', number=".2f")
    assert speech.content(one, message(), found) == '{"mean": 1.50}'


KEYS = ["{body}", "{attr.a}", "{field2|x}", "{body.a}"]


@given(
    st.sampled_from(KEYS),
    st.sampled_from(["", "/", NON_DIGIT, " ,"]),
    st.text(max_size=30) | st.sampled_from(['{"a": 3}', "1 2", "a.png/3"]),
    st.text(max_size=20) | st.binary(max_size=5),
)
def test_any_message_is_read_or_refused(
    source: str, separators: str, body: str, value: str | bytes
) -> None:
    came = message(body, a=value)
    steps = {"by": source, "3": "blur:sigma={field1}", "else": "{attr.a}"}
    asked = block(
        picture(source, separators, steps=steps, format="{attr.a|}", quality="{field3|}"),
        result="{stem}-{attr.a|}{ext}",
    )
    with contextlib.suppress(RefusedError):
        found = speech.picture(asked, came)
        key = speech.result_key(asked, came, done(source=found.key))
        assert 0 < len(key.encode()) <= 1024
    with contextlib.suppress(RefusedError):
        assert speech.integers(block(numbers(source, separators)), came)
