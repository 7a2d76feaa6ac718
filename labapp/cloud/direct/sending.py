"""One service by the direct way: its route, its rests, and requests that are signed and sent."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labapp import __version__, utc
from labapp.cloud.direct import route
from labapp.cloud.direct.answers import Answer
from labapp.cloud.direct.connections import NoAnswerError, Sent
from labapp.cloud.direct.rest import Rest
from labapp.cloud.direct.route import Route
from labapp.cloud.direct.signature import authorization, digest, stamp
from labapp.cloud.time_limits import PATIENT

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Statuses of good answers: a thing is not there, a condition does not hold.
_ANSWERS = frozenset({404, 412})

#: What stands for a body's digest where the body is not signed.
UNSIGNED = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True)
class Asked:
    """A request, as far as its service tells.

    Attributes:
        method: of HTTP.
        path: behind the route's base, encoded; empty: what the route leads to itself.
        headers: besides those of every request, by their names in small letters.
        body: its body.
        body_digest: `UNSIGNED` for a body that is not signed.
        query: what stands behind the path, encoded and in its canonical form.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    body_digest: str = ""
    query: str = ""


class Sender:
    """Sends requests to one service, there to one bucket; shared by threads."""

    def __init__(self, cloud: Cloud, service: str, bucket: str = "") -> None:
        self._cloud = cloud
        self._service, self._bucket = service, bucket
        #: The generation that it was looked for in, and what was found.
        self._found: tuple[int, Route | None] = (-1, None)
        self._rest = Rest()

    @property
    def route(self) -> Route | None:
        """The route in force; None where there is none, or it rests."""
        found, generation = self._found, self._cloud.generation
        if found[0] != generation:
            # Threads that come at once find the same, and one of them is kept.
            self._found = found = (generation, route.find(self._cloud, self._service, self._bucket))
            self._rest.note_renewed()
        return None if self._rest.is_on else found[1]

    def send(self, asked: Asked, *, most: int, repeatable: bool = True) -> Answer | None:
        """Send a request; return the answer, None where none came or there is no way.

        Args:
            asked: the request.
            most: bytes that the answer's body may have.
            repeatable: whether it may be sent once more though it may have been taken.
        """
        sent = self._sent(asked)
        return sent and self._answer(*sent, most, repeatable=repeatable)

    def send_all(self, asked: Sequence[Asked], *, most: int) -> list[Answer | None]:
        """Send requests that may be repeated, all before the first answer is read; see `send`.

        So they cost the wait of one, and the other side works at them side by side. Of those that
        wait in vain none waits after another.
        """
        way = self.route
        try:
            if way:
                way.connections.prepare(len(asked))
        except NoAnswerError:
            self._rest.note_fault()
        until = time.monotonic() + PATIENT.read
        found: list[Answer | None] = []
        for one in [self._sent(one) for one in asked]:
            if one and time.monotonic() > until:
                one[1].connection.close()
                found.append(None)
            else:
                found.append(one and self._answer(*one, most, repeatable=True))
        return found

    def _sent(self, asked: Asked) -> tuple[Route, Sent] | None:
        """Sign a request and send it; None where that cannot be."""
        way = self.route
        if way is None:
            return None
        try:
            keys = way.keys()
        except Exception:  # noqa: BLE001 - botocore's way meets it again, and says what it is
            return None
        told = {"host": way.host, "x-amz-date": stamp(int(utc.seconds())), **asked.headers}
        if keys.token:
            told["x-amz-security-token"] = keys.token
        method, body = asked.method, asked.body
        hashed = asked.body_digest or digest(body)
        if self._service == "s3":
            told["x-amz-content-sha256"] = hashed
        target = way.base + asked.path if asked.path else way.base.rstrip("/") or "/"
        signed = (method, target, asked.query)
        try:
            told["authorization"] = authorization(keys, way.scope, signed, told, hashed)
        except UnicodeError:  # in odd keys
            return None
        if not all(map(_is_sendable, told.values())):
            return None
        target = f"{target}?{asked.query}" if asked.query else target
        lines = [f"{method} {target} HTTP/1.1", *[f"{name}: {told[name]}" for name in told]]
        if body or method in ("PUT", "POST"):
            lines.append(f"content-length: {len(body)}")
        lines.append(_ENDING)
        try:
            return way, way.connections.send("\r\n".join(lines).encode("ascii"), body)
        except NoAnswerError:
            self._rest.note_fault(is_away=True)
            return None

    def _answer(self, way: Route, sent: Sent, most: int, *, repeatable: bool) -> Answer | None:
        """Read the answer to a request; None where none came."""
        try:
            answer = way.connections.answer(sent, most, repeatable=repeatable)
        except NoAnswerError as error:
            if not error.was_kept:
                self._rest.note_fault()
            return None
        self._note(answer)
        return answer

    def _note(self, answer: Answer) -> None:
        if answer.status < 300 or answer.status in _ANSWERS or _NO_QUEUE in answer.body:
            self._rest.note_well()
        elif answer.status >= 500:
            self._rest.note_fault()
        else:
            self._rest.note_refused()


#: What SQS says of a queue that is not there, by the status of a request that is wrong.
_NO_QUEUE = b"QueueDoesNotExist"

#: What ends the head of each request.
_ENDING = f"user-agent: labapp/{__version__} direct\r\naccept-encoding: identity\r\n\r\n"


def _is_sendable(value: str) -> bool:
    return value.isascii() and value.isprintable()
