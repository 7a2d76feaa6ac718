"""Colours and glyphs, decided once for the whole process and used by every part.

The colours are the sixteen the user's terminal already has, which its owner made legible; only
grey is our own, since 'bright black' is invisible in some popular palettes. Colour never says
anything alone: a glyph or a word always says it too, so that NO_COLOR loses nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from io import StringIO, TextIOWrapper
from typing import IO, TYPE_CHECKING, Literal, get_args

from labapp.console import windows
from labapp.console.accessible import mode
from labapp.errors import UsageError

if TYPE_CHECKING:
    from prompt_toolkit.output import ColorDepth
    from prompt_toolkit.styles import BaseStyle
    from rich.console import Console, RenderableType

ColorChoice = Literal["auto", "never", "16", "256", "truecolor"]

#: What `--color` takes.
COLOR_CHOICES: tuple[ColorChoice, ...] = get_args(ColorChoice)

#: Columns that any page fills at most; wider terminals keep the rest empty, since a line of text
#: much longer than this is hard to follow with the eye.
MAX_WIDTH = 100

#: Columns assumed where output goes to a file or a pipe, so that nothing is cut or folded there.
PIPE_WIDTH = 10_000

#: Rows below which a page drops its blank lines and boxes.
COMPACT_ROWS = 18

#: Terminals that speak truecolor even where SSH has lost COLORTERM.
_TRUECOLOR_TERMS = ("kitty", "ghostty", "alacritty", "wezterm", "foot", "-direct")

#: role -> (colour in rich's names, bold). 'grey' is resolved by depth.
_ROLES: dict[str, tuple[str, bool]] = {
    "accent": ("cyan", False),
    "strong": ("default", True),
    "title": ("default", True),
    "pointed": ("cyan", True),
    "key": ("cyan", True),
    "muted": ("grey", False),
    "good": ("green", False),
    "warn": ("yellow", False),
    "bad": ("red", False),
}

#: Names that questionary and prompt_toolkit give to their own parts -> our role.
_PROMPT_PARTS = {
    "qmark": "accent",
    "question": "strong",
    "answer": "accent",
    "instruction": "muted",
    "validation-toolbar": "bad",
}


#: Parts of rich's progress bar that it would paint in four colours.
_QUIET_PARTS = (
    "progress.percentage",
    "progress.download",
    "progress.data.speed",
    "progress.remaining",
)


class Depth(IntEnum):
    """How many colours may be sent."""

    NONE = 0
    ANSI16 = 16
    ANSI256 = 256
    TRUECOLOR = 1 << 24


#: What each depth is called: by users, by rich, and by prompt_toolkit.
_NAMES: dict[Depth, tuple[ColorChoice, Literal["standard", "256", "truecolor"], str]] = {
    Depth.NONE: ("never", "standard", "DEPTH_1_BIT"),
    Depth.ANSI16: ("16", "standard", "DEPTH_4_BIT"),
    Depth.ANSI256: ("256", "256", "DEPTH_8_BIT"),
    Depth.TRUECOLOR: ("truecolor", "truecolor", "DEPTH_24_BIT"),
}


class Glyphs:
    """The signs that parts draw with, where Unicode may be sent."""

    pointer = "❯"  # noqa: RUF001 - the pointer that prompts are known by
    done, failed, warning, info = "✓", "✗", "!", "•"
    on, off, checked, unchecked = "●", "○", "◉", "○"
    up, down, arrows, sideways = "↑", "↓", "↑↓", "←→"
    separator, ellipsis, rule, side = "·", "…", "─", "│"
    corners = "╭", "╮", "╰", "╯"
    bar_full, bar_empty, knob = "━", "─", "●"
    spinner, spark = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "▁▂▃▄▅▆▇█"


class _Ascii(Glyphs):
    pointer = ">"
    done, failed, warning, info = "+", "x", "!", "*"
    on, off, checked, unchecked = "*", "o", "[x]", "[ ]"
    up, down, arrows, sideways = "^", "v", "Up/Down", "Left/Right"
    separator, ellipsis, rule, side = "|", "...", "-", "|"
    corners = "+", "+", "+", "+"
    bar_full, bar_empty, knob = "=", "-", "O"
    spinner, spark = "|/-\\", "_.:-=+*#"


class _Spoken(_Ascii):
    """Words, and nothing that is only drawn."""

    done, failed, warning, info = "ok:", "failed:", "note:", "-"
    separator, on, off = ",", "", ""
    bar_full = bar_empty = knob = ""


UNICODE, ASCII, SPOKEN = Glyphs(), _Ascii(), _Spoken()


class Sheet(StringIO):
    """What pages are printed on: a picture in pixels is shown on those alone."""


@dataclass(frozen=True)
class Theme:
    """What this terminal can show.

    Args:
        depth: colours that may be sent.
        unicode: whether glyphs beyond ASCII may be sent.
        forced: whether colour is sent even where output is not a terminal (FORCE_COLOR).
        plain: no escape codes at all (TERM=dumb).
        spoken: whether what is shown is read out, in the accessible mode.
    """

    depth: Depth
    unicode: bool = True
    forced: bool = False
    plain: bool = False
    spoken: bool = False

    @property
    def glyphs(self) -> Glyphs:
        """The set of signs that this terminal can show."""
        return SPOKEN if self.spoken else UNICODE if self.unicode else ASCII

    def sign(self, role: str) -> str:
        """Return the sign that says the same as a role's colour; empty where none does."""
        glyphs = self.glyphs
        signs = {"good": glyphs.done, "warn": glyphs.warning, "bad": glyphs.failed}
        return (signs | {"accent": glyphs.info}).get(role, "")

    def role(self, role: str) -> str:
        """Return the rich style of a role such as 'accent', 'muted', 'good', 'warn' or 'bad'."""
        name, bold = _ROLES[role]
        if name == "grey":
            name = "color(244)" if self.depth >= Depth.ANSI256 else "bright_black"
        return f"bold {name}" if bold else name

    def prompt_style(self) -> BaseStyle:
        """Return the same roles as classes for prompt_toolkit: `class:accent` and so on."""
        from prompt_toolkit.styles import Style

        rules = {role: self._prompt_role(role) for role in _ROLES}
        rules |= {
            part: f"noinherit {self._prompt_role(role)}" for part, role in _PROMPT_PARTS.items()
        }
        rules["completion-menu"] = "noinherit"
        rules["completion-menu.completion"] = "noinherit"
        rules["completion-menu.completion.current"] = "noinherit reverse"
        rules["completion-menu.multi-column-meta"] = "noinherit"
        return Style.from_dict(rules)

    def _prompt_role(self, role: str) -> str:
        name, bold = _ROLES[role]
        if name == "grey":
            color = "fg:#808080" if self.depth >= Depth.ANSI256 else "fg:ansibrightblack"
        else:
            color = f"fg:ansi{name}"
        return f"{color} bold" if bold else f"{color} nobold"

    def color_depth(self) -> ColorDepth:
        """prompt_toolkit's name for the depth; it would assume 256 colours otherwise."""
        from prompt_toolkit.output import ColorDepth

        return ColorDepth(_NAMES[self.depth][2])

    def console(
        self, file: IO[str], *, width: int | None = None, tty: bool | None = None
    ) -> Console:
        """Return a rich console on `file`; it never reads text as markup: much of it is foreign.

        Args:
            file: where it writes.
            width: columns; None takes the terminal's, or `PIPE_WIDTH` where there is none.
            tty: whether `file` is a terminal; None asks it.
        """
        from rich.console import Console
        from rich.theme import Theme as RichTheme

        is_tty = bool(file.isatty()) if tty is None else tty
        styled = (is_tty and not self.plain) or self.forced
        return Console(
            file=file,
            color_system=_NAMES[self.depth][1] if styled else None,
            no_color=self.depth == Depth.NONE,
            force_terminal=is_tty or self.forced,
            width=width if width or is_tty else PIPE_WIDTH,
            markup=False,
            highlight=False,
            emoji=False,
            theme=RichTheme(
                {role: self.role(role) for role in _ROLES}
                | {part: self.role("muted") for part in _QUIET_PARTS}
            ),
        )

    def ansi(self, renderable: RenderableType, columns: int) -> str:
        """Return a rich renderable as text with escape codes, without a last newline."""
        sheet = Sheet()
        self.console(sheet, width=columns, tty=True).print(renderable)
        return sheet.getvalue().rstrip("\n")


