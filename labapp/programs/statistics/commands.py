"""admin.py's command stats: what the labels say, as rows, as totals, and of one picture."""

from __future__ import annotations

import argparse
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from labapp.console.figures import plural
from labapp.labels import sorting
from labapp.labels.class_reports import class_reports
from labapp.labels.layout import OWN, Layout
from labapp.labels.remarks import remarks
from labapp.labels.tally import tally
from labapp.programs.dataset.words import no_pictures
from labapp.programs.deciding.table import remarks_table
from labapp.programs.shell.arguments import json_argument
from labapp.programs.shell.context import Context
from labapp.programs.shell.table import Document
from labapp.programs.statistics import confusion, model, per_class
from labapp.programs.statistics.annotators_table import annotators
from labapp.programs.statistics.table import (
    ACTIVITY,
    Figures,
    answers,
    apart,
    balance,
    hundredfold,
    pictures,
    totals_table,
    unreadable,
)

if TYPE_CHECKING:
    from labapp.dataset.statistics import DatasetSnapshot
    from labapp.labels.effective import PictureLabels
    from labapp.labels.summary import Summary
    from labapp.programs.statistics.model import Estimated

#: What a look finds.


def show_statistics(context: Context) -> int:
    """Write a row for each picture, or all that is known of one."""
    from labapp.dataset.statistics import Statistics
    from labapp.programs.dataset.looking import look_with_progress

    arguments, target = context.arguments, context.settings.target_answers
    with contextlib.closing(Statistics(context.bucket())) as statistics:
        look = look_with_progress(statistics)
    if look.unread:
        context.say(f"stopped; {plural(look.unread, 'label file')} not read yet")
        return 130
    if arguments.image is not None:
        _stats_of_one(context, look)
        return 0
    if look.left_out_line:
        context.say(look.left_out_line)
    if arguments.confusion or arguments.annotator or arguments.other:
        confusion.show(context, look)
        return 0
    summary = look.summary(target)
    if arguments.classes:
        context.show(per_class.CLASSES, class_reports(summary.tallies, look.scheme))
        return 0
    found = model.estimate(look, summary.tallies) if arguments.model else None
    if arguments.annotators:
        _stats_of_annotators(context, summary, look, found)
        return 0
    scheme = look.scheme
    tallies = sorting.filter_tallies(
        summary.tallies, arguments.filter, target=target, scheme=scheme
    )
    tallies = sorting.sort_tallies(
        tallies, arguments.sort, reverse=arguments.reverse, scheme=scheme
    )
    none = _nothing(summary.progress.pictures, arguments.filter) or no_pictures(look.layout)
    last = all_pictures_row(Figures(summary, look), found)
    context.show(model.pictures_table(scheme, found), tallies, empty=none, last=last)
    if arguments.json:
        return 0
    for line in [*totals(summary, look), *(model.told(found) if found else ())]:
        context.say(line)
    return 0


def _nothing(pictures: int, filter_: str) -> str:
    """Return what to say where no picture passes a filter, and what to do about it."""
    if not pictures:
        return ""
    return f"No picture passes --filter {filter_}. Leave it out to see all {pictures:,}."


def totals(summary: Summary, look: DatasetSnapshot) -> list[str]:
    """Return the totals as lines of text."""
    progress, quality, scheme = summary.progress, summary.quality, look.scheme
    lines = [
        f"{plural(progress.pictures, 'picture')}: {progress.decided:,} decided,"
        f" {progress.in_progress:,} in progress, {progress.disputed:,} disputed,"
        f" {progress.untouched:,} without labels{apart(progress)}",
        f"answers: {progress.useful:,} of {progress.wanted:,} wanted"
        f" ({100 * progress.share:.0f} %), {progress.answers:,} in all",
    ]
    if (share := progress.balance(scheme.first)) is not None:
        counts = ", ".join(f"{n:,} {each.name}" for n, each in balance(progress, scheme))
        lines.append(f"balance: {counts} ({100 * share:.0f} % {scheme.first.name})")
    if quality.pairs:
        alpha = "n/a" if quality.alpha is None else f"{quality.alpha:.3f}"
        few = ", too few to tell" if quality.too_few else ""
        raw = 100 * (quality.raw or 0)
        lines.append(
            f"agreement: Krippendorff's alpha {alpha}, raw {raw:.0f} %"
            f" over {plural(quality.pairs, 'pair')}{few}"
        )
    if progress.unreadable_lines:
        lines.append(f"unreadable: {unreadable(progress)}")
    if look.orphans:
        is_removable = look.layout.is_picture_key(look.orphans[0].key)
        remedy = "; 'images remove KEY' puts it aside" if is_removable else ""
        remedy = "" if look.layout.why_read_only else remedy
        lines.append(
            f"{plural(look.without_picture, 'label file')} without a picture, the first of"
            f" {look.orphans[0].key}{remedy}"
        )
    return lines


