"""What admin.py export takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labapp.errors import UsageError
from labapp.files import typed_paths
from labapp.programs.shell.arguments import changing_arguments

if TYPE_CHECKING:
    from labapp.dataset.export import ExportRequest
    from labapp.labels.export.choice import Choice
    from labapp.programs.shell.context import Context

#: What stands for standard output.
STDOUT = "-"

#: The models there are.
MODELS = ("dawid-skene",)


def request_of(context: Context) -> ExportRequest:
    """Return what is asked for, held against what is there.

    Raises:
        UsageError: there is no such format, or it cannot be written so, or there is no such number.
        RefusedError: something is in the way.
    """
    from labapp.dataset.export import ExportRequest
    from labapp.labels.export import format_called
    from labapp.labels.export.yolo import SPLIT, shares_of

    arguments = context.arguments
    for flag, value in (("--format", arguments.format), ("--out", arguments.out)):
        if value is None:
            raise UsageError(f"{flag} is missing", "'export --list' tells the formats.")
    if arguments.min_answers < 1:
        raise UsageError(f"--min-answers is {arguments.min_answers}", "Give 1 or more.")
    format = format_called(arguments.format, excel=arguments.excel)
    if arguments.split is not None and not format.is_split:
        raise UsageError(f"{format.name} has no parts", "Leave --split out.")
    request = ExportRequest(
        format,
        typed_paths.parse(arguments.out),
        into=typed_paths.is_folder(arguments.out),
        target=context.settings.target_answers,
        min_answers=arguments.min_answers,
        excel=arguments.excel,
        force=arguments.force,
        choice=_choice(arguments),
        has_model=bool(arguments.model),
        split=shares_of(arguments.split or SPLIT),
    )
    if arguments.out == STDOUT:
        _check_stdout(context, request)
        request.choice.check()
    else:
        request.check()
    return request


def _choice(arguments: argparse.Namespace) -> Choice:
    from labapp.labels.export.choice import Choice, moment

    since, until = arguments.since, arguments.until
    return Choice(
        moment(since) if since is not None else None,
        moment(until, is_end=True) if until is not None else None,
        tuple(arguments.annotator),
        tuple(arguments.classes),
        tuple(arguments.status),
        arguments.min_probability,
    )


def _check_stdout(context: Context, request: ExportRequest) -> None:
    if request.format.is_folder:
        raise UsageError(
            f"{request.format.name} is a folder, which standard output cannot be",
            "Name a folder; 'export --list' tells which formats are single files.",
        )
    if context.arguments.json:
        raise UsageError(
            "--json is a document on standard output, where the export goes", "Leave one out."
        )


def add(parser: argparse.ArgumentParser) -> None:
    """Add them to a parser."""
    from labapp.labels.export import FORMATS
    from labapp.labels.export.yolo import SPLIT

    folders, decided, excel, split = (
        ", ".join(each.name for each in FORMATS.values() if getattr(each, has))
        for has in ("is_folder", "decided_only", "is_for_excel", "is_split")
    )
    parser.add_argument("--format", choices=[*FORMATS], metavar="FORMAT", help=", ".join(FORMATS))
    parser.add_argument("--list", action="store_true", help="tell what each format is, and end")
    parser.add_argument(
        "--out",
        metavar="PATH",
        help=f"{folders}: the folder, made if missing; else the file, a folder/ for it, or - for"
        " standard output",
    )
    _add_choice(parser)
    parser.add_argument(
        "--min-answers",
        type=int,
        default=1,
        metavar="N",
        help=f"{decided}: leave out pictures with fewer answers (default: 1)",
    )
    parser.add_argument(
        "--split",
        metavar="SHARES",
        help=f"{split}: percent for train/val, or train/val/test (default: {SPLIT})",
    )
    parser.add_argument(
        "--excel",
        action="store_true",
        help=f"{excel}: begin the tables with a byte-order mark, so that Excel reads them as UTF-8",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace an earlier export; other files in the folder stay",
    )
    changing_arguments(parser)


def _add_choice(parser: argparse.ArgumentParser) -> None:
    """Add what chooses answers, and then what chooses pictures."""
    from labapp.labels.export.choice import STATUSES

    chosen = parser.add_argument_group(
        "what is wanted",
        "Time and annotator choose answers. Pictures are counted by these alone, and\n"
        "left out without any. Class, status and probability then choose pictures, each\n"
        "with all its chosen answers. Broken ones come with --status broken only.",
    )
    chosen.add_argument(
        "--since",
        metavar="TIME",
        help="answers of then and later, such as 2026-11-21T10:00 in UTC, or 2h: so long ago",
    )
    chosen.add_argument(
        "--until",
        metavar="TIME",
        help="answers before then; a date alone counts whole. Verdicts too are those before then;"
        " answers without a time are left out by both",
    )
    chosen.add_argument(
        "--annotator",
        action="append",
        default=[],
        metavar="NAME",
        help="answers of one person, under whatever name; again for more; anonymous for answers"
        " without a name",
    )
    chosen.add_argument(
        "--class",
        dest="classes",
        action="append",
        default=[],
        metavar="NAME|CODE",
        help="pictures that are taken for a class; again for more",
    )
    chosen.add_argument(
        "--status",
        action="append",
        default=[],
        choices=[*STATUSES],
        metavar="STATUS",
        help=f"{', '.join(STATUSES)}; again for more",
    )
    chosen.add_argument(
        "--model",
        choices=MODELS,
        metavar="MODEL",
        help=f"{MODELS[0]}: the model decides in place of the majority, and its probability is"
        " written; a verdict stays",
    )
    chosen.add_argument(
        "--min-probability",
        type=float,
        default=0.0,
        metavar="P",
        help="pictures whose class has at least this probability, 0 to 1, by the model",
    )
