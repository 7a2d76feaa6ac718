"""What is said in lines, and the answers that are typed below them.

Answers are read as lines from standard input, without a library for editing them: those write
escape codes, and screen readers and shells within editors have their own ways to edit.

Some answers mean the same at every question: `back` or `<`, `?`, `manual`, and Enter alone.
"""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TextIO
from weakref import WeakKeyDictionary

from labapp.console import Back, theme
from labapp.console.accessible import mode
from labapp.console.accessible.helps import without_pages
from labapp.console.figures import cut, in_lines, one_line, plural
from labapp.console.terminal import swapped
from labapp.errors import UsageError

if TYPE_CHECKING:
    from labapp.console.accessible.pages import Browsed
    from labapp.console.header import Header
    from labapp.console.stage import Frame, Kind, Notice

#: What goes one step back; Esc with Enter behind it, too.
BACK = ("back", "<", "\x1b")

#: What opens the manual, where there is one.
MANUAL = "manual"

#: Said once, at the beginning of a menu.
INTRO = """Accessible mode ({reason}). Type the number or the letter of a line, then Enter.
At every question: back or < goes one step back, ? explains and tells the keys, {manual}Enter \
alone reads on or tells what is new. Ctrl-C leaves the program; during a wait, only the wait."""

#: Said below each help, which tells of keys that a page would have.
ANSWERS = "Each key is typed with Enter behind it; < stands for Esc, and back is the same."

#: Columns and rows where the terminal does not tell how many it has, and columns read at most.
COLUMNS, ROWS, MOST_COLUMNS = 80, 24, 100

#: Columns of an answer that are said again where it is none.
MOST_ANSWER = 40

#: Ends of input one after the other, with nothing typed in between, after which nobody is there.
MOST_ENDS = 10

#: Seconds after which Windows has raised the interrupt that an end of input may have been.
_INTERRUPT_SECONDS = 0.2

#: What stands before a notice, by its kind.
_KINDS: dict[Kind, str] = {"info": "News", "done": "Done", "warning": "Warning", "failed": "Failed"}


class Ended(Back):
    """The end of input was typed, as by Ctrl-D: one step back."""


class Voice:
    """What is said on one terminal.

    Args:
        frame: the program's, whose header and notices are said as they change; None: a command
            asks, on standard error.
    """

    def __init__(self, frame: Frame | None) -> None:
        self._header = frame.header if frame else None
        self._notices = frame.notices if frame else tuple
        self._stream: TextIO = sys.stdout if frame else sys.stderr
        self._is_new = frame is not None
        self._facts: list[str] = []
        self._said: list[Notice] = []
        self._ends = 0
        #: What can be typed, as it was told in full: by the kind of page.
        self.told: dict[str, set[str]] = {}
        #: The table that a row was opened of.
        self.browsed: Browsed | None = None

    def say(self, text: str, *, indent: int = 0) -> None:
        """Say a text: each of its lines is folded at its blanks; those behind stand further in."""
        blank = " " * indent
        for line in in_lines(text).splitlines() or [""]:
            self.read(folded(line, blank))

    def read(self, lines: Iterable[str]) -> None:
        """Write lines as they are, but for what would steer the terminal."""
        for line in lines:
            self._stream.write(in_lines(line).rstrip() + "\n")
        self._stream.flush()

    def news(self, manual: object = None) -> None:
        """Say what is new around the parts: the first time how to answer, header, notices."""
        if self._is_new:
            self._is_new = False
            told = f"{MANUAL} opens the manual, " if manual else ""
            self.say(INTRO.format(reason=mode.reason() or "asked for", manual=told))
        if self._header and (facts := facts_of(self._header())) != self._facts:
            new = [fact for fact in facts if fact not in self._facts]
            if new:
                self.say(f"{'Now' if self._facts else 'labapp'}: {', '.join(new)}.")
            self._facts = facts
        current = list(self._notices())
        for notice in current:
            if all(notice is not one for one in self._said):
                self.say(f"{_KINDS[notice.kind]}: {one_line(notice.text)}")
        self._said = current

    def line(self, prompt: str) -> str:
        """Return the line that is typed behind a prompt, without its end.

        Raises:
            Back: it says so.
            KeyboardInterrupt: Ctrl-C, or nobody is there any more.
        """
        *before, last = folded(one_line(prompt))
        self.read(before)
        self._stream.write(f"{last} " if last else "")
        self._stream.flush()
        try:
            typed = sys.stdin.readline()
        except UnicodeDecodeError:
            self.say("That is no text in the encoding of this terminal.")
            return self.line(prompt)
        except (OSError, ValueError):  # the terminal is gone
            raise KeyboardInterrupt from None
        if not typed:
            self.read([""])
            self._end()
        self._ends = 0
        typed = typed.rstrip("\r\n")
        if typed.strip().lower() in BACK:
            raise Back
        return typed

    def _end(self) -> None:
        if sys.platform == "win32":
            time.sleep(_INTERRUPT_SECONDS)
        self._ends += 1
        if self._ends >= MOST_ENDS or not sys.stdin.isatty():
            raise KeyboardInterrupt
        raise Ended


