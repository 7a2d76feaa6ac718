"""The recipes of this machine's user: a file each, in the folder `recipes` of the config folder.

They are the user's own, as settings are, and may be edited, copied to another machine or kept under
version control. A file each, so that what somebody broke in one, or a newer labapp wrote there,
neither harms another nor is lost when another is saved.

What was sent last from the menu is remembered besides, with a name or without.
"""

from __future__ import annotations

import contextlib
import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from labapp import foreign, settings, settings_file
from labapp.errors import LabappError, UsageError
from labapp.files import private, replacing
from labapp.labels.object_keys import DEVICES
from labapp.pictures import recipes as form
from labapp.pictures.recipes import Recipe
from labapp.programs.menus import remembered
from labapp.visible import printable

if TYPE_CHECKING:
    from labapp.jobs.picture_request import ProcessingRequest

#: The folder, in the config folder, and how a recipe's file ends.
FOLDER, ENDING = "recipes", ".toml"

#: Recipes that are kept: more are found by nobody.
MOST = 200

#: Seconds to wait while another program saves or removes one.
BUSY_TIMEOUT = 10.0

#: Under which the last one sent from the menu is remembered.
LAST = "last recipe"

#: What to do where the folder takes nothing.
_REMEDY = "Make it writable, or set LABAPP_CONFIG_DIR to another folder."


class TakenError(UsageError):
    """There is another recipe of that name already."""


@dataclass(frozen=True)
class Listed:
    """A recipe's file.

    Attributes:
        name: what it is called by.
        file: where it is.
        recipe: what it says; None where that cannot be read.
        fault: what is wrong in it, with what to do; empty if nothing is.
    """

    name: str
    file: Path
    recipe: Recipe | None = None
    fault: str = ""


def folder() -> Path:
    """Return the folder of the recipes, which need not be there."""
    return settings.config_dir() / FOLDER


def listed() -> list[Listed]:
    """Return what there is, by name; a file in which something is wrong with what that is."""
    try:
        files = [path for path in folder().iterdir() if path.suffix == ENDING]
    except OSError:  # none was saved yet; whoever saves hears of what is wrong with it
        return []
    return [_listed(path) for path in sorted(files)[:MOST] if not path.name.startswith(".")]


def load() -> list[Recipe]:
    """Return the recipes that can be used, by name."""
    return [one.recipe for one in listed() if one.recipe]


def names() -> list[str]:
    """Return the names that can be typed behind `--recipe`, for a shell to complete."""
    return [recipe.name for recipe in load()]


def get(text: str) -> Recipe:
    """Return the recipe that a typed name means.

    Raises:
        UsageError: there is none, or no recipe can be called so.
        LabappError: something in it is wrong.
    """
    name = form.checked_name(text)
    found = _read(name)
    if found is None:
        raise _unknown(name)
    return found


def last() -> Recipe | None:
    """Return what was sent last from the menu of this machine; None where nothing was.

    It has the name of the recipe that does the same, if there is one.
    """
    try:
        sent = form.of_document(foreign.object_or_empty(remembered.recall(LAST), form.MOST_TEXT))
    except LabappError:  # nothing, or what only another version can read
        return None
    return next((recipe for recipe in load() if recipe.is_same(sent)), sent)


def remember(recipe: Recipe) -> None:
    """Remember what is sent from the menu."""
    remembered.remember(LAST, json.dumps(form.document(recipe)))


def named(recipe: Recipe, name: str) -> Recipe:
    """Return a recipe under another name."""
    return replace(recipe, name=name)


def of_request(request: ProcessingRequest, name: str = "") -> Recipe:
    """Return what a request asks for as a recipe, less the folder of the results."""
    return Recipe(request.steps, name, request.format, request.quality, request.exact)


def request_of(recipe: Recipe, folder: Path | None = None) -> ProcessingRequest:
    """Return the request that a recipe makes, with the folder where results are saved."""
    from labapp.jobs.picture_request import ProcessingRequest

    return ProcessingRequest(recipe.steps, recipe.format, folder, recipe.quality, recipe.exact)


