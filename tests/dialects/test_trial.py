"""A trial tells what a worker would do with a message, and why each block before did not fit."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.dialects import loading, speech
from labapp.dialects.messages import Answer, PictureAsked
from labapp.dialects.trial import Lab, Trial, attempt
from labapp.jobs.picture_keys import check_asked
from labapp.message_attribute import Attribute
from labapp.numbers import Rules
from tests.support.dialect_blocks import block, message, number, numbers, picture, reply
from tests.support.dialect_files import OF_ATTRIBUTES, OF_ONE_QUEUE, PATH


def test_numbers_are_read_summed_up_and_answered() -> None:
    one = block(numbers("{attr.n*}"), reply("{mean}"))
    found = attempt([one], message("x", n2="5", n1="1"))
    assert found == Trial(one, integers=(1, 5), answers=found.answers)
    assert [answer.body for answer in found.answers] == ["3"]


def test_an_object_of_integers_holds_an_example_unless_it_is_given() -> None:
    one = block(
        numbers("{body}", is_object=True),
        reply("{result}"),
        result="{folder}{stem}.out{ext}",
        content="{sum} in {result}",
        bucket="lists",
    )
    found = attempt([one], message("a/1.txt"))
    assert (found.object_key, found.integers) == ("a/1.txt", (1, 12, 55, 4))
    assert (found.result, found.bucket, found.content) == (
        "a/1.out.txt",
        "lists",
        "72 in a/1.out.txt",
    )
    assert found.answers[0].body == "a/1.out.txt"
    assert attempt([one], message("a/1.txt"), content="2 3").content == "5 in a/1.out.txt"


def test_a_picture_is_asked_for_processed_stored_and_answered() -> None:
    one = block(
        picture("{attr.Key}", steps="blur:sigma={attr.S}", format="{attr.T|}"),
        reply("{message_id}", {"Key": "{result}"}),
        result="{stem}_blurred{ext}",
        result_bucket="results",
    )
    found = attempt([one], message("x", Key="a/cat.JPG", S=number("3"), T="jpeg"))
    assert found.picture == PictureAsked("a/cat.JPG", ("blur:sigma=3",), "jpeg")
    assert (found.steps, found.result) == ("blur:sigma=3", "cat_blurred.JPG")
    assert found.bucket == "results"
    assert found.answers[0].attributes["Key"].value == "cat_blurred.JPG"
    found = attempt([one], message("x", Key="a/cat", S="3", T="image/png"))
    assert found.result == "cat_blurred.png"


def test_without_steps_and_result_a_picture_goes_the_ordinary_way() -> None:
    found = attempt([block(picture())], message("a/cat.png"), Lab(steps="flip blur:sigma=9"))
    assert found.steps == "flip blur:sigma=9"
    assert found.result == "outbox/id-1/flip-blur.png"
    assert found.answers[0].body == found.result
    lab = Lab(result="{0} {1} {2} {3}".format)
    found = attempt([block(picture())], message("a/cat.JPEG"), lab)
    assert found.result == "a/cat.JPEG id-1 grayscale .jpg"


@pytest.mark.parametrize(
    ("work", "body", "told"),
    [
        (numbers("{attr.List}"), "1", "numbers: the attribute List is missing"),
        (numbers(), "1,x", "'x' is not an integer"),
        (numbers(), "1,2,3", "at most 2 integers are taken"),
        (numbers(), "1,-2", "-2 is not"),
        (picture(steps="{attr.S}"), "a.png", "steps: the attribute S is missing"),
        (picture(steps="blurr"), "a.png", "steps: there is no operation 'blurr'"),
        (picture(steps="blur:sigma"), "a.png", "steps: cannot read 'sigma' in the step"),
        (picture(steps="blur:sigma={body}"), "99999", "sigma"),
    ],
)
def test_a_refusal_is_told_with_its_answer(work: Any, body: str, told: str) -> None:
    one = block(work, refusal=reply("KO {error}", echo=("Id",)))
    found = attempt([one], message(body, Id="7"), Lab(Rules(max_integers=2)))
    assert found.refusal
    assert told in found.refusal.message
    (answer,) = found.answers
    assert (answer.body, [*answer.attributes]) == (f"KO {speech.fitting(found.refusal)}", ["Id"])


def test_the_fields_are_told_where_the_block_has_to_do_with_them() -> None:
    one = block(picture("{field2}", "/"), when={"body": ("s3*",)})
    assert attempt([one], message("s3://b/x")).fields == ("s3:", "", "b", "x")
    assert attempt([block(numbers(), when={"field1": ("*",)})], message("1,2")).fields == ("1", "2")
    assert attempt([block(numbers(), reply("{field1}"))], message("1,2")).fields == ("1", "2")
    assert attempt([block(numbers())], message("1,2")).fields == ()


def test_advice_for_who_sets_labapp_is_not_told_to_a_labs_client() -> None:
    found = attempt([block(numbers())], message("1,2,3"), Lab(Rules(max_integers=2)))
    assert found.refusal
    assert "LABAPP_MAX_INTEGERS" in found.refusal.remedy
    assert found.answers[0].body == "at most 2 integers are taken, and the list has 3"
    assert attempt([block(numbers())], message("1,x")).answers[0].body == "'x' is not an integer"


def test_what_nobody_may_ask_for_is_refused_in_the_labs_bucket_alone() -> None:
    lab = Lab(bucket="ours", check_asked=check_asked)
    for bucket, is_refused in (("", True), ("ours", True), ("theirs", False)):
        found = attempt([block(picture(), bucket=bucket)], message("labels/a.png"), lab)
        assert (found.refusal is not None) is is_refused
    assert "picture: the key 'labels/a.png' is one of labapp's own (dialect lab" in str(
        attempt([block(picture())], message("labels/a.png"), lab).refusal
    )


def test_an_answer_that_cannot_be_made_is_a_refusal_too() -> None:
    found = attempt([block(numbers(), reply("{attr.Nobody}"))], message("1,2"))
    assert found.refusal
    assert found.integers == (1, 2)


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ({"attr.Kind": ("Sum", "Mean*")}, "attr.Kind is 'Average', not Sum or Mean*"),
        ({"attr.Kind": ("Average",), "field4": ("x",)}, "field4 is '4', not x"),
        ({"attr.Other": ("*",)}, "there is no attr.Other"),
        ({"attr.Kind": ()}, "attr.Kind is there: 'Average'"),
    ],
)
def test_of_each_block_that_does_not_fit_the_first_condition_is_told(
    when: dict[str, tuple[str, ...]], reason: str
) -> None:
    blocks = [block(numbers(), when=when), block(numbers()), block(numbers(), when=when)]
    found = attempt(blocks, message(Kind=" Average "))
    assert found.block is blocks[1]
    assert [(one.block, one.reason) for one in found.misfits] == [(blocks[0], reason)]


def test_what_fits_no_block_goes_the_ordinary_way() -> None:
    one = block(numbers(), when={"attr.Kind": ("Sum",)})
    found = attempt([one], message())
    assert (found.block, found.answers) == (None, ())
    assert [misfit.reason for misfit in found.misfits] == ["there is no attr.Kind"]


def test_the_picture_client_of_key_and_sigma_is_served() -> None:
    (one,) = loading.parse(OF_ATTRIBUTES, PATH).blocks
    found = attempt([one], message("x", Key="a/cat.png", Sigma="3.5"))
    assert (found.steps, found.bucket, found.result) == (
        *("blur:sigma=3.5", "mybucket975846589", "cat_blurred.png"),
    )
    key = {"Key": Attribute("String", "cat_blurred.png")}
    assert found.answers == (Answer("outbox", "Réponse à id-1", key),)


def test_numbers_and_pictures_on_one_queue_are_told_apart() -> None:
    blocks = loading.parse(OF_ONE_QUEUE, PATH).blocks
    found = attempt(blocks, message("12,1,54,4", RequestType="Average"))
    kind = {"ResponseType": Attribute("String", "Average")}
    assert found.answers == (Answer("response_queue", "8,17.75,1,54", kind),)
    found = attempt(blocks, message("a/cat.png,2", RequestType="ImageEffect"))
    assert (found.steps, found.result) == ("grayscale", "effect-cat.png")
    assert found.answers[0].body == "effect-cat.png"
    found = attempt(blocks, message("a/cat.png,3", RequestType="ImageEffect"))
    assert found.refusal
    assert found.refusal.message == "steps: '3' is none of 1, 2 (dialect lab, request 2)"
    assert found.answers[0].attributes["ResponseType"].value == "ImageEffect"
