"""What the statistics' pages draw from: one look at the labels, until the admin takes another."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from labapp.console import Back, figures
from labapp.labels.class_reports import ClassReport, class_reports
from labapp.labels.sorting import most_disputed
from labapp.programs.menus.session import LEAVE_WITHIN
from labapp.programs.statistics import model

if TYPE_CHECKING:
    from collections.abc import Callable

    from labapp.dataset.label_reader import ReadProgress
    from labapp.dataset.statistics import DatasetSnapshot, Statistics
    from labapp.labels.effective import PictureLabels
    from labapp.labels.gold import Gold
    from labapp.labels.summary import Summary
    from labapp.labels.tally import Tally
    from labapp.programs.menus.session import MenuSession
    from labapp.programs.statistics.model import Estimated

#: What a look finds.
Look = TypeVar("Look")


class Known:
    """A look at the labels and its figures, for all pages until one of them looks again.

    Args:
        menu: the program's.
        statistics: what looks; closed by whoever opened it.

    Raises:
        Back: the user left while it was looking.
        CloudError: the bucket cannot be read.
    """

    def __init__(self, menu: MenuSession, statistics: Statistics) -> None:
        self.menu = menu
        self.statistics = statistics
        #: What the model says, once it is switched on.
        self.model: Estimated | None = None
        self.look: DatasetSnapshot
        self.look_again()

    @cached_property
    def summary(self) -> Summary:
        """All figures."""
        return self.look.summary(self.target)

    @cached_property
    def classes(self) -> list[ClassReport]:
        """What is said of each class."""
        return class_reports(self.summary.tallies, self.look.scheme)

    @cached_property
    def disputed(self) -> list[Tally]:
        """The pictures whose answers differ, the most disputed first."""
        return most_disputed(self.summary.tallies)

    @property
    def target(self) -> int:
        """Answers wanted for each picture."""
        return self.menu.context.settings.target_answers

    def look_again(self) -> None:
        """Take another look, which classes and annotators may have changed for; errors as above.

        Whatever a page has changed in the bucket counts from then on.
        """
        self.look = look_behind_spinner(self.menu, "Statistics", self.statistics.look)
        self._draw_up()

    def take(self, picture: PictureLabels) -> None:
        """Take what one picture's labels have become, as its label file says them."""
        self.look = self.look.with_picture(picture)
        self._draw_up()

    def _draw_up(self) -> None:
        """Draw up all figures, behind a spinner where they are of very many pictures."""
        for name in ("summary", "classes", "disputed"):
            self.__dict__.pop(name, None)
        self.menu.wait("counting", lambda: (self.disputed, self.classes))
        if self.model:
            self._estimate()

    def take_gold(self, gold: Gold) -> None:
        """Take what the gold pictures have become."""
        self.look = replace(self.look, gold=gold)
        self.__dict__.pop("summary", None)

    def switch_model(self) -> None:
        """Show what the model says too, or no longer."""
        if self.model:
            self.model = None
        else:
            self._estimate()

    def _estimate(self) -> None:
        look, tallies = self.look, self.summary.tallies
        self.model = self.menu.wait("estimating", lambda: model.estimate(look, tallies))


def look_behind_spinner(
    menu: MenuSession, title: str, look: Callable[[ReadProgress], Look]
) -> Look:
    """Look at all labels behind a spinner that says how many are read.

    Raises:
        Back: the user left while it was looking.
        CloudError: the bucket cannot be read.
    """
    from labapp.console import waiting

    read = [""]

    def progress(done: int, total: int) -> None:
        read[0] = f": {figures.count(done)} of {figures.count(total)}"

    done = waiting.wait_for(
        lambda: f"reading the labels{read[0]}",
        lambda: (look(progress),),
        leave="leave",
        title=title,
        frame=menu.frame,
        within=LEAVE_WITHIN,
    )
    if done is None:
        raise Back
    return done[0]
