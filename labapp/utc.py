"""Moments as JSON, pipes, label files and reports have them; and the present one.

This machine's clock may be wrong. Where the cloud has refused it and told the right time, what is
written down has the right time too: `now` adds what the clock lacks.
"""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

#: Seconds below which two clocks count as the same: far less than AWS tolerates of a signature (5
#: minutes), far more than an answer takes.
SAME = 60.0

#: Seconds that this machine's clock lacks, as the cloud's answers told; 0 unless it was refused.
_lacking = 0.0


def format_time(at: datetime) -> str:
    """Return a moment, with a time zone, as UTC in whole seconds: `2026-11-21T10:00:00Z`."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def stamp(seconds: float) -> str:
    """Return the same of seconds since 1970."""
    return f"{_second(math.floor(round(seconds, 6)))}Z"  # a clock's own steps are no finer


def stamp_ms(seconds: float) -> str:
    """Return the same to the millisecond: `2026-11-21T10:00:00.123Z`."""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{_second(whole)}.{thousandths:03}Z"


@lru_cache(16)  # the moments of a job, of which a worker writes four, are of a second or two
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()


def seconds_of(text: str) -> float | None:
    """Return the seconds since 1970 of a moment that one of these wrote; None where it is none."""
    try:
        at = datetime.fromisoformat(text)
        return at.timestamp() if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def now() -> datetime:
    """Return the present moment, by the cloud's clock where this machine's is known to be wrong."""
    present = datetime.now(UTC)
    return present + timedelta(seconds=_lacking) if _lacking else present


def seconds() -> float:
    """Return the same in seconds since 1970."""
    return time.time() + _lacking


def correction() -> float:
    """Return the seconds that are added to this machine's clock; negative where it is ahead."""
    return _lacking


def correct(seconds: float) -> None:
    """Have so many seconds added to this machine's clock from now on; less than `SAME` are none."""
    global _lacking
    _lacking = seconds if abs(seconds) >= SAME else 0.0


def off(lacking: float) -> str:
    """Return by how much a clock is off that lacks so many seconds: `2 h 3 min behind`."""
    minutes = round(abs(lacking) / 60)
    days, hours = divmod(minutes // 60, 24)
    parts = [(days, "d"), (hours, "h"), (0 if days else minutes % 60, "min")]
    span = " ".join(f"{count} {unit}" for count, unit in parts if count) or f"{abs(lacking):.0f} s"
    return f"{span} {'behind' if lacking > 0 else 'ahead'}"


def clock_notice() -> str:
    """Return what a person is to know of this machine's clock; empty while nothing is wrong."""
    if not _lacking:
        return ""
    # The remedy comes first: of a long notice a narrow screen shows the beginning.
    return (
        f"this machine's clock is {off(_lacking)}: set it. Until then requests are signed with the"
        " right time"
    )
