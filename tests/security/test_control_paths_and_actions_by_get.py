"""Who reaches the port asks for what the emulator has beside S3 and SQS, or acts by GET.

`/_ministack/config` answered 200 to anybody, and a queue was purged by GET. Each is tried as
anybody may: unsigned, with a key of their own, and as the owner's own program would be made to.
"""

from __future__ import annotations

import pytest

from labapp.cloud.embedded.launcher import Running
from tests.cloud.embedded.embedded_kit import signed
from tests.security.local_clouds import QUEUE, sent
from tests.security.local_clouds import attacked as attacked
from tests.security.local_clouds import home as home

STUDENT = (
    "Authorization: AWS4-HMAC-SHA256 Credential=x/20261127/us-east-1/{service}/aws4_request,"
    f" SignedHeaders=host, Signature={'0' * 64}\r\n"
)

CONTROL = [
    *(("POST", "/_ministack/config"), ("GET", "/_ministack/config"), ("POST", "/_ministack/reset")),
    *(("GET", "/_ministack/sqs/messages"), ("GET", "/_ministack/ready"), ("GET", "/health")),
    *(("POST", "/%5fministack/config"), ("GET", "/_localstack/health"), ("GET", "/_aws/x/y")),
    *(("GET", "/v2/_catalog"), ("GET", "/iceberg/v1/config"), ("POST", "/oauth2/token")),
]


@pytest.mark.parametrize(("method", "path"), CONTROL)
def test_nothing_is_offered_beside_s3_and_sqs(attacked: Running, method: str, path: str) -> None:
    plain = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n"
    for line in ("", STUDENT.format(service="s3")):
        answer = sent(attacked, f"{plain}{line}\r\n{{}}".encode())
        assert answer.split()[1] == b"404"
    assert sent(attacked, signed(attacked, method, path, service="s3")).split()[1] == b"404"


@pytest.mark.parametrize(
    "path", ["//_ministack/config", "/./_ministack/config", "/_MINISTACK/config"]
)
def test_no_other_spelling_of_such_a_path_helps(attacked: Running, path: str) -> None:
    request = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
    line = STUDENT.format(service="s3")
    answer = sent(attacked, f"{request}{line}\r\n{{}}".encode())
    assert answer.split()[1] in (b"400", b"403", b"404", b"405")
    assert b"applied" not in answer


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "target",
    [
        f"/000000000000/{QUEUE}?Action=PurgeQueue",
        f"/?Action=SendMessage&QueueUrl=http://127.0.0.1/000000000000/{QUEUE}&MessageBody=9",
        f"/?%41ction=PurgeQueue&QueueUrl=http://127.0.0.1/000000000000/{QUEUE}",
        f"/?Action=DeleteQueue&QueueUrl=http://127.0.0.1/000000000000/{QUEUE}",
    ],
)
def test_no_action_is_taken_by_anything_but_post(
    attacked: Running, method: str, target: str
) -> None:
    head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    for line in ("", STUDENT.format(service="sqs"), STUDENT.format(service="s3")):
        assert sent(attacked, f"{head}{line}\r\n".encode()).split()[1] == b"405"
    bare = target.partition("?")[0]
    own = signed(attacked, method, bare).replace(
        f" {bare} HTTP".encode(), f" {target} HTTP".encode()
    )
    closed = own.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    assert sent(attacked, closed).split()[1] == b"405"
