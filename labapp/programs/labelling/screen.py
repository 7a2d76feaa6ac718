"""Labelling in the menu: who labels, pictures one after the other, and a summary.

The first four are a round with its summary, as a lab has it; from there it goes on without end,
until Esc. No key waits for the network: see `flow`.
"""

from __future__ import annotations

import contextlib
import time
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import figures, tables, waiting
from labapp.console.key import Key
from labapp.console.page import show
from labapp.dataset import layouts, stored_pictures
from labapp.dataset.upcoming import AHEAD
from labapp.dataset.write_behind import LEAVE_WITHIN
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.label_file import Label
from labapp.programs.dataset.screens import sample_keys
from labapp.programs.dataset.words import no_pictures
from labapp.programs.labelling import ROUND, guidelines, leftovers, revising
from labapp.programs.labelling.answering import HELP, show_next, undo
from labapp.programs.labelling.asking import TITLE, picture_name
from labapp.programs.labelling.flow import Flow
from labapp.programs.labelling.naming import ask_name
from labapp.programs.labelling.table import word_of
from labapp.programs.menus import asked
from labapp.programs.menus.actions import attempt

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from labapp.dataset.upcoming import Shown
    from labapp.labels.classes import Order
    from labapp.programs.jobs.client_session import ClientMenuSession
    from labapp.programs.shell.context import Context

#: Seconds for which it is waited whether there are as many pictures as a round has.
_SHORT_WITHIN = 1.0


class Part:
    """What is labelled up to the next summary.

    Args:
        flow: the sitting.
        most: pictures of a round; None: it goes on without end.
    """

    def __init__(self, flow: Flow, most: int | None) -> None:
        self._flow = flow
        self._most = most
        self.none_left = False

    def run(self) -> None:
        """Show pictures until the round is through, none is left, or the user has had enough."""
        self.none_left = False
        while self._most is None or len(self._flow.said) < self._most:
            goes_on = show_next(self._flow, self.title)
            if goes_on is None:
                self.none_left = True
            if not goes_on:
                return

    def title(self, shown: Shown) -> str:
        """Return what stands above a picture."""
        scheme, again = self._flow.scheme, " (you skipped it before)" if shown.is_again else ""
        if self._most is not None:
            place = min(len(self._flow.said) + 1, self._most)
            return f"Picture {place} of {self._most}: {scheme.asked}{again}"
        return f"{self._flow.yours}. {scheme.question}{again}"


def open_round(context: Context, count: int | None = None, order: Order | None = None) -> None:
    """Label outside the menu: `client.py label` on a terminal."""
    from labapp.programs.jobs.client_session import ClientMenuSession

    menu = ClientMenuSession(context)
    left: list[int] = []
    try:
        with menu.frame:
            menu.start()
            with contextlib.closing(menu):
                label = partial(run, menu, count, order, left.append)
                attempt("Label pictures", label, menu.frame)
    finally:
        for unsent in filter(None, left):
            context.say(leftovers.waiting_line(unsent))


def run(
    menu: ClientMenuSession,
    count: int | None = None,
    order: Order | None = None,
    told: Callable[[int], object] = lambda left: None,
) -> None:
    """Label pictures until the user has had enough.

    Args:
        menu: the program's session.
        count: pictures of each round; None: of the first one as many as a lab has, then no end.
        order: which pictures come first; the scheme's own order unless given.
        told: told at the end how many answers the next program has to send.
    """
    layouts.layout_of(menu.context.settings).check_writable()
    who = ask_name(menu)
    bucket = menu.bucket()
    for text, kind in menu.wait("sending what was kept here", lambda: [*leftovers.send(bucket)]):
        menu.announce(text, kind, text)
    flow = Flow(menu, bucket, who, order)
    try:
        with flow:
            _label(flow, count)
    finally:
        told(flow.left)


def _label(flow: Flow, count: int | None) -> None:
    menu = flow.menu
    part = Part(flow, _first_round(flow, count or ROUND))
    guidelines.hint(menu, flow.bucket.name, flow.scheme)
    asked.learn(menu, flow.scheme)
    while True:
        part.run()
        if part.none_left and not flow.said:
            if _none_left(flow):
                is_first = not flow.earlier  # pictures were uploaded, and nothing was said before
                part = Part(flow, _first_round(flow, count or ROUND) if is_first else count)
            elif _all_sent(flow):
                return
            continue
        keys = _summary_keys(flow)
        pressed = _summary(flow, keys)
        if pressed is None:
            if _all_sent(flow):
                return
        elif pressed is keys[0]:
            flow.end_part()
            part = Part(flow, count)
        else:
            attempt(flow.scheme.question, pressed.act, menu.frame)