def all_pictures_row(of_all: Figures, found: Estimated | None = None) -> dict[str, Any]:
    """Return the last row of `stats --json`: that of all pictures, whatever is shown.

    It is read as those of single pictures are, by a pattern of all their keys, and has the totals.
    """
    progress, scheme = of_all.summary.progress, of_all.look.scheme
    row = {
        "key": f"{of_all.look.layout.images}*",
        "name": None,
        "answers": progress.answers,
        **{f"{one.field}_percent": hundredfold(progress.balance(one)) for one in scheme.classes},
        "agreement": of_all.summary.quality.raw,
        "consensus": None,
    }
    totals = totals_table(scheme).document(of_all)
    if found is None:
        return {**row, "totals": totals}
    totals["model"] = model.TOTALS.document(found)
    return {**row, "model": None, "probability": None, "totals": totals}


def picture_document(
    picture: PictureLabels, layout: Layout = OWN, written: PictureLabels | None = None
) -> dict[str, Any]:
    """Return one picture and its answers as `stats --image KEY --json` has it.

    `written` is it with names as its label file has them, if not `picture`.
    """
    return {
        **pictures(picture.counting.scheme).document(tally(picture, layout)),
        "given": [answers(picture.counting.scheme).document(one) for one in picture.answers],
        "skipped_by": [entry.annotator for entry in picture.skips],
        "unreadable_lines": picture.file.unreadable,
        "decided": [remarks_table().document(one) for one in remarks(written or picture)],
    }


def annotators_document(
    summary: Summary, look: DatasetSnapshot, found: Estimated | None = None
) -> dict[str, Any]:
    """Return who labels, and what was done lately, as `stats --annotators --json` has it."""
    table = model.annotators_table(look, found)
    return {
        "annotators": [table.document(one) for one in summary.annotators],
        "since_yesterday": ACTIVITY.document(summary.activity),
        **({"model": model.TOTALS.document(found)} if found else {}),
    }


def _stats_of_annotators(
    context: Context, summary: Summary, look: DatasetSnapshot, found: Estimated | None
) -> None:
    if context.arguments.json:
        context.json(annotators_document(summary, look, found))
        return
    context.show(model.annotators_table(look, found), summary.annotators)
    for line in model.told(found) if found else ():
        context.say(line)
    lately = summary.activity
    context.say(
        f"since yesterday: {plural(lately.answers, 'answer')} and {plural(lately.skips, 'skip')} by"
        f" {plural(lately.annotators, 'annotator')}, {plural(lately.decided, 'picture')} decided,"
        f" {lately.answers_per_hour:.0f} answers an hour"
    )


def _stats_of_one(context: Context, look: DatasetSnapshot) -> None:
    key = look.key_of(context.arguments.image)
    picture, written = look.picture(key), look.as_written(key)
    found = model.estimate(look, ()) if context.arguments.model else None
    if context.arguments.json:
        document = picture_document(picture, look.layout, written)
        context.json({**document, **found.document(key)} if found else document)
        return
    context.show(answers(look.scheme), picture.answers)
    if decided := remarks(written):
        context.show(remarks_table(look.scheme), decided)
    if picture.answers:
        row = pictures(look.scheme).row(tally(picture, look.layout))
        context.say("\t".join(map(str, row)))
    if found:
        context.say(found.of(key) or "the model says nothing of a picture without answers")


def statistics_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `stats` takes."""
    sorts, filters = map(", ".join, (sorting.sorts(), sorting.filters()))
    own = ", or a class of the dataset's own"
    parser.add_argument("--sort", default="key", metavar="BY", help=sorts + own)
    parser.add_argument("--reverse", action="store_true", help="turn the order round")
    parser.add_argument("--filter", default="all", metavar="WHAT", help=filters + own)
    parser.add_argument("--image", metavar="KEY", help="one picture and its answers")
    parser.add_argument(
        "--annotators",
        action="store_true",
        help="who labels: how much, how far with the rest, what is odd; and the last 24 hours",
    )
    parser.add_argument(
        "--model",
        choices=model.NAMES,
        help="estimate annotators' error rates and each picture's class together, with its"
        " probability: Dawid and Skene, 1979",
    )
    parser.add_argument(
        "--classes",
        action="store_true",
        help="each class: how many, and how far people agree on it",
    )
    parser.add_argument(
        "--confusion",
        action="store_true",
        help="which classes annotators confuse, two by two",
    )
    parser.add_argument(
        "--annotator",
        metavar="NAME",
        help="which classes this one confuses, with the rest and gold",
    )
    parser.add_argument("--other", metavar="NAME", help="with --annotator: with this one instead")
    json_argument(parser)


#: What `stats` writes with --json.
PICTURES_DOCUMENT = replace(
    pictures().listing,
    parts=(
        Document(
            lead="the last is of all pictures, with the key images/* and their totals",
            parts=(replace(totals_table().listing, lead="`totals`:"),),
        ),
    ),
)

#: What it writes with --annotators.
ANNOTATORS_DOCUMENT = replace(
    annotators().listing,
    lead="`annotators`: list of",
    flag="--annotators",
    parts=(replace(ACTIVITY.listing, lead="`since_yesterday`:"),),
)
