"""iTerm2's protocol: also spoken by WezTerm, VS Code, mintty and others.

A picture is a file in base64; its pixels go when text is written over them.
https://iterm2.com/documentation-images.html
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from labapp.console.graphics.encoded import goto, within

if TYPE_CHECKING:
    from labapp.console.graphics.choice import Choice
    from labapp.console.graphics.encoded import Pixels

#: JPEG's quality: beyond it nobody sees more on a screen. Over SSH, two thirds of the bytes.
QUALITY, REMOTE_QUALITY = 85, 70


@dataclass(frozen=True)
class Iterm:
    """A picture as iTerm2 takes it.

    Args:
        codes: all that is sent, but for the place.
    """

    codes: str

    def shown(self, column: int, row: int, number: int) -> str:
        """Return its codes."""
        return goto(column, row) + self.codes

    def gone(self, number: int) -> str:
        """Return nothing: text over it is enough."""
        return ""


def encode(pixels: Pixels, columns: int, rows: int, choice: Choice) -> Iterm:
    """Encode a picture for the given cells."""
    sheet = BytesIO()
    image = within(pixels, columns, rows, choice, most=1.0)
    image.save(sheet, "JPEG", quality=REMOTE_QUALITY if choice.is_remote else QUALITY)
    data = sheet.getvalue()
    told = f"inline=1;size={len(data)};width={columns};height={rows};preserveAspectRatio=0"
    text = base64.b64encode(data).decode("ascii")
    return Iterm(f"\x1b]1337;File={told};doNotMoveCursor=1:{text}\x07")
