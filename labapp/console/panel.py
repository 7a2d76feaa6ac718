"""A page of two sides: panels on the left, one on top of another, and a view on the right.

A `Panel` is a list or a form with its keys; Esc takes the top one away. The view is a picture that
follows what the top panel points at, drawn in a thread of its own: a key never waits for it.
`Split`, in `split`, puts both on a page. A panel answers from memory: it is asked at every drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from labapp.console.key import Key

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings

    from labapp.console.picture import Drawing


class View(Protocol):
    """What is shown beside the panels: a picture that may take its time."""

    def shows(self) -> Hashable:
        """Return what is to be shown now; called at every drawing, from memory.

        It is drawn anew when this is another. None shows nothing.
        """

    def draw(self, shown: Hashable, columns: int, rows: int) -> Drawing | str:
        """Draw it, in a thread; a str is a sentence on why there is no picture.

        Raises:
            LabappError: it cannot be drawn, which is shown instead.
        """

    def caption(self, shown: Hashable, columns: int) -> Sequence[StyleAndTextTuples]:
        """Return the lines below it, the most important first: what is known of it now.

        Where there are few rows, the last ones go.
        """

    def ahead(self) -> Sequence[Hashable]:
        """Return what may be shown next: drawn in the thread while nothing else is to be drawn.

        What takes long is none of it, as what is shown next would wait for that.
        """


class Panel(Protocol):
    """One panel: rows with a pointer, keys, and what the view shows while it is on top."""

    @property
    def title(self) -> str:
        """What stands above the rows."""

    @property
    def help(self) -> str:
        """What `?` shows while it is on top."""

    @property
    def is_low(self) -> bool:
        """Whether it has few rows.

        On a narrow screen the view then stands below it, and else is shown instead of it, on a key.
        """

    @property
    def view(self) -> View | None:
        """What is shown beside it; None: that of the panel below it."""

    def length(self) -> int:
        """Return how many rows there are now."""

    @property
    def index(self) -> int:
        """The row that the pointer is on."""

    @index.setter
    def index(self, value: int) -> None: ...

    def row(self, number: int, pointed: bool, columns: int) -> StyleAndTextTuples:
        """Return a row as it stands on the screen, in so many columns."""

    def said(self, number: int) -> str:
        """Return a row as a sentence: for the accessible mode, and where the row is cut."""

    def keys(self) -> Sequence[Key]:
        """Return its keys as things stand, the main action as `Enter` first.

        One that stays acts on the open page; one that does not leaves the page for what it does,
        and the page comes back as it was, as by `Sides.leave_for`.
        """

    def bindings(self) -> KeyBindings | None:
        """Return what else listens: arrows sideways, letters that are typed; None for nothing.

        Asked once, when it is put on the page; up, down and the like move its pointer unless they
        are bound here.
        """

    def typing(self) -> bool:
        """Tell whether letters are typed just now, for a search or a value."""

    def status(self) -> StyleAndTextTuples:
        """Return what is wrong or selected, below the rows; empty for nothing."""

    def undone(self) -> bool:
        """Take back what is half done in it, such as a filter, on Esc; tell whether there was."""


@runtime_checkable
class Whole(Protocol):
    """What a panel may have besides, for the accessible mode.

    Attributes:
        is_whole: whether its main action is for all of its rows, so that a row's number only goes
            there.
    """

    is_whole: bool


@runtime_checkable
class Taking(Protocol):
    """What a panel may have besides, whose rows take values: the accessible mode asks for them."""

    def asks(self, number: int) -> str:
        """Return which values a row takes, such as `from 1 to 9`."""

    def take(self, number: int, text: str) -> str:
        """Take a value that was typed for a row; return what is wrong with it, else nothing."""


@runtime_checkable
class Named(Protocol):
    """What a panel may have besides, whose rows change by themselves, for the accessible mode."""

    def row_names(self) -> Sequence[Hashable]:
        """Return what each row is known by again; from memory."""


@runtime_checkable
class Lettered(Protocol):
    """What a panel may have besides, whose first rows come and go, for the accessible mode."""

    @property
    def lettered(self) -> int:
        """How many these are: numbered by themselves, so that others keep their numbers."""


class Sides(Protocol):
    """What a panel may do with the page that it stands on."""

    def push(self, panel: Panel) -> None:
        """Put a panel on top."""

    def pop(self, panels: int = 1) -> None:
        """Take panels away from the top; the last one ends the page."""

    def changed(self) -> None:
        """Have the page drawn anew; any thread may say so."""

    def leave_for(self, action: Callable[[], object]) -> None:
        """Leave the page for another one, such as a question, and come back as it was.

        Esc in it comes back; its errors are shown on a page of their own.
        """
