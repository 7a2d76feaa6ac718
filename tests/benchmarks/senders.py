"""What one signed PUT of 110 bytes costs, by whatever could send it: CPU time, memory, start.

    python -m tests.benchmarks.senders [--calls 2000] [--rounds 5] [--tls] [--only NAME,...]

Each sender runs in a process of its own, in turn, by one thread and by eight; the server, in
another process, answers 200 to everything. Compare within one run. `awscrt` takes part where it is
installed (`pip install awscrt`); labapp does not need it.
"""

from __future__ import annotations

import argparse
import http.client
import importlib.util
import json
import os
import re
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

#: What is written, and by whom: nobody's keys.
_BODY = b"x" * 110
_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
_KEY, _BUCKET, _REGION = "logs/a.txt", "bench", "us-east-1"

_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", re.DOTALL)

_ANSWER = b'HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: 0\r\n\r\n'

#: Gives what one thread calls for each PUT.
Opened = Callable[[], Callable[[], object]]


def labapp_direct(url: str) -> Opened:
    """Labapp's own, as the worker has it."""
    from labapp.cloud.direct.s3 import STORED
    from labapp.cloud.session import Cloud
    from labapp.settings import Settings

    cloud = Cloud(Settings(cloud="aws", region=_REGION, bucket=_BUCKET, endpoint_url=url))

    def put() -> None:
        assert cloud.direct_s3.put((_BUCKET, ""), _KEY, _BODY, "text/plain").status == STORED

    return lambda: put


def botocore_client(url: str) -> Opened:
    """boto3's client, set as labapp sets it."""
    from labapp.cloud.session import Cloud
    from labapp.settings import Settings

    cloud = Cloud(Settings(cloud="aws", region=_REGION, bucket=_BUCKET, endpoint_url=url))
    s3 = cloud.s3
    return lambda: (
        lambda: s3.put_object(Bucket=_BUCKET, Key=_KEY, Body=_BODY, ContentType="text/plain")
    )


def botocore_signer(url: str) -> Opened:
    """Botocore's signer and its HTTP session, without its client: labapp's way until issue 18."""
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    from botocore.httpsession import URLLib3Session

    signer = S3SigV4Auth(Credentials("bench", "bench"), "s3", _REGION)
    nodelay: Any = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    trusted: Any = _authority() or True
    session = URLLib3Session(verify=trusted, max_pool_connections=64, socket_options=nodelay)

    def put() -> None:
        headers = {"Content-Type": "text/plain"}
        request = AWSRequest("PUT", f"{url}/{_BUCKET}/{_KEY}", headers, _BODY)
        signer.add_auth(request)
        assert session.send(request.prepare()).status_code == 200

    return lambda: put


def urllib3_pool(url: str) -> Opened:
    """urllib3's pool, and labapp's signature."""
    import urllib3

    pool = urllib3.PoolManager(maxsize=64, block=False, ca_certs=_authority())

    def put() -> None:
        answer = pool.urlopen(
            "PUT", f"{url}/{_BUCKET}/{_KEY}", body=_BODY, headers=_signed(url), retries=False
        )
        assert answer.status == 200

    return lambda: put


def http_client(url: str) -> Opened:
    """http.client, a connection a thread, and labapp's signature."""
    where = urlsplit(url)

    def opened() -> Callable[[], object]:
        assert where.hostname
        if where.scheme == "https":
            context = ssl.create_default_context(cafile=_authority())
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                where.hostname, where.port, context=context
            )
        else:
            connection = http.client.HTTPConnection(where.hostname, where.port)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def put() -> None:
            connection.request("PUT", f"/{_BUCKET}/{_KEY}", _BODY, _signed(url))
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200

        return put

    return opened


def awscrt(url: str) -> Opened:
    """AWS's C runtime: signature and HTTP, a connection a thread."""
    from awscrt import auth, io  # type: ignore[import-not-found, unused-ignore]
    from awscrt import http as crt  # type: ignore[import-not-found, unused-ignore]

    group = io.EventLoopGroup(1)
    bootstrap = io.ClientBootstrap(group, io.DefaultHostResolver(group))
    provider = auth.AwsCredentialsProvider.new_static("bench", "bench")
    where, tls = urlsplit(url), None
    if where.scheme == "https":
        options = io.TlsContextOptions()
        options.override_default_trust_store_from_path(None, _authority())
        tls = io.ClientTlsContext(options).new_connection_options()
        tls.set_server_name(where.hostname)

    def opened() -> Callable[[], object]:
        connection = crt.HttpClientConnection.new(
            where.hostname, where.port, bootstrap, io.SocketOptions(), tls
        ).result()

        def put() -> None:
            headers = crt.HttpHeaders(
                [("Host", where.netloc), ("Content-Type", "text/plain"), ("Content-Length", "110")]
            )
            body = io.InputStream(__import__("io").BytesIO(_BODY))
            request = crt.HttpRequest("PUT", f"/{_BUCKET}/{_KEY}", headers, body)
            config = auth.AwsSigningConfig(
                credentials_provider=provider,
                region=_REGION,
                service="s3",
                use_double_uri_encode=False,
                should_normalize_uri_path=False,
                signed_body_header_type=auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256,
            )
            signed = auth.aws_sign_request(request, config).result()
            stream = connection.request(signed)
            stream.activate()
            assert stream.completion_future.result() == 200

        return put

    return opened


