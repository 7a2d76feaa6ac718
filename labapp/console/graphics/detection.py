"""Which protocol for pictures a terminal speaks: from its environment, else from its answers.

A variable that names another terminal than TERM does was inherited from the program that started
this one, or by a tmux that is shown elsewhere now: so the order is tmux and its like, TERM,
TERM_PROGRAM, then what else there is. What that leaves open the terminal is asked. A wrong guess
would leave a hole where a picture should be, or signs all over the page: in doubt there are blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

from labapp.console.graphics.cells import Cell
from labapp.console.graphics.choice import Choice, Protocol
from labapp.console.graphics.tmux import Tmux, version_of

#: What the setting `images` takes.
Wish = Literal["auto", "blocks", "kitty", "iterm", "sixel"]

#: Terminals by how TERM begins or what it has within; each sets it by itself.
_TERMS: tuple[tuple[str, Protocol], ...] = (
    ("kitty", "kitty"),
    ("ghostty", "kitty"),
    ("foot", "sixel"),
    ("mlterm", "sixel"),
    ("wezterm", "iterm"),
    ("alacritty", "blocks"),
    ("eterm", "blocks"),
)

#: Terminals by TERM_PROGRAM. Visual Studio Code must answer, too: pictures may be off there.
_PROGRAMS: dict[str, Protocol] = {
    "iTerm.app": "iterm",
    "WezTerm": "iterm",
    "mintty": "iterm",
    "Tabby": "iterm",
    "WarpTerminal": "iterm",
    "Apple_Terminal": "blocks",
}
_VSCODE = "vscode"

#: Variables of terminals that leave TERM_PROGRAM alone: with both, one was inherited.
_OTHERS = ("XTERM_VERSION", "VTE_VERSION", "KONSOLE_VERSION")

#: The first Konsole that shows kitty's pictures.
_KONSOLE = 220400

#: The first tmux that was seen to pass pictures on, and the first kitty that has placeholders.
_TMUX, _KITTY_PLACEHOLDERS = (3, 4), (0, 28)

#: The attribute in a terminal's answer that says that it draws sixel.
_SIXEL = 4

#: The cell of Windows Terminal as it counts pixels, whatever its font; it tells no other way.
_WINDOWS_TERMINAL = 10, 20


@dataclass(frozen=True)
class Answer:
    """What the terminal answered to `CSI 16 t` and `CSI c`.

    Attributes:
        attributes: the numbers that say what it can do; empty where it never answered.
        cell: width and height of a cell in pixels, where it told.
    """

    attributes: tuple[int, ...] = ()
    cell: Cell | None = None

    def __str__(self) -> str:
        return ";".join(map(str, self.attributes))


@dataclass(frozen=True)
class Seen:
    """All that a choice is made from.

    Attributes:
        environ: the environment.
        impossible: why there can be no pixels, whatever anybody wishes; empty if there can.
        unwelcome: what rules pixels out unless they are wished for; empty if nothing does.
        wish: the setting `images`.
        wished_by: where that was set: `environment LABAPP_IMAGES`.
        cell: width and height of a cell by the terminal's size.
        tty: the terminal's name, as of a tmux's pane.
        answer: what the terminal answered; None before it did.
        tmux: what tmux said; None before it did.
    """

    environ: Mapping[str, str]
    impossible: str = ""
    unwelcome: str = ""
    wish: Wish = "auto"
    wished_by: str = ""
    cell: Cell | None = None
    tty: str = ""
    answer: Answer | None = None
    tmux: Tmux | None = None

    def of(self, name: str) -> str:
        """Return a variable's value; empty where there is none."""
        return self.environ.get(name, "")

    @property
    def is_remote(self) -> bool:
        """Whether the terminal is on another machine."""
        return bool(self.of("SSH_TTY") or self.of("SSH_CONNECTION"))

    @property
    def has_other(self) -> bool:
        """Whether there is a variable of a terminal that leaves TERM_PROGRAM alone."""
        return any(self.of(name) for name in _OTHERS)

    @property
    def in_tmux(self) -> bool:
        """Whether this is shown by tmux, as far as variables and tmux itself tell."""
        return bool(self.of("TMUX")) and not self.has_left_tmux

    @property
    def is_told(self) -> bool:
        """Whether who is asked here has answered, or will not."""
        return self.answer is not None or self.tmux is not None

    @property
    def has_left_tmux(self) -> bool:
        """Whether TMUX is inherited: what runs here was started from a pane and is none."""
        return self.tmux is not None and bool(self.tty) and self.tmux.tty != self.tty


