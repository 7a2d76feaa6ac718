"""The keys of pages: a key's hint, its sentence in the help and what it does are said once.

Here too is what some keys mean on every page: Esc, `?`, Ctrl-L, `q` and `r`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

    from labapp.console.stage import Stage

#: What the help says of a row that is meant, where there are rows.
AT_POINTER = " at the pointer"

#: What prompt_toolkit calls the keys that have no letter.
_NAMED = {"\r": "Enter", " ": "Space"}

#: How it has those bound that are pressed together with Ctrl.
_CTRL = "Ctrl-"


@dataclass(frozen=True)
class Key:
    """A key of a page.

    Args:
        letter: its character, or `Enter` or `Space`.
        words: what it does, for the line of keys.
        act: does it. A key that ends its page is given to whoever opened the page, who lets it act.
        help: the same for the help, as a sentence that its letter begins: 'shows the dead letters'.
        stays: whether the page stays open while it acts, which must then be quick.
        enter: whether Enter does the same.
        first: whether it is told before the others, as what matters most just now.
        on_row: whether it is for the row at the pointer of a table, and for no other.
    """

    letter: str
    words: str
    act: Callable[..., Any] = lambda: None
    help: str = ""
    stays: bool = False
    enter: bool = False
    first: bool = False
    on_row: bool = False

    def answers_to(self, pressed: str) -> bool:
        """Tell whether what the keyboard sent is this key."""
        name = _NAMED.get(pressed, pressed)
        return self.letter == name or (self.enter and name == "Enter")

    @property
    def sentence(self) -> str:
        """What the help says of it."""
        letter = f"Enter or {self.letter}" if self.enter else self.letter
        return f"{letter} {self.help}."

    @property
    def hint(self) -> str:
        """What the line of keys calls it."""
        return f"Enter/{self.letter}" if self.enter else self.letter

    @property
    def bound(self) -> str:
        """What prompt_toolkit has it bound as."""
        letter = self.letter
        return f"c-{letter[-1].lower()}" if letter.startswith(_CTRL) else letter


def _open_help(stage: Stage) -> None:
    stage.helping = True


def _dismiss(stage: Stage) -> None:
    if stage.frame:
        stage.frame.dismiss()


#: The keys that mean the same on every page that has them.
BACK = Key("Esc", "back")
HELP = Key("?", "help", _open_help)
DISMISS = Key(
    "Ctrl-L", "clear notices", _dismiss, "clears the notices on top; this help keeps them"
)
QUIT = Key("q", "quit")
REFRESH = Key("r", "refresh")

#: The keys of all pages, whose acts are given the page's stage: `?` where something is explained,
#: Ctrl-L where there are notices, the others where no letters are typed.
EVERYWHERE: Sequence[Key] = (HELP, DISMISS)

#: What opens the manual from the help of a page.
MANUAL = Key("m", "manual")

#: What scrolls on every page, by lines (these are more than any page has) and by pages; and the
#: letter that goes a page back, where a page has none like it.
FAR = 1_000_000
LINES: Mapping[str, int] = {"up": -1, "down": 1, "home": -FAR, "end": FAR}
PAGES: Mapping[str, int] = {"pageup": -1, "pagedown": 1, "space": 1}
BACKWARDS = "b"

#: The keys of a page as things stand.
Keys = Callable[[], Sequence[Key]]


def typed_by(event: KeyPressEvent) -> str:
    """Return the text that was typed or pasted; none for a key that types nothing, such as F1."""
    from prompt_toolkit.keys import Keys

    if event.data.startswith("\x1b") and event.key_sequence[0].key is not Keys.BracketedPaste:
        return ""
    return "".join(sign for sign in event.data if sign.isprintable())


def bind(
    bindings: KeyBindings, steps: Mapping[str, int], move: Callable[[int], None], **how: Any
) -> None:
    """Have each of some keys move by its step; `how` are further arguments of `bindings.add`."""
    for name, step in steps.items():
        bindings.add(name, eager=True, **how)(lambda _, step=step: move(step))
