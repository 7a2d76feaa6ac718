"""What must hold of a message for a block to answer it: `when`, read."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from labapp.dialects import facts, keys, templates
from labapp.dialects.facts import TemplateError
from labapp.dialects.rules import Condition
from labapp.dialects.tables import Table, shown
from labapp.dialects.texts import ANY

_EXAMPLE = 'when = { "attr.Kind" = "Average" }'
_VALUES = "Write a text, with * for anything, a list of such, or true or false: is it there?"


def read(table: Table) -> tuple[Condition, ...]:
    """Return the conditions of a block, in the file's order."""
    inner = table.table("when", f"when of {table.name}", _EXAMPLE)
    if inner is None:
        return ()
    return tuple(_conditions(inner, inner.said, ()))


def _conditions(
    table: Table, said: Mapping[str, object], where: tuple[str, ...]
) -> Iterator[Condition]:
    """Give the conditions of a table: a name in dots without quotes is tables in each other."""
    for key, value in said.items():
        at = (*where, key)
        if isinstance(value, dict):
            if not value:
                table.fault(f"{'.'.join(at)} of {table.name} is empty", f"Write {_EXAMPLE}.", *at)
            yield from _conditions(table, value, at)
        else:
            _check_fact(table, ".".join(at), at)
            yield Condition(".".join(at), _patterns(table, value, at))


def _check_fact(table: Table, fact: str, where: tuple[str, ...]) -> None:
    try:
        is_of_request = facts.REQUEST in facts.known(fact).places
    except TemplateError:
        is_of_request = False
    if not is_of_request:
        plain = fact.strip("{}")
        near = difflib.get_close_matches(plain, ("body", "field1", "message_id", "group"), 1)
        remedy = f"Did you mean {near[0]}?" if near else f'Write "attr.{plain}" for an attribute.'
        if plain != fact:
            remedy = f'Write it without braces: "{plain}" = ...'
        elif fact.startswith("attr"):
            remedy = "Behind attr. stand letters, digits, dots, dashes and underscores."
        elif fact in _LATER:
            remedy = "Ask for body, field1, attr.X, body.X, message_id or group."
        elif fact in keys.OF_BLOCKS:
            remedy = f"{keys.homes('[request.when]')[fact]} Else: {remedy}"
        table.fault(
            f"{table.name} asks for {shown(fact)}, which is no fact of a message", remedy, *where
        )


#: Facts that come of a request, and are not known when a block is chosen.
_LATER = frozenset(fact.name for fact in facts.FACTS if facts.REQUEST not in fact.places)


def _patterns(table: Table, value: object, where: tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(value, bool):
        return (ANY,) if value else ()
    values = value if isinstance(value, list) else [value]
    found = []
    for one in values:
        if isinstance(one, bool) or not isinstance(one, str | int | float):
            table.fault(f"{'.'.join(where)} of {table.name} is {shown(one)}", _VALUES, *where)
        else:
            found.append(_pattern(table, one, where))
    if not values:
        what = f"{'.'.join(where)} of {table.name} is an empty list, which nothing fits"
        table.fault(what, _VALUES, *where)
    return tuple(found)


def _pattern(table: Table, value: str | float, where: tuple[str, ...]) -> str:
    pattern = value if isinstance(value, str) else shown(value)
    try:
        has_placeholder = bool(templates.parse(pattern).facts)
    except TemplateError:
        has_placeholder = False
    if has_placeholder:
        what = f"{'.'.join(where)} of {table.name} has a placeholder"
        table.fault(what, "Write the text that is asked for, with * for anything.", *where)
    if pattern != pattern.strip():
        what = f"{'.'.join(where)} of {table.name} is {shown(pattern)}"
        table.fault(what, "Leave out the blanks around it: texts are compared without.", *where)
    return pattern
