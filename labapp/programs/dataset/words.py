"""What several commands say of pictures and classes; none of what is done to them is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.errors import UsageError
from labapp.visible import printable

if TYPE_CHECKING:
    from labapp.labels.classes import LabelClass, Scheme
    from labapp.labels.layout import Layout


def no_pictures(layout: Layout) -> str:
    """Return what is said where a lab's own layout has no pictures; empty for labapp's own."""
    if layout.is_own:
        return ""
    where = f"below {layout.images}" if layout.images else "in the bucket"
    return f"No pictures {where}, by their names' endings. The setting images_prefix says where."


def class_called(text: str, scheme: Scheme) -> LabelClass:
    """Return the class that a typed code or name means.

    Raises:
        UsageError: there is none.
    """
    if (found := scheme.called(text)) is None:
        raise UsageError(
            f"there is no class {printable(text)!r}", f"The classes are {scheme.meanings}."
        )
    return found
