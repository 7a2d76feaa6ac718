"""Read an animated GIF that begins in grey and goes on in colour, or with transparency.

Pillow takes a frame whose palette is the plain grey ramp for a picture in grey, composes the later
frames' indices over its values, and shows a wrong picture or none. Told that the ramp is a palette
like any other, it composes all frames in colour.
"""

from __future__ import annotations

import io

from PIL import ImagePalette
from PIL.GifImagePlugin import GifImageFile

from labapp.pictures.layout import RAMP


class _MixedGif(GifImageFile):
    # What a frame has that brings no palette along, and neither does the file.
    global_palette = ImagePalette.raw("RGB", RAMP)

    def _is_palette_needed(self, p: bytes) -> bool:
        return True


def opened(data: bytes) -> GifImageFile:
    """Open a GIF of which `layout` says that it is mixed, as Pillow opens others."""
    return _MixedGif(io.BytesIO(data))
