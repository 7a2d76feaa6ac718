"""Local clouds to be attacked, and requests byte for byte, as an attacker sends them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from labapp.cloud.embedded import launcher
from labapp.cloud.embedded.launcher import Running
from tests.cloud.embedded.embedded_kit import s3, sqs
from tests.support.ports import free_port

#: What an attacker must never see, and where it lies.
SECRET, BUCKET, KEY = b"what nobody else may read", "labapp", "logs/secret.txt"

#: A queue with one message in it.
QUEUE = "requestQueue"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the folder of a local cloud with something in it, which is ended afterwards."""
    folder = tmp_path_factory.mktemp("attacked") / "local"
    running = launcher.ensure(folder, free_port())
    s3(running).create_bucket(Bucket=BUCKET)
    s3(running).put_object(Bucket=BUCKET, Key=KEY, Body=SECRET)
    url = sqs(running).create_queue(QueueName=QUEUE)["QueueUrl"]
    sqs(running).send_message(QueueUrl=url, MessageBody="1,2")
    yield folder
    launcher.stop(folder)


@pytest.fixture(params=["own", "shared"])
def attacked(request: pytest.FixtureRequest, home: Path) -> Iterator[Running]:
    """Give a cloud that is its owner's, and one that everybody on the machine may use."""
    running = launcher.find(home)
    assert running
    if request.param == "shared":
        launcher.share(home)
    yield running
    (home / "shared").unlink(missing_ok=True)
    assert is_as_it_was(running)


def is_as_it_was(running: Running) -> bool:
    """Tell whether an attack changed nothing: one object, one message, two names."""
    objects = s3(running).list_objects_v2(Bucket=BUCKET)
    queues = sqs(running).list_queues()["QueueUrls"]
    wish = ["ApproximateNumberOfMessages"]
    told = sqs(running).get_queue_attributes(QueueUrl=queues[0], AttributeNames=wish)  # type: ignore[arg-type]
    return (
        [one["Key"] for one in objects.get("Contents", [])] == [KEY]
        and len(queues) == 1
        and told["Attributes"]["ApproximateNumberOfMessages"] == "1"
    )


def sent(running: Running, request: bytes, until: bytes = b"") -> bytes:
    """Send bytes to a cloud, and return its whole answer, or what it says until these words."""
    answer = b""
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
        connection.sendall(request)
        while chunk := connection.recv(65536):
            answer += chunk
            if until and until in answer:
                break
            head, found, body = answer.partition(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            if found and length and len(body) >= int(length):
                break
    return answer


def with_keys(running: Running, service: str, key: str, secret: str, **config: Any) -> Any:
    """Return boto3's client of whoever has these keys."""
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=running.endpoint_url,
        region_name=launcher.REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(proxies={}, retries={"total_max_attempts": 1}, **config),
    )
