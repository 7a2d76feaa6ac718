"""Faults put in front of a cloud: before moto in this process, or by a proxy between processes."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any
from unittest import mock

from botocore.exceptions import SSLError
from moto.core.botocore_stubber import BotocoreStubber

from tests.chaos.faults import Faults
from tests.chaos.http11 import Exchange
from tests.chaos.proxy import Proxy
from tests.clouds.asked import Asked, Refusal, asked
from tests.clouds.faults import Fault

#: What Python says of such a certificate.
UNTRUSTED = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"


class Injector:
    """One fault at work: it counts what is asked, and refuses by the fault's rule."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._rule = fault.rule()
        self._counts: Counter[str] = Counter()
        self._guard = threading.Lock()

    def refusal(self, request: Asked) -> Refusal | None:
        """Return what a request is refused with; None where it is carried out."""
        with self._guard:
            before = self._counts[request.action]
            self._counts[request.action] += 1
            return self._rule(request, before)


@contextlib.contextmanager
def before_moto(fault: Fault) -> Iterator[None]:
    """Have a fault met by every client of this process that moto answers."""
    injector = Injector(fault)
    process = BotocoreStubber.process_request

    def answered(self: BotocoreStubber, request: Any) -> Any:
        if fault.untrusted:
            raise SSLError(endpoint_url=request.url, error=ssl.SSLError(UNTRUSTED))
        headers = {name: _text(value) for name, value in request.headers.items()}
        what = asked(request.method, request.url, headers, _bytes(request.body))
        if refusal := injector.refusal(what):
            return refusal.answer(what, request.method)
        for name in fault.ignored:
            request.headers.pop(name, None)
        return process(self, request)

    with mock.patch.object(BotocoreStubber, "process_request", answered):
        yield


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _bytes(body: Any) -> bytes:
    """Return a request's body, which is left to be read again where it is a file."""
    if hasattr(body, "read"):
        return b""
    return body.encode() if isinstance(body, str) else bytes(body or b"")


class FaultProxy(Proxy):
    """A proxy whose every request meets one fault.

    Args:
        target: the emulator's port.
        fault: the fault.
        tls: the certificate to speak TLS with; None: plain HTTP.
    """

    def __init__(self, target: int, fault: Fault, tls: ssl.SSLContext | None = None) -> None:
        self._injector = Injector(fault)
        # A proxy answers no `Expect: 100-continue`; whoever asks so goes on without.
        super().__init__(target, Faults(ignored=fault.ignored | {"expect"}), tls)

    def _refusal(self, request: Exchange, fault: str) -> bytes:
        what = asked(request.method, request.first.split(" ")[1], request.headers, request.body)
        refusal = self._injector.refusal(what)
        if refusal is None:
            return b""
        status, headers, body = refusal.answer(what, request.method)
        lines = [f"HTTP/1.1 {status} Fault", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
        return "\r\n".join(lines).encode("latin-1") + body
