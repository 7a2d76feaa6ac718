"""Texts with placeholders are filled exactly; what cannot be filled is told as it is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.dialects import facts
from labapp.dialects.facts import FACTS, Facts, TemplateError
from labapp.dialects.templates import Placeholder, parse
from labapp.errors import RefusedError
from tests.support.dialect_blocks import done, message, number

#: One message that has all there is.
ALL = message(
    '{"kind": "sum", "values": [1, 2.50, "x"], "id": {"nr": 12}, "none": null, "yes": true}',
    "Groupe 12",
    Key="photos/cat.png",
    Sigma=number("3.50"),
    entier10="30",
    entier2="20",
    Raw=b"\xff\x00",
    Name='Zoé "1"'.encode(),
)
FOUR = done(12, 1, 54, 4, source="photos/2024/cat.tar.png", result="out/cat.png")
FIELDS = message(" photos/cat.png, blur ;sigma=2, 3 ")


def filled(text: str, came: object = ALL, *, number: str = "", **said: str) -> str:
    assert isinstance(came, type(ALL))
    return parse(text).fill(Facts(came, "", FOUR, number=number, **said))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{attr.Key} at {attr.Sigma}", "photos/cat.png at 3.50"),
        ("{attr.entier*}", "20,30"),
        ("{attr.entier*: + }", "20 + 30"),
        ("{attr.Raw} {attr.Name}", '/wA= Zoé "1"'),
        ("{body.kind} {body.id.nr} {body.yes} {body.id}", 'sum 12 true {"nr": 12}'),
        ("{body.values} {body.values.1} {body.none|nothing}", "1,2.50,x 2.50 nothing"),
        ("{message_id} of {group}", "id-1 of Groupe 12"),
        ("{min} {max} {mean} {median} {sum} {count}", "1 54 17.75 8 71 4"),
        ("{sorted} {integers} {sorted:/} {integers: }", "1,4,12,54 12,1,54,4 1/4/12/54 12 1 54 4"),
        ("{sorted:|} {sorted:json}", "1|4|12|54 [1, 4, 12, 54]"),
        ("{json}", FOUR.summary.json() if FOUR.summary else ""),
        ("{sentence}", FOUR.summary.sentence() if FOUR.summary else ""),
        ("{name} {stem} {ext} {folder}", "cat.tar.png cat.tar .png photos/2024/"),
        ("{result}", "out/cat.png"),
    ],
)
def test_every_fact_is_filled_in(text: str, expected: str) -> None:
    assert filled(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{field1}|{field2}|{field3}|{field4}", "photos/cat.png|blur|sigma=2|3"),
        ("{field2+}", "blur ;sigma=2, 3"),
        ("{field1+}", "photos/cat.png, blur ;sigma=2, 3"),
        ("{field5|none}", "none"),
        ("{body}", FIELDS.body),
    ],
)
def test_fields_are_those_of_the_body(text: str, expected: str) -> None:
    assert filled(text, FIELDS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{mean:.2f} {mean:.1f} {mean:.0f} {sum:.1f}", "17.75 17.8 18 71.0"),
        ("{mean:,2f} {mean:,1f} {mean:,0f} {sum:,1f}", "17,75 17,8 18 71,0"),
        ("{mean:comma} {median:comma} {max:comma}", "17,75 8 54"),
        ("{mean:float} {median:float} {max:float}", "17.75 8.0 54.0"),
        ("{mean:int} {mean:round} {mean:json}", "17 18 17.75"),
        ("{body.kind:upper} {attr.Key:upper} {group:lower}", "SUM PHOTOS/CAT.PNG groupe 12"),
        ("{attr.Name:json} {attr.Sigma:json}", '"Zoé \\"1\\"" 3.50'),
        ("{body.id.nr:json} {body.kind:json} {body.values:json}", '12 "sum" [1, 2.50, "x"]'),
        ("{attr.entier*:json}", '["20", "30"]'),
    ],
)
def test_forms_say_how_a_fact_is_written(text: str, expected: str) -> None:
    assert filled(text) == expected


@pytest.mark.parametrize("form", [".2f", ",2f", "comma", "float", "int", "round"])
def test_a_block_says_how_means_and_medians_are_written_where_no_form_does(form: str) -> None:
    plain = filled("{mean} {median} {sum} {mean:.3f}", number=form)
    assert plain == filled(f"{{mean:{form}}} {{median:{form}}} {{sum}} {{mean:.3f}}")


def test_status_error_and_pick_are_told_where_they_are_known() -> None:
    known = Facts(ALL, status="failed", error="no", pick=lambda: "chosen")
    assert parse("{status} {error} {pick}").fill(known) == "failed no chosen"


def test_each_fact_has_its_meaning_and_its_place() -> None:
    for fact in FACTS:
        assert fact.meaning
        assert facts.known(fact.name).kind == fact.kind
        assert callable(facts.reader(fact.name))


@pytest.mark.parametrize(
    "text",
    ["", "no brace", '{"mean": 3, "of": [1, 2]}', "{ mean }", "{}", "{1}", "}{", "{{}}", "a } b"],
)
def test_a_brace_that_no_letter_follows_is_a_brace(text: str) -> None:
    assert filled(text) == text


def test_json_is_written_as_it_is() -> None:
    text = '{"mean": {mean}, "id": {attr.Name:json}, "all": {{count}}}'
    assert filled(text) == '{"mean": 17.75, "id": "Zoé \\"1\\"", "all": {4}}'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{men}", "there is no {men}. Did you mean {mean}?"),
        ("{Result}", "there is no {Result}. Did you mean {result}?"),
        ("{attr.Clé}", "there is no {attr.Clé}. An attribute is written {attr.Name}"),
        ("{field0}", "there is no {field0}. Did you mean {field1}?"),
        ("{mean:.2}", "{mean:.2}: there is no form '.2' of a number. Numbers have .2f"),
        ("{mean:2f}", "there is no form '2f' of a number. Write .2f, or ,2f."),
        ("{mean:.99f}", "has more than 15 decimals"),
        ("{mean:upper}", "there is no form 'upper' of a number"),
        ("{body:.2f}", "there is no form '.2f' of a text. Texts have json, upper and lower"),
        ("{sorted:}", "a colon is followed by no form"),
        ("{mean", "'{mean behind' opens a placeholder that is not closed"),
        ("{mean, {max}", "opens a placeholder that is not closed"),
        ("{mean|{max}}", "opens a placeholder that is not closed"),
    ],
)
def test_what_cannot_be_filled_is_told_as_it_is_read(text: str, told: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse(f"before {text} behind")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{attr.Nobody}", "the attribute Nobody is missing"),
        ("{attr.no*}", r"no attribute fits no\*"),
        ("{body.kind.of}", "'kind.of' is missing in the body"),
        ("{field99}", "the body has no field 99"),
        ("{error}", "there is no error"),
        ("{pick}", "there is no pick"),
    ],
)
def test_what_lacks_is_a_refusal_that_says_it_or_a_stand_in(text: str, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        filled(text)
    assert filled(f"{text[:-1]}|instead}}") == "instead"


def test_what_a_body_lacks_that_is_no_json_is_told_as_that() -> None:
    with pytest.raises(RefusedError, match="the body is no JSON object"):
        filled("{body.kind}", FIELDS)
    with pytest.raises(RefusedError, match="the message has no group"):
        filled("{group}", FIELDS)


def test_a_stand_in_also_stands_for_what_is_empty() -> None:
    assert filled("{attr.Empty|2}", message(Empty="")) == "2"
    root = Facts(ALL, done=done(source="cat"))
    assert parse("<{folder}><{ext}><{folder|none}>").fill(root) == "<><><none>"


def test_a_template_knows_what_it_names_and_whether_it_is_one_alone() -> None:
    assert parse("{attr.Key|x}").lone == Placeholder("attr.Key", "", "x")
    assert parse("{attr.Key:upper}").lone is None
    assert parse(" {attr.Key}").lone is None
    assert parse("{stem}_{mean:.2f}{ext}").facts == {"stem", "mean", "ext"}


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_message_makes_a_filled_text_fail_or_open_a_placeholder(body: str, value: str) -> None:
    came = message(body, value, Key=value, entier1=body)
    text = "{body} {attr.Key:json} {attr.e*} {field1|a} {field2+|b} {body.a|c} {group|d}"
    if value:
        assert body in filled(text, came)


@given(st.text('{}:|.+*mean attr1"[]', max_size=30))
def test_any_text_is_read_or_told_and_keeps_what_stands_in_it(text: str) -> None:
    try:
        template = parse(text)
    except TemplateError:
        return
    literal = "".join(part for part in template.parts if isinstance(part, str))
    assert template.facts or literal == text
