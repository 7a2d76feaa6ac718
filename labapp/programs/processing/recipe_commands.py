"""client.py's commands for recipes: list, show, save, remove."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.errors import LabappError, UsageError
from labapp.pictures import recipes as form
from labapp.programs.processing import recipes
from labapp.programs.processing.commands import (
    EXACT_HELP,
    FORMAT_HELP,
    OP_HELP,
    QUALITY_HELP,
    typed_format,
    typed_quality,
)
from labapp.programs.processing.recipes import Listed
from labapp.programs.processing.table import RECIPES
from labapp.programs.shell.arguments import deleting_arguments, json_argument
from labapp.programs.shell.context import Context
from labapp.programs.shell.table import Document

if TYPE_CHECKING:
    from pathlib import Path

#: What `recipes show` writes with --json, and what `recipes save` and `recipes remove` do.
SHOWN = Document(RECIPES.listing.names)
CHANGED = Document(("name", "file", "state"))


def list_recipes(context: Context) -> None:
    """List the recipes of this user."""
    context.show(RECIPES, recipes.listed())


def show(context: Context) -> None:
    """Show one recipe as its file has it."""
    recipe = recipes.get(context.arguments.name)
    if context.arguments.json:
        context.json(RECIPES.document(Listed(recipe.name, recipes.file_of(recipe.name), recipe)))
        return
    for line in form.to_text(recipe).splitlines():
        context.line(line)


def save(context: Context) -> None:
    """Keep steps under a name."""
    arguments = context.arguments
    name = form.checked_name(arguments.name)
    if not arguments.op:
        raise UsageError(
            "say with --op what the recipe does", "'client.py operations' lists what there is."
        )
    recipe = form.with_flags(
        None,
        arguments.op,
        typed_format(arguments.format),
        typed_quality(arguments.quality),
        exact=arguments.exact,
    )
    recipe = recipes.named(recipe, name)
    try:
        file = recipes.save(recipe, dry=context.dry)
    except recipes.TakenError as error:
        if not (context.dry or context.confirm(f"{error.message}. Replace it?")):
            raise LabappError(f"{name} was not saved", "Take another name, or say y.") from None
        file = recipes.save(recipe, over=True, dry=context.dry)
    _tell(context, name, file, "saved", f"would save {name}: {recipe.told}")


def remove(context: Context) -> None:
    """Remove a recipe."""
    name = form.checked_name(context.arguments.name)
    file = recipes.remove(name, dry=True)  # one that is not there is told before anything is asked
    if not context.dry:
        if not context.confirm(f"Remove the recipe {name}?"):
            raise LabappError(f"{name} was not removed", "Say y, or --yes, to remove it.")
        recipes.remove(name)
    _tell(context, name, file, "removed", f"would remove {name}")


def _tell(context: Context, name: str, file: Path, done: str, would: str) -> None:
    if context.arguments.json:
        context.json({"name": name, "file": str(file), "state": context.outcome(done)})
    elif context.dry:
        context.line(would)
    else:
        context.row(name, done, str(file))


def show_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `recipes show` takes."""
    _name_argument(parser)
    json_argument(parser)


def save_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `recipes save` takes."""
    told = "what it is to be called: letters from a to z, digits, dashes"
    parser.add_argument("name", metavar="NAME", help=told)
    parser.add_argument("--op", action="append", metavar="STEP", help=OP_HELP)
    parser.add_argument("--format", metavar="FORMAT", help=FORMAT_HELP)
    parser.add_argument("--quality", metavar="N", help=QUALITY_HELP)
    parser.add_argument("--exact", action="store_true", help=EXACT_HELP)
    deleting_arguments(parser)


def remove_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `recipes remove` takes."""
    _name_argument(parser)
    deleting_arguments(parser)


def _name_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="RECIPE", help="its name, as 'recipes' lists it")
