"""Numbers, sizes, spans, moments and names as screens show them, cut to the room there is.

For people only: data keeps plain digits and UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from labapp.console import theme
from labapp.visible import legible, visible, visible_cell, visible_lines

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def count(value: float) -> str:
    """Return a number with thousands separators: `12,345`; fractions keep at most three places."""
    if isinstance(value, int) or value == int(value):
        return f"{int(value):,}"
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def plural(value: int, noun: str) -> str:
    """Return a count with its noun: `1 worker`, `1,200 workers`."""
    return f"{count(value)} {noun if value == 1 else noun + 's'}"


def size(octets: float) -> str:
    """Return a size in decimal units as disks and AWS count them: `1.5 MB`."""
    if octets < 1000:
        return f"{int(octets)} B"
    power = 0
    while octets >= 999.5 and power < len(_UNITS) - 1:
        octets /= 1000
        power += 1
    return f"{octets:.1f} {_UNITS[power]}" if octets < 99.95 else f"{octets:.0f} {_UNITS[power]}"


def duration(seconds: float) -> str:
    """Return a span: `9 ms`, `0.24 s`, `3.4 s`, `48 s`, `5 min 02 s`, `3 h 07 min`, `2 d 4 h`.

    Args:
        seconds: an int is shown without a fraction, `3 s`, as a running clock wants it.
    """
    if 0 < seconds < 0.0995:
        return f"{max(round(seconds * 1000), 1)} ms"
    if seconds < 9.95 and not isinstance(seconds, int):
        return f"{max(seconds, 0):.2f} s" if seconds < 0.995 else f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def age(seconds: float) -> str:
    """How long ago, in one unit: `just now`, `3 s ago`, `5 min ago`, `2 h ago`, `4 d ago`."""
    if seconds < 1:
        return "just now"
    for limit, divisor, unit in ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds // divisor)} {unit} ago"
    return f"{count(int(seconds // 86400))} d ago"


def clock(moment: datetime, now: datetime | None = None) -> str:
    """Return a moment on this machine's clock: `14:05:09` today, `2026-11-20 14:05` on another day.

    Args:
        moment: an aware time in any zone.
        now: an aware time that says which day is today; the present by default.
    """
    local = moment.astimezone()
    today = (now or datetime.now(UTC)).astimezone().date()
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def moment(seconds: float) -> str:
    """Return seconds since 1970 as a moment on this machine's clock."""
    return clock(datetime.fromtimestamp(seconds, UTC))


def local(utc: str) -> str:
    """Return a time of ISO 8601 on this machine's clock; as it stands, if it is none."""
    try:
        return clock(datetime.fromisoformat(utc))
    except ValueError:
        return utc


def in_lines(text: str) -> str:
    """Return a text of several lines so that it neither steers nor deceives (see `visible`).

    Of a text that is one name, see `one_line`.
    """
    return visible_lines(legible(text))


def one_line(text: str) -> str:
    """Return `text` so that it takes one line and no more, whoever wrote it: a name, or a key."""
    return visible(legible(text))


def exact_line(text: str) -> str:
    """Return the same for other programs: the bytes of a file's name that are no text stay."""
    return visible_cell(legible(text))


def cell_width(text: str) -> int:
    """Return the columns of the terminal that a text takes."""
    from prompt_toolkit.utils import get_cwidth

    return get_cwidth(text)


def cut(text: str, room: int) -> str:
    """`text` on one line of at most `room` columns, with a sign where something is missing."""
    text = one_line(text)
    if cell_width(text) <= room:
        return text
    sign = theme.current().glyphs.ellipsis
    room -= len(sign)
    kept = 0
    while kept < len(text) and (room := room - cell_width(text[kept])) >= 0:
        kept += 1
    return text[:kept].rstrip() + sign


def cut_middle(text: str, room: int) -> str:
    """`text` in at most `room` columns; of names the end tells them apart as often as the start."""
    text = one_line(text)
    if cell_width(text) <= room:
        return text
    sign = theme.current().glyphs.ellipsis
    half = max(room - len(sign), 0) // 2
    tail = ""
    for character in reversed(text):
        if cell_width(character + tail) > half:
            break
        tail = character + tail
    head = cut(text, room - cell_width(tail)).removesuffix(sign)
    return f"{head}{sign}{tail}"


def sparkline(values: Sequence[float], width: int) -> str:
    """Draw the last `width` values as small bars, the newest on the right, the highest in full."""
    bars = theme.current().glyphs.spark
    shown = list(values)[-width:] if width > 0 else []
    top = max(shown, default=0)
    if top <= 0:
        return bars[0] * len(shown)
    # Only zero is shown as the lowest bar, so that little can be told from nothing.
    steps = len(bars) - 1
    return "".join(bars[0 if value <= 0 else max(1, round(value / top * steps))] for value in shown)
