"""What the commands of the dataset take."""

from __future__ import annotations

import argparse

from labapp.programs.shell.arguments import changing_arguments, deleting_arguments, folder_arguments


def to_upload(parser: argparse.ArgumentParser) -> None:
    """Add what client.py's `upload` takes."""
    _upload(parser, "+", "")


def to_upload_or_sample(parser: argparse.ArgumentParser) -> None:
    """Add what admin.py's `upload` takes, which needs no path."""
    _upload(parser, "*", " (default: images/ of this project)")


def _upload(parser: argparse.ArgumentParser, number: str, default: str) -> None:
    told = f"pictures, folders, patterns{default}"
    parser.add_argument("path", nargs=number, metavar="PATH", help=told)
    folder_arguments(parser)
    changing_arguments(parser)


def to_remove(parser: argparse.ArgumentParser) -> None:
    """Add what `images remove` takes."""
    told = "a picture's key, as 'images' lists it, or a pattern of keys or names: \"*.gif\""
    parser.add_argument("key", nargs="+", metavar="KEY", help=told)
    deleting_arguments(parser)


def to_import(parser: argparse.ArgumentParser) -> None:
    """Add what `import` takes."""
    from labapp.labels.export import FORMATS
    from labapp.labels.importing import IMPORTED

    names = ", ".join(each.answers for each in FORMATS.values() if each.answers)
    told = (
        f"{names}, the folder of an export, Label Studio's JSON, JSON-MIN or CSV, or any table or"
        " JSON Lines of name and label"
    )
    parser.add_argument("file", nargs="*", metavar="FILE", help=told)
    parser.add_argument(
        "--annotator",
        default="",
        metavar="NAME",
        help=f"whose the answers are that do not say (default: {IMPORTED})",
    )
    parser.add_argument(
        "--predictions",
        action="store_true",
        help="import what a model says, as name, label and perhaps confidence; it counts as no"
        " answer",
    )
    parser.add_argument(
        "--remove", action="store_true", help="with --predictions: take all of them away"
    )
    changing_arguments(parser)
