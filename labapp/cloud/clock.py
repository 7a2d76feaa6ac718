"""How far this machine's clock is off, and requests signed with the right time all the same.

A signature names its time, and AWS refuses one that is minutes off: S3 as `RequestTimeTooSkewed`,
SQS and STS as a signature that has expired or is not yet current, HEAD without words. Each answer
has a `Date`, by which the request is signed again, once. The process then knows what the clock
lacks, and `utc.clock_notice` says so. Source: AWS, "Troubleshooting Signature Version 4"; other
SDKs do the same, boto3 does not.
"""

from __future__ import annotations

import calendar
import re
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from labapp import utc

#: Seconds by which a signature may be off without being refused: SQS and STS allow no more.
TOLERATED = 300.0

#: Error codes that mean the clock, whatever the text.
CODES = frozenset({"RequestTimeTooSkewed", "RequestInTheFuture", "RequestTimeSkewed"})

#: Error codes that may mean the clock: an answer without words has its status for one.
SHARED_CODES = frozenset(
    {
        "",
        "400",
        "403",
        "AccessDenied",
        "AuthFailure",
        "InvalidSignatureException",
        "RequestExpired",
        "SignatureDoesNotMatch",
    }
)

#: What services say of the time of a signature, each in its own words.
_WORDS = re.compile(
    r"signature\s+(has\s+)?expired|signature\s+(is\s+)?not\s+yet|is\s+now\s+earlier\s+than"
    r"|is\s+still\s+later\s+than|request\s*time.*(skew|too\s+large)|time.{0,20}skew|clock\s+skew",
    re.IGNORECASE | re.DOTALL,
)

#: The service's own time in such words: `(20260101T120000Z - 5 min.)`.
_THEIRS = re.compile(r"\((\d{8}T\d{6}Z)\s*[-+]")

#: A signature's time, as SigV4 writes it.
STAMP = "%Y%m%dT%H%M%SZ"

#: Where a request's context says that it was signed again; and holds the correction before, where
#: no word told that the time was to blame.
_AGAIN, _BEFORE = "labapp_signed_again", "labapp_correction_before"

_lock = threading.Lock()


def means_clock(code: str, text: str) -> bool:
    """Return whether a refusal is for the time that a request was signed with; the text decides."""
    return code in CODES or bool(_WORDS.search(text))


def lacking(headers: Mapping[str, str], error: Mapping[str, Any] | None = None) -> float | None:
    """Return the seconds that this machine's clock lacks by an answer; None where it tells no time.

    Args:
        headers: the answer's; `Date` counts.
        error: its parsed error, which may name the service's time where no header does.
    """
    theirs = _server_time(headers, error or {})
    return None if theirs is None else theirs - time.time()


def date_of(headers: Mapping[str, str]) -> float | None:
    """Return an answer's `Date`, in seconds since 1970, UTC; None where it has none."""
    from email.utils import parsedate_to_datetime  # which few commands need

    try:
        return parsedate_to_datetime(headers.get("date") or headers.get("Date") or "").timestamp()
    except ValueError:
        return None


def _server_time(headers: Mapping[str, str], error: Mapping[str, Any]) -> float | None:
    if (date := date_of(headers)) is not None:
        return date
    told = str(error.get("ServerTime", ""))
    try:
        if told:
            return datetime.fromisoformat(told).timestamp()
        found = _THEIRS.search(str(error.get("Message", "")))
        return _seconds(found.group(1)) if found else None
    except ValueError:
        return None


def _seconds(stamp: str) -> float:
    return float(calendar.timegm(time.strptime(stamp, STAMP)))


def sign_again(response: Any = None, request_dict: Any = None, **_: object) -> int | None:
    """Have a request signed again with the right time, once, where its time was refused.

    A handler of botocore's event `needs-retry`: returns 0 for `at once`, None for `not by me`.
    """
    if response is None or response[0].status_code not in (400, 401, 403):
        return None
    answer, parsed = response
    context, error = request_dict["context"], parsed.get("Error", {})
    code, text = str(error.get("Code", "")), str(error.get("Message", ""))
    told = means_clock(code, text)
    if not told and (before := context.pop(_BEFORE, None)) is not None:
        utc.correct(before)  # the right time did not help: theirs may be as wrong as ours
    theirs = _server_time(answer.headers, error)
    signed = context.get("timestamp")
    if theirs is None or not signed or context.get(_AGAIN) or not (told or code in SHARED_CODES):
        return None
    if abs(theirs - _seconds(signed)) < (utc.SAME if told else TOLERATED):
        return None  # it was signed with their time already: another try brings nothing
    context[_AGAIN] = True
    if not told:
        context[_BEFORE] = utc.correction()
    with _lock:
        found = theirs - time.time()
        if abs(found - utc.correction()) >= utc.SAME:
            utc.correct(found)
    return 0


def register(events: Any) -> None:
    """Have the clients of a session sign again what is refused for its time."""
    events.register("needs-retry", sign_again)
