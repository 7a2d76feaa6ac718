"""The dataset's guidelines, shown on a key while labelling, and told of the first time."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.console.page import show
from labapp.programs.menus import remembered

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.labels.classes import Scheme
    from labapp.programs.menus.session import MenuSession

#: What it is remembered as, that somebody here was told of them; then the bucket.
_KNOWN = "guidelines of"


def hint(menu: MenuSession, bucket: str, scheme: Scheme) -> None:
    """Tell that there are guidelines, once, and again where they are others."""
    if not scheme.guidelines:
        return
    name, digest = f"{_KNOWN} {bucket}", hashlib.sha256(scheme.guidelines.encode()).hexdigest()[:16]
    known = remembered.recall(name)
    if known == digest:
        return
    news = "the guidelines have changed: g shows them" if known else "g shows the guidelines"
    menu.announce(news, "info", _KNOWN)
    remembered.remember(name, digest)


def read(menu: MenuSession, scheme: Scheme) -> None:
    """Show the guidelines and what each class means, until dismissed."""
    show(scheme.question, _text(scheme), frame=menu.frame, help="The same for all annotators.")


def _text(scheme: Scheme) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    from labapp.console import tables

    classes = {f"{one.key}  {one.name}": one.title for one in scheme.classes}
    text = Text(figures.in_lines(scheme.guidelines.strip()))
    return Group(text, Text(""), tables.key_values(classes))
