"""How results are written for other programs: as one JSON document, or as cells between tabs."""

from __future__ import annotations

import json

from labapp.console.figures import in_lines
from labapp.errors import LabappError
from labapp.visible import visible_cell, visible_json


def document(value: object) -> str:
    """Write a value as a JSON document, with null wherever a field has no value."""
    return json.dumps(_null_for_empty(value), indent=2, ensure_ascii=False)


def safe_json(text: str) -> str:
    """Escape in a document what a terminal would heed, what hides, and what cannot be written."""
    return visible_json(text)


def cell(value: str | float) -> str:
    """Write a value as a cell of one line."""
    return visible_cell(value) if isinstance(value, str) else str(value)


def line(text: str) -> str:
    """Write a line, which stays one whatever the names in it hold; tabs stand between its cells."""
    return in_lines(text).replace("\n", "\\x0a")


def error(what: LabappError) -> str:
    """Write an error, in one line or in its own."""
    lines = str(what).split("\n") if what.has_lines else [str(what)]
    return "\n".join(map(line, lines))


def _null_for_empty(value: object) -> object:
    if isinstance(value, dict):
        return {name: _null_for_empty(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_null_for_empty(one) for one in value]
    return None if value == "" else value
