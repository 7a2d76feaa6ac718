"""A page as text, with its keys as letters to type; and a table whose rows are numbered.

What changes while a page is open is read again when the user says so: nothing comes in the middle
of what is typed. A page that ends by itself is watched instead: its news come as lines.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labapp.console import Back
from labapp.console.accessible import rows, texts
from labapp.console.accessible.keys import Told, answers, no_such, sentences, words_of
from labapp.console.accessible.rows import Rows
from labapp.console.accessible.voice import Asker, columns, has_line, page_rows

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.console.key import Key, Keys
    from labapp.console.stage import Frame
    from labapp.console.tables import Fitted


#: Seconds between two looks at a page that is watched, and between two readings of its news.
LOOK, EVERY = 0.1, 5.0

#: Seconds that a page's first content is waited for.
ARRIVE = 2.0

#: Lines of a long text that are not worth a question.
_REST = 5

#: Rows that a body is told there are: nothing needs to be left out, but of what is watched.
_MANY, _FEW = 1000, 8


class Page:
    """A page's text and keys; the arguments are those of `page.show`."""

    def __init__(
        self,
        title: str,
        body: RenderableType | Callable[[int, int], RenderableType],
        keys: Keys,
        frame: Frame,
        help: str,
    ) -> None:
        self._title = title
        self._body = body
        self._keys = keys
        self._help = help
        self.asker = Asker(frame, self.help)
        self._told = Told(self.asker.voice)
        #: The lines of the last reading, and how many of them were read.
        self._lines: list[str] = []
        self._read = 0

    def help(self) -> str:
        """Return what `?` says."""
        told = [key.sentence for key in self._keys() if key.help]
        named = ", ".join(words_of(self._keys()))
        return "\n".join(filter(None, (self._help, *told, named and f"Keys: {named}.")))

    def lines(self, rows: int = _MANY) -> list[str]:
        """Return the body's lines as they are now, made for so many rows."""
        room = columns()
        body = self._body(room, rows) if callable(self._body) else self._body
        return texts.lines(body, room)

    def ask(self) -> Key | None:
        """Read the page and its keys until one is typed that ends it; None for back."""
        self.asker.begin(self._title)
        self._begin()
        while True:
            try:
                answer = self.asker.choose(self._prompt())
            except Back:
                return None
            keys = self._keys()
            if not answer and self._read < len(self._lines):
                self._read_on()
                continue
            found = next((key for key in keys if answers(key, answer)), None)
            if found is None:
                if not keys:
                    return None
                if answer:
                    self.asker.voice.say(no_such(answer, keys))
                else:
                    self._told.forget()
                    self._begin()
            elif found.stays:
                found.act()
                self._begin()
            else:
                return found

    def watch(self, until: Callable[[], bool]) -> Key | None:
        """Read the page's news as they come, until it ends by itself; Enter asks what to do.

        Of what ends at once nothing is read.
        """
        soon, asked, ended = time.monotonic() + ARRIVE, False, False
        try:
            while not (ended := until()) and time.monotonic() < soon:
                time.sleep(LOOK)
        except KeyboardInterrupt:
            asked = True
        if ended:
            return None
        self.asker.begin(self._title)
        self.asker.voice.say(
            "This goes on by itself and is read as it does; Enter asks what to do."
        )
        try:
            while asked or self._goes_on(until):
                asked = False
                if found := self._meant():
                    return found
        except Back:
            pass
        return None

    def _goes_on(self, until: Callable[[], bool]) -> bool:
        """Read news until something is typed, or Ctrl-C is pressed; False once it has ended."""
        due = 0.0
        try:
            while not until():
                if has_line():
                    return True
                if (now := time.monotonic()) >= due:
                    due = now + EVERY
                    self._tell_news()
                time.sleep(LOOK)
        except KeyboardInterrupt:
            self.asker.voice.read([""])
            return True
        return False

    def _meant(self) -> Key | None:
        """Return the key that was typed, or is typed when asked for one; None to go on."""
        keys = self._keys()
        answer = self.asker.choose("") if has_line() else ""
        if not answer:
            self._told.forget()
            self._told.tell(words_of(keys))
            answer = self.asker.choose("Key, or Enter to go on:")
        found = next((key for key in keys if answers(key, answer)), None)
        if answer and found is None:
            self.asker.voice.say(no_such(answer, keys))
        return found

    def _tell_news(self) -> None:
        self.asker.news()
        lines = self.lines(_FEW)
        self.asker.voice.read(line.strip() for line in lines if line and line not in self._lines)
        self._lines = lines

    def _begin(self) -> None:
        self._lines, self._read = self.lines(), 0
        self._read_on()

    def _read_on(self) -> None:
        stop = self._read + page_rows()
        if len(self._lines) - stop <= _REST:
            stop = len(self._lines)
        self.asker.voice.read(self._lines[self._read : stop])
        self._read = min(stop, len(self._lines))

    def _prompt(self) -> str:
        left, keys = len(self._lines) - self._read, self._keys()
        self._told.tell(words_of(keys))
        if left:
            return f"Enter reads on ({left} lines):"
        return "Key:" if keys else "Enter goes back:"


