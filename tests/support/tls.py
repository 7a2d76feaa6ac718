"""Servers on loopback with and without TLS, and certificates of every kind for them."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.serving import serving


class Answering(BaseHTTPRequestHandler):
    """Answers every request with nothing, and success."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815 - names of http.server's

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A server that says nothing of handshakes that fail."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


def certificate(path: Path, *, name: str = "127.0.0.1", first: int = -1, last: int = 9) -> Path:
    """Write a key and the certificate that it signs itself, good from day `first` to day `last`."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lab")])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    ]
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), 7)
        .not_valid_before(now + timedelta(days=first))
        .not_valid_after(now + timedelta(days=last))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + made.public_bytes(pem))
    return path


@contextmanager
def server(pem: Path | None = None) -> Iterator[str]:
    """Serve with a certificate, or without TLS; give host and port."""
    made = Server()
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        made.socket = context.wrap_socket(
            made.socket, server_side=True, do_handshake_on_connect=False
        )
    with serving(made):
        yield f"127.0.0.1:{made.server_port}"
