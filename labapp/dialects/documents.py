"""What lies in a body that is JSON, numbers as they were written; and how it is written again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labapp.foreign import Written


def found(document: Any, path: Sequence[str]) -> str | Sequence[str] | None:
    """Return what lies on a path through a JSON document: through objects by name, lists by place.

    A list gives its items; what is neither text, number nor list, its JSON.
    """
    for name in path:
        if isinstance(document, dict):
            document = document.get(name)
        elif isinstance(document, list) and name.isascii() and name.isdigit():
            document = document[int(name)] if len(name) < 7 and int(name) < len(document) else None
        else:
            return None
    if isinstance(document, list):
        return [one if isinstance(one, str) else Written(as_json(one)) for one in document]
    if document is None or isinstance(document, str):
        return document
    return Written(as_json(document))


def as_json(value: Any) -> str:
    """Return a value that was read of JSON, or a text, as JSON; numbers as they were written."""
    import json  # few dialects speak it

    if isinstance(value, Written):
        return str(value)
    if isinstance(value, dict):
        inside = ", ".join(f"{as_json(name)}: {as_json(one)}" for name, one in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_json, value))}]"
    return json.dumps(value, ensure_ascii=False)
