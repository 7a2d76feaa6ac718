"""An instance metadata service (IMDSv2) on loopback, which says what a test has it say."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: The instance that it is of.
INSTANCE = "i-0123456789abcdef0"

#: The role that credentials are of.
ROLE = "worker"


@dataclass
class Imds:
    """What it says; may be changed at any time.

    Attributes:
        url: where it is.
        state: the state that the instance's group has it be in.
        spot: of spare capacity, when and how it is taken back; empty: it is not.
        credentials: what role credentials are told; none: 404.
        status: the status of all answers but tokens, if it is to be another.
        tokens: those that it takes.
        asked: the paths that it was asked for.
    """

    url: str = ""
    state: str = "InService"
    spot: str = ""
    credentials: dict[str, str] = field(default_factory=dict)
    status: int = 0
    tokens: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def said(self, path: str) -> str:
        """Return what is at a path below `meta-data`; empty: nothing."""
        role = "iam/security-credentials/"
        return {
            "instance-id": INSTANCE,
            "autoscaling/target-lifecycle-state": self.state,
            "spot/instance-action": self.spot,
            "placement/region": "us-east-1",
            role: ROLE if self.credentials else "",
            f"{role}{ROLE}": json.dumps(self.credentials) if self.credentials else "",
        }.get(path, "")


@contextlib.contextmanager
def served(imds: Imds | None = None, port: int = 0, host: str = "127.0.0.1") -> Iterator[Imds]:
    """Have a service answer at an address of this machine."""
    told = imds or Imds()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            seconds = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
            if self.path != "/latest/api/token" or not 1 <= int(seconds or 0) <= 21_600:
                return self._answer(400)
            told.tokens.append(f"token-{len(told.tokens)}")
            return self._answer(200, told.tokens[-1])

        def do_GET(self) -> None:
            if self.headers.get("X-aws-ec2-metadata-token") not in told.tokens:
                return self._answer(401)
            path = self.path.removeprefix("/latest/meta-data/")
            told.asked.append(path)
            text = told.said(path)
            return self._answer(told.status or (200 if text else 404), text)

        def _answer(self, status: int, text: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer((host, port), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    told.url = f"http://{host}:{server.server_address[1]}"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