def _begin(flow: Flow, most: int) -> int:
    """Learn what is asked, and take the first picture; return how many there are at most.

    Where fewer are left than were wanted, that is known in a moment, but in a large dataset.
    """
    flow.menu.open_cloud()
    _ = flow.scheme
    if flow.take() is None:
        return 0
    wanted, until = min(most - 1, AHEAD), time.monotonic() + _SHORT_WITHIN
    while len(flow.upcoming.peek(wanted)) < wanted and time.monotonic() < until:
        if flow.upcoming.progress.of is not None:  # all are listed: there are no more
            return 1 + len(flow.upcoming.peek(wanted))
        time.sleep(0.02)
    return most


def _first_round(flow: Flow, most: int) -> int:
    """Return how many pictures the first round has, and say so where no more are left."""
    there = flow.menu.wait("choosing pictures", partial(_begin, flow, most), TITLE)
    if 0 < there < most:
        left = figures.plural(there, "picture")
        flow.menu.announce(f"{left} left that you have not answered", "info")
    return there or most


def _summary_keys(flow: Flow) -> list[Key]:
    """Return the key for the next pictures, and the one that leads back, where there is a way."""
    keys = [Key("n", "next pictures", enter=True)]
    if flow.last is not None:
        takes = "takes the last answer back, and shows its picture again"
        keys.append(Key("u", "undo the last answer", partial(undo, flow), takes))
    elif flow.current is not None:
        keys.append(Key("u", "back to the round"))
    return keys


def _summary(flow: Flow, keys: list[Key]) -> Key | None:
    """Show what was said since the last summary; return the key that ended it."""

    def body(columns: int, rows: int) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        said = [*flow.said]
        rows_ = [
            (str(number), picture_name(flow.menu, key), word_of(entry, flow.scheme))
            for number, (key, entry) in enumerate(said, start=1)
        ]
        answered = sum(entry.label is not Label.SKIP for _, entry in said)
        thanks = f"Thank you: {figures.plural(answered, 'answer')} kept."
        if unsent := flow.writer.unsent:
            thanks += f" {unsent} on the way."
        return Group(
            tables.table(["", "picture", "you said"], rows_, empty="Nothing was answered."),
            Text(""),
            Text(thanks if answered else "", style="good"),
        )

    return show("This round", body, frame=flow.menu.frame, keys=keys, help=HELP,
                watch=lambda: (len(flow.said), flow.writer.unsent))  # fmt: skip


def _all_sent(flow: Flow) -> bool:
    """Wait for what is on its way before the screen is left, unless nothing can be sent now.

    Returns:
        Whether it may be left: not where the bucket has not taken something meanwhile, as nobody
        would see then that a picture comes back.
    """
    failures = flow.failures

    def settle() -> bool:
        flow.writer.settle(LEAVE_WITHIN)
        return True

    waiting.wait_for("sending your answers", settle, leave="leave it to the next start",
                     title=TITLE, frame=flow.menu.frame, within=0.0)  # fmt: skip
    return flow.failures == failures


def _none_left(flow: Flow) -> bool:
    """Thank the annotator of every picture, and offer to revise; return whether it goes on.

    It does once an answer was taken back, or pictures were uploaded.
    """
    menu = flow.menu
    found = menu.wait("looking for pictures", lambda: _has_pictures(flow), TITLE)
    if not found:
        return _no_pictures(menu)
    progress = flow.upcoming.progress
    count = figures.count(progress.mine) if progress.is_exact else "there are"
    thanks = tables.told("good", f"You have answered all {count}. Thank you!")
    anew = partial(revising.run, menu)
    keys = [Key("r", "revise an answer", anew, enter=True), *_summary_keys(flow)[1:]]
    while key := show(flow.scheme.question, thanks, frame=menu.frame, keys=keys, help=HELP):
        attempt(flow.scheme.question, key.act, menu.frame)
        if key is not keys[0]:
            return True
    return False


def _has_pictures(flow: Flow) -> bool:
    flow.menu.open_cloud()
    return any(stored_pictures.list_pictures(flow.bucket))


def _no_pictures(menu: ClientMenuSession) -> bool:
    """Say that there is nothing to label, and offer to change that; return whether it was."""
    each = ", ".join(f"10 {one.plural}" for one in DEFAULT_SCHEME.classes)
    layout = layouts.layout_of(menu.context.settings)
    none = f"There are no pictures to label yet. u uploads the sample set: {each}."
    text, keys = no_pictures(layout) or none, sample_keys(menu)
    if key := show(TITLE, tables.told("warn", text), frame=menu.frame, keys=keys, help=HELP):
        key.act()
    return key is not None
