"""admin.py's commands for a dataset's question and classes: classes, check, set, reset."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from labapp.cloud import bounds
from labapp.errors import RefusedError, UsageError, os_errors_as
from labapp.files import typed_paths
from labapp.files.text import decode_text
from labapp.labels import scheme_edits, scheme_file
from labapp.labels.classes import Order, Scheme
from labapp.labels.scheme_change import is_look_needed, plan
from labapp.programs.classes.table import CLASSES, changed_document, facts, scheme_document
from labapp.programs.menus import asked
from labapp.programs.shell.arguments import changing_arguments, json_argument
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from labapp.cloud.bucket import Bucket
    from labapp.dataset.schemes import Kept
    from labapp.labels.scheme_change import Change, Mapped, Used

#: What stands for standard input among files.
_INPUT = "-"


def show_classes(context: Context) -> None:
    """Show what is asked of the bucket's pictures."""
    from labapp.dataset import schemes

    scheme = schemes.read(context.bucket()).scheme
    asked.keep(context.settings, scheme)
    if context.arguments.toml:
        for line in scheme_file.to_text(scheme).splitlines():
            context.line(line)
        return
    _show(context, scheme)


def _show(context: Context, scheme: Scheme) -> None:
    if context.arguments.json:
        context.json(scheme_document(scheme))
        return
    context.show(CLASSES, scheme.classes)
    for name, said in facts(scheme).items():
        context.say(f"{name}: {said}")


def check(context: Context) -> None:
    """Tell what is wrong with a file, or what it says."""
    _show(context, scheme_file.of_text(text_of(context.arguments.file)))


def change(context: Context) -> None:
    """Change what is asked, by a file and flags."""
    from labapp.dataset import layouts

    arguments = context.arguments
    file = "" if arguments.file is None else text_of(arguments.file)
    bucket = context.bucket()
    layouts.writable(bucket)
    known = _known(bucket, is_replaced=arguments.file is not None)
    start = scheme_file.of_text(file) if arguments.file is not None else known.scheme
    wanted = _edited(start, arguments)
    _make(context, bucket, known, wanted, scheme_edits.mapped(arguments.map, known.scheme, wanted))


def _known(bucket: Bucket, *, is_replaced: bool) -> Kept:
    """Return what the bucket keeps, also where it cannot be read if a file takes its place."""
    from labapp.dataset import schemes

    try:
        return schemes.read(bucket)
    except RefusedError:
        if not is_replaced:
            raise
        return schemes.unreadable(bucket)


def reset(context: Context) -> None:
    """Have the usual scheme again."""
    from labapp.dataset import layouts, schemes

    bucket = context.bucket()
    layouts.writable(bucket)
    known = schemes.read(bucket)
    wanted = scheme_edits.default(known.scheme)
    said = scheme_edits.mapped(context.arguments.map, known.scheme, wanted)
    _make(context, bucket, known, wanted, said)


def _make(context: Context, bucket: Bucket, known: Kept, wanted: Scheme, said: Mapped) -> None:
    """Make a change, or say what it would do."""
    from labapp.dataset import schemes

    planned = plan(known.scheme, wanted, said, _uses(context, bucket, known.scheme, wanted))
    state = context.outcome("changed") if planned.told else "unchanged"
    if planned.told and not context.dry:
        schemes.keep(bucket, known, planned)
        asked.keep(context.settings, planned.after)
    _tell(context, planned, state)
    if not context.dry and (late := schemes.answered_meanwhile(bucket, planned)):
        context.say(late)


def _uses(context: Context, bucket: Bucket, before: Scheme, wanted: Scheme) -> Used:
    """Return what there is of each code, as far as it matters."""
    from labapp.console.figures import plural
    from labapp.dataset import schemes
    from labapp.programs.dataset.looking import with_bar

    if not is_look_needed(before, wanted):
        return {}
    look = with_bar("reading labels", "label files", partial(schemes.look, bucket))
    if not look.is_whole:
        raise UsageError("stopped before all labels were looked at", "Nothing was changed.")
    if look.unread:
        context.say(f"{plural(look.unread, 'label file')} too large to be looked at")
    return look.uses


