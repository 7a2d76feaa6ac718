"""What is listed of pictures that are processed, of their results, and of operations."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from labapp.programs.jobs.table import JOBS
from labapp.programs.shell.table import Field, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from labapp.jobs.entry import Entry
    from labapp.pictures.registry import Operation
    from labapp.programs.processing.outcomes import PictureJob
    from labapp.programs.processing.recipes import Listed

RESULTS: Table[Entry] = replace(
    JOBS,
    empty="No pictures yet. Send one: client.py image PHOTO --op blur:sigma=3",
    columns=("job", "sent", "status", "request", "reply"),
    piped=("job", "sent", "status", "path", "reply"),
)

PICTURE_JOBS: Table[PictureJob] = Table(
    fields=(
        Field("path", lambda one: str(one.path)),
        Field("job"),
        Field("status"),
        Field("saved", lambda one: str(one.saved) if one.saved else None),
        Field("result", lambda one: (one.entry.values or None) if one.entry else None),
        Field("error", lambda one: str(one.error) if one.error else None),
        Field("seconds", lambda one: round(one.entry.seconds or 0, 3) if one.entry else None),
    ),
    empty="",
    columns=("path", "saved"),
)


#: What stands between the steps of a recipe.
_THEN = ", then "


def _values(operation: Operation) -> str:
    return "; ".join(f"{one.name}: {one.range}" for one in operation.parameters)


OPERATIONS: Table[Operation] = Table(
    fields=(
        Field("name", look="text"),
        Field("title", look="text"),
        Field("summary"),
        Field(
            "parameters",
            lambda operation: list(map(asdict, operation.parameters)),
            shown=_values,
            piped=_values,
            look="text",
        ),
        Field("defined", note="what its definition does"),
    ),
    empty="",
    columns=("name", "title", "parameters"),
)


def _said(name: str) -> Callable[[Listed], Any]:
    """Return what gives a part of a recipe; None where its file cannot be read."""
    return lambda one: getattr(one.recipe, name) if one.recipe else None


def _stored(one: Listed) -> str:
    """Return how results are stored, in a few words."""
    if not one.recipe:
        return ""
    said = [one.recipe.format, str(one.recipe.quality or ""), "exact" if one.recipe.exact else ""]
    return " ".join(filter(None, said))


RECIPES: Table[Listed] = Table(
    fields=(
        Field("name", look="id"),
        Field(
            "steps",
            _said("texts"),
            shown=lambda one: _THEN.join(one.recipe.texts) if one.recipe else "",
            piped=lambda one: _THEN.join(one.recipe.texts) if one.recipe else "",
            look="text",
        ),
        Field("format", _said("format")),
        Field("quality", _said("quality")),
        Field("exact", _said("exact")),
        Field("stored", _stored, look="text", drop=1),
        Field("file", lambda one: str(one.file)),
        Field("fault", look="remark", rare=True, note="what is wrong in its file"),
    ),
    empty="No recipes yet. Save one: client.py recipes save thumb --op thumbnail",
    columns=("name", "steps", "stored", "fault"),
    hidden=frozenset({"stored"}),
)
