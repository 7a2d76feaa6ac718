"""admin.py's command stats: what the labels say, as rows, as totals, and of one picture."""

from __future__ import annotations

import argparse
import contextlib
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from labapp.labels.classes import CLASSES, NEGATIVE, POSITIVE
from labapp.labels.sorting import FILTERS, SORTS
from labapp.programs.shell.arguments import json_argument
from labapp.programs.shell.command import Command, Line
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from collections.abc import Callable

    from labapp.console.progress import Transfer
    from labapp.console.tables import Column
    from labapp.dataset.label_reader import Progress
    from labapp.dataset.statistics import DatasetSnapshot, Statistics
    from labapp.labels.effective import PictureLabels
    from labapp.labels.summary import Summary
    from labapp.labels.tally import Tally


def _stats(context: Context) -> int:
    """Write a row for each picture, or all that is known of one."""
    from labapp.cloud.bucket import Bucket
    from labapp.console.figures import plural
    from labapp.dataset.statistics import Statistics
    from labapp.labels import sorting
    from labapp.labels.object_keys import IMAGES
    from labapp.labels.tally import tally_row

    arguments, target = context.arguments, context.settings.target_answers
    statistics = Statistics(Bucket(context.cloud(bucket_only=True)))
    try:
        look = look_with_progress(statistics)
    finally:
        statistics.close()
    if look.unread:
        context.say(f"stopped; {plural(look.unread, 'label file')} not read yet")
        return 130
    if arguments.image is not None:
        _stats_of_one(context, look)
        return 0
    if look.left_out_line:
        context.say(look.left_out_line)
    summary = look.summary(target)
    if arguments.annotators:
        _stats_of_annotators(context, summary)
        return 0
    tallies = sorting.filter_tallies(summary.tallies, arguments.filter, target=target)
    tallies = sorting.sort_tallies(tallies, arguments.sort, reverse=arguments.reverse)
    if arguments.json:
        context.json([*map(tally_row, tallies), all_pictures_row(summary, look)])
        return 0
    rows = [_cells(each) for each in tallies]
    if sys.stdout.isatty():  # keys are taken without it too, and 80 columns are few
        rows = [(str(key).removeprefix(IMAGES), *rest) for key, *rest in rows]
    context.table(_columns(), rows, empty=_nothing(summary.progress.pictures, arguments.filter))
    for line in totals(summary, look):
        context.say(line)
    return 0


def _nothing(pictures: int, filter_: str) -> str:
    """Return what to say where no picture is listed, and what to do about it."""
    if not pictures:
        return "No pictures yet. Add some: admin.py upload"
    return f"No picture passes --filter {filter_}. Leave it out to see all {pictures:,}."


def look_with_progress(statistics: Statistics) -> DatasetSnapshot:
    """Look at all labels, with a bar while label files are read from S3; Esc stops it."""
    return _with_bar("reading labels", "label files", statistics.look)


def hashes_with_progress(statistics: Statistics, look: DatasetSnapshot) -> DatasetSnapshot:
    """Add the pictures' hashes, with a bar while the bucket is asked for them; Esc stops it."""
    return _with_bar("reading hashes", "pictures", partial(statistics.with_hashes, look))


def _with_bar(
    what: str, unit: str, read: Callable[[Progress, Callable[[], bool]], DatasetSnapshot]
) -> DatasetSnapshot:
    from labapp.console import progress

    bar: Transfer | None = None
    done_before = 0
    with contextlib.ExitStack() as shown:

        def tell(done: int, total: int) -> None:
            nonlocal bar, done_before
            if bar is None:  # not before something is to be read
                bar = shown.enter_context(progress.transfer(what, total, unit))
            bar.moved(done - done_before)
            done_before = done

        return read(tell, lambda: bar is not None and bar.stopped())


