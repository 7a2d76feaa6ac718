"""What is shown of a scheme, on a terminal, in a pipe, as JSON and on its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labapp.programs.shell.table import Document, Field, Table

if TYPE_CHECKING:
    from labapp.labels.classes import LabelClass, Scheme
    from labapp.labels.scheme_change import Change

CLASSES: Table[LabelClass] = Table(
    fields=(
        Field("code", look="number"),
        Field("key", look="word"),
        Field("name", look="id"),
        Field("title", title="for annotators", look="remark", drop=1, least=12),
    ),
    columns=("code", "key", "name", "title"),
)

#: What JSON has of a scheme, but for its classes.
_NAMES = (
    "question",
    "guidelines",
    "order",
    "gold_every",
    "feedback",
    "hints",
    "classes",
    "retired",
)

_PARTS = (
    Document(("code", "key", "name", "title"), "each class"),
    Document(
        ("code", "name", "counts_as"), "each retired", {"counts_as": "a code; null: no answer"}
    ),
)

#: What `classes` and `classes check` write with --json.
SCHEME = Document(_NAMES, parts=_PARTS)

#: What `classes set` and `classes reset` write.
CHANGED = Document(
    ("state", "changes", *_NAMES), notes={"changes": "what it does, a line each"}, parts=_PARTS
)


def scheme_document(scheme: Scheme) -> dict[str, Any]:
    """Return a scheme as JSON has it."""
    return {
        "question": scheme.question,
        "guidelines": scheme.guidelines,
        "order": scheme.order.value,
        "gold_every": scheme.gold_every,
        "feedback": scheme.has_feedback,
        "hints": scheme.has_hints,
        "classes": [CLASSES.document(each) for each in scheme.classes],
        "retired": [
            {"code": old, "name": scheme.former.get(old), "counts_as": new}
            for old, new in sorted(scheme.retired.items())
        ],
    }


def changed_document(change: Change, state: str) -> dict[str, Any]:
    """Return what a change does and what comes of it, as JSON has it."""
    return {"state": state, "changes": [*change.told], **scheme_document(change.after)}


def facts(scheme: Scheme) -> dict[str, str]:
    """Return what there is of a scheme beside its classes, by what it is called."""
    every = scheme.gold_every
    found = {
        "question": scheme.question,
        "shown next": scheme.order.told,
        "gold pictures": f"one in {every:,}" if every else "none mixed in",
        "after a gold one": "what it was, is told" if scheme.has_feedback else "nothing is told",
        "predictions": "shown as hints" if scheme.has_hints else "not shown",
        "guidelines": scheme.guidelines.partition("\n")[0],
        "retired codes": ", ".join(
            f"{scheme.former.get(old, '')} {old} (as {_name(scheme, new)})".strip()
            for old, new in sorted(scheme.retired.items())
        ),
    }
    return {name: said for name, said in found.items() if said}


def _name(scheme: Scheme, code: int | None) -> str:
    return "none" if code is None else scheme.by_code[code].name