#: The choice while tmux is asked.
_TMUX_IS_ASKED = Choice(reason="tmux is asked behind the first page", in_tmux=True, is_open=True)


def detect(seen: Seen) -> Choice:
    """Return how pictures are shown, and whether that is still open."""
    found = _chosen(seen)
    return replace(found, cell=found.cell or _cell(seen), is_remote=seen.is_remote)


def unwelcome(environ: Mapping[str, str], *, has_colors: bool, has_unicode: bool) -> str:
    """Return what rules pixels out unless they are wished for, as a phrase; empty if nothing."""
    term = environ.get("TERM", "")
    if term in ("", "dumb", "linux", "unknown"):
        return f"TERM is {term or 'not set'}"
    if not has_colors:
        return "NO_COLOR is set" if environ.get("NO_COLOR") else "colours are off"
    return "" if has_unicode else "only ASCII is shown"


def remedy(found: Choice, environ: Mapping[str, str]) -> str:
    """Return what its user can do for pixels where it takes little, as a sentence; else empty."""
    if found.protocol != "blocks" or found.is_open:
        return ""
    if "allow-passthrough" in found.reason:
        return "Write 'set -g allow-passthrough on' in ~/.tmux.conf, and start tmux anew."
    if environ.get("TERM_PROGRAM") == _VSCODE and "without sixel" in found.reason:
        return "Turn terminal.integrated.enableImages on in Visual Studio Code's settings."
    return ""


def _chosen(seen: Seen) -> Choice:
    if seen.wish == "auto":
        barred = seen.impossible or seen.unwelcome
        return Choice(reason=barred) if barred else _detected(seen)
    reason = f"images = {seen.wish} in {seen.wished_by}" if seen.wished_by else "it was wished for"
    if seen.wish == "blocks":
        return Choice(reason=reason)
    if seen.impossible:
        return Choice(reason=f"{seen.impossible}, for all that {reason}")
    wish = cast("Protocol", seen.wish)
    if not seen.in_tmux:
        return _shown_by(wish, seen, reason)
    if not seen.is_told:
        return _TMUX_IS_ASKED
    if wish == "iterm":
        return Choice(reason=f"tmux passes no iterm pictures on, for all that {reason}")
    if wish == "kitty":
        return Choice("placeholders", reason, in_tmux=True)
    return replace(_shown_by("sixel", seen, reason), in_tmux=True)


def _detected(seen: Seen) -> Choice:
    """Go through what is known of terminals, the surest first."""
    rows: tuple[Callable[[Seen], Choice | None], ...]
    rows = (_by_multiplexer, _by_term, _by_program, _by_konsole, _by_answer)
    return next(found for row in rows if (found := row(seen)) is not None)


def _by_multiplexer(seen: Seen) -> Choice | None:
    term = seen.of("TERM")
    if seen.in_tmux:
        return _by_tmux(seen)
    for name, program in (("STY", "screen"), ("ZELLIJ", "Zellij")):
        if seen.of(name):
            return Choice(reason=f"{program} shows no pictures")
    if term.startswith(("screen", "tmux")):
        return Choice(reason=f"TERM is {term}")
    return None