def totals(summary: Summary, look: DatasetSnapshot) -> list[str]:
    """Return the totals as lines of text."""
    from labapp.console.figures import plural

    progress, quality = summary.progress, summary.quality
    lines = [
        f"{plural(progress.pictures, 'picture')}: {progress.decided:,} decided,"
        f" {progress.in_progress:,} in progress, {progress.disputed:,} disputed,"
        f" {progress.untouched:,} without labels",
        f"answers: {progress.useful:,} of {progress.wanted:,} wanted"
        f" ({100 * progress.share:.0f} %), {progress.answers:,} in all",
    ]
    if (share := progress.balance(POSITIVE)) is not None:
        counts = ", ".join(f"{progress.count(each):,} {each.name}" for each in CLASSES)
        lines.append(f"balance: {counts} ({100 * share:.0f} % {POSITIVE.name})")
    if quality.pairs:
        alpha = "n/a" if quality.alpha is None else f"{quality.alpha:.3f}"
        few = ", too few to tell" if quality.too_few else ""
        raw = 100 * (quality.raw or 0)
        lines.append(
            f"agreement: Krippendorff's alpha {alpha}, raw {raw:.0f} %"
            f" over {plural(quality.pairs, 'pair')}{few}"
        )
    if progress.unreadable_lines:
        lines.append(
            f"unreadable: {plural(progress.unreadable_lines, 'line')} in"
            f" {plural(progress.unreadable_files, 'label file')}"
        )
    if look.orphans:
        lines.append(
            f"{plural(look.without_picture, 'label file')} without a picture, the first of"
            f" {look.orphans[0].key}; 'images remove KEY' puts it aside"
        )
    return lines


def all_pictures_row(summary: Summary, look: DatasetSnapshot) -> dict[str, Any]:
    """Return the last row of `stats --json`: that of all pictures, whatever is shown.

    It is read as those of single pictures are, by a pattern of all their keys, and has the totals.
    """
    from labapp.labels.object_keys import IMAGES

    progress = summary.progress
    return {
        "key": f"{IMAGES}*",
        "name": None,
        "answers": progress.answers,
        **{f"{each.field}_percent": _percent(progress.balance(each)) for each in CLASSES},
        "agreement": summary.quality.raw,
        "consensus": None,
        "totals": totals_fields(summary, look),
    }


def totals_fields(summary: Summary, look: DatasetSnapshot) -> dict[str, Any]:
    """Return the totals, of all pictures whatever is shown, as `stats --json` has them."""
    progress, quality = summary.progress, summary.quality
    return {
        "pictures": progress.pictures,
        "decided": progress.decided,
        "in_progress": progress.in_progress,
        "disputed": progress.disputed,
        "untouched": progress.untouched,
        "answers": progress.answers,
        "useful": progress.useful,
        "wanted": progress.wanted,
        **{f"{each.field}s": progress.count(each) for each in CLASSES},
        f"{POSITIVE.field}_percent": _percent(progress.balance(POSITIVE)),
        "alpha": quality.alpha,
        "raw_agreement": quality.raw,
        "pairs": quality.pairs,
        "unreadable_lines": progress.unreadable_lines,
        "unreadable_files": progress.unreadable_files,
        "without_picture": look.without_picture,
    }


def picture_fields(picture: PictureLabels) -> dict[str, Any]:
    """Return one picture and its answers as `stats --image KEY --json` has it."""
    from labapp.labels.label_file import format_time
    from labapp.labels.tally import tally, tally_row

    return {
        **tally_row(tally(picture)),
        "given": [
            {
                "label": int(entry.label),
                "annotator": entry.annotator or None,
                "labelled_at": format_time(entry.at) if entry.at else None,
            }
            for entry in picture.answers
        ],
        "skipped_by": [entry.annotator for entry in picture.skips],
        "unreadable_lines": picture.file.unreadable,
    }


def annotators_fields(summary: Summary) -> dict[str, Any]:
    """Return who labels, and what was done lately, as `stats --annotators --json` has it."""
    from dataclasses import asdict

    from labapp.labels.label_file import format_time

    return {
        "annotators": [
            {
                "annotator": one.annotator,
                "answers": one.answers,
                f"{POSITIVE.field}_percent": _percent(one.share(POSITIVE)),
                "agreement_with_rest": one.agreement_with_rest,
                "median_seconds": one.median_seconds,
                "last_at": format_time(one.last_at),
                "flags": [flag.value for flag in one.flags],
                "looks_like": list(one.looks_like),
                "replaced": one.replaced,
            }
            for one in summary.annotators
        ],
        "since_yesterday": asdict(summary.activity),
    }


