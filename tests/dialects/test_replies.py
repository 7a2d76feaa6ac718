"""What answers is read: of what was done, in one message or several, and of what was refused."""

from __future__ import annotations

import pytest

from labapp.dialects.rules import AttributeText
from labapp.dialects.templates import parse
from tests.support.dialect_files import block, told_of_block

NUMBERS = 'numbers = "{body}"'


def test_a_block_that_says_nothing_answers_as_usual() -> None:
    numbers, picture = block(NUMBERS), block('picture = "{body}"')
    assert [rule.body for rule in numbers.replies] == [parse("{sentence}")]
    assert [rule.body for rule in picture.replies] == [parse("{result}")]
    assert numbers.refusal.body == parse("{error}")


def test_attributes_are_read_in_each_form() -> None:
    (rule,) = block(
        NUMBERS,
        'echo = "*"',
        "[request.attributes]",
        'Kind = "{attr.Kind}"',
        'N = { type = "Number.int", value = "{count}" }',
        'Stat = { by = "{field1}", 1 = "{sum}" }',
        '"a.b" = 5',
    ).replies
    assert list(rule.attributes) == ["Kind", "N", "Stat", "a.b"]
    assert rule.attributes["N"] == AttributeText(parse("{count}"), "Number.int")
    assert rule.attributes["a.b"] == AttributeText(parse("5"))
    assert rule.echo == ("*",)


def test_several_answers_share_what_their_block_says() -> None:
    found = block(
        NUMBERS,
        'answer = "out.fifo"',
        'group = "{attr.Group|lab}"',
        'echo = ["id*"]',
        "[[request.reply]]",
        'body = "{min}"',
        'attributes = { Stat = "min" }',
        "[[request.reply]]",
        'answer = "other"',
        "echo = []",
    )
    first, second = found.replies
    assert (first.queue, first.echo, first.line) == ("out.fifo", ("id*",), 6)
    assert first.group == parse("{attr.Group|lab}")
    assert (second.queue, second.echo, second.body) == ("other", (), parse("{sentence}"))
    assert second.attributes == {}
    assert list(found.refusal.attributes) == ["Stat"]


def test_a_block_may_say_the_group_of_answers_that_are_fifo() -> None:
    row = "group = '{message_id}'"
    assert told_of_block(NUMBERS, row, "[[request.reply]]", "answer = 'a.fifo'") == []


def test_a_refusal_has_what_needs_no_result() -> None:
    rows = (NUMBERS, "echo = 'id'", "attributes = { A = '{attr.A}', B = '{sum}', C = '{status}' }")
    usual = block(*rows).refusal
    assert (list(usual.attributes), usual.echo) == (["A", "C"], ("id",))
    said = block(*rows, "error = 'KO {error}'").refusal
    assert (said.body, list(said.attributes), said.echo) == (
        parse("KO {error}"),
        ["A", "C"],
        ("id",),
    )
    own = block(
        *rows, "error = { attributes = { E = '{error}' }, echo = [], answer = 'ko' }"
    ).refusal
    assert (own.body, list(own.attributes), own.echo, own.queue) == (
        parse("{error}"),
        ["E"],
        (),
        "ko",
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            ["attributes = { N = { type = 'Int', value = 'a' } }"],
            '3: type of N in attributes of request 1 is "Int": types are String, Number and Binary,'
            ' each with a word behind a dot if you like. Write { type = "Number", value ='
            ' "{count}" }.',
        ),
        (
            ["attributes = { N = { type = 'Number', value = 'a' } }"],
            '3: N in attributes of request 1 is of the type Number, and "a" is none. Write a'
            ' number, or type = "String".',
        ),
        (
            ["attributes = { a.b = '{sum}' }"],
            '3: a in attributes of request 1 has no value. Write a = { type = "Number", value ='
            ' "{count}" }; a name with dots stands in quotes.',
        ),
        (
            ["attributes = { N = { tpye = 'Number', value = '1' } }"],
            '3: N in attributes of request 1 has the unknown key "tpye". Did you mean type?',
        ),
        (
            ["attributes = 'x'"],
            '3: attributes of request 1 is no table. Write attributes = { Key = "{result}" }.',
        ),
        (
            [
                f"attributes = {{ {', '.join(f'a{n} = 1' for n in range(10))} }}",
                "echo = ['b', 'a1']",
            ],
            "3: request 1 answers with 11 attributes. SQS takes 10 of a message.",
        ),
        (["echo = '{attr.X}'"], '3: echo of request 1 is "{attr.X}". Write the name alone: "X".'),
        (
            ["echo = true"],
            '3: echo of request 1 is true. Write echo = "*", or a list of names, with * for'
            " anything and # for digits.",
        ),
        (
            ["group = 'a'", "answer = 'out'"],
            '3: group of request 1 is of FIFO queues, and its answers go to "out". Leave it out, or'
            " name a queue of answers that ends in .fifo.",
        ),
        (
            ["deduplication = 'a'", "answer = 'out.fifo'"],
            "3: deduplication of request 1 has no placeholder: SQS would drop all but one. Leave it"
            " to labapp, or tell them apart by {message_id}.",
        ),
        (
            ["error = { group = 'a' }"],
            "3: group of error of request 1 is of FIFO queues, and its answers go to that of"
            " settings. Leave it out, or name a queue of answers that ends in .fifo.",
        ),
        (
            ["body = 'x'", "[[request.reply]]", "body = 'y'"],
            "3: body of request 1 is never sent, as it has [[request.reply]]. Write it in one of"
            " these.",
        ),
        (
            ["[[request.reply]]", "[[request.reply]]", "bdoy = 'y'"],
            '5: reply 2 of request 1 has the unknown key "bdoy". Did you mean body?',
        ),
        (
            ["reply = '{mean}'"],
            '3: reply of request 1 is no list of tables. Write body = "..."; several answers begin'
            " with [[request.reply]] each.",
        ),
        (
            ["number = ',2f'", "attributes = { M = { type = 'Number', value = '{mean}' } }"],
            '4: M in attributes of request 1 is of the type Number, and "{mean}" would have a'
            ' comma. Write {mean:.2f} there, or type = "String".',
        ),
        (
            ["error = { body = 'x', queue = 'y' }"],
            '3: error of request 1 has the unknown key "queue". It is a key of the'
            " [[request]] itself: write it above [request.error], as parts come last.",
        ),
    ],
)
def test_what_no_answer_can_be_is_told(rows: list[str], expected: str) -> None:
    assert told_of_block(NUMBERS, *rows) == [expected]
