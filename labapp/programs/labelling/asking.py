"""What pages that ask about a picture share: words, keys, the picture, keeping what is said."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.console.accessible import mode
from labapp.console.key import Key
from labapp.console.layout import whole_width
from labapp.dataset import answers, layouts
from labapp.labels.label_file import Entry, Label
from labapp.programs.labelling import replaced_note
from labapp.programs.labelling.table import word_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from labapp.cloud.bucket import Bucket
    from labapp.dataset.prefetching import Prefetcher
    from labapp.labels.classes import Scheme
    from labapp.programs.jobs.client_session import ClientMenuSession
    from labapp.programs.menus.picture_page import Seen

#: What pages are called before it is known what is asked.
TITLE = "Label pictures"

#: Cells of the line of keys besides those of classes: the key that leaves, and the one for more.
_AROUND = len(" Esc back  ? more ")

#: Of so many rows for a picture and what stands below it, one may have names of classes.
_SHARE = 4


def picture_name(menu: ClientMenuSession, key: str) -> str:
    """Return what a picture is called."""
    return layouts.layout_of(menu.context.settings).picture_name(key)


def answer_in_words(entry: Entry, scheme: Scheme) -> str:
    """Return what somebody said, and when."""
    when = f", {figures.clock(entry.at)}" if entry.at else ""
    return f"you said {word_of(entry, scheme)}{when}"


def label_keys(scheme: Scheme, answer: Callable[[Label], object]) -> list[Key]:
    """Return the keys that say what is in a picture."""
    return [
        Key(each.key, each.name, partial(answer, Label.of(each)),
            f"says that there is {each.title} in the picture")
        for each in scheme.classes
    ]  # fmt: skip


def in_order(scheme: Scheme, classes: list[Key], others: list[Key]) -> Sequence[Key]:
    """Return the keys of a page: those of classes first, unless they stand below the picture."""
    is_on_line = mode.is_on() or _fits_line(scheme, whole_width())
    return [*classes, *others] if is_on_line else [*others, *classes]


def class_lines(scheme: Scheme, columns: int, rows: int) -> list[str]:
    """Return the classes' keys and names in lines of so many columns.

    None where the line of keys has room for all. Where they would take too many of the rows, the
    longest names are cut.
    """
    if mode.is_on() or _fits_line(scheme, columns):
        return []
    most = max(1, rows // _SHARE)
    for room in range(max(figures.cell_width(each.name) for each in scheme.classes), 1, -1):
        lines = _lines([f"{each.key} {figures.cut(each.name, room)}" for each in scheme.classes],
                       columns)  # fmt: skip
        if len(lines) <= most:
            break
    return lines[:most]


def _lines(words: Sequence[str], columns: int) -> list[str]:
    """Put words on lines, apart by two blanks."""
    lines: list[str] = []
    for word in words:
        if lines and figures.cell_width(lines[-1]) + 2 + figures.cell_width(word) <= columns:
            lines[-1] += f"  {word}"
        else:
            lines.append(word)
    return lines


def _fits_line(scheme: Scheme, columns: int) -> bool:
    each = (figures.cell_width(one.key) + figures.cell_width(one.name) for one in scheme.classes)
    return _AROUND + sum(cells + len("   ") for cells in each) <= columns


def fetched(menu: ClientMenuSession, ahead: Prefetcher[Seen], key: str) -> Seen:
    """Return a picture and its copy, behind a spinner where they are not there yet."""
    if (ready := ahead.ready(key)) is not None:
        return ready

    def fetch() -> Seen:
        menu.open_cloud()  # it may have been stopped meanwhile
        return ahead.get(key)

    return menu.wait("fetching the picture", fetch, TITLE)


def kept(
    menu: ClientMenuSession,
    bucket: Bucket,
    scheme: Scheme,
    key: str,
    label: Label,
    before: Entry,
) -> Entry:
    """Keep an answer in place of the one before, behind a spinner."""

    def twice(found: Entry) -> None:
        menu.announce(replaced(menu, key, found, scheme), "warning")

    def keep() -> Entry:
        menu.open_cloud()  # it may have been stopped while the picture was looked at
        if before.is_answer:
            return answers.revise(bucket, key, label, before, twice)
        return answers.answer(bucket, key, label, before.annotator, twice)

    return menu.wait("keeping the answer", keep)


def replaced(menu: ClientMenuSession, key: str, before: Entry, scheme: Scheme) -> str:
    """Say that an answer was replaced which the same name had given in another session."""
    when = figures.clock(before.at) if before.at else ""
    told = f"{picture_name(menu, key)}: {replaced_note(before, when, scheme)}"
    return f"{told} n in the first menu changes yours."
