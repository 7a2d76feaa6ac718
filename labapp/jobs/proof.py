"""The proof that whoever asks under a job's id made it, and that an answer is by who did the job.

A request carries a nonce, and the id of its job commits to it: the random part of the ULID is a
digest of the nonce. Ids stand in keys, logs and listings, nonces in the messages alone. So nobody
who has only read an id can ask under it, and nobody who has not read the request can answer it.

The random part has 80 bits, as in any ULID. Who wants to pass for somebody needs a second preimage
of those bits, 2^80 hashes for one id; the id's time and the client are hashed too, so that work on
one id is of no use for another. That two nonces of one's own may meet (2^40) gives nobody anything.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

#: Random bytes of a nonce: 192 bits, as 32 characters of base64url (RFC 4648, 5).
_BYTES = 24

#: What is taken for a nonce: 22 characters of base64url hold 128 bits.
MOST_NONCE = 64
_NONCE = re.compile(rf"[A-Za-z0-9_-]{{22,{MOST_NONCE}}}", re.ASCII)

#: A ULID as it is written, its characters, and how many at its beginning say when.
ULID_FORM = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)
LENGTH, TIME = 26, 10

#: From Crockford's Base32, which ULIDs are written in, to the digits of Python's own base 32.
_DIGITS = str.maketrans("0123456789ABCDEFGHJKMNPQRSTVWXYZ", "0123456789abcdefghijklmnopqrstuv")

#: Sets these digests apart from any others of the same words.
_DOMAIN = "labapp job"


@dataclass(frozen=True)
class Identity:
    """The id of a job to be, and the nonce that proves it; good for one client alone."""

    job: str
    nonce: str = field(repr=False)


def new_nonce() -> str:
    """Return a nonce that nobody can guess."""
    return secrets.token_urlsafe(_BYTES)


def new_job_id() -> str:
    """Return an id that is unique, sorts by time, and commits to nothing."""
    from ulid import ULID  # takes 16 ms, and most commands make no id

    return str(ULID())


def new_identity(client: str, nonce: str = "") -> Identity:
    """Return an id that is unique, sorts by time, and commits to client and nonce.

    A new nonce, unless one of `new_nonce` is given.
    """
    from ulid import ULID

    nonce = nonce or new_nonce()
    present = new_job_id()
    random = _random_part(present[:TIME], client, nonce)
    return Identity(str(ULID.from_bytes(ULID.from_str(present).bytes[:6] + random)), nonce)


def seconds_of(job: str) -> float:
    """Return when the id of a job was made, in seconds since 1970; of one in `ULID_FORM` alone.

    A tenth of the time that reading all of it takes, and asked of every job.
    """
    return int(job[:TIME].translate(_DIGITS), 32) / 1000


def is_nonce(text: str) -> bool:
    """Return whether a text has the form of a nonce."""
    return bool(_NONCE.fullmatch(text))


def proves(nonce: str, job: str, client: str) -> bool:
    """Return whether a nonce is the one that the id of a client's job commits to."""
    if not (is_nonce(nonce) and ULID_FORM.fullmatch(job)):
        return False
    random = int(job[TIME:].translate(_DIGITS), 32).to_bytes(10, "big")
    return hmac.compare_digest(random, _random_part(job[:TIME], client, nonce))


def same(one: str, other: str) -> bool:
    """Return whether two nonces are the same, in a time that tells nothing of either."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _random_part(time: str, client: str, nonce: str) -> bytes:
    """Return the ten bytes of an id that others choose by chance."""
    text = "\n".join((_DOMAIN, time, client, nonce))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:10]