def detect(choice: ColorChoice = "auto", environ: Mapping[str, str] | None = None) -> Theme:
    """Decide what the terminal can show from what the user and the environment say.

    Nothing is asked of the terminal itself: an answer may come late and be read as keys.

    Args:
        choice: what the user asked for; 'auto' goes by NO_COLOR, FORCE_COLOR, COLORTERM and TERM
            (https://no-color.org, https://force-color.org).
        environ: the environment to read; the process's own by default.

    Raises:
        UsageError: `choice` is none of `COLOR_CHOICES`.
    """
    environ = os.environ if environ is None else environ
    if choice not in COLOR_CHOICES:
        raise UsageError(
            f"'{choice}' is not a choice of colours", f"take {', '.join(COLOR_CHOICES)}"
        )
    term = environ.get("TERM", "").lower()
    plain = term in ("dumb", "unknown")
    forced = environ.get("FORCE_COLOR", "") not in ("", "0")
    if choice != "auto":
        depth = next(depth for depth, (name, *_) in _NAMES.items() if name == choice)
    elif environ.get("NO_COLOR") or (plain and not forced):
        depth = Depth.NONE
    else:
        depth = _depth_of(term, environ)
    return Theme(
        depth, _speaks_unicode(environ), forced and depth != Depth.NONE, plain and not forced
    )


