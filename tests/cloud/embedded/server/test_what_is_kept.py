"""What the local cloud keeps over a stop, a crash and a change of port, and how it serves boto3."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError

from labapp.cloud.embedded import launcher
from labapp.cloud.embedded.launcher import Running
from labapp.cloud.session import Cloud
from tests.cloud.embedded.embedded_kit import (
    POSIX_ONLY,
    bodies,
    client,
    end,
    kill,
    long_poll,
    s3,
    said,
    sqs,
    starter,
    until,
)
from tests.support.processes import alive


def test_s3_sqs_and_sts_answer_as_the_local_account(home: Path, port: int) -> None:
    running = launcher.ensure(home, port)
    s3(running).create_bucket(Bucket="labapp")
    s3(running).put_object(Bucket="labapp", Key="a/b.txt", Body=b"hello")
    url = sqs(running).create_queue(QueueName="requestQueue")["QueueUrl"]

    assert s3(running).get_object(Bucket="labapp", Key="a/b.txt")["Body"].read() == b"hello"
    assert url == f"{running.endpoint_url}/000000000000/requestQueue"
    identity = client(running, "sts").get_caller_identity()
    assert identity["Account"] == "000000000000"
    theirs = "https://sqs.eu-west-3.amazonaws.com/123456789012/requestQueue"
    client(running, "sqs", "eu-west-3").send_message(QueueUrl=theirs, MessageBody="1,2")
    assert bodies(sqs(running), "requestQueue") == ["1,2"]


@POSIX_ONLY
def test_objects_and_buckets_survive_kill_9(home: Path, port: int) -> None:
    first = launcher.ensure(home, port)
    s3(first).create_bucket(Bucket="labapp")
    s3(first).put_object(
        Bucket="labapp", Key="images/a.png", Body=b"picture", ContentType="image/png"
    )
    etag = s3(first).head_object(Bucket="labapp", Key="images/a.png")["ETag"]
    kill(first)

    second = launcher.ensure(home, port)
    assert second.pid != first.pid
    answer = s3(second).get_object(Bucket="labapp", Key="images/a.png")
    assert (answer["Body"].read(), answer["ETag"], answer["ContentType"]) == (
        b"picture",
        etag,
        "image/png",
    )


def fill(running: Running) -> None:
    s3(running).create_bucket(Bucket="labapp")
    s3(running).put_bucket_tagging(
        Bucket="labapp", Tagging={"TagSet": [{"Key": "kept", "Value": "yes"}]}
    )
    url = sqs(running).create_queue(
        QueueName="requestQueue", Attributes={"ReceiveMessageWaitTimeSeconds": "20"}
    )["QueueUrl"]
    sqs(running).send_message(QueueUrl=url, MessageBody="1,2")


def check(running: Running) -> None:
    assert bodies(sqs(running), "requestQueue") == ["1,2"]
    url = sqs(running).get_queue_url(QueueName="requestQueue")["QueueUrl"]
    answer = sqs(running).get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert answer["Attributes"]["ReceiveMessageWaitTimeSeconds"] == "20"
    assert s3(running).get_bucket_tagging(Bucket="labapp")["TagSet"][0]["Value"] == "yes"


def test_stop_keeps_messages_and_configuration(home: Path, port: int) -> None:
    fill(launcher.ensure(home, port))
    launcher.stop(home)
    check(launcher.ensure(home, port))


@POSIX_ONLY
def test_sigterm_keeps_messages_and_configuration(home: Path, port: int) -> None:
    running = launcher.ensure(home, port)
    fill(running)
    os.kill(running.pid, signal.SIGTERM)
    until(lambda: not alive(running.pid))
    check(launcher.ensure(home, port))


def versions(running: Running) -> int:
    return len(s3(running).list_object_versions(Bucket="labapp")["Versions"])


def test_an_object_that_is_written_again_takes_no_more_memory(
    home: Path, local_cloud: Cloud
) -> None:
    running = launcher.find(home)
    assert running is not None
    process, body = psutil.Process(running.pid), os.urandom(1_000_000)
    before = process.memory_info().rss
    for _ in range(60):
        local_cloud.s3.put_object(Bucket="labapp", Key="logs/a.txt", Body=body)
    assert versions(running) == 1
    assert process.memory_info().rss - before < 40_000_000


def test_versions_are_refused_since_they_would_not_be_kept(home: Path, port: int) -> None:
    store = s3(launcher.ensure(home, port))
    store.create_bucket(Bucket="labapp")
    with pytest.raises(ClientError, match="keeps no versions") as caught:
        store.put_bucket_versioning(Bucket="labapp", VersioningConfiguration={"Status": "Enabled"})
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "Status" not in store.get_bucket_versioning(Bucket="labapp")


def test_stop_ends_long_polls_with_an_empty_answer(home: Path, port: int) -> None:
    running = launcher.ensure(home, port)
    url = sqs(running).create_queue(QueueName="q")["QueueUrl"]
    with long_poll(running, url) as connection:
        launcher.stop(home)
        connection.settimeout(5)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n{}")


def test_a_taken_port_is_replaced_and_others_find_the_new_one(home: Path, port: int) -> None:
    fill(launcher.ensure(home, port))
    launcher.stop(home)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # our connections linger on it
        other.bind(("127.0.0.1", port))
        other.listen()
        running = launcher.ensure(home, port)
        program = starter(home, port)
        seen = said(program)
        end(program)

    assert running.port != port
    assert seen == (running.pid, running.port)
    assert (
        sqs(running)
        .create_queue(QueueName="requestQueue")["QueueUrl"]
        .startswith(running.endpoint_url)
    )
    check(running)


def test_reset_leaves_nothing(home: Path, port: int) -> None:
    fill(launcher.ensure(home, port))
    launcher.reset(home)
    assert launcher.find(home) is None
    running = launcher.ensure(home, port)
    assert s3(running).list_buckets()["Buckets"] == []
    assert sqs(running).list_queues().get("QueueUrls", []) == []


def test_reset_of_what_was_never_there_is_no_error(home: Path) -> None:
    launcher.reset(home)
    assert not home.exists()


def test_an_old_client_is_answered_as_soon_as_something_is_sent(home: Path, port: int) -> None:
    running = launcher.ensure(home, port)
    url = sqs(running).create_queue(QueueName="q")["QueueUrl"]
    with long_poll(running, url, form=True) as connection:
        sqs(running).send_message(QueueUrl=url, MessageBody="1,2")
        connection.settimeout(15)
        answer = b""
        while b"</ReceiveMessageResponse>" not in answer:
            piece = connection.recv(65536)  # the head may come by itself
            assert piece, answer
            answer += piece
        assert b"<Body>1,2</Body>" in answer


@pytest.mark.parametrize("form", [False, True])
def test_a_client_that_dies_in_a_long_poll_swallows_no_message(
    home: Path, port: int, form: bool
) -> None:
    running = launcher.ensure(home, port)
    queue = sqs(running)
    url = queue.create_queue(QueueName="q")["QueueUrl"]
    with long_poll(running, url, form=form):
        pass
    queue.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    queue.send_message(QueueUrl=url, MessageBody="1,2")
    answer = queue.receive_message(QueueUrl=url, WaitTimeSeconds=5)
    assert [message["Body"] for message in answer.get("Messages", [])] == ["1,2"]


def test_it_is_reached_although_a_proxy_is_set(
    home: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    running = launcher.ensure(home, port)
    assert launcher.find(home) == running
    assert s3(running).list_buckets()["Buckets"] == []