def _tell(context: Context, planned: Change, state: str) -> None:
    if context.arguments.json:
        context.json(changed_document(planned, state))
        return
    for line in planned.told:
        context.line(line)
    if state == "unchanged":
        context.say("nothing to change")
        return
    context.say(f"the classes {state if state.startswith('would') else f'are {state}'}")


def text_of(path: str) -> str:
    """Return the text of a file, or of standard input.

    Raises:
        UsageError: there is none, or it is no text.
    """
    remedy = "'admin.py classes --toml' writes one to start from."
    if path == _INPUT:
        data = sys.stdin.buffer.read(bounds.DECISIONS + 1)
    else:
        with (
            os_errors_as(UsageError, f"cannot read {path}", remedy),
            typed_paths.parse(path).open("rb") as file,
        ):
            data = file.read(bounds.DECISIONS + 1)
    if len(data) > bounds.DECISIONS:
        raise UsageError(f"{path} has more than {bounds.DECISIONS:,} bytes", remedy)
    try:
        return decode_text(data)
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not text", remedy) from error


def _edited(scheme: Scheme, arguments: argparse.Namespace) -> Scheme:
    """Return a scheme with what flags say."""
    for name in arguments.add:
        scheme = scheme_edits.with_class(scheme, name)
    for name in arguments.remove:
        scheme = scheme_edits.without(scheme, scheme_edits.called(scheme, name))
    for field in ("name", "key", "title"):
        for text in getattr(arguments, field):
            found, said = scheme_edits.assigned(text, scheme)
            changed: dict[str, Any] = {field: said}
            scheme = scheme_edits.with_other(scheme, replace(found, **changed))
    return scheme_edits.checked(replace(scheme, **_settings(arguments)))


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what flags say of anything but classes, by the scheme's attributes."""
    said = {
        "question": arguments.question,
        "guidelines": None if arguments.guidelines is None else text_of(arguments.guidelines),
        "order": arguments.order and Order(arguments.order),
        "gold_every": arguments.gold_every,
        "has_feedback": arguments.feedback,
        "has_hints": arguments.hints,
    }
    return {name: value for name, value in said.items() if value is not None}


def show_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `classes` takes."""
    parser.add_argument(
        "--toml", action="store_true", help="write it as the file that 'classes set' takes"
    )
    json_argument(parser)


def check_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `classes check` takes."""
    parser.add_argument("file", metavar="FILE", help="a file of classes; - is standard input")
    json_argument(parser)


def set_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `classes set` takes."""
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="a file of classes; - is standard input"
    )
    for flag, what, told in (
        ("--add", "NAME", "a class more, with a code and a key that are free"),
        ("--remove", "CLASS", "a class less"),
        ("--name", "CLASS=NAME", "call a class otherwise"),
        ("--key", "CLASS=KEY", "give a class another key"),
        ("--title", "CLASS=TEXT", "what there is in such a picture, as annotators are told"),
    ):
        parser.add_argument(flag, action="append", default=[], metavar=what, help=told)
    parser.add_argument("--question", metavar="TEXT", help="what is asked")
    parser.add_argument(
        "--guidelines", metavar="FILE", help="a text for annotators; an empty one takes it away"
    )
    orders = "; ".join(f"{each.value}: {each.told}" for each in Order)
    parser.add_argument(
        "--order", choices=[each.value for each in Order], help=f"which is shown next ({orders})"
    )
    parser.add_argument(
        "--gold-every", type=int, metavar="N", help="have one picture in N be gold; 0: none"
    )
    switch = argparse.BooleanOptionalAction
    parser.add_argument("--feedback", action=switch, help="tell annotators what a gold one was")
    parser.add_argument("--hints", action=switch, help="show annotators what was predicted")
    _map_argument(parser)
    changing_arguments(parser)


def reset_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `classes reset` takes."""
    _map_argument(parser)
    changing_arguments(parser)


def _map_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="what answers of a class that goes count as: another class, or none",
    )
