"""A page of two sides: the rows of its top panel, with their keys, and what is known of the view.

It asks the panels what they ask of every page: rows as sentences, keys, a pointer. What a panel may
have besides is in `panel`: rows that take values, an action for all rows, rows that come and go.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from labapp.console import Back
from labapp.console.accessible import rows
from labapp.console.accessible.as_read import AsRead
from labapp.console.accessible.keys import Told, answers, sentences, words_of
from labapp.console.accessible.questions import sentence
from labapp.console.accessible.rows import Rows
from labapp.console.accessible.voice import Asker, columns
from labapp.console.panel import Lettered, Taking, Whole
from labapp.errors import LabappError

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from labapp.console.key import Key
    from labapp.console.panel import Panel, View
    from labapp.console.split import Split

#: What does the panel's main action where the pointer is, and what tells of the view.
GO, VIEW = "go", "v"

HELP = f"""A key with a number behind it, such as {VIEW} 3, is pressed on that row. {VIEW} tells \
what is known of the picture."""

#: What a number does, by what its panel is.
EACH = f"""A number goes to its row and does what is done there; {GO} does the same on the row \
where you are."""
WHOLE = "A number goes to its row."
TAKES = "A number asks for the value of its row."

#: Seconds that rows are waited for which are looked for behind, and between two looks.
ARRIVE, LOOK = 2.0, 0.05

#: What stands between facts and between a picture's sides, as captions have it, and as it is said.
_WORDS = {",": ", ", "x": " by ", "\N{MULTIPLICATION SIGN}": " by ", "": ", "}
_AS_SAID = re.compile(r" +[,x\N{MULTIPLICATION SIGN}] +|  +")

#: Keys of a page that have another form here: searches, and the view alone.
_INSTEAD = ("/", "type", "a-z", VIEW)

#: Cells that a view is told there are: it draws nothing that anybody sees.
_CELLS = 8, 4


def run(split: Split, attempt: Callable[[str, Callable[[], object]], None]) -> None:
    """Ask on the panels of a page until it is left.

    Args:
        split: the page, with a panel on top.
        attempt: does something, and shows what went wrong.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    spoken: dict[int, _Spoken] = {}
    while split.panels:
        spoken = {
            id(panel): spoken.get(id(panel)) or _Spoken(split, panel, attempt)
            for panel in split.panels
        }
        spoken[id(split.top)].ask()


