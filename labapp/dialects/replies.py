"""The messages that answer, of a dialect's block, read: of what was done, and of what was not."""

from __future__ import annotations

import re
from dataclasses import replace

from labapp.dialects import forms, keys, limits, names, templates
from labapp.dialects.facts import BROKEN, INTEGER, REFUSAL, REQUEST, known
from labapp.dialects.patterns import is_pattern
from labapp.dialects.rules import AttributeText, ReplyRule, Text
from labapp.dialects.tables import Table, shown
from labapp.dialects.templates import Placeholder
from labapp.dialects.texts import BY, Stage, Texts, each, facts_of

_PATTERN = re.compile(r"[A-Za-z0-9_.*#-]+", re.ASCII)
_TYPED = '{ type = "Number", value = "{count}" }'
_ONE_ANSWER = 'Write body = "..."; several answers begin with [[request.reply]] each.'
_ERROR = 'error = { body = "KO {error}" }'
_ATTRIBUTES = 'attributes = { Key = "{result}" }'
_ECHO = 'echo = "*", or a list of names, with * for anything and # for digits'


def read(table: Table, texts: Texts, answer: str) -> tuple[tuple[ReplyRule, ...], ReplyRule]:
    """Return the messages that answer what a block did, and the one that answers what it did not.

    Args:
        table: the block's.
        texts: reads its texts.
        answer: the queue of its answers; empty for that of the settings.
    """
    is_text = isinstance(table.said.get("reply"), str)
    inner = table.tables("reply", f" of {texts.name}", _ONE_ANSWER if is_text else "")
    for key in ("body", "attributes") if inner else ():
        if key in table.said:
            what = f"{key} of {texts.name} is never sent, as it has [[request.reply]]"
            table.fault(what, "Write it in one of these.", key)
    usual = ReplyRule(templates.parse("{sentence}" if texts.is_numbers else "{result}"))
    own = _reply(table, texts, Stage.ANSWERED, usual)
    for one in inner:
        one.check_keys(keys.OF_ANSWERS, keys.homes("[[request.reply]]"))
    usual = replace(own, body=usual.body, attributes={})
    found = tuple(_reply(one, texts, Stage.ANSWERED, usual) for one in inner) or (own,)
    _check_fifo(table, found)
    for one, rule in zip(inner, found, strict=False):
        _check_fifo(one, (rule,))
    return found, _refusal(table, texts, found[0])


def _refusal(table: Table, texts: Texts, first: ReplyRule) -> ReplyRule:
    """Return what answers a request that is refused: as the first answer, as far as it can."""
    usual = replace(
        first,
        body=templates.parse("{error}"),
        attributes={
            name: one for name, one in first.attributes.items() if _is_of_refusals(one.text)
        },
        group=first.group if _is_of_refusals(first.group) else None,
        deduplication=first.deduplication if _is_of_refusals(first.deduplication) else None,
    )
    said = table.said.get("error")
    if isinstance(said, dict) and BY not in said:
        inner = table.table("error", f"error of {texts.name}", _ERROR)
        if inner is None:
            return usual
        inner.check_keys(keys.OF_ANSWERS, keys.homes("[request.error]"))
        rule = _reply(inner, texts, Stage.REFUSED, usual)
        _check_fifo(inner, (rule,))
        return rule
    body = texts.read(table, "error", Stage.REFUSED)
    return replace(usual, body=body or usual.body, line=table.line("error"))


def _is_of_refusals(text: Text | None) -> bool:
    """Tell whether a text can be filled for a request of which nothing came."""
    return all({REQUEST, REFUSAL} & set(known(fact).places) for fact in facts_of(text))


def _reply(table: Table, texts: Texts, stage: Stage, usual: ReplyRule) -> ReplyRule:
    """Return one message; `usual` is what it is where its table says nothing."""
    attributes, echo = _attributes(table, texts, stage), _echo(table)
    rule = ReplyRule(
        body=texts.read(table, "body", stage) or usual.body,
        attributes=usual.attributes if attributes is None else attributes,
        echo=usual.echo if echo is None else echo,
        queue=names.queue(table, "answer", takes_requests=False) or usual.queue,
        group=texts.read(table, "group", stage) or usual.group,
        deduplication=texts.read(table, "deduplication", stage) or usual.deduplication,
        line=table.line(),
    )
    _check_count(table, rule)
    return rule


