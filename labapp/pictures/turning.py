"""Turn a frame upright by the orientation that its file tells."""

from __future__ import annotations

import cv2

from labapp.pictures.frames import Frame

#: EXIF orientations that are mirrored, and the quarter turns that make each upright afterwards.
_MIRRORED = frozenset((2, 4, 5, 7))
_TURNS = {
    3: cv2.ROTATE_180,
    4: cv2.ROTATE_180,
    5: cv2.ROTATE_90_COUNTERCLOCKWISE,
    6: cv2.ROTATE_90_CLOCKWISE,
    7: cv2.ROTATE_90_CLOCKWISE,
    8: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


def upright(frame: Frame, orientation: int) -> Frame:
    """Apply an EXIF orientation, 1 to 8."""
    if orientation in _MIRRORED:
        frame = cv2.flip(frame, 1)
    return cv2.rotate(frame, _TURNS[orientation]) if orientation in _TURNS else frame
