"""admin.py's commands for gold pictures: gold, gold add, gold remove."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.dataset import counting, gold_pictures, layouts
from labapp.files import typed_paths
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme
from labapp.labels.gold import Gold
from labapp.programs.dataset.words import class_called
from labapp.programs.gold.table import CHANGED, GOLD, GoldPicture
from labapp.programs.shell.arguments import changing_arguments
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from labapp.labels.layout import Layout


def list_gold(context: Context) -> None:
    """List the gold pictures."""
    bucket = context.bucket()
    found = gold_pictures.of(bucket)
    context.show(GOLD, rows_of(found, counting.scheme_of(bucket), layouts.of(bucket)))


def rows_of(gold: Gold, scheme: Scheme, layout: Layout) -> list[GoldPicture]:
    """Return what is listed of gold pictures, by key."""
    return [
        GoldPicture(key, code, scheme.by_code.get(code), layout)
        for key, code in sorted(gold.codes.items())
    ]


def add(context: Context) -> None:
    """Make pictures gold."""
    bucket = context.bucket()
    scheme = counting.scheme_of(bucket)
    said = class_called(context.arguments.label, scheme)
    keys = gold_pictures.pictures(bucket, _words(context))
    before = gold_pictures.add(bucket, keys, said, dry=context.dry)
    _tell(context, before, scheme, layouts.of(bucket), said)


def remove(context: Context) -> None:
    """Have pictures be gold no more."""
    bucket = context.bucket()
    scheme = counting.scheme_of(bucket)
    before = gold_pictures.remove(bucket, _words(context), dry=context.dry)
    _tell(context, before, scheme, layouts.of(bucket), None)


def _words(context: Context) -> list[str]:
    return [typed_paths.without_quotes(word) for word in context.arguments.key]


def _tell(
    context: Context,
    changed: Mapping[str, int | None],
    scheme: Scheme,
    layout: Layout,
    now: LabelClass | None,
) -> None:
    """Say what became of pictures, each with the code that it was gold of."""

    def row(key: str, old: int | None) -> GoldPicture:
        before = None if old is None else scheme.by_code.get(old)
        if now is None:
            state = context.outcome("removed")
        elif old == now.code:
            state = "gold already"
        else:
            state = context.outcome("added" if old is None else "changed")
        code = now.code if now else old or 0
        return GoldPicture(key, code, now or before, layout, state, before)

    context.show(CHANGED, [row(key, old) for key, old in changed.items()])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `gold add` takes."""
    told = "a picture's key, as 'images' lists it, or a pattern of keys or names: \"cat-*.jpg\""
    parser.add_argument("key", nargs="+", metavar="KEY", help=told)
    parser.add_argument(
        "label",
        metavar="CLASS",
        help=f"its code or name: {DEFAULT_SCHEME.meanings}, or the dataset's own",
    )
    changing_arguments(parser)


def remove_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `gold remove` takes."""
    told = "a picture's key, as 'gold' lists it, or a pattern of keys or names"
    parser.add_argument("key", nargs="+", metavar="KEY", help=told)
    changing_arguments(parser)
