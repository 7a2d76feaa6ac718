"""Recipes: steps and how results are stored, kept under a name to be used again.

A recipe's file is written by labapp and edited by people, so what it says is checked here as what
comes from outside, and what is wrong is told in one sentence that names the key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labapp.errors import LabappError, RefusedError, UsageError
from labapp.pictures import pipeline
from labapp.pictures.limits import BEST_QUALITY, LOSSY, known_format, known_quality
from labapp.pictures.pipeline import Step
from labapp.visible import printable

#: Characters of a name: it is typed behind `--recipe`, and read in a column of a list.
MOST_NAME = 40

#: Characters of a recipe's text: sixteen steps with all their parameters, and comments.
MOST_TEXT = 16_384

#: Characters of a step as typed: one with all its parameters takes 120.
MOST_STEP = 500

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_EXAMPLE = "Call it thumb, say, or web-800."


@dataclass(frozen=True)
class Recipe:
    """What is to be done to a picture, and how its result is stored.

    Attributes:
        steps: the operations, in order; at least one.
        name: as `checked_name` gives it; empty where it has none.
        format: the result's format; empty for each picture's own.
        quality: of a result in JPEG or WebP, 1 to 100; None: that of each picture.
        exact: whether it is done as the operations are defined, and not by the fast kernels.
    """

    steps: tuple[Step, ...]
    name: str = ""
    format: str = ""
    quality: int | None = None
    exact: bool = False

    @property
    def texts(self) -> list[str]:
        """Its steps as they are typed behind `--op`."""
        return [step.text for step in self.steps]

    @property
    def told(self) -> str:
        """What it does, in a line: `grayscale, then blur:sigma=3, as jpeg, quality 80`."""
        return ", ".join(filter(None, (", then ".join(self.texts), self.stored)))

    @property
    def stored(self) -> str:
        """How results are made and stored, but for its steps: `as jpeg, quality 80, exact`."""
        told = [f"as {self.format}"] if self.format else []
        told += [f"quality {self.quality}"] if self.quality else []
        return ", ".join([*told, "exact"] if self.exact else told)

    def is_same(self, other: Recipe) -> bool:
        """Tell whether another does the same, whatever it is called."""
        return document(self) == document(other)


def checked_name(text: str) -> str:
    """Return the name that a typed one means: small letters, digits, and dashes for blanks.

    Raises:
        UsageError: it is none; says why.
    """
    name = re.sub(r"[\s_-]+", "-", text.strip().lower()).strip("-")
    if not name:
        raise UsageError("a recipe needs a name", _EXAMPLE)
    if len(name) > MOST_NAME:
        raise UsageError(
            f"the name {printable(name[:MOST_NAME])}... has {len(name):,} characters; at most"
            f" {MOST_NAME} are taken",
            _EXAMPLE,
        )
    if not _NAME.fullmatch(name):
        wrong = re.sub("[a-z0-9-]", "", name)[0]
        raise UsageError(
            f"no recipe can be called {printable(text.strip())!r}: {printable(wrong)!r} is no"
            " letter from a to z, no digit and no dash",
            _EXAMPLE,
        )
    return name


def document(recipe: Recipe) -> dict[str, object]:
    """Return what a recipe says, less its name: `of_document` reads it."""
    said: dict[str, object] = {"steps": recipe.texts}
    said |= {"format": recipe.format} if recipe.format else {}
    said |= {"quality": recipe.quality} if recipe.quality else {}
    return said | ({"exact": True} if recipe.exact else {})


def to_text(recipe: Recipe) -> str:
    """Return a recipe as TOML, for people to read and edit."""
    head = f"# client.py image PHOTO --recipe {recipe.name}\n" if recipe.name else ""
    lines = (f"{key} = {json.dumps(value)}\n" for key, value in document(recipe).items())
    return head + "".join(lines)


def of_document(said: Mapping[str, object], name: str = "") -> Recipe:
    """Return the recipe that a document says.

    A key that is not known is refused, and not passed over: it may be a newer labapp's, by which
    something else would be done.

    Raises:
        LabappError: something in it is wrong; names the key, or the step by its place.
    """
    if unknown := [key for key in said if key not in _KEYS]:
        raise RefusedError(
            f"{printable(unknown[0][:MOST_NAME])} is no key of a recipe",
            f"There are {', '.join(_KEYS)}; a newer labapp may know more.",
        )
    steps, exact = _steps(said.get("steps")), said.get("exact", False)
    if not isinstance(exact, bool):
        raise RefusedError("exact is neither true nor false", "Write exact = true.")
    wanted, quality = said.get("format", ""), said.get("quality")
    if not isinstance(wanted, str):
        raise RefusedError("format is no text", 'Write format = "jpeg".')
    if quality is not None and (isinstance(quality, bool) or not isinstance(quality, int | str)):
        raise RefusedError(
            "quality is no whole number", f"Write quality = 80, or what else to {BEST_QUALITY}."
        )
    return Recipe(
        steps,
        name,
        known_format(wanted) if wanted else "",
        None if quality is None else known_quality(_digits(quality)),
        exact,
    )


def with_flags(
    recipe: Recipe | None, ops: Sequence[str], wanted: str, quality: int | None, *, exact: bool
) -> Recipe:
    """Return a recipe with what was asked for besides.

    Args:
        recipe: what is done first; None for nothing.
        ops: more steps, as typed, behind its own.
        wanted: the format, instead of its own; empty for its own.
        quality: the same; its own quality goes with its own format where the other knows none.
        exact: whether all is to be exact, also if the recipe does not say so.

    Raises:
        LabappError: as of `pipeline.parse`.
    """
    if recipe is None:
        return Recipe(pipeline.parse(ops), "", wanted, quality, exact)
    steps = pipeline.parse([*recipe.texts, *ops])
    kept = recipe.quality if not wanted or wanted in LOSSY else None
    return Recipe(
        steps, recipe.name, wanted or recipe.format, quality or kept, exact or recipe.exact
    )


_KEYS = ("steps", "format", "quality", "exact")
_FORM = 'Write steps = ["grayscale", "resize:side=800"], as they stand behind --op.'


def _steps(said: object) -> tuple[Step, ...]:
    if isinstance(said, str):  # one step, as somebody may write it
        said = [said]
    if not said:
        raise RefusedError("it says no steps", _FORM)
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise RefusedError("steps is no list of texts", _FORM)
    steps = []
    for place, text in enumerate(said[: pipeline.MAX_STEPS], start=1):
        if len(text) > MOST_STEP:
            raise RefusedError(
                f"step {place} has {len(text):,} characters; at most {MOST_STEP} are taken", _FORM
            )
        try:
            steps.append(Step.parse(text))
        except LabappError as error:
            raise type(error)(f"step {place}: {error.message}", error.remedy) from None
    return tuple(steps) if len(said) <= pipeline.MAX_STEPS else pipeline.parse(said)


def _digits(quality: int | str) -> str:
    # A number of hundreds of digits cannot be printed everywhere; four of them are wrong already.
    if isinstance(quality, int):
        return str(min(max(quality, -1), BEST_QUALITY + 1))
    return quality
