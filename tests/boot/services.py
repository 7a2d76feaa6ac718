"""What an instance finds around it, in the lane's own network: AWS, and the metadata service."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.support import fake_imds, moto_server
from tests.support.fake_imds import Imds

#: Where S3 and SQS are, where Auto Scaling is, and where EC2 has every instance's metadata.
AWS_PORT, GROUP_PORT = 5000, 5001
METADATA = "169.254.169.254"

#: Keys as a role's are; nobody here looks at them.
CREDENTIALS = {
    "Code": "Success",
    "Type": "AWS-HMAC",
    "AccessKeyId": "ASIALANE",
    "SecretAccessKey": "secret",
    "Token": "token",
    "LastUpdated": "2026-11-28T00:00:00Z",
    "Expiration": "2036-11-28T00:00:00Z",
}


def bring_up_network() -> None:
    """Give the lane's network loopback, and the metadata service's address on it."""
    for words in (["link", "set", "lo", "up"], ["address", "add", f"{METADATA}/32", "dev", "lo"]):
        subprocess.run(["ip", *words], check=True)


@contextlib.contextmanager
def running() -> Iterator[tuple[Imds, list[dict[str, str]]]]:
    """Have all services answer; yield the metadata, and the calls of Auto Scaling as they come."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    moto_server.install()
    aws = ThreadedMotoServer("127.0.0.1", AWS_PORT, verbose=False)
    aws.start()
    imds = Imds(credentials=CREDENTIALS)
    try:
        with fake_imds.served(imds, 80, METADATA), _group() as calls:
            yield imds, calls
    finally:
        aws.stop()


@contextlib.contextmanager
def _group() -> Iterator[list[dict[str, str]]]:
    """Have Auto Scaling take every call; yield them as they come."""
    calls: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            call = {name: values[0] for name, values in parse_qs(body).items()}
            calls.append(call)
            action = call["Action"]
            answer = f"<{action}Response><{action}Result/></{action}Response>".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", GROUP_PORT), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield calls
    finally:
        server.shutdown()
        server.server_close()
