"""The header of every screen: which cloud, region, bucket and user it acts on.

It stands on top of every page, so it is small: a panel of three rows where there is room, two
bare rows where there is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from labapp.console import theme
from labapp.console.figures import plural, printable

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

#: Columns below which the words 'region', 'bucket' and 'user' are left out.
_NARROW = 60


@dataclass(frozen=True)
class Header:
    """What a screen acts on.

    Args:
        program: whose screen it is: `client`, `admin` or `worker`.
        cloud: `local` or `aws`.
        region: of AWS, for instance `eu-central-1`.
        bucket: the bucket's name.
        user: who acts.
        workers: how many workers are alive; None while that is not known.
    """

    program: str
    cloud: str
    region: str
    bucket: str
    user: str
    workers: int | None = None


def render(header: Header, columns: int, rows: int = 24) -> RenderableType:
    """Return the header as a rich renderable, at most `MAX_WIDTH` columns wide.

    Args:
        header: what to show.
        columns: of the terminal.
        rows: of the terminal; below `COMPACT_ROWS` there is no panel.
    """
    from rich.panel import Panel
    from rich.text import Text

    look = theme.current()
    width = min(columns, theme.MAX_WIDTH)
    name = Text.assemble(("labapp ", "muted"), (header.program, "title"))
    if rows < theme.COMPACT_ROWS or columns < _NARROW:
        facts = _facts(header, labelled=columns >= _NARROW)
        lines = _wrapped([name, *facts, _workers(header.workers)], width - 1)
        return Text("\n").join(Text(" ").append_text(line) for line in lines[:2])
    lines = _wrapped(_facts(header, labelled=True), width - 4)
    separator = f" {look.glyphs.separator} "
    return Panel(
        Text("\n").join(lines),
        title=name.append(separator, "muted").append_text(_workers(header.workers)),
        title_align="left",
        box=look.box(),
        border_style="muted",
        width=width,
        padding=(0, 1),
    )


def _facts(header: Header, *, labelled: bool) -> list[Text]:
    from rich.text import Text

    def fact(label: str, value: str, style: str = "") -> Text:
        return Text.assemble((f"{label} " if labelled else "", "muted"), (printable(value), style))

    return [
        # Only aws costs money and is shared, so only aws is coloured; the word itself says it too.
        fact("cloud", header.cloud, "title" if header.cloud == "local" else "bold yellow"),
        fact("region", header.region),
        fact("bucket", header.bucket),
        fact("user", header.user),
    ]


def _workers(alive: int | None) -> Text:
    from rich.text import Text

    glyphs = theme.current().glyphs
    if alive is None:
        return Text(f"{glyphs.off} worker?", "muted")
    if alive == 0:
        return Text.assemble((glyphs.off, "warn"), (" no worker", "strong"))
    return Text.assemble((glyphs.on, "good"), (f" {plural(alive, 'worker')}", "default"))


def _wrapped(facts: list[Text], width: int) -> list[Text]:
    """Facts side by side, on as many lines as they need; one too long for a line is cut."""
    from rich.text import Text

    separator = f" {theme.current().glyphs.separator} "
    lines: list[Text] = []
    for fact in facts:
        if lines and lines[-1].cell_len + len(separator) + fact.cell_len <= width:
            lines[-1].append(separator, "muted").append_text(fact)
        else:
            lines.append(Text().append_text(fact))
    for line in lines:
        line.truncate(width, overflow="ellipsis" if theme.current().unicode else "crop")
    return lines


@lru_cache(maxsize=32)
def ansi(header: Header, columns: int, rows: int, look: theme.Theme) -> str:
    """Return the header as text with escape codes, without a newline at its end."""
    return look.ansi(render(header, columns, rows), columns)
