"""What pages that ask about a picture share: words, keys, the picture, keeping what is said."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.console.key import Key
from labapp.dataset import answers, layouts
from labapp.labels.label_file import Entry, Label
from labapp.programs.labelling import replaced_note

if TYPE_CHECKING:
    from collections.abc import Callable

    from labapp.cloud.bucket import Bucket
    from labapp.dataset.stored_pictures import Prefetcher
    from labapp.labels.classes import Scheme
    from labapp.programs.jobs.client_session import ClientMenuSession
    from labapp.programs.menus.picture_page import Seen

#: What pages are called before it is known what is asked.
TITLE = "Label pictures"


def word_of(label: Label, scheme: Scheme) -> str:
    """Return what an answer is called on the screen."""
    if label is Label.SKIP:
        return "skipped"
    return scheme.by_code[int(label)].name


def picture_name(menu: ClientMenuSession, key: str) -> str:
    """Return what a picture is called."""
    return layouts.layout_of(menu.context.settings).picture_name(key)


def answer_in_words(entry: Entry, scheme: Scheme) -> str:
    """Return what somebody said, and when."""
    when = f", {figures.clock(entry.at)}" if entry.at else ""
    return f"you said {word_of(entry.label, scheme)}{when}"


def label_keys(scheme: Scheme, answer: Callable[[Label], object]) -> list[Key]:
    """Return the keys that say what is in a picture."""
    return [
        Key(each.key, each.name, partial(answer, Label.of(each)),
            f"says that there is {each.title} in the picture")
        for each in scheme.classes
    ]  # fmt: skip


def fetched(menu: ClientMenuSession, ahead: Prefetcher[Seen], key: str) -> Seen:
    """Return a picture and its copy, behind a spinner where they are not there yet."""

    def fetch() -> Seen:
        menu.open_cloud()  # it may have been stopped meanwhile
        return ahead.get(key)

    return menu.wait("fetching the picture", fetch, TITLE)


def kept(
    menu: ClientMenuSession,
    bucket: Bucket,
    scheme: Scheme,
    who: str,
    key: str,
    label: Label,
    before: Entry | None = None,
) -> Entry:
    """Keep an answer, behind a spinner; `before` is the one that it is known to change."""

    def twice(found: Entry) -> None:
        when = figures.clock(found.at) if found.at else ""
        told = f"{picture_name(menu, key)}: {replaced_note(found, when, scheme)}"
        menu.announce(f"{told} n in the first menu changes yours.", "warning")

    def keep() -> Entry:
        menu.open_cloud()  # it may have been stopped while the picture was looked at
        if before is not None:
            return answers.revise(bucket, key, label, before, twice)
        return answers.answer(bucket, key, label, who, twice)

    return menu.wait("keeping the answer", keep)