class _Spoken:
    """One panel while it is on top."""

    def __init__(
        self, split: Split, panel: Panel, attempt: Callable[[str, Callable[[], object]], None]
    ) -> None:
        self._split = split
        self._panel = panel
        self._attempt = attempt
        self._read = AsRead(panel)
        self._rows = Rows(self._read.__len__, self._read.said, lettered=self._lettered)
        self._asker = Asker(split.frame, self._help)
        self._told = Told(self._asker.voice, type(panel).__name__)
        #: What stood above the rows when they were read.
        self._title: str | None = None

    def ask(self) -> None:
        """Read the rows and ask, until another panel is on top or none is left.

        Of one that was left for another the row where that was is read, and no more.
        """
        told: StyleAndTextTuples = []
        if self._title == self._panel.title:
            self._asker.begin(self._title)
            if (place := self._read.place(self._panel.index)) is None:
                self._read_rows()
            else:
                self._rows.tell(self._asker.voice, place)
        while self._is_on_top():
            if self._title != self._panel.title:
                self._begin()
            if (status := self._panel.status()) != told:
                told = status
                self._tell(status)
            self._told.tell(self._words(), self._main_word())
            try:
                answer = self._asker.choose("Number or key:")
            except Back:
                if not self._split.undone():
                    self._split.panels = []
                elif self._is_on_top():
                    self._asker.voice.say("Taken back.")
                continue
            if not self._do(answer):
                self._asker.voice.say(f"{self._rows.wrong(answer)} ? tells the keys.")

    def _lettered(self) -> int:
        return self._panel.lettered if isinstance(self._panel, Lettered) else 0

    def _begin(self) -> None:
        until = time.monotonic() + ARRIVE
        while not self._panel.length() and time.monotonic() < until:
            time.sleep(LOOK)
        self._title = self._panel.title
        self._asker.begin(self._title)
        self._rows.start = self._panel.index // rows.PAGE * rows.PAGE
        self._read_rows()
        if self._panel.index:
            self._tell_place()

    def _read_rows(self) -> None:
        self._read.renew()
        self._rows.read(self._asker.voice)

    def _tell_place(self) -> None:
        """Say on which row the pointer is, for what acts there."""
        if (place := self._read.place(self._panel.index)) is not None:
            self._asker.voice.say(f"You are on {self._rows.number(place)}.")

    def _go(self, place: int) -> bool:
        """Go to a row by its place as it was read; tell whether it is there."""
        if (now := self._read.now(place)) is None:
            self._asker.voice.say("That is no longer there; Enter alone reads what is.")
            return False
        self._panel.index = now
        return True

    def _is_on_top(self) -> bool:
        return bool(self._split.panels) and self._split.top is self._panel

    def _do(self, answer: str) -> bool:
        """Do what an answer says; tell whether it says anything."""
        word, _, number = answer.partition(" ")
        place = self._rows.place(answer)
        if place is not None:
            return not self._go(place) or self._main()
        if answer.lower() == GO:
            return self._press(self._key("Enter"))
        on = self._rows.place(number.strip())
        if word and (not number or on is not None):
            key = self._key(word)
            if key or word == VIEW:
                if on is not None and not self._go(on):
                    return True
                return self._press(key) if key else self._tell_view()
        if not answer or self._rows.heeds(answer):
            self._read_rows()
            if not answer:
                self._told.forget()
            return True
        return False

    @property
    def _is_whole(self) -> bool:
        """Whether the panel's main action is for all of its rows."""
        return isinstance(self._panel, Whole) and self._panel.is_whole

    def _main(self) -> bool:
        """Do what a number does: ask for the row's value, or the panel's main action."""
        panel = self._panel
        if not isinstance(panel, Taking):
            if not self._is_whole:
                return self._press(self._key("Enter"))
            self._asker.voice.say(panel.said(panel.index))
            return True
        voice, said = self._asker.voice, panel.said(panel.index)
        value, asks = "", panel.asks(panel.index)
        try:
            if asks:
                asks = f"{said.rstrip('.')}; {asks}. New value, Enter keeps it:"
                value = self._asker.choose(asks)
        except Back:
            return True
        if value and (wrong := panel.take(panel.index, value)):
            voice.say(sentence(wrong))
        else:
            voice.say(self._panel.said(self._panel.index))
        return True

    def _keys(self) -> list[Key]:
        keys = self._panel.keys()
        return [key for key in keys if not (key.letter in _INSTEAD or key.letter.isdigit())]

    def _key(self, word: str) -> Key | None:
        if word == "Enter":
            return next((key for key in self._keys() if key.letter == "Enter" or key.enter), None)
        return next((key for key in self._keys() if answers(key, word)), None)

    def _press(self, key: Key | None) -> bool:
        """Do what a key does; tell what became of the row, or else which picture there is now."""
        if key is None:
            return False
        panel = self._panel
        title, pictured, place = panel.title, self._pictured(), self._read.place(panel.index)
        said = None if place is None else self._read.said(place)
        self._attempt(title, key.act)
        if not self._is_on_top() or panel.title != title:
            return True
        if place is not None and said != self._read.said(place):
            self._rows.tell(self._asker.voice, place)
        elif self._pictured() != pictured and self._read.place(panel.index) == place:
            self._tell_view()
        if self._read.place(panel.index) != place:
            self._tell_place()
        return True

    def _pictured(self) -> StyleAndTextTuples:
        """Return which picture is shown: what its caption begins with."""
        view = self._split.view
        shown = view.shows() if view else None
        lines = view.caption(shown, columns()) if view and shown is not None else ()
        return lines[0] if lines else []

    def _tell_view(self) -> bool:
        """Say what is known of the picture, after a look at it."""
        view: View | None = self._split.view
        shown = view.shows() if view else None
        if view is None or shown is None:
            self._asker.voice.say("There is no picture here.")
            return True
        try:
            drawn = view.draw(shown, *_CELLS)
        except LabappError as error:
            drawn = str(error)
        for line in view.caption(shown, columns()):
            self._tell(line)
        if isinstance(drawn, str):
            self._asker.voice.say(drawn)
        return True

    def _tell(self, fragments: StyleAndTextTuples) -> None:
        text = "".join(fragment[1] for fragment in fragments)
        for line in filter(None, map(str.strip, text.splitlines())):
            self._asker.voice.say(_AS_SAID.sub(lambda found: _WORDS[found[0].strip()], line))

    def _main_word(self) -> str:
        key = self._key("Enter")
        return f"{GO} ({key.words})" if key else ""

    def _words(self) -> list[str]:
        """Return what can be typed, with what it does."""
        keys, key = self._keys(), self._key("Enter")
        main = key.words if key else ""
        number = "go to it" if self._is_whole else main
        if isinstance(self._panel, Taking):
            number = "its value" if self._panel.asks(self._panel.index) else ""
        return [
            *([f"a number ({number})"] if number and self._panel.length() else []),
            *([self._main_word()] if main else []),
            *words_of([key for key in keys if key.letter != "Enter"]),
            *([f"{VIEW} (what the picture is)"] if self._split.view is not None else []),
        ]

    def _help(self) -> str:
        number = TAKES if isinstance(self._panel, Taking) else WHOLE if self._is_whole else EACH
        told = sentences(self._keys(), GO)
        keys = f"Keys: {', '.join(self._words())}."
        own = re.sub(r"\bEnter\b", GO, "\n".join((self._panel.help, *told)))  # alone it reads on
        return "\n".join(filter(None, (own, f"{number} {HELP}", rows.READ, keys)))