class Asker:
    """Asks on behalf of one part, which has a help of its own.

    Args:
        frame: the program's; None in a command.
        help: says what `?` does; empty where there is nothing to explain.
    """

    def __init__(self, frame: Frame | None, help: Callable[[], str] = str) -> None:
        check_terminal(frame)
        self.frame = frame
        self.voice = voice_of(frame)
        self._help = help

    def begin(self, title: str = "", intro: str = "") -> None:
        """Say what is new, and what follows."""
        self.news()
        self.voice.read([""])
        for text in filter(None, (title, intro)):
            self.voice.say(text)

    def news(self) -> None:
        """Say what is new around the part."""
        self.voice.news(self.frame and self.frame.manual)

    def ask(self, prompt: str) -> str:
        """Return an answer as it was typed; help and the manual are given in between.

        Raises:
            Back: one step back.
            KeyboardInterrupt: Ctrl-C, or nobody is there any more.
        """
        while True:
            self.news()
            if self.frame:
                self.frame.painted.set()
            typed = self.voice.line(prompt)
            if not typed.strip():
                self.news()  # before what is long, and known
            if typed.strip() == "?":
                told = without_pages(self._help())
                self.voice.say("\n".join(filter(None, (told, ANSWERS))))
            elif typed.strip().lower() == MANUAL and self.frame and self.frame.manual:
                manual = self.frame.manual
                with swapped(self.frame, "manual", None):  # its own pages lead to no other
                    manual()
            else:
                return typed

    def choose(self, prompt: str) -> str:
        """Return an answer without blanks around it; as `ask` else."""
        return self.ask(prompt).strip()


_voices: WeakKeyDictionary[Frame, Voice] = WeakKeyDictionary()


def voice_of(frame: Frame | None) -> Voice:
    """Return the voice of a program's menus, which knows what it has said; else a new one."""
    if frame is None:
        return Voice(None)
    return _voices.setdefault(frame, Voice(frame))


def check_terminal(frame: Frame | None) -> None:
    """See to it that somebody can answer.

    Raises:
        UsageError: there is no terminal.
    """
    if not (sys.stdin.isatty() and (sys.stdout if frame else sys.stderr).isatty()):
        raise UsageError("this question needs a terminal", "answer it with an option, see --help")


def has_line() -> bool:
    """Whether something was typed that nobody has read: a line, and on Windows a key."""
    if sys.platform == "win32":
        import msvcrt

        return msvcrt.kbhit()
    import select

    try:
        return bool(select.select([sys.stdin], [], [], 0)[0])
    except (OSError, ValueError, TypeError):  # it is no file
        return False


def folded(line: str, blank: str = "") -> list[str]:
    """Return a line folded at its blanks, one at least; `blank` stands before all but the first."""
    return textwrap.wrap(
        line, columns(), subsequent_indent=blank, break_long_words=False, break_on_hyphens=False
    ) or [""]


def columns() -> int:
    """Return how many columns are filled."""
    return min(_size()[0] or COLUMNS, MOST_COLUMNS) - 1


def page_rows() -> int:
    """Return how many rows of a long text are read before it is asked whether to read on."""
    return max((_size()[1] or ROWS) - 4, 20)


def _size() -> tuple[int, int]:
    try:
        found = os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        return 0, 0
    return found.columns, found.lines


def none_such(answer: str) -> str:
    """Begin to say that an answer is none; of a whole text that was pasted only the beginning."""
    return f"There is no '{cut(one_line(answer), MOST_ANSWER)}'"


def facts_of(header: Header) -> list[str]:
    """Return what a screen acts on, in words; what is not known yet is left out."""
    facts = {"cloud": header.cloud, "region": header.region, "bucket": header.bucket}
    unknown = theme.current().glyphs.ellipsis
    told = [f"{name} {value}" for name, value in facts.items() if value != unknown]
    workers = header.workers
    alive = "" if workers is None else plural(workers, "worker") if workers else "no worker"
    return [
        one_line(fact) for fact in (header.program, *told, f"user {header.user}", alive) if fact
    ]
