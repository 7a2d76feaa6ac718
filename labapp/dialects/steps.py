"""Steps, formats and qualities that a dialect's file asks for, held against those that there are.

What a message gives is not known yet: of a text with placeholders, what stands between is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from labapp.dialects.rules import Text
from labapp.dialects.tables import Table, meant, shown
from labapp.dialects.templates import Placeholder, Template
from labapp.dialects.texts import each
from labapp.errors import LabappError
from labapp.pictures import pipeline, registry
from labapp.pictures.limits import known_format, known_quality

#: Stands for a placeholder while a text is taken apart; no file has it, as it is no character.
_GAP = "\ufdd0"

_WORD = re.compile(r"[a-z_]+", re.ASCII)


def check(table: Table, key: str, text: Text | None) -> None:
    """Find fault with steps that cannot be done."""
    for template in each(text):
        found = _filled(template).split()
        if len(found) > pipeline.MAX_STEPS:
            what = f"{key} of {table.name} has {len(found)} steps"
            table.fault(what, f"At most {pipeline.MAX_STEPS} are taken.", key)
        for step in found:
            for error in _faults(step):
                table.fault(f"{key} of {table.name}: {error.message}", error.remedy, key)
        if not template.text.strip():
            what = f"{key} of {table.name} has no step in {shown(template.text)}"
            table.fault(what, 'Name at least one operation, as "grayscale".', key)


def check_format(table: Table, key: str, text: Text | None) -> None:
    """Find fault with a format that is not written."""
    _check(table, key, text, known_format)


def check_quality(table: Table, key: str, text: Text | None) -> None:
    """Find fault with a quality that is none."""
    _check(table, key, text, known_quality)


def _check(table: Table, key: str, text: Text | None, known: Callable[[str], object]) -> None:
    for template in each(text):
        value = _filled(template)
        if value and _GAP not in value:
            try:
                known(value)
            except LabappError as error:
                table.fault(f"{key} of {table.name}: {error.message}", error.remedy, key)


def _filled(template: Template) -> str:
    """Return a text with what stands in for each placeholder, or a mark where nothing does."""
    return "".join(
        (_GAP if part.other is None else part.other) if isinstance(part, Placeholder) else part
        for part in template.parts
    )


def _faults(step: str) -> Iterator[LabappError]:
    """Give what is wrong with a step, of which something is left open."""
    name, colon, rest = step.partition(":")
    if _GAP in name:
        return
    word = _WORD.match(name)
    if word and word[0] != name and word[0] in registry.operations():
        yield LabappError(f"{name!r} is no step", 'Write steps as "blur:sigma=3 grayscale".')
        return
    given: list[str] = []
    left_open: list[str] = []
    for part in rest.split(",") if colon else ():
        parameter, equals, _ = part.partition("=")
        if _GAP not in part:
            given.append(part)
        elif equals and _GAP not in parameter:
            left_open.append(parameter.strip().lower())
    try:
        taken = [parameter.name for parameter in registry.get(name).parameters]
        if given or not left_open:
            pipeline.Step.parse(f"{name}:{','.join(given)}" if given else name)
    except LabappError as error:
        yield error
        return
    for parameter in left_open:
        if parameter not in taken:
            remedy = meant(parameter, taken) if taken else f"{name} takes none."
            yield LabappError(f"{name} has no parameter {parameter}", remedy)
