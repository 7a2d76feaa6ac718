"""My answers: what was said before, looked through, answered anew and taken back."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, lists, tables
from labapp.console.key import Key
from labapp.console.page import show
from labapp.dataset import answers, layouts, mine
from labapp.dataset.prefetching import Prefetcher
from labapp.labels.tokens import annotator_name
from labapp.programs.labelling.asking import (
    answer_in_words,
    fetched,
    in_order,
    kept,
    label_keys,
    picture_name,
)
from labapp.programs.labelling.naming import ask_name
from labapp.programs.labelling.table import word_of
from labapp.programs.menus import picture_page

if TYPE_CHECKING:
    from labapp.cloud.bucket import Bucket
    from labapp.dataset.statistics import DatasetSnapshot
    from labapp.labels.classes import Scheme
    from labapp.labels.label_file import Entry, Label
    from labapp.programs.jobs.client_session import ClientMenuSession

TITLE = "My answers"

HELP = """The latest answer is the one that counts."""


class Revising:
    """What one annotator said, and each picture of it on a page.

    Args:
        menu: the program's session.
        look: has all labels.
        bucket: where they lie.
        who: the annotator's token.
    """

    def __init__(
        self, menu: ClientMenuSession, look: DatasetSnapshot, bucket: Bucket, who: str
    ) -> None:
        self._menu = menu
        self._bucket = bucket
        self._scheme: Scheme = look.scheme
        #: What was said of which picture, the latest first.
        self.own: list[tuple[str, Entry]] = mine.said(look, bucket, who)

    def run(self) -> None:
        """Let the annotator choose one after the other, until Esc or none is left."""
        place = lists.Place()
        while self.own:
            options = [
                lists.Option(picture_name(self._menu, key), place_of,
                             answer_in_words(entry, self._scheme))
                for place_of, (key, entry) in enumerate(self.own)
            ]  # fmt: skip
            chosen = lists.search_list("Which one? The latest first", options,
                                       frame=self._menu.frame, help=HELP, place=place)  # fmt: skip
            with contextlib.suppress(Back):
                self._revise(chosen)

    def _revise(self, place: int) -> None:
        menu, (key, before) = self._menu, self.own[place]
        with Prefetcher(self._bucket, [key], partial(picture_page.see, menu)) as ahead:
            seen = fetched(menu, ahead, key)
        title = f"{picture_name(menu, key)}: {answer_in_words(before, self._scheme)}"
        undo = Key("u", "take it back", partial(self._take_back, place),
                   "takes back what you said; the picture comes again")  # fmt: skip
        classes = label_keys(self._scheme, partial(self._answer, place))
        pressed = show(title, seen.draw, frame=menu.frame, behind=True, help=HELP,
                       keys=lambda: in_order(self._scheme, classes, [undo]))  # fmt: skip
        if pressed is not None:
            pressed.act()

    def _answer(self, place: int, label: Label) -> None:
        menu, (key, before) = self._menu, self.own[place]
        entry = kept(menu, self._bucket, self._scheme, key, label, before)
        self.own[place] = key, entry
        menu.announce(f"{picture_name(menu, key)} is now: {word_of(entry, self._scheme)}", "done")

    def _take_back(self, place: int) -> None:
        menu, (key, entry) = self._menu, self.own[place]

        def undo() -> None:
            menu.open_cloud()  # it may have been stopped while the picture was looked at
            answers.undo(self._bucket, key, entry)

        menu.wait("taking it back", undo)
        del self.own[place]
        word = word_of(entry, self._scheme)
        menu.announce(f"{picture_name(menu, key)}: {word} taken back", "done")


def run(menu: ClientMenuSession) -> None:
    """Show what the annotator has said before, for it to be changed."""
    from labapp.dataset.statistics import Statistics

    layouts.layout_of(menu.context.settings).check_writable()
    who = ask_name(menu)
    bucket = menu.bucket()
    with contextlib.closing(Statistics(bucket)) as statistics:
        look = menu.wait("looking at your answers", statistics.look, TITLE)
    found = Revising(menu, look, bucket, who)
    if not found.own:
        text = f"Nothing was said under the name {annotator_name(who)} yet."
        show(TITLE, tables.told("warn", text), frame=menu.frame, help=HELP)
    found.run()
