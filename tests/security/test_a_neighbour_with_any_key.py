"""Another user of the machine reaches the port, and has any keys: the local cloud took them all.

They also hear what is said, such as the owner's access key id, and use that without the secret.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from labapp.cloud.embedded import launcher
from labapp.cloud.embedded.launcher import Running
from labapp.programs import find
from tests.cloud.embedded.embedded_kit import signed
from tests.security.local_clouds import BUCKET, KEY, QUEUE, SECRET, is_as_it_was, sent, with_keys
from tests.security.local_clouds import home as home

Capture = pytest.CaptureFixture[str]

TRIES: list[tuple[str, str, dict[str, Any]]] = [
    ("s3", "list_buckets", {}),
    ("s3", "get_object", {"Bucket": BUCKET, "Key": KEY}),
    ("s3", "put_object", {"Bucket": BUCKET, "Key": KEY, "Body": b"another's"}),
    ("s3", "delete_object", {"Bucket": BUCKET, "Key": KEY}),
    ("s3", "create_bucket", {"Bucket": "neighbours"}),
    ("sqs", "list_queues", {}),
    ("sqs", "create_queue", {"QueueName": "neighbours"}),
    ("sts", "get_caller_identity", {}),
]


@pytest.fixture
def own(home: Path) -> Running:
    """Give a cloud that is not shared."""
    running = launcher.find(home)
    assert running
    return running


@pytest.mark.parametrize("key", ["test", "AKIAIOSFODNN7EXAMPLE", "000000000000", "123456789012"])
@pytest.mark.parametrize(("service", "action", "wish"), TRIES)
def test_keys_of_their_own_let_nobody_in_and_the_remedy_is_told(
    own: Running, key: str, service: str, action: str, wish: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(with_keys(own, service, key, key), action)(**wish)
    error = caught.value.response
    assert error["Error"]["Code"] == "InvalidAccessKeyId"
    assert "admin.py cloud env" in error["Error"]["Message"]
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize(("service", "action", "wish"), TRIES)
def test_the_owners_key_id_is_no_proof_without_its_secret(
    own: Running, service: str, action: str, wish: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(with_keys(own, service, own.key.id, "guessed"), action)(**wish)
    assert caught.value.response["Error"]["Code"] == "SignatureDoesNotMatch"


def test_who_signs_nothing_gets_nothing_in_either_protocol(own: Running) -> None:
    for head, body in (
        (f"GET /{BUCKET}/{KEY}", ""),
        (f"PUT /{BUCKET}/{KEY}", "another's"),
        (f"DELETE /{BUCKET}/{KEY}", ""),
        ("POST /", f"Action=PurgeQueue&QueueUrl=http://h/000000000000/{QUEUE}"),
        (f"OPTIONS /{BUCKET}/{KEY}", ""),
    ):
        form = "Content-Type: application/x-www-form-urlencoded\r\n" if "Action" in body else ""
        request = f"{head} HTTP/1.1\r\nHost: 127.0.0.1\r\n{form}Content-Length: {len(body)}\r\n\r\n"
        answer = sent(own, (request + body).encode())
        assert answer.startswith(b"HTTP/1.1 403")
        assert SECRET not in answer
    assert is_as_it_was(own)


def test_a_signature_that_was_heard_is_good_for_nothing_else(own: Running) -> None:
    heard = signed(own, "GET", "/other/k", service="s3")
    for was, becomes in (
        (b"GET /other/k", f"GET /{BUCKET}/{KEY}".encode()),
        (b"GET ", b"DELETE "),
        (b"\r\nhost: ", b"\r\nx-amz-copy-source: /labapp/k\r\nhost: "),
        (f"host: 127.0.0.1:{own.port}".encode(), b"host: 127.0.0.1:1"),
    ):
        assert was in heard
        assert sent(own, heard.replace(was, becomes)).startswith(b"HTTP/1.1 403")
    assert is_as_it_was(own)


def test_their_labapp_tells_whose_cloud_it_is_and_what_to_do(
    own: Running, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    for name, value in {
        "LABAPP_CLOUD": "aws",
        "AWS_ENDPOINT_URL": own.endpoint_url,
        "LABAPP_BUCKET": BUCKET,
        "AWS_ACCESS_KEY_ID": "student",
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    for program, line in (
        ("client.py", "numbers 1,2"),
        ("admin.py", "stats"),
        ("admin.py", "queues"),
    ):
        assert find(program).main(line.split()) == 4
        told = capsys.readouterr().err
        assert "takes its owner's key alone" in told
        assert "cloud start --share" in told
        assert "aws configure" not in told


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_an_address_that_the_owner_gives_away_is_good_for_that_alone(
    own: Running, version: str
) -> None:
    def asked(key: str, secret: str, instead: str = KEY) -> bytes:
        client = with_keys(own, "s3", key, secret, signature_version=version)
        wish = {"Bucket": BUCKET, "Key": KEY}
        url = urlsplit(client.generate_presigned_url("get_object", Params=wish, ExpiresIn=60))
        head = f"GET {url.path.replace(KEY, instead)}?{url.query} HTTP/1.1\r\nHost: {url.netloc}"
        return sent(own, f"{head}\r\n\r\n".encode())

    assert asked(own.key.id, own.key.secret).endswith(SECRET)
    assert asked(own.key.id, own.key.secret, "logs/other.txt").startswith(b"HTTP/1.1 403")
    assert asked(own.key.id, "guessed").startswith(b"HTTP/1.1 403")
    assert b"InvalidAccessKeyId" in asked("student", "any")
