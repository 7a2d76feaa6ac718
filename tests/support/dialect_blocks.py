"""Blocks of a dialect as its file would say them, with what the file may leave out."""

from __future__ import annotations

from typing import Any

from labapp.dialects.messages import Done, Incoming
from labapp.dialects.rules import (
    AttributeText,
    Block,
    Choice,
    Condition,
    Numbers,
    Picture,
    ReplyRule,
    Text,
)
from labapp.dialects.templates import parse
from labapp.message_attribute import Attribute
from labapp.numbers import summarise


def text(said: str | dict[str, str]) -> Text:
    """Return a text, or a choice, as the file has them."""
    if isinstance(said, str):
        return parse(said)
    texts = {key: parse(one) for key, one in said.items() if key not in ("by", "else")}
    return Choice(parse(said["by"]), texts, parse(said["else"]) if "else" in said else None)


def reply(
    body: Any = "{sentence}", attributes: dict[str, Any] | None = None, **said: Any
) -> ReplyRule:
    """Return a message that answers; attributes as texts, or a pair of type and text."""
    rules = {
        name: AttributeText(text(one[1]), one[0])
        if isinstance(one, tuple)
        else AttributeText(text(one))
        for name, one in (attributes or {}).items()
    }
    ids: dict[str, Any] = {
        key: text(said.pop(key)) for key in ("group", "deduplication") if key in said
    }
    return ReplyRule(text(body), rules, **said, **ids)


def block(
    work: Numbers | Picture,
    *replies: ReplyRule,
    when: dict[str, tuple[str, ...]] | None = None,
    **said: Any,
) -> Block:
    """Return the first block of the dialect lab."""
    usual = reply() if isinstance(work, Numbers) else reply("{result}")
    conditions = tuple(Condition(fact, patterns) for fact, patterns in (when or {}).items())
    texts: dict[str, Any] = {
        key: text(said.pop(key)) for key in ("pick", "result", "content") if key in said
    }
    settings: dict[str, Any] = {
        **{"place": 1, "name": "request 1", "line": 1, "lines": {}, "queue": "", "answer": "out"},
        **{"bucket": "", "result_bucket": "", "number": "", "pick": None, "result": None},
        **{"content": None, "refusal": reply("{error}"), "dialect": "lab"},
    }
    all_said: dict[str, Any] = {**settings, **said, **texts}
    return Block(work=work, when=conditions, replies=replies or (usual,), **all_said)


def numbers(source: Any = "{body}", separators: str = "", *, is_object: bool = False) -> Numbers:
    """Return a list of integers that is asked for."""
    return Numbers(text(source), is_object, separators)


def picture(key: str = "{body}", separators: str = "", **said: Any) -> Picture:
    """Return a picture that is asked for."""
    return Picture(
        text(key), separators=separators, **{name: text(one) for name, one in said.items()}
    )


def message(
    body: str = "1,12,55,4", group: str = "", **attributes: str | bytes | Attribute
) -> Incoming:
    """Return a message; attributes of the type String where they are text, Binary where bytes."""
    typed = {
        name: one
        if isinstance(one, Attribute)
        else Attribute("String" if isinstance(one, str) else "Binary", one)
        for name, one in attributes.items()
    }
    return Incoming("id-1", body, typed, group)


def number(value: str) -> Attribute:
    """Return an attribute of the type Number."""
    return Attribute("Number", value)


def done(*integers: int, **said: str) -> Done:
    """Return what came of a list of integers, or of a picture."""
    return Done(integers, summarise(integers) if integers else None, **said)
