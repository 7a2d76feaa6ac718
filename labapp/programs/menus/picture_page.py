"""A picture on the screen, alone or before and after, or in the system's own viewer."""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import figures, picture, tables
from labapp.console.accessible import mode
from labapp.console.graphics import choice
from labapp.console.graphics.choice import Choice
from labapp.console.key import Key
from labapp.console.page import show
from labapp.errors import LabappError, os_errors_as
from labapp.files import private
from labapp.jobs.picture_request import limits_of
from labapp.pictures.limits import EXTENSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import RenderableType

    from labapp.pictures.frames import Frame
    from labapp.pictures.header import Header
    from labapp.programs.menus.session import MenuSession

#: Pixels of the copies that are drawn, the longer side: what a picture in pixels takes on a screen
#: of 100 columns. Wider ones enlarge it.
COPY = 900

#: Drawings of one picture that are kept: a window whose size is changed goes through many.
DRAWN = 3

#: Copies kept for the viewer, which may read its file again long after it was opened.
KEPT = 20

LOOK_HELP = """The picture as your terminal can draw it."""

COMPARE_HELP = """Before on the left, after on the right. A result is saved under a new name; \
nothing is overwritten."""


@dataclass(frozen=True)
class Seen:
    """What could be made of a file that may be no picture.

    Attributes:
        path: the file.
        header: what it says of itself; None where it is no picture.
        copy: what is drawn; None where it cannot be read.
        problem: why there is no header or no copy.
    """

    path: Path
    header: Header | None = None
    copy: Frame | None = None
    problem: LabappError | None = None
    _drawn: dict[tuple[int, int, Choice], picture.Drawing] = field(
        default_factory=dict, compare=False
    )

    @property
    def octets(self) -> int:
        """Bytes that its copy and its drawings take."""
        copied = 0 if self.copy is None else self.copy.nbytes
        return copied + sum(one.octets for one in [*self._drawn.values()])

    @property
    def told(self) -> str:
        """What the picture is, in words: `JPEG, 4,000 by 3,000 pixels, 3.1 MB`."""
        if (header := self.header) is None:
            return "no picture"
        sides = f"{figures.count(header.width)} by {figures.count(header.height)} pixels"
        frames = f", {figures.plural(header.frames, 'frame')}" if header.frames > 1 else ""
        try:
            size = f", {figures.size(self.path.stat().st_size)}"
        except OSError:  # it is gone meanwhile
            size = ""
        return f"{header.format.upper()}, {sides}{frames}{size}"

    def draw(self, columns: int, rows: int) -> RenderableType:
        """Return the drawn picture, or why there is none."""
        if mode.is_on() and self.header:
            return tables.key_values({"picture": self.told})
        if self.copy is None:
            return tables.problem(self.problem or LabappError(f"cannot read {self.path}"))
        into = columns, rows, choice.current()
        drawn = self._drawn.get(into)
        if drawn is None:
            drawn = picture.draw(self.copy, columns, rows)
            if len(self._drawn) >= DRAWN:
                self._drawn.clear()
            self._drawn[into] = drawn
        return drawn

    def draw_ahead(self, columns: int, rows: int) -> None:
        """Make all that `draw` and the page need, so that they have it at once."""
        drawing = self.draw(columns, rows)
        if isinstance(drawing, picture.Drawing):
            _ = drawing.styled


def see(menu: MenuSession, path: Path) -> Seen:
    """Look at a file's header and make the copy that is drawn; blocks, and raises nothing."""
    from labapp.pictures import looks

    seen = looks.see(path, COPY, limits_of(menu.context.settings))
    return Seen(path, seen.header, seen.copy, seen.problem)


def view(menu: MenuSession, path: Path) -> None:
    """Show a picture, or why it cannot be shown, until dismissed."""
    seen = menu.wait(f"reading {path.name}", lambda: see(menu, path))
    show(path.name, seen.draw, frame=menu.frame, behind=True, help=LOOK_HELP)


def compare(
    menu: MenuSession,
    before: Path,
    result_path: Callable[[], Path],
    title: str,
    *,
    saved: bool,
    keys: Sequence[Key] = (),
) -> Key | None:
    """Show a picture and its result side by side, until dismissed; return the key that did it.

    Args:
        menu: the program's.
        before: the picture; it may be gone.
        result_path: gives the result's file; may block.
        title: stands above them; the result's name is put in for `{name}`.
        saved: whether the result's file is there to stay, and is told.
        keys: those that end the page, besides Esc.
    """

    def read() -> tuple[Seen, Seen]:
        result = _readable(menu, result_path())
        try:
            return _readable(menu, before), result
        except LabappError:  # moved or deleted meanwhile: the result alone is worth showing
            return result, result

    source, result = menu.wait("fetching the result", read)
    after = result.path

    def body(columns: int, rows: int) -> RenderableType:
        from rich.console import Group

        drawing: RenderableType
        if mode.is_on():
            drawing = tables.key_values({"before": source.told, "after": result.told})
        else:
            drawing = _side_by_side(source, result, columns, rows - 2 * saved)
        return Group(drawing, tables.mark("good", f"saved as {after}")) if saved else drawing

    return show(title.replace("{name}", after.name), body, frame=menu.frame, keys=keys,
                behind=True, help=COMPARE_HELP)  # fmt: skip


def _side_by_side(before: Seen, after: Seen, columns: int, rows: int) -> picture.Drawing:
    assert before.copy is not None  # else it is none to be shown
    assert after.copy is not None
    return picture.before_after(before.copy, after.copy, columns, rows)


def _readable(menu: MenuSession, path: Path) -> Seen:
    """Look at a picture that can be drawn; blocks.

    Raises:
        LabappError: it cannot be read.
    """
    seen = see(menu, path)
    if seen.copy is None:
        raise seen.problem or LabappError(f"cannot read {path}", "Choose another picture.")
    return seen


def show_picture(path: Path, format: str, folder: Path) -> None:
    """Open a picture in the program that the desktop has for it; does not wait for it.

    The desktop goes by a file's ending and would run a program, while the ending of a key is
    whatever its uploader chose. So the viewer gets a copy that is named after the format of the
    bytes.

    Args:
        path: the picture's file; its name is not trusted.
        format: what its bytes are, as `reading.inspect` found.
        folder: where the copy that is opened is kept, and nothing else.

    Raises:
        LabappError: there is no such program, which says where the file lies; or no copy can be
            made.
    """
    copy = _copy(path, format, folder)
    try:
        if sys.platform == "win32":
            os.startfile(copy)
            return
        opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
        if opener:
            subprocess.Popen(
                [opener, str(copy)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            return
    except OSError:
        pass
    raise LabappError("this system has no viewer that opens pictures", f"The file is {copy}.")


def _copy(path: Path, format: str, folder: Path) -> Path:
    """Copy a picture under an ending that says what it is; the oldest copies go."""
    copy = folder.absolute() / f"{path.stem}{EXTENSIONS[format]}"
    remedy = "Set LABAPP_DATA_DIR to a folder that you may write in."
    with os_errors_as(LabappError, f"cannot write {copy}", remedy):
        # Windows lets nobody replace what a viewer still has open; shown again, it is the same.
        if not (copy.exists() and filecmp.cmp(path, copy, shallow=False)):
            with private.replacing(copy) as part:
                shutil.copyfile(path, part)
        old = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime)[:-KEPT]
    for file in old:
        with contextlib.suppress(OSError):  # Windows keeps what a viewer has open
            file.unlink()
    return copy
