"""A dataset's scheme is read, and changed where no answer is lost by it.

What there is of each code is counted by a look at all labels, through the cache that statistics
have. The change itself is one object written by compare-and-swap: who was slower begins anew.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from labapp.cloud.bucket import Bucket
from labapp.dataset import counting, decisions, layouts, listing, predictions
from labapp.dataset.calls import never
from labapp.dataset.label_reader import LabelFiles, ReadProgress, split_by_size
from labapp.errors import RefusedError
from labapp.labels import scheme_file
from labapp.labels.classes import LabelClass, Scheme
from labapp.labels.effective import Counting, labels_of
from labapp.labels.label_file import Entry
from labapp.labels.scheme_change import Change, Uses

#: Reads every code as what it is.
_ALL = Scheme("?", tuple(LabelClass(code, str(code), str(code), "") for code in range(10)))

#: What is counted of each code.
_KINDS = ("lines", "answers", "verdicts", "gold", "predictions")


@dataclass(frozen=True)
class Kept:
    """A scheme as a bucket has it.

    Attributes:
        text: of its file; empty where there is none.
        scheme: what it says.
    """

    text: str
    scheme: Scheme


@dataclass(frozen=True)
class Look:
    """What there is of each code in a dataset.

    Attributes:
        uses: of each code that there is anything of.
        unread: label files that were not read: too large, or stopped before.
        is_whole: whether the look was not stopped.
    """

    uses: dict[int, Uses]
    unread: int = 0
    is_whole: bool = True


def read(bucket: Bucket) -> Kept:
    """Return a bucket's scheme.

    Raises:
        RefusedError: what is kept there cannot be read.
        CloudError: the bucket cannot be read.
    """
    text = decisions.text_of(bucket, scheme_file.KEY)
    return Kept(text, counting.scheme_in(text))


def unreadable(bucket: Bucket) -> Kept:
    """Return what a bucket keeps though it cannot be read: a class for each code that is used.

    So what takes its place has to say of each what it counts as.

    Raises:
        CloudError: the bucket cannot be read.
    """
    text = decisions.text_of(bucket, scheme_file.KEY)
    classes = (LabelClass(code, str(code), f"code {code}", "") for code in look(bucket).uses)
    return Kept(text, Scheme("(unreadable)", tuple(classes)))


def look(
    bucket: Bucket, progress: ReadProgress | None = None, stop: Callable[[], bool] = never
) -> Look:
    """Count what there is of each code, whatever the scheme is; arguments as of `Statistics.look`.

    Answers of annotators who are left out are counted, as they may be taken back.

    Raises:
        CloudError: the bucket cannot be read.
    """
    layout = layouts.of(bucket)
    there = listing.everything(bucket, layout, stop)
    people = counting.annotators(bucket).people if there.decisions else {}
    within, beyond = split_by_size(there.labels.values())
    with contextlib.closing(LabelFiles(bucket)) as files:
        files.read_as(_ALL)
        found = files.read(within, progress, stop)
        beyond += [each for each in within if each.size and each.key not in found]
    rules = Counting(_ALL, people)
    kinds: dict[str, Counter[int]] = {kind: Counter() for kind in _KINDS}
    for file in found.values():
        counted = labels_of("", file, counting=rules)
        kinds["lines"].update(_codes(file.entries))
        kinds["answers"].update(_codes(counted.answers))
        kinds["verdicts"].update(_codes(filter(None, [counted.verdict])))
    kinds["gold"].update(counting.gold_of(bucket).codes.values())
    kinds["predictions"].update(one.code for one in predictions.of(bucket).by_key.values())
    uses = {
        code: Uses(**{kind: counts[code] for kind, counts in kinds.items()})
        for code in sorted(set().union(*kinds.values()))
    }
    return Look(uses, len(beyond), is_whole=not stop())


def _codes(entries: Iterable[Entry]) -> Iterator[int]:
    return (entry.code for entry in entries if entry.code is not None)


def keep(bucket: Bucket, known: Kept, change: Change) -> Kept:
    """Have a bucket keep what a change comes to.

    Args:
        bucket: the bucket.
        known: what it kept as the change was worked out.
        change: the change, as `scheme_change.plan` allows it.

    Raises:
        RefusedError: another has changed it since, or the layout is read only.
        CloudError: the bucket cannot be written.
    """
    text = scheme_file.to_text(change.after)

    def edit(there: str) -> str:
        if there not in (known.text, text):
            raise RefusedError(
                "the classes were changed by somebody else in the meantime",
                "Look at them, and make your change again.",
            )
        return text

    return Kept(decisions.change(bucket, scheme_file.KEY, edit), change.after)


def answered_meanwhile(bucket: Bucket, change: Change) -> str:
    """Return what to say of answers that came in while their class went; empty where none did.

    Nothing of them is lost: they count as no answer until an admin says something else.
    """
    if not change.unmapped:
        return ""
    uses = look(bucket).uses
    late = {code: uses[code].lines for code in sorted(change.unmapped) if code in uses}
    if not late:
        return ""
    first = next(iter(late))
    what = ", ".join(f"{lines:,} of the code {code}" for code, lines in late.items())
    return (
        f"answers came in meanwhile: {what}. They count as none; to have them count,"
        f" 'admin.py classes set --map {first}=CLASS'"
    )
