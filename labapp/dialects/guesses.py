"""What else messages that were seen may mean: a choice, steps, a format, what tells them apart."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence

from labapp.dialects import facts, patterns, sightings, speech
from labapp.dialects.facts import Facts
from labapp.dialects.messages import Incoming
from labapp.dialects.rules import Condition
from labapp.dialects.separators import NON_DIGIT
from labapp.dialects.sightings import NUMBERS, OBJECT, PICTURE, Source, values_of
from labapp.dialects.texts import ANY, BY, ELSE
from labapp.dialects.toml import quoted
from labapp.errors import LabappError

#: The words by which labs ask for one statistic, and the fact that it is.
_STATISTICS = {
    **dict.fromkeys(("min", "minimum"), "min"),
    **dict.fromkeys(("max", "maximum"), "max"),
    **dict.fromkeys(("mean", "average", "avg", "moyenne"), "mean"),
    **dict.fromkeys(("median", "mediane", "médiane"), "median"),
    **dict.fromkeys(("sum", "somme", "total"), "sum"),
    **dict.fromkeys(("count", "nombre", "length"), "count"),
}

#: What the names of attributes have in them that tell kinds of requests apart.
_OF_KINDS = re.compile("type|kind|request|operation|action|command|service|task|job|mode", re.I)

#: Values that one fact may have to be taken for a choice, and characters of each.
_MOST_VALUES, _MOST_VALUE = 8, 40

#: The endings of pictures that a client may send as well as those that were seen.
_PICTURES = (".jpg", ".jpeg", ".png")

#: What the first integer of a list begins with, as conditions say it.
_BEGINS = (*(f"{digit}*" for digit in range(10)), "-*")

#: The word at the end of a body, with the sign before it.
_LAST_WORD = re.compile(r"[^\w\s*{}]*\s*[^\W\d_]+\Z")

_FIELD = re.compile(r"\{field([0-9]+)\}")
_ONE = re.compile(r"\{([^{}*#+]+)\}")


def attributes_of(messages: Sequence[Incoming], source: Source) -> list[str]:
    """Return the attributes that each of some messages has, without those that give the source."""
    first, *others = messages
    pattern = source.text[1:-1].removeprefix("attr.")
    return [
        name
        for name in first.attributes
        if not patterns.fits_name(pattern, name) and all(name in one.attributes for one in others)
    ]


def pick_of(messages: Sequence[Incoming], source: Source) -> str:
    """Return the choice of a statistic as the file has it; empty where no value asks for one."""
    asked = [f"attr.{name}" for name in attributes_of(messages, source)]
    for fact in (*asked, *(["field1"] if "field2" in source.text else [])):
        values = _choice(fact, messages, source)
        if len(values) > 1 and all(value.casefold() in _STATISTICS for value in values):
            texts = (f'{quoted(value)} = "{{{_STATISTICS[value.casefold()]}}}"' for value in values)
            return f'{{ by = "{{{fact}}}", {", ".join(texts)}, else = "{{sentence}}" }}'
    return ""


def steps_of(messages: Sequence[Incoming], source: Source) -> tuple[str, str]:
    """Return the steps as the file has them, and what is to be said of them; empty where unseen."""
    for name in attributes_of(messages, source):
        fact = f"attr.{name}"
        values = _choice(fact, messages, source)
        if values and all(map(_is_step, values)):
            return f'"{{{fact}}}"', "a guess"
    for name in dict.fromkeys(name for one in messages for name in one.attributes):
        if step := _parameter_of(name, messages):
            return quoted(step), f"a guess: is it what {name} means?"
    if found := _FIELD.fullmatch(source.text):
        at = int(found[1])
        for place in (at + 1, *range(1, at)):
            values = _choice(f"field{place}", messages, source)
            if values and all(map(_is_step, values)):
                return f'"{{field{place}}}"', "a guess"
        fact = f"field{at + 1}"
        values = _choice(fact, messages, source)
        values = [value for value in values if value not in (BY, ELSE, ANY)]
        if values:
            texts = ", ".join(f'{quoted(value)} = "grayscale"' for value in values)
            return f'{{ by = "{{{fact}}}", {texts} }}', "FILL IN: what each value means"
    return "", ""


def _parameter_of(name: str, messages: Sequence[Incoming]) -> str:
    """Return the step of which an attribute seems to be the parameter; empty where it is none."""
    from labapp.pictures import registry

    asked = name.casefold()
    values = [facts.text_of(one.attributes[name]) for one in messages if name in one.attributes]
    for operation in registry.operations().values():
        if any(parameter.name == asked for parameter in operation.parameters):
            begin = f"{operation.name}:{asked}="
            if all(_is_step(f"{begin}{value.strip()}") for value in values):
                other = "" if len(values) == len(messages) else f"|{values[0].strip()}"
                return f"{begin}{{attr.{name}{other}}}"
    return ""


def _is_step(text: str) -> bool:
    from labapp.pictures.pipeline import Step

    try:
        return bool(Step.parse(text)) and len(text.split()) == 1
    except LabappError:
        return False


def format_of(messages: Sequence[Incoming], source: Source) -> str:
    """Return the result's format as the file has it; empty where no attribute names one."""
    for name in attributes_of(messages, source):
        values = _choice(f"attr.{name}", messages, source)
        if values and all(map(sightings.is_format, values)):
            return f'"{{attr.{name}}}"'
    return ""


