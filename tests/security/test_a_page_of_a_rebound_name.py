"""A web page reaches the local cloud through a name of its own that resolves to 127.0.0.1.

The requests are those of Chromium, byte for byte: for such a page they are of its own origin, so
no `Origin` is sent, and as the name is no trustworthy one no `Sec-Fetch-Site`. Pages that do not
rebind (`127.0.0.1` in the address) are known by one of both.
"""

from __future__ import annotations

import base64

import pytest

from labapp.cloud.embedded.launcher import Running
from tests.security.local_clouds import BUCKET, KEY, QUEUE, SECRET, sent
from tests.security.local_clouds import attacked as attacked
from tests.security.local_clouds import home as home

#: What Chromium sends beside the name, for an image and for a script's fetch.
CHROMIUM = (
    "Connection: keep-alive\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"
    " (KHTML, like Gecko) HeadlessChrome/130.0.0.0 Safari/537.36\r\n"
    "Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8\r\n"
    "Referer: http://evil.test/\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: en-US\r\n"
)

ACCOUNT = "000000000000"

#: Any page may put a key into the address of an image.
KEYED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x%2F20261127%2Fus-east-1%2Fs3%2Faws4_request"
)

TARGETS = [
    f"/{ACCOUNT}/{QUEUE}?Action=SendMessage&MessageBody=9",
    f"/?Action=PurgeQueue&QueueUrl=http://127.0.0.1/{ACCOUNT}/{QUEUE}",
    f"/{ACCOUNT}/{QUEUE}?Action=PurgeQueue&{KEYED}",
    f"/{BUCKET}?list-type=2",
    f"/{BUCKET}/{KEY}",
    f"/{BUCKET}/{KEY}?{KEYED}",
    "/_ministack/health",
    "/_ministack/config",
]

NAMES = [
    "evil.test",
    "localhost.evil.test",
    "127.0.0.1.nip.io",
    "a.127.0.0.1.evil.test",
    "10.0.0.1",
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NAMES)
def test_an_image_or_a_script_of_such_a_page_gets_nothing(
    attacked: Running, name: str, target: str
) -> None:
    request = f"GET {target} HTTP/1.1\r\nHost: {name}:{attacked.port}\r\n{CHROMIUM}\r\n"
    answer = sent(attacked, request.encode())
    assert answer.startswith(b"HTTP/1.1 403")
    assert SECRET not in answer


@pytest.mark.parametrize("form", ["application/x-www-form-urlencoded", "text/plain"])
def test_a_form_or_a_script_that_posts_gets_nothing(attacked: Running, form: str) -> None:
    body = f"Action=PurgeQueue&QueueUrl=http://127.0.0.1/{ACCOUNT}/{QUEUE}"
    for host, origin in (("evil.test", ""), ("127.0.0.1", "Origin: null\r\n")):
        request = (
            f"POST / HTTP/1.1\r\nHost: {host}:{attacked.port}\r\n{origin}{CHROMIUM}"
            f"Content-Type: {form}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        assert sent(attacked, request.encode()).startswith(b"HTTP/1.1 403")


@pytest.mark.parametrize("target", TARGETS[:6])
@pytest.mark.parametrize("known", ["Sec-Fetch-Site: cross-site", "Origin: http://evil.test", ""])
def test_a_page_that_names_loopback_itself_gets_nothing(
    attacked: Running, known: str, target: str
) -> None:
    """An old browser says neither: it may look at nothing, and change nothing by GET."""
    line = f"{known}\r\n" if known else ""
    if not known and KEYED in target and "Action" not in target:
        line = "Sec-Fetch-Site: cross-site\r\n"  # reading is not a page's, which is not told of it
    request = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{attacked.port}\r\n{line}{CHROMIUM}\r\n"
    answer = sent(attacked, request.encode())
    assert answer.split()[1] in (b"403", b"405")
    assert SECRET not in answer


@pytest.mark.parametrize(
    "head",
    [
        "GET http://evil.test{target} HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        "GET http://127.0.0.1{target} HTTP/1.1\r\nHost: evil.test\r\n",
        "GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.test\r\n",
        "GET {target} HTTP/1.1\r\nHost: evil.test\r\nX-Forwarded-Host: 127.0.0.1\r\n",
        "GET {target} HTTP/1.1\r\nHost: evil.test@127.0.0.1\r\n",
        "GET {target} HTTP/1.1\r\nHost:\r\n",
        "GET {target} HTTP/1.0\r\n",
    ],
)
def test_no_other_way_to_write_a_name_lets_it_in(attacked: Running, head: str) -> None:
    for target in TARGETS[:7]:
        answer = sent(attacked, f"{head.format(target=target)}Connection: close\r\n\r\n".encode())
        assert answer.split()[1] in (b"400", b"403")
        assert SECRET not in answer


def test_neither_websockets_nor_http_2_let_it_in(attacked: Running) -> None:
    nonce = base64.b64encode(b"0" * 16).decode()
    upgrade = (
        "GET / HTTP/1.1\r\nHost: evil.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n\r\n"
    )
    assert sent(attacked, upgrade.encode()).startswith(b"HTTP/1.1 403")
    for frames in (_http_2(b"evil.test"), _http_2(b"127.0.0.1")):
        assert SECRET not in sent(attacked, frames, until=b"only HTTP/1.1 is spoken here")


def test_an_offer_of_http_2_is_answered_in_http_1(attacked: Running) -> None:
    for host, status in (("127.0.0.1", b"200"), ("evil.test", b"403")):
        offer = (
            f"GET /_ministack/health HTTP/1.1\r\nHost: {host}\r\n"
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
        )
        answer = sent(attacked, offer.encode(), until=b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 " + status)


def _http_2(authority: bytes) -> bytes:
    """Return a request in HTTP/2 with prior knowledge, ended by a frame that closes."""
    import h2.connection  # hypercorn brings it

    connection = h2.connection.H2Connection()
    connection.initiate_connection()
    path = f"/{BUCKET}/{KEY}".encode()
    names = (
        (b":method", b"GET"),
        (b":scheme", b"http"),
        (b":authority", authority),
        (b":path", path),
    )
    connection.send_headers(1, names, end_stream=True)
    data: bytes = connection.data_to_send()
    return data