SENDERS: dict[str, Callable[[str], Opened]] = {
    "labapp direct": labapp_direct,
    "http.client": http_client,
    "awscrt": awscrt,
    "urllib3": urllib3_pool,
    "botocore signer": botocore_signer,
    "botocore client": botocore_client,
}


def _signed(url: str) -> dict[str, str]:
    from labapp.cloud.aws_setup import Keys
    from labapp.cloud.direct.signature import authorization, digest, stamp

    hashed = digest(_BODY)
    headers = {
        "host": urlsplit(url).netloc,
        "x-amz-date": stamp(int(time.time())),
        "content-type": "text/plain",
        "x-amz-content-sha256": hashed,
    }
    request = ("PUT", f"/{_BUCKET}/{_KEY}", "")
    keys = Keys("bench", "bench")
    headers["authorization"] = authorization(keys, (_REGION, "s3"), request, headers, hashed)
    return headers


def _authority() -> str | None:
    return os.environ.get("AWS_CA_BUNDLE")


def _serve(certificate: str) -> None:
    """Answer whatever is asked, until the standard input ends; print the port first."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    print(listener.getsockname()[1], flush=True)

    def answer(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        held = b""
        while chunk := connection.recv(65536):
            held += chunk
            while (end := held.find(b"\r\n\r\n")) >= 0 and len(held) >= end + 4 + len(_BODY):
                held = held[end + 4 + len(_BODY) :]
                connection.sendall(_ANSWER)

    def accept() -> None:
        while True:
            threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


def _measure(name: str, url: str, calls: int) -> dict[str, float]:
    """Put so often by one thread, then by eight; return what each call took."""
    began = time.process_time()
    open_one = SENDERS[name](url)
    open_one()()
    found = {"start_ms": (time.process_time() - began) * 1e3}
    for threads in (1, 8):
        puts = [open_one() for _ in range(threads)]
        share = calls // threads

        def work(put: Callable[[], object], times: int) -> None:
            for _ in range(times):
                put()

        for put in puts:
            put()
        cpu, clock = time.process_time(), time.perf_counter()
        hands = [threading.Thread(target=work, args=(put, share)) for put in puts]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        made = share * threads
        found[f"us_{threads}"] = (time.process_time() - cpu) / made * 1e6
        found[f"per_s_{threads}"] = made / (time.perf_counter() - clock)
    if os.name != "nt":
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found["mib"] = used / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return found


def _compare(names: list[str], told: Any) -> None:
    found: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in names}
    with tempfile.TemporaryDirectory() as folder:
        environment, pem = {**os.environ, **_ENVIRONMENT}, ""
        if told.tls:
            from tests.support import tls

            pem = str(tls.certificate(Path(folder) / "server.pem"))
            trusted = Path(folder) / "trusted.pem"  # awscrt takes no file with a key in it
            trusted.write_text(_CERTIFICATE.findall(Path(pem).read_text("ascii"))[0], "ascii")
            environment["AWS_CA_BUNDLE"] = str(trusted)
        this = [sys.executable, "-m", "tests.benchmarks.senders"]
        pipe = subprocess.PIPE
        with subprocess.Popen([*this, "--serve", pem], stdin=pipe, stdout=pipe) as server:
            assert server.stdout
            port = int(server.stdout.readline())
            url = f"{'https' if told.tls else 'http'}://127.0.0.1:{port}"
            for _ in range(told.rounds):
                for name in names:
                    one = [*this, "--one", name, "--url", url, "--calls", str(told.calls)]
                    said = subprocess.run(one, env=environment, check=True, stdout=pipe).stdout
                    for measure, value in json.loads(said).items():
                        found[name][measure].append(value)
            server.communicate(b"")
    columns = ("us_1", "per_s_1", "us_8", "per_s_8", "start_ms", "mib")
    print(f"{'':16}" + "".join(f"{column:>10}" for column in columns))
    for name, measures in found.items():
        figures = "".join(f"{statistics.median(measures[one] or [0]):10.0f}" for one in columns)
        print(f"{name:16}{figures}")


def main() -> None:
    """Compare the senders, or be one of the processes that takes part."""
    parser = argparse.ArgumentParser("python -m tests.benchmarks.senders", description=__doc__)
    add = parser.add_argument
    add("--calls", type=int, default=2000, help="calls of each sender and round (2000)")
    add("--rounds", type=int, default=5, help="rounds (5)")
    add("--tls", action="store_true", help="by TLS")
    add("--only", default="", help="senders, with commas between")
    add("--serve", help=argparse.SUPPRESS)
    add("--one", help=argparse.SUPPRESS)
    add("--url", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.serve is not None:
        _serve(told.serve)
    elif told.one:
        print(json.dumps(_measure(told.one, told.url, told.calls)))
    else:
        there = [name for name in SENDERS if name != "awscrt" or importlib.util.find_spec(name)]
        _compare([name for name in there if not told.only or name in told.only.split(",")], told)


if __name__ == "__main__":
    main()
