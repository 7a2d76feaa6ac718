"""How results are written for other programs: as one JSON document, or as cells between tabs."""

from __future__ import annotations

import json
import re

#: What would break a line of cells, or steer the terminal that it is shown on.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

#: The controls that JSON leaves as they are, and terminals heed; and what is no character, as the
#: bytes of a file's name that are no UTF-8 (PEP 383). A reader gets them back from the escape.
_UNSAFE = re.compile("[\x7f-\x9f\ud800-\udfff]")


def document(value: object) -> str:
    """Write a value as a JSON document, with null wherever a field has no value."""
    return json.dumps(_null_for_empty(value), indent=2, ensure_ascii=False)


def safe_json(text: str) -> str:
    """Escape in a document what a terminal would heed, and what cannot be written."""
    # JSON escapes the controls below the blank itself; the others occur in its texts only.
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def cell(value: str | float) -> str:
    """Write a value as a cell of one line."""
    return _CONTROL.sub(" ", value) if isinstance(value, str) else str(value)


def _null_for_empty(value: object) -> object:
    if isinstance(value, dict):
        return {name: _null_for_empty(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_null_for_empty(one) for one in value]
    return None if value == "" else value
