"""How this process shows pictures, decided once and changed at most by a terminal's late answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

#: What the setting `images` takes, and what is in force: `placeholders` are kitty's, inside tmux.
Protocol = Literal["blocks", "kitty", "placeholders", "iterm", "sixel"]


@dataclass(frozen=True)
class Choice:
    """How pictures are shown.

    Attributes:
        protocol: what they are sent as.
        reason: why, as a phrase for `config` and `doctor`: `TERM is xterm-kitty`.
        cell: width and height of a cell in pixels; None where nobody told.
        in_tmux: whether tmux passes on what is sent.
        is_remote: whether it goes over SSH, where fewer bytes count.
        is_open: whether the terminal is still to be asked, at the first page.
    """

    protocol: Protocol = "blocks"
    reason: str = "nothing else is known of this terminal"
    cell: tuple[int, int] | None = None
    in_tmux: bool = False
    is_remote: bool = False
    is_open: bool = False


_decide: Callable[[], Choice] = Choice
_current: Choice | None = None


def current() -> Choice:
    """Return how pictures are shown now."""
    global _current
    if _current is None:
        _current = _decide()
    return _current


def is_decided() -> bool:
    """Whether somebody wanted to know yet."""
    return _current is not None


def use(choice: Choice) -> None:
    """Have pictures shown so from the next drawing on."""
    global _current
    _current = choice


def decide_by(decide: Callable[[], Choice]) -> None:
    """Have it decided so once somebody wants to know; most commands show no picture."""
    global _decide, _current
    _decide, _current = decide, None
