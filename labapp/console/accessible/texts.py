"""What pages draw, as lines of text: rows of tables as sentences, pictures as words."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from labapp.console import theme
from labapp.console.picture import Drawing
from labapp.console.tables import Fitted

if TYPE_CHECKING:
    from rich.console import RenderableType

#: What stands for a picture that somebody has drawn.
PICTURE = "(a picture, which is not drawn in this mode)"

#: What lines under headings are made of.
_RULE = set("-\N{BOX DRAWINGS LIGHT HORIZONTAL}\N{BOX DRAWINGS HEAVY HORIZONTAL} ")


def lines(body: RenderableType, columns: int) -> list[str]:
    """Return a body as lines without escape codes and without blanks at their ends.

    Of several empty lines one after the other one is kept.
    """
    sheet = StringIO()
    console = theme.current().console(sheet, width=columns, tty=False)
    for part in _parts(body):
        console.print(part)
    found: list[str] = []
    for line in (line.rstrip() for line in sheet.getvalue().splitlines()):
        if len(line) > 2 and set(line) <= _RULE:  # which would be read sign by sign
            continue
        if line or (found and found[-1]):
            found.append(line)
    while found and not found[-1]:
        found.pop()
    return found


def _parts(body: RenderableType) -> list[RenderableType]:
    """Return what a body is made of, each part as it is said."""
    if isinstance(body, Drawing):
        return [PICTURE]
    if isinstance(body, Fitted):
        return [body.told(number) for number in range(len(body.rows))] or [_headings(body)]
    inner = getattr(body, "renderables", None)
    return [body] if inner is None else [part for each in inner for part in _parts(each)]


def _headings(table: Fitted) -> str:
    return f"no rows; the columns are {', '.join(head.title for head in table.heads)}"