def save(recipe: Recipe, *, over: bool = False, dry: bool = False) -> Path:
    """Keep a recipe under its name; return its file.

    Args:
        recipe: with a name, which may be as typed.
        over: whether another one of that name is written over.
        dry: whether only to see that it could be kept.

    Raises:
        TakenError: another one of that name does something else.
        UsageError: no recipe can be called so, or there are too many.
        LabappError: it cannot be written.
    """
    name = form.checked_name(recipe.name)
    if DEVICES.fullmatch(name):
        raise UsageError(f"Windows keeps the name {name} for a device", "Take another one.")
    path = file_of(name)
    if dry:
        _is_kept(name, recipe, over)
        return path
    with _locked(path):
        if not _is_kept(name, recipe, over):
            private.write_text(path, form.to_text(named(recipe, name)), durable=True)
    return path


def remove(text: str, *, dry: bool = False) -> Path:
    """Remove the recipe that a typed name means, also a broken one; return what its file was.

    Raises:
        UsageError: there is none.
        LabappError: it cannot be removed.
    """
    name = form.checked_name(text)
    path = file_of(name)
    if not path.exists():
        raise _unknown(name)
    if not dry:
        with _locked(path):
            replacing.remove(path, missing_ok=True)
    return path


def _is_kept(name: str, recipe: Recipe, over: bool) -> bool:
    """Tell whether a recipe is kept already, comments and all; errors as of `save`."""
    if not file_of(name).exists():
        if len(listed()) >= MOST:
            raise UsageError(f"there are {MOST} recipes already", "Remove one: recipes remove NAME")
        return False
    try:
        there = _read(name)
    except LabappError:
        there = None
    if there and there.is_same(recipe):
        return True
    if not over:
        told = there.told if there else "which cannot be read"
        raise TakenError(f"there is a recipe {name} already ({told})", "Take another name.")
    return False


def file_of(name: str) -> Path:
    """Return the file of a recipe, which need not be there."""
    return folder() / f"{name}{ENDING}"


def _is_name(text: str) -> bool:
    try:
        return form.checked_name(text) == text
    except LabappError:
        return False


def _listed(path: Path) -> Listed:
    if not _is_name(path.stem):
        told = "no recipe can be called so. Rename the file: a to z, digits, dashes"
        return Listed(printable(path.stem), path, fault=told)
    try:
        found = _read(path.stem)
        return Listed(path.stem, path, found, "" if found else "the file is gone")
    except LabappError as error:
        # The name and the file have places of their own beside it.
        told = str(error).removeprefix(f"the recipe {path.stem} ({path}): ")
        return Listed(path.stem, path, fault=told)


def _read(name: str) -> Recipe | None:
    """Return what a recipe's file says; None where there is none.

    Raises:
        LabappError: it cannot be read, or something in it is wrong.
    """
    path, what = file_of(name), f"the recipe {name}"
    data = settings_file.read_bytes(path, form.MOST_TEXT, what)
    if data is None:
        return None
    said = settings_file.parse(path, data, what, 'steps = ["grayscale", "blur:sigma=3"]')
    try:
        return form.of_document(said, name)
    except LabappError as error:
        raise type(error)(f"{what} ({path}): {error.message}", error.remedy) from None


def _unknown(name: str) -> UsageError:
    names = [one.name for one in listed()]
    near = difflib.get_close_matches(name, names, n=3)
    if near:
        remedy = f"Did you mean {' or '.join(near)}?"
    elif names:
        remedy = "'client.py recipes' lists what there is."
    else:
        remedy = "None was saved yet: client.py recipes save NAME --op STEP"
    return UsageError(f"there is no recipe {name}", remedy)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep other programs from saving and removing meanwhile.

    Raises:
        LabappError: it takes too long, or the folder takes nothing.
    """
    from filelock import Timeout  # not for who only reads

    try:
        private.folder(folder())
        with private.lock(folder() / ".lock", BUSY_TIMEOUT):
            yield
    except Timeout:
        raise LabappError(f"another program keeps {folder()} busy", "Try again.") from None
    except OSError as error:
        raise LabappError(
            f"the recipe {path} cannot be written: {error.strerror or error}", _REMEDY
        ) from error