def _stats_of_annotators(context: Context, summary: Summary) -> None:
    from labapp.console.figures import plural
    from labapp.console.tables import Column, number
    from labapp.labels.label_file import annotator_name, format_time

    if context.arguments.json:
        context.json(annotators_fields(summary))
        return
    numbers = [number(title) for title in ("answers", POSITIVE.column, "with the rest")]
    rows = [
        (
            annotator_name(one.annotator),
            one.answers,
            *(None if share is None else f"{100 * share:.0f}"
              for share in (one.share(POSITIVE), one.agreement_with_rest)),
            context.clock(format_time(one.last_at)),
            ", ".join(one.reasons),
        )
        for one in summary.annotators
    ]  # fmt: skip
    columns = [Column("annotator"), *numbers, Column("last seen", keep=True), Column("flags")]
    context.table(columns, rows, empty="Nobody has labelled yet: client.py label")
    lately = summary.activity
    context.say(
        f"since yesterday: {plural(lately.answers, 'answer')} and {plural(lately.skips, 'skip')} by"
        f" {plural(lately.annotators, 'annotator')}, {plural(lately.decided, 'picture')} decided,"
        f" {lately.answers_per_hour:.0f} answers an hour"
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _stats_of_one(context: Context, look: DatasetSnapshot) -> None:
    from labapp.labels.label_file import format_time
    from labapp.labels.object_keys import IMAGES
    from labapp.labels.tally import tally

    key = context.arguments.image
    picture = look.picture(key if key.startswith(IMAGES) else IMAGES + key)
    if context.arguments.json:
        context.json(picture_fields(picture))
        return
    rows = [
        (
            entry.annotator or "anonymous",
            entry.answer.name if entry.answer else "",
            context.clock(format_time(entry.at)) if entry.at else "",
        )
        for entry in picture.answers
    ]
    context.table(["annotator", "answer", "time"], rows, empty="No labels yet.")
    if rows:
        context.say("\t".join(map(str, _cells(tally(picture)))))


def _columns() -> list[Column | str]:
    from labapp.console.tables import Column, number

    order = {"answers": 2, POSITIVE.column: 1, NEGATIVE.column: 4, "agree": 3}
    numbers = [number(title, drop=place) for title, place in order.items()]
    return [Column("key", keep=True), *numbers, Column("consensus", keep=True)]


def _cells(each: Tally) -> tuple[str | float | None, ...]:
    if not each.answers:
        return (each.key, 0, None, None, None, "no labels yet")
    percents = [f"{each.percent(one):.1f}" for one in CLASSES]
    agreement = "n/a" if each.agreement is None else f"{each.agreement:.2f}"
    return (each.key, each.answers, *percents, agreement, each.consensus)


def _stats_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sort", choices=tuple(SORTS), default="key", metavar="BY", help=", ".join(SORTS)
    )
    parser.add_argument("--reverse", action="store_true", help="turn the order round")
    parser.add_argument(
        "--filter", choices=FILTERS, default="all", metavar="WHAT", help=", ".join(FILTERS)
    )
    parser.add_argument("--image", metavar="KEY", help="one picture and its answers")
    parser.add_argument(
        "--annotators",
        action="store_true",
        help="who labels: how much, how far with the rest, what is odd; and the last 24 hours",
    )
    json_argument(parser)


COMMANDS = (
    Command(
        "stats",
        "show what the labels of each picture say, and all of them together",
        _stats,
        _stats_arguments,
        (
            "stats",
            "stats --sort disputed --filter in-progress",
            "stats --image images/0a1b2c3d4e5f6071-lunch.jpg",
            "stats --annotators",
            "stats --json",
        ),
        lines=(Line("Label statistics", "statistics.screen:run", key="1"),),
    ),
)
