"""Numbers, sizes, spans and moments in the words that screens use.

For people only: data keeps plain digits and UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime

from labapp.visible import legible, visible, visible_cell, visible_lines

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def count(value: float) -> str:
    """Return a number with thousands separators: `12,345`; fractions keep at most three places."""
    if isinstance(value, int) or value == int(value):
        return f"{int(value):,}"
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def plural(value: int, noun: str, nouns: str = "") -> str:
    """Return a count with its noun: `1 worker`, `1,200 workers`."""
    return f"{count(value)} {noun if value == 1 else nouns or noun + 's'}"


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
