"""The exceptions that labapp raises on purpose, and the exit code of each.

LabappError                     1  something failed; the root, caught once, in the programs
 ├─ UsageError                  2  what was typed cannot be understood
 │   └─ SettingError            2  a setting has an unknown key or a wrong value
 ├─ RefusedError                3  the request breaks a rule: a list too long, not a picture
 │   └─ TooLargeError           3  an object is larger than any of its kind, and is not read
 ├─ CloudError                  1  the cloud said no
 │   ├─ CredentialsError        4  no credentials, or such as are not taken
 │   │   ├─ SessionEndedError   4  they were good and have ended: expired, revoked, a lab closed
 │   │   └─ ForbiddenError      4  good ones, without the permission for this
 │   ├─ ClockError              1  this machine's clock is wrong, and signing anew did not help
 │   ├─ CertificateError        1  TLS does not come about: a certificate, or http and https mixed
 │   ├─ UnreachableError        1  network, throttling, 5xx: worth trying again
 │   │   └─ TooSoonError        1  what a service allows once a minute
 │   ├─ MissingResourceError    1  a queue, bucket or object that is not there
 │   ├─ StorageError            1  the local cloud's disk is full, or takes nothing
 │   └─ EmbeddedCloudError      1  the cloud on this machine does not come up
 ├─ JobFailedError              1  the request was right, yet we could not do it
 └─ TimedOutError               5  no answer within the time given

The rest of the table: 0 done, 130 interrupted (Ctrl-C), 143 terminated (SIGTERM).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import ClassVar


class LabappError(Exception):
    """What happened, to which thing, and what to do next.

    Args:
        message: what happened, and to what, as a sentence without a trailing full stop.
        remedy: what the reader can do about it; empty only where the message says it already.
    """

    #: What the program exits with when this error ends it.
    exit_code: ClassVar[int] = 1

    #: Whether a break in its text is ours, not a name's: then it is shown in as many lines.
    has_lines: ClassVar[bool] = False

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message}. {remedy}" if remedy else message)

    def __reduce__(self) -> tuple[type[LabappError], tuple[str, str]]:
        # Errors cross process borders (a picture job runs in a child), so both parts must survive.
        return type(self), (self.message, self.remedy)


class UsageError(LabappError):
    """What was typed cannot be understood."""

    exit_code = 2


class SettingError(UsageError):
    """A setting has an unknown key or a wrong value."""


class RefusedError(LabappError):
    """The request breaks a rule, and would break it again: there is no use in a retry."""

    exit_code = 3


class TooLargeError(RefusedError):
    """An object in the bucket is larger than any of its kind can be: it is not read."""


class CloudError(LabappError):
    """The cloud said no."""


class CredentialsError(CloudError):
    """No credentials, or such as are not taken: nothing can be done until they are renewed."""

    exit_code = 4


class SessionEndedError(CredentialsError):
    """The credentials were good and have ended: expired, revoked, or the lab session is over."""


class ForbiddenError(CredentialsError):
    """The credentials are good, but without the permission for this; other things may be done."""


class ClockError(CloudError):
    """The time of this machine's clock is refused: nothing can be done until it is set."""


class CertificateError(CloudError):
    """TLS does not come about until somebody mends a certificate, a file of them or an address."""


class UnreachableError(CloudError):
    """The network, throttling or a fault of the service: the same call may pass later."""


class TooSoonError(UnreachableError):
    """What the service allows once a minute only was done less than a minute ago."""


class MissingResourceError(CloudError):
    """A queue, a bucket or an object is not there."""


class StorageError(CloudError):
    """The disk of the local cloud takes nothing until somebody makes room; what it has is kept."""


class EmbeddedCloudError(CloudError):
    """The cloud on this machine does not come up, or does not stop."""


class JobFailedError(LabappError):
    """The request was right, yet it could not be done."""


class TimedOutError(LabappError):
    """No answer within the time given."""

    exit_code = 5


def fault_at(column: int, line: int = 0) -> str:
    """Return ` from character 7 of line 1 on`, both from 1; without the line where it is 0."""
    return f" from character {column:,}" + (f" of line {line:,}" if line else "") + " on"


@contextlib.contextmanager
def os_errors_as(kind: type[LabappError], what: str, remedy: str) -> Iterator[None]:
    """Tell what the system refuses as an error of ours: what could not be done, why, what helps."""
    try:
        yield
    except OSError as error:
        raise kind(f"{what}: {error.strerror or error}", remedy) from error


def to_tell(error: Exception) -> LabappError:
    """Return what to tell of an error in a thread that goes on, or that a page waits for.

    One that nobody foresaw is handed to the program's hook for threads, as if it had ended this
    one: that keeps its traceback, and tells of it once.
    """
    if isinstance(error, LabappError):
        return error
    ended = type(error), error, error.__traceback__, threading.current_thread()
    threading.excepthook(threading.ExceptHookArgs(ended))
    return LabappError(f"an unforeseen error ended it: {type(error).__name__}")
