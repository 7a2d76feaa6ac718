"""What one look at one thing has found: how it is, what that means, and what to do about it.

People paste what the doctor says for others to read. So no secret is ever in a finding: ids of
access keys are shortened and passwords in addresses are left out, whoever wrote the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

from labapp.errors import LabappError

#: How a thing is: as it should be; not quite, or not to be tried, and nothing fails for it; wrong;
#: or unknown, since what it needs is wrong or does not answer.
State: TypeAlias = Literal["holds", "note", "broken", "cannot tell"]

#: What the ids of AWS access keys look like (IAM user guide, "Unique identifiers"): of users and of
#: sessions, which begin with these.
_KEY_ID = re.compile(r"\b((?:AKIA|ASIA)[A-Z0-9]{2})[A-Z0-9]{6,}([A-Z0-9]{2})\b")

#: A name and a password before a host in an address.
_PASSWORD = re.compile(r"(?<=://)[^/\s]+@")

#: A long word of letters that no person wrote: a session token, an encoded refusal of AWS.
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{100,}")


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        check: what was looked at, such as `queue requestQueue`.
        state: how it is.
        found: what there is, with its figures.
        meaning: what that does to the user's work; empty where it holds.
        remedy: what to do about it; empty where nothing has to be done.
    """

    check: str
    state: State
    found: str
    meaning: str = ""
    remedy: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, without_secrets(getattr(self, field.name)))


def without_secrets(text: str) -> str:
    """Return a text with ids of keys shortened, and without passwords and tokens."""
    short = _KEY_ID.sub(r"\1...\2", _PASSWORD.sub("...@", text))
    return _TOKEN.sub("...", short)


def of_error(check: str, error: LabappError, meaning: str = "") -> Finding:
    """Return what a check found that ended by an error."""
    return Finding(check, "broken", error.message, meaning, error.remedy)


def is_well(findings: list[Finding]) -> bool:
    """Return whether all holds, notes aside: what the doctor's exit code tells."""
    return all(one.state in ("holds", "note") for one in findings)


def span(seconds: float) -> str:
    """Return a span of time as people say it, in its two largest units."""
    left, parts = round(seconds), []
    for unit, size in (("day", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}")
    return " ".join(parts[:2]) or "0 s"
