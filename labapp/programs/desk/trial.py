"""Steps tried on pictures: on a copy at once, on the whole behind, and at 1:1.

What a copy shows is near to the result, and for some steps not near enough (see `crops`). So as
soon as the keys rest, the steps are done on the whole picture as a worker does them, and what comes
out takes the place of what the copy showed.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from labapp.console.behind import Latest
from labapp.errors import LabappError
from labapp.pictures import crops, pipeline
from labapp.pictures.crops import Box, Part
from labapp.pictures.limits import LOSSY, Limits
from labapp.programs.menus.picture_page import COPY

if TYPE_CHECKING:
    from labapp.console.panel import Sides
    from labapp.console.picture import Pixels
    from labapp.programs.menus.picture_page import Seen

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: Seconds that the keys rest before the steps are done on the whole picture.
REST = 0.2

#: Results, copies and parts that are kept: for going to and fro. The largest is 20 MB.
KEPT_RESULTS, KEPT_COPIES, KEPT_PARTS = 12, 3, 3

#: Pictures among which the first that can be read is looked for.
MOST_TRIED = 20

#: By what part of what is seen a key moves the place that is seen at 1:1.
_MOVE = 0.5


class Pictures(Protocol):
    """What gives the pictures that were read: the desk."""

    @property
    def sides(self) -> Sides:
        """The page."""

    def seen(self, path: Path) -> Seen:
        """Return a picture's header and copy; blocks, raises nothing."""


@dataclass(frozen=True)
class Place:
    """What is seen at 1:1: its middle, as a share of width and height."""

    across: float = 0.5
    down: float = 0.5


@dataclass(frozen=True)
class Stored:
    """How a result is stored: the format, and the quality; empty and None for the picture's."""

    format: str = ""
    quality: int | None = None


