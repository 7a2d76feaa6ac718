"""Answers given before: looked through, and answered anew."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, lists
from labapp.console.page import show
from labapp.dataset.stored_pictures import Prefetcher
from labapp.labels.label_file import Entry
from labapp.programs.labelling.asking import (
    answer_in_words,
    fetched,
    kept,
    label_keys,
    picture_name,
    word_of,
)
from labapp.programs.menus import picture_page

if TYPE_CHECKING:
    from labapp.cloud.bucket import Bucket
    from labapp.labels.classes import Scheme
    from labapp.programs.jobs.client_session import ClientMenuSession

HELP = """The latest answer is the one that counts."""

#: What stands for the time of an answer without one.
EARLIEST = datetime.min.replace(tzinfo=UTC)


def revise(
    menu: ClientMenuSession, bucket: Bucket, scheme: Scheme, own: list[tuple[str, Entry]]
) -> None:
    """Let the annotator answer one picture anew; the latest answer is the one that counts."""
    newest = sorted(own, key=lambda pair: pair[1].at or EARLIEST, reverse=True)
    place = lists.Place()
    while True:
        said = dict(own)
        options = [
            lists.Option(picture_name(menu, key), key, answer_in_words(said[key], scheme))
            for key, _ in newest
        ]
        key = lists.search_list("Which one? The latest first", options, frame=menu.frame,
                                help=HELP, place=place)  # fmt: skip
        with contextlib.suppress(Back):
            _revise_one(menu, bucket, scheme, own, key)


def _revise_one(
    menu: ClientMenuSession,
    bucket: Bucket,
    scheme: Scheme,
    own: list[tuple[str, Entry]],
    key: str,
) -> None:
    with Prefetcher(bucket, [key], partial(picture_page.see, menu)) as ahead:
        seen = fetched(menu, ahead, key)
    before = dict(own)[key]
    title = f"{picture_name(menu, key)}: {answer_in_words(before, scheme)}"
    keys = label_keys(
        scheme, lambda label: kept(menu, bucket, scheme, before.annotator, key, label, before)
    )
    pressed = show(title, seen.draw, frame=menu.frame, keys=keys, behind=True, help=HELP)
    if pressed is None:
        return
    entry = pressed.act()
    own[:] = [(key, entry) if one == key else (one, said) for one, said in own]
    menu.announce(f"{picture_name(menu, key)} is now: {word_of(entry.label, scheme)}", "done")