def _attributes(table: Table, texts: Texts, stage: Stage) -> dict[str, AttributeText] | None:
    inner = table.table("attributes", f"attributes of {table.name}", _ATTRIBUTES)
    if inner is None:
        return None
    keys.check_swallowed(inner)
    found = {}
    for name in inner.said:
        if fault := names.attribute_fault(name):
            inner.fault(f"{shown(name)} in {inner.name}: {fault}", "Take another name.", name)
        if one := _attribute(inner, name, texts, stage):
            found[name] = one
    return found


def _attribute(table: Table, name: str, texts: Texts, stage: Stage) -> AttributeText | None:
    said = table.said[name]
    if not isinstance(said, dict) or BY in said:
        text = texts.read(table, name, stage)
        return AttributeText(text) if text else None
    inner = table.table(name, f"{name} in {table.name}", _TYPED)
    if inner is None or "value" not in said:
        remedy = f"Write {name} = {_TYPED}; a name with dots stands in quotes."
        table.fault(f"{name} in {table.name} has no value", remedy, name)
        return None
    inner.check_keys(("type", "value"))
    text, kind = texts.read(inner, "value", stage), inner.text("type")
    if kind and (fault := names.type_fault(kind)):
        inner.fault(f"type of {inner.name} is {shown(kind)}: {fault}", f"Write {_TYPED}.", "type")
    if kind.partition(".")[0] == "Number":
        _check_number(inner, text, texts.number)
    return AttributeText(text, kind) if text else None


def _check_number(table: Table, text: Text | None, form: str) -> None:
    """Find fault with a text that no Number is made of; `form` is how the block writes numbers."""
    for one in each(text):
        what = f"{table.name} is of the type Number, and {shown(one.text)}"
        if not one.facts and not limits.is_number(one.text.strip()):
            table.fault(f"{what} is none", 'Write a number, or type = "String".', "value")
        for part in one.parts:
            if not isinstance(part, Placeholder) or known(part.fact).kind not in (INTEGER, BROKEN):
                continue
            is_by_block = known(part.fact).kind == BROKEN and not part.form
            if forms.has_comma(form if is_by_block else part.form):
                remedy = f'Write {{{part.fact}:.2f}} there, or type = "String".'
                table.fault(f"{what} would have a comma", remedy, "value")


def _echo(table: Table) -> tuple[str, ...] | None:
    """Return the patterns of attributes that are repeated; None where nothing is said of them."""
    if "echo" not in table.said:
        return None
    said = table.said["echo"]
    patterns = said if isinstance(said, list) else [said]
    for one in patterns:
        plain = one.strip("{}").removeprefix("attr.") if isinstance(one, str) else ""
        if one != plain or not _PATTERN.fullmatch(plain):
            is_name = _PATTERN.fullmatch(plain)
            remedy = f'Write the name alone: "{plain}".' if is_name else f"Write {_ECHO}."
            table.fault(f"echo of {table.name} is {shown(one)}", remedy, "echo")
    return tuple(one for one in patterns if isinstance(one, str))


def _check_count(table: Table, rule: ReplyRule) -> None:
    names_of_all = {*rule.attributes, *(one for one in rule.echo if not is_pattern(one))}
    if len(names_of_all) > limits.MOST_ATTRIBUTES:
        key = "attributes" if "attributes" in table.said else "echo"
        what = f"{table.name} answers with {len(names_of_all)} attributes"
        table.fault(what, f"SQS takes {limits.MOST_ATTRIBUTES} of a message.", key)


def _check_fifo(table: Table, rules: tuple[ReplyRule, ...]) -> None:
    """Find fault with ids of answers that have none, or that SQS would take for one answer.

    Args:
        table: where the ids stand.
        rules: the messages that have them.
    """
    for key in ("group", "deduplication"):
        if key in table.said and not any(rule.queue.endswith(limits.FIFO) for rule in rules):
            queue = shown(rules[0].queue) if rules[0].queue else "that of settings"
            what = f"{key} of {table.name} is of FIFO queues, and its answers go to {queue}"
            remedy = f"Leave it out, or name a queue of answers that ends in {limits.FIFO}."
            table.fault(what, remedy, key)
    for text in each(rules[0].deduplication) if "deduplication" in table.said else ():
        if not text.facts:
            what = f"deduplication of {table.name} has no placeholder: SQS would drop all but one"
            table.fault(what, "Leave it to labapp, or tell them apart by {message_id}.", key)
