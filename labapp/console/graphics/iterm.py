"""iTerm2's protocol: also spoken by WezTerm, VS Code, mintty and others.

A picture is a file in base64; its pixels go when text is written over them.
https://iterm2.com/documentation-images.html
"""

from __future__ import annotations

import base64
from io import BytesIO
from typing import TYPE_CHECKING

from labapp.console.graphics.encoded import Inline, bounded, within

if TYPE_CHECKING:
    from labapp.console.graphics.choice import Choice
    from labapp.console.graphics.encoded import Pixels

#: JPEG's quality: beyond it nobody sees more on a screen. Over SSH, two thirds of the bytes.
QUALITY, REMOTE_QUALITY = 85, 70


def encode(pixels: Pixels, columns: int, rows: int, choice: Choice) -> Inline:
    """Encode a picture for the given cells."""

    def code(coarse: int) -> str:
        sheet = BytesIO()
        image = within(pixels, columns, rows, choice, coarse=coarse)
        image.save(sheet, "JPEG", quality=REMOTE_QUALITY if choice.is_remote else QUALITY)
        data = sheet.getvalue()
        told = f"inline=1;size={len(data)};width={columns};height={rows};preserveAspectRatio=0"
        text = base64.b64encode(data).decode("ascii")
        return f"\x1b]1337;File={told};doNotMoveCursor=1:{text}\x07"

    return Inline(bounded(code, choice))