def _choice(fact: str, messages: Sequence[Incoming], source: Source) -> list[str]:
    """Return the values of a fact, each once, where they may choose something; else none."""
    values = values_of(fact, messages, source.separators) or []
    distinct = list(dict.fromkeys(values))
    # A brace would be read as a placeholder's where the value stands as a text.
    fit = all(
        value.isprintable() and "{" not in value and 0 < len(value) <= _MOST_VALUE
        for value in distinct
    )
    return distinct if fit and len(distinct) <= _MOST_VALUES else []


def condition_of(
    own: Sequence[Incoming], others: Sequence[Incoming], source: Source
) -> Condition | None:
    """Return a condition that holds of some messages, and of no others; None where none is seen."""
    for condition in _conditions(own, others, source):
        holds = functools.partial(_holds, condition, source)
        if all(map(holds, own)) and not any(map(holds, others)):
            return condition
    return None


def _holds(condition: Condition, source: Source, message: Incoming) -> bool:
    return speech.holds(condition, Facts(message, source.separators))


def _conditions(
    own: Sequence[Incoming], others: Sequence[Incoming], source: Source
) -> Iterator[Condition]:
    """Give what may tell messages apart, the likeliest first."""
    names = attributes_of(own, source)
    kinds = [name for name in names if _OF_KINDS.search(name)]
    for name in kinds:
        if values := _choice(f"attr.{name}", own, source):
            yield Condition(f"attr.{name}", tuple(values))
    if found := _ONE.fullmatch(source.text):
        is_there = found[1].startswith(("attr.", "body."))
        yield from [Condition(found[1], ("*",))] if is_there else []
    if patterns.is_pattern(source.text):
        yield Condition(source.text[1:-1], ("*",))
    yield from (Condition(f"attr.{name}", ("*",)) for name in names)
    yield from _of_a_shape(own, source)
    if others and source.separators != NON_DIGIT:
        yield from (Condition(f"attr.{name}", ()) for name in attributes_of(others, Source("")))
    words = ["field1"] if source.text.startswith("{field") and source.text != "{field1}" else []
    for fact in (*words, *(f"attr.{name}" for name in names if name not in kinds)):
        if values := _choice(fact, own, source):
            yield Condition(fact, tuple(values))


def _of_a_shape(own: Sequence[Incoming], source: Source) -> Iterator[Condition]:
    """Give what holds of others that are of the same shape as some messages, too."""
    fact = source.text[1:-1]
    if source.kind in (PICTURE, OBJECT) and (keys := values_of(fact, own, source.separators)):
        seen = [facts.extension(key) for key in keys]
        more = _PICTURES if source.kind == PICTURE else ()
        endings = (form for one in (*seen, *more) for form in (one, one.lower(), one.upper()))
        yield Condition(fact, tuple(f"*{ending}" for ending in dict.fromkeys(endings)))
    elif source.kind == NUMBERS and source.separators == NON_DIGIT:
        found = [_LAST_WORD.search(one.body.strip()) for one in own]
        if all(found) and len(ends := {one[0].strip() for one in found if one}) <= _MOST_VALUES:
            yield Condition(fact, tuple(f"*{end}" for end in sorted(ends)))
        elif not any(found):
            yield Condition(fact, _BEGINS)
    elif source.kind == NUMBERS and not source.text.startswith(("{attr.", "{body.")):
        yield Condition(fact.removesuffix("+"), _BEGINS)


def when_of(condition: Condition) -> str:
    """Return a condition as the file has it."""
    if condition.patterns in ((), ("*",)):
        value = "true" if condition.patterns else "false"
    else:
        # A star that was seen fits itself as well.
        texts = [quoted(one) for one in condition.patterns]
        value = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    return f"{{ {quoted(condition.fact)} = {value} }}"
