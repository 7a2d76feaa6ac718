"""Which encoder makes a picture what is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console.graphics import iterm, kitty, placeholders, sixel

if TYPE_CHECKING:
    from collections.abc import Callable

    from labapp.console.graphics.choice import Choice, Protocol
    from labapp.console.graphics.encoded import Encoded, Pixels

_ENCODERS: dict[Protocol, Callable[[Pixels, int, int, Choice], Encoded | None]] = {
    "kitty": kitty.encode,
    "placeholders": placeholders.encode,
    "iterm": iterm.encode,
    "sixel": sixel.encode,
}


def encode(pixels: Pixels, columns: int, rows: int, choice: Choice) -> Encoded | None:
    """Encode a picture so that it fills the given cells; None where it can only be blocks.

    It takes up to 0.1 s: not for the thread that hears the keys.
    """
    encoder = _ENCODERS.get(choice.protocol)
    return encoder(pixels, columns, rows, choice) if encoder else None