def _by_tmux(seen: Seen) -> Choice:
    told = seen.tmux
    if not seen.is_told:
        return _TMUX_IS_ASKED
    if told is None:
        return Choice(reason="tmux does not say what it is shown on")
    where = told.terminal or "a terminal that tmux does not know"
    if told.clients != 1:
        return Choice(reason=f"tmux is shown on {told.clients} terminals")
    name = told.terminal.lower()
    has_placeholders = name.startswith("ghostty") or (
        name.startswith("kitty") and version_of(name) >= _KITTY_PLACEHOLDERS
    )
    if told.version < _TMUX:
        return Choice(reason=f"tmux is older than {'.'.join(map(str, _TMUX))}")
    if has_placeholders and told.passes:
        return Choice("placeholders", f"tmux passes pictures on to {where}", in_tmux=True)
    if has_placeholders:
        return Choice(reason=f"tmux is shown on {where}, but its allow-passthrough is off")
    if "sixel" in told.features and _cell(seen):
        return Choice("sixel", f"tmux draws sixel on {where}", in_tmux=True)
    return Choice(reason=f"tmux draws no pictures on {where}")


def _by_term(seen: Seen) -> Choice | None:
    term = seen.of("TERM")
    for name, protocol in _TERMS:
        if name in term.lower():
            return _shown_by(protocol, seen, f"TERM is {term}")
    if seen.has_left_tmux:  # what else there is may be inherited, and tmux may answer
        return Choice(reason=f"this terminal was started in tmux, and TERM is {term}")
    return None


def _by_program(seen: Seen) -> Choice | None:
    program = seen.of("TERM_PROGRAM")
    if seen.has_other:
        return None
    if program in _PROGRAMS:
        return _shown_by(_PROGRAMS[program], seen, f"TERM_PROGRAM is {program}")
    if not program and seen.is_remote and seen.of("LC_TERMINAL") == "iTerm2":
        return _shown_by("iterm", seen, "LC_TERMINAL is iTerm2")
    return None


def _by_konsole(seen: Seen) -> Choice | None:
    version = seen.of("KONSOLE_VERSION")
    inherited = any(seen.of(name) for name in ("TERM_PROGRAM", "VTE_VERSION", "XTERM_VERSION"))
    if inherited or not (version.isdecimal() and seen.of("TERM").startswith("xterm")):
        return None
    return Choice("kitty", f"Konsole {version}") if int(version) >= _KONSOLE else None


def _by_answer(seen: Seen) -> Choice:
    answer = seen.answer
    if answer is None:
        return Choice(reason="the terminal is asked at the first page", is_open=True)
    if not answer.attributes:
        return Choice(reason="the terminal did not answer")
    if _SIXEL not in answer.attributes:
        return Choice(reason=f"the terminal answers {answer}, without sixel")
    told = f"the terminal answers {answer}"
    if seen.of("TERM_PROGRAM") == _VSCODE and not seen.has_other:
        return Choice("iterm", f"TERM_PROGRAM is {_VSCODE}, and {told}")
    return _shown_by("sixel", seen, told)


def _shown_by(protocol: Protocol, seen: Seen, reason: str) -> Choice:
    """Return the choice of a protocol; sixel needs to know how large a cell is."""
    if protocol != "sixel" or _cell(seen):
        return Choice(protocol, reason)
    if seen.answer is None:
        return Choice(reason=f"{reason}; how large its cells are is asked", is_open=True)
    return Choice(reason=f"{reason}, but nobody tells how large a cell is")


def _cell(seen: Seen) -> Cell | None:
    if seen.in_tmux and seen.tmux:
        return seen.cell or seen.tmux.cell  # the pane's changes with the window, tmux's word is old
    if seen.of("WT_SESSION") and not (seen.of("TERM_PROGRAM") or seen.has_other):
        return _WINDOWS_TERMINAL
    return seen.cell or (seen.answer.cell if seen.answer else None)
