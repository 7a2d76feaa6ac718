"""Ownership of a job's objects, in the metadata that the worker gives its log and result.

A proved job's objects are its own. Where only a request's own word says whose the job is, the first
such request has it: another content, or another client, is refused under that id, and what is there
stays as it is. One of the same words is answered, but writes over nothing that a proved one left:
its outcome may be another. The mark tells one request from another; it tells nothing of a nonce.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping

from labapp.cloud.bucket import Head
from labapp.errors import RefusedError, UnreachableError
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.wire import Request

#: The name of the metadata that holds the mark.
MARK = "request"

#: What the mark of a proved request begins with.
_PROVED = "proved-"

#: Attempts to write an object that others write at the same time.
ATTEMPTS = 5

#: Hexadecimal digits of the digest: 128 bits, so that nobody finds another content with the same.
_DIGITS = 32


class NotTheirsError(RefusedError):
    """A request under the id of a job that is not shown to be its sender's.

    It is refused, and logged under its message's own id: nothing of that job is touched.
    """


def mark_of(kind: str, request: Request) -> str:
    """Return what tells a request from every other: who asks for what, and whether it is proved."""
    # Those of pictures always count, as in the marks of before other kinds had any of their own.
    own = dict(request.attributes)
    pictures = [own.pop(name, "") for name in PICTURES.attributes]
    asked = (kind, request.client, request.body, *pictures, *sorted(own.items()))
    digest = hashlib.sha256(json.dumps(asked).encode("ascii")).hexdigest()[:_DIGITS]
    return f"{_PROVED}{digest}" if request.is_proved else digest


def write_claimed(
    key: str, write: Callable[[str | None], object], look: Callable[[], Head | None]
) -> None:
    """Write an object of a job that a request only claims, unless another's is there.

    However many write it at the same time, none is written over that was not looked at; one that a
    proved request left stays as it is.

    Args:
        key: the object's, for the error.
        write: writes it on condition that what is there has this ETag, or, for None, that nothing
            is there; returns what is true if it did.
        look: returns what is there, None for nothing.

    Raises:
        CloudError: it cannot be written; and whatever `look` raises of what is another's.
    """
    etag = None
    for _ in range(ATTEMPTS):
        if write(etag):
            return
        there = look()
        if there and is_proved(mark_in(there.metadata)):
            return
        etag = there.etag if there else None
    raise UnreachableError(f"cannot write {key}: others write it at the same time")


def mark_in(metadata: Mapping[str, str]) -> str:
    """Return the mark of an object; empty where its worker was older than marks."""
    return metadata.get(MARK, "")


def is_proved(mark: str) -> bool:
    """Return whether a mark is that of a proved request."""
    return mark.startswith(_PROVED)


def is_twin(mark: str, other: str) -> bool:
    """Return whether a mark is that of a proved request with the words of another's, a claim."""
    return mark == f"{_PROVED}{other}"


def forged_error(request: Request) -> NotTheirsError:
    """Return the refusal of a request whose nonce is not the one of its job."""
    return NotTheirsError(
        f"the attribute nonce does not fit the job {request.job} of the client {request.client}",
        "The id of a job is made of its nonce, as the manual tells; without one, leave it out.",
    )


def taken_error(request: Request) -> NotTheirsError:
    """Return the refusal of a request under the id of a job that is another's."""
    return NotTheirsError(
        f"the job {request.job} is known with another content or of another client",
        "Send it again under an id of its own.",
    )
