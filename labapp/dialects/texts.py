"""The texts of a dialect's file while it is read: templates and choices, with facts known there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from labapp.dialects import facts, keys, templates
from labapp.dialects.rules import Choice, Text
from labapp.dialects.tables import Table, shown
from labapp.dialects.templates import Template

#: A fact that stands without its braces, and would be taken for a text.
_BARE = re.compile(r"attr\.[A-Za-z0-9_.*#-]+|field[0-9]+\+?", re.ASCII)

#: The keys of a choice that are no values: what gives the value, and the text for any other.
BY, ELSE = "by", "else"

#: What fits anything in a condition, and nothing but itself here.
ANY = "*"

_CHOICE = '{ by = "{field2}", "1" = "...", "2" = "...", else = "..." }'
_OF_MESSAGES = "Known here are {body}, {field1}, {attr.X}, {body.X}, {message_id} and {group}."


#: What a choice may come to: an attribute that is left out, or what is usual.
_EMPTY = templates.parse("")


class Stage(Enum):
    """When a text is filled, which decides what is known by then."""

    ASKED = "before the work is done"
    STORED = "for the key of the result"
    PICKED = "for pick"
    ANSWERED = "for answers"
    REFUSED = "for refusals"


@dataclass(frozen=True)
class Texts:
    """Reads the texts of one block, each of which may tell what is known there.

    Attributes:
        name: what errors call the block.
        is_numbers: whether it sums up integers; else it processes a picture.
        has_key: whether it asks for a key, of a picture or of an object of integers.
        has_result: whether there is an object with the result.
        has_pick: whether it has a `pick`.
        number: the form in which it writes means and medians.
    """

    name: str
    is_numbers: bool
    has_key: bool
    has_result: bool
    has_pick: bool
    number: str

    def read(self, table: Table, key: str, stage: Stage) -> Text | None:
        """Return the text or the choice at a key of a table; None for none, and for a wrong one."""
        value = table.said.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            return self.template(table, key, stage)
        inner = table.table(key, f"{key} of {table.name}", _CHOICE)
        return self.choice(inner, stage) if inner else None

    def choice(self, table: Table, stage: Stage) -> Choice | None:
        """Return the choice that a table is; None where it is found wrong."""
        if BY not in table.said:
            table.fault(f"{table.name} has no {BY}, which gives the value", f"Write {_CHOICE}.")
            return None
        keys.check_swallowed(table)
        by = self.template(table, BY, stage)
        if by and not by.facts:
            what = f"{BY} of {table.name} has no placeholder, so that it is always the same"
            table.fault(what, f"Write {_CHOICE}.", BY)
        texts = {
            key: _EMPTY if text == "" else self.template(table, key, stage)
            for key, text in table.said.items()
            if key != BY
        }
        other = texts.pop(ELSE, None)
        if ANY in texts:
            what = f"{ANY} of {table.name} is a value as any other"
            table.fault(what, f'Write {ELSE} = "..." for what is none of them.', ANY)
        if not texts:
            table.fault(f"{table.name} has nothing to choose from", f"Write {_CHOICE}.")
        good = {key: text for key, text in texts.items() if text}
        return Choice(by, good, other) if by and good else None

    def template(self, table: Table, key: str, stage: Stage) -> Template | None:
        """Return the text at a key, a number taken for one; None where it is found wrong."""
        value = table.said[key]
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            what = f"{key} of {table.name} is {shown(value)}"
            hint = ", in quotes" if not isinstance(value, bool | dict | list) else ""
            table.fault(what, f'Write a text{hint}: {_key(key)} = "...".', key)
            return None
        text = value if isinstance(value, str) else shown(value)
        if _BARE.fullmatch(text):
            table.fault(f"{key} of {table.name} has no braces", f'Write "{{{text}}}".', key)
        if not text:
            table.fault(f"{key} of {table.name} is empty", "Write something, or leave it out.", key)
            return None
        template, errors = templates.examined(text)
        for error in errors:
            table.fault(f"{key} of {table.name}: {error.message}", error.remedy, key)
        self._check_facts(template, table, key, stage)
        return None if errors else template

    def _check_facts(self, template: Template, table: Table, key: str, stage: Stage) -> None:
        for fact in sorted(template.facts):
            what, remedy = self._lack(fact, stage)
            if what:
                table.fault(f"{key} of {table.name}: {{{fact}}} {what}", remedy, key)

    def _lack(self, fact: str, stage: Stage) -> tuple[str, str]:
        """Return why a fact is not known at a stage, and what to do; empty texts where it is."""
        places = facts.known(fact).places
        known_always = facts.REQUEST in places
        if known_always or (facts.REFUSAL in places and stage is Stage.REFUSED):
            return "", ""
        if fact == "error":
            return "is known in refusals alone", "Write it in error = ..., or leave it out."
        if stage is Stage.ASKED:
            return "is not known before the work is done", _OF_MESSAGES
        if stage is Stage.REFUSED:
            return "is not known of what is refused", f"{_OF_MESSAGES[:-1]}; {{error}} is, too."
        return self._lack_of_done(fact, places, stage)

    def _lack_of_done(self, fact: str, places: tuple[str, ...], stage: Stage) -> tuple[str, str]:
        is_own = {"result": Stage.STORED, "pick": Stage.PICKED}.get(fact) is stage
        if is_own or (fact == "status" and stage is Stage.STORED):
            return "is not known yet", "Leave it out."
        if facts.NUMBERS in places and not self.is_numbers:
            return f"is of numbers, and {self.name} has a picture", "Leave it out."
        if facts.KEY in places and not self.has_key:
            return f"is of an object's key, and {self.name} asks for no object", "Leave it out."
        if fact == "result" and not self.has_result:
            return f"is not there, as {self.name} stores none", 'Give its key: result = "...".'
        if fact == "pick" and not self.has_pick:
            return f"is not there, as {self.name} has none", f"Give pick = {_CHOICE}."
        return "", ""


def each(text: Text | None) -> Iterator[Template]:
    """Give the templates that a text may become: itself, or those of a choice."""
    if isinstance(text, Choice):
        yield from text.texts.values()
        text = text.other
    if text:
        yield text


def facts_of(text: Text | None) -> frozenset[str]:
    """Return the facts that a text names, what gives the value of a choice included."""
    found = text.by.facts if isinstance(text, Choice) else frozenset[str]()
    return found.union(*(template.facts for template in each(text)))


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() else f'"{key}"'