class Kept(Generic[K, V]):
    """What was made last, of which the oldest goes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, key: K) -> V | None:
        """Return it if it is kept."""
        with self._lock:
            return self._found.get(key)

    def of(self, key: K, make: Callable[[], V]) -> V:
        """Return it as it is kept, or make it."""
        if (found := self.known(key)) is None:
            found = make()
            with self._lock:
                self._found[key] = found
                while len(self._found) > self._most:
                    self._found.popitem(last=False)
        return found


class Trial:
    """Steps tried on some pictures, of which one is shown.

    Args:
        paths: the pictures.
        desk: gives those that were read, and the page.
        limits: of pictures.

    Attributes:
        index: which of them is shown.
        place: what is seen at 1:1; None: the whole picture.
        compared: `both` beside each other, the one `before`, or the one `after`.
        is_narrow: whether there was no room for both when it was drawn last.
    """

    def __init__(self, paths: Sequence[Path], desk: Pictures, limits: Limits) -> None:
        self.paths = tuple(paths)
        self.index = 0
        self.place: Place | None = None
        self.compared = "both"
        self.is_narrow = False
        self.limits = limits
        self._desk = desk
        #: What was seen last at 1:1, as a share of width and height.
        self._span = 0.1, 0.1
        self._results: Kept[tuple[Path, str], Pixels] = Kept(KEPT_RESULTS)
        self._copies: Kept[tuple[Path, int], Part] = Kept(KEPT_COPIES)
        self._parts: Kept[tuple[Path, Box], Part] = Kept(KEPT_PARTS)
        self._places: Kept[tuple[Path, Box], Pixels] = Kept(KEPT_PARTS)
        self._behind = Latest(self._do_on_whole, "whole", REST)

    @property
    def path(self) -> Path:
        """The picture that is shown."""
        return self.paths[self.index]

    def begin(self) -> None:
        """Show the first picture that can be read, unless another is chosen meanwhile; blocks."""
        for index, path in enumerate(self.paths[:MOST_TRIED]):
            if self._desk.seen(path).copy is not None:
                if index and self.index == 0:
                    self.index = index
                    self._desk.sides.changed()
                with contextlib.suppress(LabappError):  # told where it is drawn
                    self._copy(path)
                return

    # What keys do.

    def turn(self, by: int) -> None:
        """Show the next picture, or the one before."""
        self.index = (self.index + by) % len(self.paths)

    def compare(self) -> None:
        """Show before and after in another way: side by side, or one of them."""
        ways = ("after", "before") if self.is_narrow else ("both", "after", "before")
        now = ways.index(self.compared) if self.compared in ways else 0
        self.compared = ways[(now + 1) % len(ways)]

    def zoom(self) -> None:
        """Show a place at 1:1, or the whole picture again."""
        self.place = Place() if self.place is None else None

    def move(self, across: int, down: int) -> None:
        """Move what is seen at 1:1 by half of it."""
        if self.place is not None:
            shares = [
                max(min(share + by * span * _MOVE, 1 - span / 2), span / 2) if span < 1 else 0.5
                for share, by, span in zip(
                    (self.place.across, self.place.down), (across, down), self._span, strict=True
                )
            ]
            self.place = Place(*shares)

    def stop(self) -> None:
        """Do nothing behind any longer, after what is done just now."""
        self._behind.stop()

    # What is shown.

    def is_whole(self, path: Path, wire: str) -> bool:
        """Tell whether what the steps make of the whole picture is known."""
        return self._results.known((path, wire)) is not None

    def seen(self, path: Path) -> Seen:
        """Return a picture that can be drawn; blocks.

        Raises:
            LabappError: it cannot.
        """
        seen = self._desk.seen(path)
        if seen.copy is None or seen.header is None:
            raise seen.problem or LabappError(f"cannot read {path}", "Choose another picture.")
        return seen

    def after(self, path: Path, wire: str) -> Pixels:
        """Return what the steps make of a picture, reduced; blocks.

        It is near to it at first; what is right is made behind, and the page drawn anew.

        Raises:
            LabappError: the picture cannot be read, or the steps make too much of it.
        """
        seen = self.seen(path)
        assert seen.copy is not None
        assert seen.header is not None
        if not wire:
            return seen.copy
        if (known := self._results.known((path, wire))) is not None:
            return known
        steps = pipeline.from_wire(wire)
        pipeline.check_sizes(steps, seen.header.sizes, self.limits)
        near = crops.tried(self._copy(path), steps)
        if near is None:
            return self._result(path, wire)
        self._behind.want((path, wire))
        return near

    def at(
        self, path: Path, wire: str, place: Place, width: int, height: int, stored: Stored
    ) -> list[Pixels]:
        """Return a place of a picture before and after the steps, at 1:1; blocks.

        Args:
            path: the picture.
            wire: the steps, as they travel; empty for none.
            place: what is seen.
            width: of it in pixels.
            height: as `width`.
            stored: how the result is, of which the loss is seen.

        Raises:
            LabappError: as `after`.
        """
        header = self.seen(path).header
        assert header is not None
        steps = pipeline.from_wire(wire) if wire else ()
        pipeline.check_sizes(steps, header.sizes, self.limits)
        self._span = width / header.width, height / header.height
        box = Box(place.across, place.down, width, height)
        part = self._parts.of((path, box), lambda: crops.part(path, box, self.limits))

        def cut(steps: Sequence[pipeline.Step]) -> Pixels:
            found = crops.tried_at(part, steps, box)
            return crops.crop(path, steps, box, self.limits) if found is None else found

        before = self._places.of((path, box), lambda: cut(()))
        if not steps:
            return [before]
        after = cut(steps)
        target = stored.format or header.format
        if target in LOSSY:
            after = crops.as_written(after, header, target, stored.quality)
        return [before, after]

    def _copy(self, path: Path) -> Part:
        """Return the copy that steps are tried on, as large as the one that is drawn before them.

        Raises:
            LabappError: the picture cannot be read.
        """
        pixels = self.seen(path).copy
        assert pixels is not None
        side = max(pixels.shape[:2])
        return self._copies.of((path, side), lambda: crops.copy(path, side, self.limits))

    def _result(self, path: Path, wire: str) -> Pixels:
        steps = pipeline.from_wire(wire)
        return self._results.of((path, wire), lambda: crops.result(path, steps, COPY, self.limits))

    def _do_on_whole(self, wanted: tuple[Path, str]) -> None:
        with contextlib.suppress(LabappError):  # what the copy showed stays; sending tells it
            self._result(*wanted)
            self._desk.sides.changed()
