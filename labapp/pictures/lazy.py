"""OpenCV, NumPy and scikit-image, loaded when they are first used.

Menus, `--help` and the check of a request need the registry but not a single pixel, and the two
libraries take 0.2 s to import. The modules that hold operations therefore take `cv2` and `np`
from here. scikit-image, which takes another second, is only ever used by definitions (`exact`),
which name its parts.
"""

from __future__ import annotations

import importlib
import os
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["color", "cv2", "exposure", "filters", "np", "npt", "transform", "util"]


# Set before NumPy is loaded: the kernels' matrix products are many and small, and threads that wait
# for each other at every one of them take ten times as long where the processors are busy.
for _name in ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")


class _Lazy(ModuleType):
    """Stands for a module until one of its names is wanted."""

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(importlib.import_module(self.__name__), attribute)
        # Kept, so that the next use is a plain lookup.
        setattr(self, attribute, value)
        return value


if TYPE_CHECKING:
    import cv2
    import numpy as np
    import numpy.typing as npt
else:
    cv2 = _Lazy("cv2")
    np = _Lazy("numpy")
    npt = _Lazy("numpy.typing")

# scikit-image has no types: as Any it may be called from checked code.
color: Any = _Lazy("skimage.color")
exposure: Any = _Lazy("skimage.exposure")
filters: Any = _Lazy("skimage.filters")
transform: Any = _Lazy("skimage.transform")
util: Any = _Lazy("skimage.util")
