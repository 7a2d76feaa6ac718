"""The picture at the pointer, alone or beside what was made of it, and what is known of it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from labapp.console import figures, picture, theme
from labapp.console.figures import cut, cut_middle
from labapp.errors import LabappError

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from labapp.console.picture import Drawing
    from labapp.pictures.frames import Frame
    from labapp.pictures.header import Header
    from labapp.programs.desk.desk import Desk
    from labapp.programs.desk.file_list import FileList

#: Pictures that are read ahead of the pointer, and behind it.
AHEAD, BEHIND = 3, 1

#: The key that shows a place at 1:1, wherever one is seen: no digit, as values are typed.
ZOOM = "z"

#: What is shown of a picture and its result, one after another on the same key.
Sides = Literal["one", "both", "other"]
TURNS: tuple[Sides, ...] = ("one", "both", "other")

#: What is said of EXIF's numbers for how a picture lies; 1 is upright.
_TURNED = {
    2: "mirrored", 3: "upside down", 4: "mirrored upside down", 5: "mirrored on its side",
    6: "turned right", 7: "mirrored on its side", 8: "turned left",
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """What is to be seen.

    Attributes:
        path: the file at the pointer.
        is_folder: whether it is a folder.
        version: of the file, as the cache counts.
        before: with `after`, a picture and its result, which are shown side by side.
        after: as `before`.
        versions: of these two.
    """

    path: Path
    is_folder: bool = False
    version: int = 0
    before: Path | None = None
    after: Path | None = None
    versions: tuple[int, int] = (0, 0)


class PictureView:
    """The view beside the list of files."""

    def __init__(self, desk: Desk, files: FileList) -> None:
        self._desk = desk
        self._files = files
        self.sides: Sides = "one"

    def turn(self) -> None:
        """Show the picture and its result side by side; then the other one; then the first."""
        self.sides = TURNS[(TURNS.index(self.sides) + 1) % len(TURNS)]

    def pair(self, path: Path) -> tuple[Path, Path] | None:
        """Return a picture and its result, one of which the path is; None without the other."""
        if (source := self._files.sources.get(path)) is not None:
            return source, path
        results = self._files.results_of(path)
        return (path, results[-1]) if results else None

    def shows(self) -> Hashable:
        """Return what the pointer is on."""
        item = self._files.pointed
        if item is None:
            return None
        return Shown(item.path, is_folder=True) if item.is_folder else self._shown(item.path)

    def _shown(self, path: Path) -> Shown:
        version = self._desk.pictures.version
        pair = self.pair(path) if self.sides != "one" else None
        if pair is None:
            return Shown(path, version=version(path))
        if self.sides == "other":
            other = pair[0] if path == pair[1] else pair[1]
            return Shown(path, version=version(other), after=other)
        return Shown(path, False, 0, *pair, (version(pair[0]), version(pair[1])))

    def ahead(self) -> Sequence[Hashable]:
        """Return the pictures near the pointer that are read already, and have the others read.

        Only now: what is pointed at was read first, and had the machine for itself.
        """
        near, pictures = self._files.near(AHEAD, BEHIND), self._desk.pictures
        pictures.read_ahead(near)
        return [self._shown(path) for path in near if pictures.known(path)]

    def draw(self, shown: Hashable, columns: int, rows: int) -> Drawing | str:
        """Draw it; blocks until it is read.

        Raises:
            LabappError: it cannot be read.
        """
        assert isinstance(shown, Shown)
        if shown.is_folder:
            return f"{theme.current().glyphs.sideways[-1:]} opens the folder."
        if shown.before is not None and shown.after is not None:
            return self._both(shown.before, shown.after, columns, rows)
        return picture.draw(self._pixels(shown.after or shown.path), columns, rows)

    def _both(self, before: Path, after: Path, columns: int, rows: int) -> Drawing:
        result = self._pixels(after)
        try:
            source = self._pixels(before)
        except LabappError:  # moved or deleted meanwhile: the result alone is worth showing
            return picture.draw(result, columns, rows)
        return picture.before_after(source, result, columns, rows)

    def _pixels(self, path: Path) -> Frame:
        seen = self._desk.seen(path)
        if seen.copy is None:
            raise seen.problem or LabappError(f"cannot read {path}")
        return seen.copy

    def caption(self, shown: Hashable, columns: int) -> Sequence[StyleAndTextTuples]:
        """Return what is known of it: name, format and size, oddities, what it was made of."""
        assert isinstance(shown, Shown)
        path = shown.path
        if shown.is_folder:
            return [[("class:strong", cut_middle(path.name, columns))]]
        if shown.after is not None and shown.before is None:
            path = shown.after
        lines: list[StyleAndTextTuples] = [[("class:strong", cut_middle(path.name, columns))]]
        told = theme.current().glyphs.separator
        for words in (self._of_file(path), self._of_picture(path), self._of_result(path)):
            if words:
                lines.append([("class:muted", cut(f" {told} ".join(words), columns))])
        return lines

    def said(self, path: Path) -> list[str]:
        """Return what is known of a file, in words."""
        return [*self._of_file(path), *self._of_picture(path), *self._of_result(path)]

    def _of_file(self, path: Path) -> list[str]:
        """Tell the format, the pixels and the bytes."""
        seen, facts = self._desk.known(path), self._files.facts.get(path)
        words = []
        if seen is not None and (header := seen.header) is not None:
            pixels = f"{figures.count(header.width)} x {figures.count(header.height)}"
            words += [header.format.upper(), pixels]
        if facts is not None:
            words += [figures.size(facts.octets), figures.moment(facts.modified)]
        return words

    def _of_picture(self, path: Path) -> list[str]:
        """Tell what is out of the ordinary in it."""
        seen = self._desk.known(path)
        return _oddities(seen.header) if seen is not None and seen.header is not None else []

    def _of_result(self, path: Path) -> list[str]:
        """Tell what a result was made of, or how many results there are."""
        if (source := self._files.sources.get(path)) is not None:
            job = self._desk.made.job_of(path)
            how = f", by {job.notes['label']}" if job and job.notes.get("label") else ""
            return [f"made of {source.name}{how}"]
        if self._files.is_result(path):
            return ["a result of labapp"]
        results = len(self._files.results_of(path))
        return [figures.plural(results, "result")] if results else []


def _oddities(header: Header) -> list[str]:
    found = []
    if header.frames > 1:
        found.append(figures.plural(header.frames, "frame" if header.animated else "page"))
    if header.mode not in {"RGB", "L"}:
        found.append(header.mode)
    if turned := _TURNED.get(header.orientation):
        found.append(f"{turned} by EXIF")
    if header.profile is not None:
        found.append("with a colour profile")
    return found