def show(
    title: str,
    body: RenderableType | Callable[[int, int], RenderableType],
    keys: Keys,
    frame: Frame,
    help: str,
    until: Callable[[], bool] | None,
    watch: Callable[[], object],
) -> Key | None:
    """Read a page until a key or the end of what it shows ends it; as `page.show`."""
    page = Page(title, body, keys, frame, help)
    if until:
        return page.watch(until)
    # What is looked for behind has come once for the first time, mostly in a moment.
    soon = time.monotonic() + ARRIVE
    while watch() == 0 and time.monotonic() < soon:
        time.sleep(LOOK)
    return page.ask()


class Browsed:
    """A table that is browsed, until it is left by going back: rows are opened in between.

    Args:
        title: stands above it.
        table: as it was read last.
        start: the row that is read first, and those of its page.
    """

    def __init__(self, title: str, table: Fitted, start: int) -> None:
        self.title = title
        self.table = table
        self.rows = Rows(lambda: len(self.table.rows), lambda place: self.table.told(place))
        self.rows.start = start // rows.PAGE * rows.PAGE


def browse(
    title: str,
    source: Callable[[], Fitted],
    keys: Sequence[Key],
    start: int,
    frame: Frame,
    help: str,
    note: str,
) -> tuple[Key, int] | None:
    """Let the user choose a row by its number, or a key; as `browse.browse`.

    A number opens its row, as they were read; a key behind which a number stands is pressed on that
    row. One that is for a row wants the number: there is no pointer to be seen.
    """
    main, others = keys[0], [key for key in keys if key.letter != "Enter"]
    words = [f"a number ({main.words})", *words_of(others)]
    told = [help, *sentences(keys, "A number"), rows.READ, f"Keys: {', '.join(words)}."]
    asker = Asker(frame, lambda: "\n".join(filter(None, told)))
    before, table = asker.voice.browsed, source()
    was_left = before is not None and before.title == title and before.table is table
    browsed = before if before is not None and was_left else Browsed(title, table, start)
    listed, asker.voice.browsed = browsed.rows, browsed

    def read() -> None:
        listed.read(asker.voice)
        if note:
            asker.voice.say(f"{note}.")  # it may begin with a key

    asker.begin(title)
    if was_left:
        listed.tell(asker.voice, start)
    else:
        read()
    Told(asker.voice).tell(words)
    while True:
        try:
            answer = asker.choose("Number or key:" if others else "Number:")
        except Back:
            asker.voice.browsed = None
            return None
        letter, _, number = answer.partition(" ")
        place = listed.place(answer)
        if place is not None:
            return main, place
        on = listed.place(number.strip())
        found = next((key for key in others if answers(key, letter)), None) if answer else None
        if found is not None and found.on_row and not number and len(table.rows) > 1:
            asker.voice.say(f"{found.letter} wants the number of a row, as in '{found.letter} 1'.")
        elif found is not None and (not number or on is not None):
            return found, start if on is None else on
        elif not answer or listed.heeds(answer):
            browsed.table = browsed.table if answer else source()
            read()
        else:
            asker.voice.say(f"{listed.wrong(answer)} ? tells the keys.")
