"""What the commands of decisions take."""

from __future__ import annotations

import argparse

from labapp.labels.classes import DEFAULT_SCHEME
from labapp.programs.shell.arguments import changing_arguments, deleting_arguments


def of_annotator(parser: argparse.ArgumentParser) -> None:
    """Add what `annotators leave-out` and `take-back` take."""
    _name_argument(parser, "who, as 'annotators' lists them")
    changing_arguments(parser)


def to_withdraw(parser: argparse.ArgumentParser) -> None:
    """Add what `annotators withdraw` takes."""
    _name_argument(parser, "whose answers")
    _span_arguments(parser)
    deleting_arguments(parser)


def to_restore(parser: argparse.ArgumentParser) -> None:
    """Add what `annotators restore` takes."""
    _name_argument(parser, "whose answers")
    _span_arguments(parser)
    changing_arguments(parser)


def to_merge(parser: argparse.ArgumentParser) -> None:
    """Add what `annotators merge` takes."""
    parser.add_argument("other", metavar="OTHER", help="the name that is given up")
    _name_argument(parser, "the name that they go by")
    changing_arguments(parser)


def to_split(parser: argparse.ArgumentParser) -> None:
    """Add what `annotators split` takes."""
    _name_argument(parser, "the name that was merged into another", "OTHER")
    changing_arguments(parser)


def to_settle(parser: argparse.ArgumentParser) -> None:
    """Add what `verdict` takes."""
    parser.add_argument("key", metavar="KEY", help="the picture's key, as 'stats' lists it")
    parser.add_argument(
        "label",
        nargs="?",
        metavar="CLASS",
        help=f"its code or name: {DEFAULT_SCHEME.meanings}, or the dataset's own",
    )
    parser.add_argument("--undo", action="store_true", help="take the verdict back that counts")
    changing_arguments(parser)


def of_pictures(parser: argparse.ArgumentParser) -> None:
    """Add what `broken dismiss` and `bring-back` take."""
    told = "a picture's key, as 'broken' lists it, or a pattern of keys or names: \"*.gif\""
    parser.add_argument("key", nargs="+", metavar="KEY", help=told)
    changing_arguments(parser)


def _name_argument(parser: argparse.ArgumentParser, told: str, metavar: str = "NAME") -> None:
    parser.add_argument("name", metavar=metavar, help=told)


def _span_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="answers of then and later, such as 2026-11-21T10:00 in UTC, or 2h: so long ago",
    )
    parser.add_argument(
        "--until", metavar="TIME", help="answers before then; a date alone counts whole"
    )