def _depth_of(term: str, environ: Mapping[str, str]) -> Depth:
    if not term and sys.platform == "win32":
        return Depth(windows.colors(environ, windows.heeds_codes(), windows.build()))
    if environ.get("STY") and term.startswith("screen"):
        # GNU screen reads truecolor's numbers as others; what else there is, is that of the
        # terminal around it.
        return Depth.ANSI256 if "256color" in term else Depth.ANSI16
    if any(name in term for name in _TRUECOLOR_TERMS):
        return Depth.TRUECOLOR
    if environ.get("TERM_PROGRAM") == "Apple_Terminal":
        return Depth.ANSI256  # whatever COLORTERM it has from the program that opened it
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Depth.TRUECOLOR
    if environ.get("WT_SESSION") and term.startswith("xterm"):  # Windows Terminal shows a Linux
        return Depth.TRUECOLOR
    return Depth.ANSI256 if "256color" in term else Depth.ANSI16


def _speaks_unicode(environ: Mapping[str, str]) -> bool:
    """Whether the locale, as the user set it, is a UTF-8 one; on Windows the fonts decide.

    Under LANG=C Python itself puts LC_CTYPE=C.UTF-8 into the environment (PEP 538) and writes
    UTF-8; the terminal behind it knows nothing of that, so this one value says nothing.
    """
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    if not encoding.startswith("utf"):
        return False
    if sys.platform == "win32":
        return bool(environ.get("TERM")) or windows.has_our_signs(environ)
    ctype = environ.get("LC_CTYPE", "")
    chosen = (
        environ.get("LC_ALL") or ("" if ctype == "C.UTF-8" else ctype) or environ.get("LANG", "")
    )
    return not chosen or "utf8" in chosen.lower().replace("-", "")


_current: Theme | None = None


def configure(choice: ColorChoice = "auto") -> Theme:
    """Decide the process's theme anew, after the settings are known; see `detect`.

    Standard output replaces from here on what it cannot encode: a file's odd name must not end a
    program that only wants to show it. Where a program has said already what is done, that holds.
    """
    global _current
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="replace")
    _current = detect(choice)
    return _current


def speak() -> None:
    """Have all that is shown from here on be text without any code, as the accessible mode is."""
    global _current
    _current = replace(current(), depth=Depth.NONE, forced=False, plain=True, spoken=True)


def current() -> Theme:
    """Return the process's theme: the last one configured, or the detected one."""
    return _current or configure()


def stdout() -> Console:
    """Return a rich console on standard output, for results; keep the one that a Live uses."""
    return current().console(sys.stdout)


def stderr() -> Console:
    """Return a rich console on standard error: everything that is not a result goes there."""
    return current().console(sys.stderr)


def is_interactive() -> bool:
    """Whether menus can be shown: a person at both ends, on a terminal that can move its cursor.

    In the accessible mode it need not.
    """
    if mode.cannot_move() and not mode.is_on():
        return False
    try:
        return all(one.isatty() and windows.is_console(one) for one in (sys.stdin, sys.stdout))
    except (AttributeError, ValueError):  # closed, or pythonw.exe, which has none
        return False
