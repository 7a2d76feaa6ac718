"""SQS by the direct way asks and answers as botocore does, and all else is left to botocore."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labapp import utc
from labapp.cloud import certificates, client_config, queues
from labapp.cloud.aws_setup import Keys
from labapp.cloud.bucket import Bucket
from labapp.cloud.direct import route, sqs
from labapp.cloud.direct.rest import Rest
from labapp.cloud.place import MadeQueue
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.cloud.time_limits import TimeLimits
from labapp.errors import CloudError, LabappError, MissingResourceError
from labapp.settings import Settings
from tests.cloud.direct.scripted import CLOSE, SILENCE, Scripted, answer, scripted

pytestmark = pytest.mark.usefixtures("keys")

URL = "http://sqs.example/1/requestQueue"
KINDS = {
    "text": {"DataType": "String", "StringValue": "é\u2028\U0001f600"},
    "bytes": {"DataType": "Binary.png", "BinaryValue": b"\x00\xff\xfe"},
}


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as one:
        yield one


@pytest.fixture(scope="module")
def made() -> Cloud:
    """Make the clients once; they cost more time than what is tried with them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setattr(client_config, "PATIENT", TimeLimits(2, 0.2, 3))
        cloud = Cloud(
            Settings(
                cloud="aws", region="us-east-1", bucket="lab", endpoint_url="http://127.0.0.1:1"
            )
        )
        assert all((cloud.sqs, cloud.s3))
    return cloud


def at(server: Scripted, made: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Return a cloud at a server, with clients that are made already, and fresh direct ways."""
    settings = Settings(cloud="aws", region="us-east-1", bucket="lab", endpoint_url=server.url)
    cloud = Cloud(settings)
    clients: list[Any] = [made.sqs, made.s3]
    for client in clients:
        client.meta._endpoint_url = client._endpoint.host = server.url
        client._ruleset_resolver._builtins["SDK::Endpoint"] = server.url
    cloud._clients = {"sqs": made.sqs, "s3": made.s3}
    monkeypatch.setattr(route, "PATIENT", TimeLimits(2, 0.2, 3))
    return cloud


@pytest.fixture
def cloud(server: Scripted, made: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    return at(server, made, monkeypatch)


CALLS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "receive_message",
        {
            "QueueUrl": URL,
            "MaxNumberOfMessages": 10,
            "WaitTimeSeconds": 20,
            "AttributeNames": ["SentTimestamp"],
            "MessageAttributeNames": ["All"],
            "VisibilityTimeout": 30,
        },
        {
            "Messages": [
                {
                    "MessageId": "m",
                    "ReceiptHandle": "r",
                    "MD5OfBody": "x",
                    "Body": 'a "quoted" \u20ac\ud83d\ude00 \ud800',
                    "Attributes": {"SentTimestamp": "1"},
                    "MessageAttributes": {
                        "b": {"DataType": "Binary", "BinaryValue": "AP8="},
                        "s": {"DataType": "String", "StringValue": "t"},
                    },
                }
            ]
        },
    ),
    ("receive_message", {"QueueUrl": URL}, {}),
    (
        "send_message",
        {"QueueUrl": URL, "MessageBody": "é\x00\ud800", "MessageAttributes": KINDS},
        {"MessageId": "m", "MD5OfMessageBody": "x"},
    ),
    (
        "send_message_batch",
        {
            "QueueUrl": URL,
            "Entries": [
                {"Id": "0", "MessageBody": "a", "MessageAttributes": KINDS, "MessageGroupId": "g"}
            ],
        },
        {
            "Successful": [{"Id": "0", "MessageId": "m", "MD5OfMessageBody": "x"}],
            "Failed": [{"Id": "1", "SenderFault": True, "Code": "c", "Message": "m"}],
        },
    ),
    (
        "delete_message_batch",
        {"QueueUrl": URL, "Entries": [{"Id": "0", "ReceiptHandle": "r"}]},
        {"Successful": [{"Id": "0"}], "Failed": []},
    ),
    (
        "change_message_visibility_batch",
        {"QueueUrl": URL, "Entries": [{"Id": "0", "ReceiptHandle": "r", "VisibilityTimeout": 0}]},
        {"Successful": [{"Id": "0"}]},
    ),
    (
        "change_message_visibility",
        {"QueueUrl": URL, "ReceiptHandle": "r", "VisibilityTimeout": 1},
        {},
    ),
    ("delete_message", {"QueueUrl": URL, "ReceiptHandle": "r"}, {}),
    ("get_queue_url", {"QueueName": "requestQueue"}, {"QueueUrl": URL}),
    (
        "get_queue_attributes",
        {"QueueUrl": URL, "AttributeNames": ["All"]},
        {"Attributes": {"QueueArn": "arn", "DelaySeconds": "0"}},
    ),
    (
        "create_queue",
        {"QueueName": "q", "Attributes": {"DelaySeconds": "0"}, "tags": {"a": "b"}},
        {"QueueUrl": URL},
    ),
    ("set_queue_attributes", {"QueueUrl": URL, "Attributes": {"Policy": "{}"}}, {}),
    ("list_queues", {"QueueNamePrefix": "p", "MaxResults": 3}, {"QueueUrls": [URL]}),
    ("list_queue_tags", {"QueueUrl": URL}, {"Tags": {"a": "b"}}),
]


@pytest.mark.parametrize(("call", "asked", "said"), CALLS, ids=[one[0] for one in CALLS])
def test_a_call_asks_and_answers_as_botocores(
    cloud: Cloud, server: Scripted, call: str, asked: dict[str, Any], said: dict[str, Any]
) -> None:
    server.always = answer(200, json.dumps(said).encode(), "x-amzn-RequestId: id")
    mine = getattr(cloud.direct_sqs, call)(**asked)
    theirs = getattr(cloud.sqs, call)(**asked)
    about = [found.pop("ResponseMetadata") for found in (mine, theirs)]
    assert mine == theirs
    assert [one["HTTPStatusCode"] for one in about] == [200, 200]
    assert [one["RequestId"] for one in about] == ["id", "id"]
    (head, body), (their_head, their_body) = server.asked
    assert json.loads(body) == json.loads(their_body)
    headers, their_headers = _headers(head), _headers(their_head)
    assert head.partition("\r\n")[0] == their_head.partition("\r\n")[0]
    for name in ("x-amz-target", "content-type", "host", "content-length"):
        assert headers[name] == their_headers[name]
    assert headers["user-agent"].endswith(" direct")


def _headers(head: str) -> dict[str, str]:
    lines = (line.partition(": ") for line in head.split("\r\n")[1:])
    return {name.lower(): value for name, _, value in lines}


def test_every_call_that_goes_this_way_is_compared_with_botocores() -> None:
    assert {call for call, *_ in CALLS} == set(sqs._CALLS)


def _refusal(status: int, code: str, text: str = "said") -> bytes:
    body = json.dumps({"__type": f"com.amazonaws.sqs#{code}", "message": text}).encode()
    return answer(status, body, "x-amzn-query-error: " + code + ";Sender")


#: What may come instead of a plain success, and goes away; or stays.
FAULTS = {
    "cut before an answer": CLOSE,
    "cut within an answer": answer(200, b"{", "ETag: x", length=90) + b"cut",
    "too slow": SILENCE,
    "no HTTP": b"220 smtp.example\r\n\r\n",
    "no JSON": answer(200, b"<html>"),
    "a list": answer(200, b"[]"),
    "nothing": answer(200, b"null"),
    "busy": _refusal(503, "ServiceUnavailable"),
    "elsewhere": answer(307, b"", "Location: http://127.0.0.1:1/"),
    "throttled": _refusal(400, "RequestThrottled"),
    "expired": _refusal(403, "ExpiredToken", "The security token included is expired"),
    "denied": _refusal(403, "AccessDenied", "not authorized to perform: sqs:SendMessage"),
    "gone": _refusal(400, "AWS.SimpleQueueService.NonExistentQueue", "no queue"),
}

ACTS: dict[str, Callable[[Cloud], object]] = {
    "receive": lambda cloud: [one.body for one in Queue(cloud, "q").receive(10, 1)],
    "send": lambda cloud: Queue(cloud, "q").send(Outgoing("x", {"a": "b"})),
    "batch": lambda cloud: Queue(cloud, "q").send_batch([Outgoing("x"), Outgoing("y")]),
    "delete": lambda cloud: Queue(cloud, "q").delete(["r"]),
    "put": lambda cloud: Bucket(cloud).put("a", b"x", "text/plain"),
    "new": lambda cloud: Bucket(cloud).put_text("a", "x", new=True),
    "get": lambda cloud: Bucket(cloud).get("a"),
    "head": lambda cloud: Bucket(cloud).head("a"),
}

WELL = json.dumps(
    {
        "QueueUrl": "http://sqs.example/1/q",
        "Messages": [{"MessageId": "m", "Body": "x", "ReceiptHandle": "r"}],
        "MessageId": "m",
        "Successful": [{"Id": "0"}, {"Id": "1"}],
    }
).encode()


def tried(act: str, said: list[bytes], server: Scripted, cloud: Cloud) -> tuple[object, int]:
    """Return what becomes of an act where a server says this first, and how often it is asked."""
    cloud.made_queues["q"] = MadeQueue("http://sqs.example/1/q", time.monotonic())
    server.always, server.script = answer(200, WELL, 'ETag: "e"'), []
    ACTS["send"](cloud)  # so that a connection is kept
    if act in ("put", "new"):
        server.always = answer(200, b"", 'ETag: "e"')
    server.asked.clear()
    server.script = list(said)
    try:
        return ACTS[act](cloud), len(server.asked)
    except LabappError as error:
        return (type(error), error.message, error.remedy), len(server.asked)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_goes_wrong_ends_as_it_does_by_botocore_alone(
    act: str, fault: str, server: Scripted, made: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    if act in ("get", "head") and fault in ("no JSON", "cut within an answer"):
        pytest.skip("the first is an object, and HEAD has nothing to cut")
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    monkeypatch.setattr(certificates, "speaks_tls", lambda _: False)
    always = [FAULTS[fault]] * (0 if FAULTS[fault] == SILENCE else 20)
    direct, again = at(server, made, monkeypatch), at(server, made, monkeypatch)
    lasting, _ = tried(act, always, server, direct)
    passing, asked = tried(act, [FAULTS[fault]], server, again)
    monkeypatch.setattr(route, "find", lambda *_: None)
    alone = at(server, made, monkeypatch)
    assert lasting == tried(act, always, server, alone)[0]
    # It helps to be asked again by botocore, which asks some of these but once itself.
    assert passing == tried(act, [], server, alone)[0]
    assert asked == 2


@pytest.mark.parametrize(
    ("said", "act"),
    [
        ('{"Messages": [{"Body": 5}]}', ACTS["receive"]),
        ('{"Messages": [{"Attributes": {"SentTimestamp": "x"}}]}', ACTS["receive"]),
        ('{"Failed": [{"Id": "x"}]}', ACTS["delete"]),
        ('{"Attributes": {"ApproximateNumberOfMessages": 5}}', lambda it: Queue(it, "q").counts()),
        ('{"Attributes": {"CreatedTimestamp": "x"}}', lambda it: Queue(it, "q").made_at()),
        ('{"Attributes": {}}', lambda it: Queue(it, "q").arn),
        ('{"QueueUrls": 5}', queues.names),
    ],
)
def test_an_answer_of_other_types_is_told_as_one_of_another_tongue(
    said: str, act: Callable[[Cloud], object], cloud: Cloud, server: Scripted
) -> None:
    server.always = answer(200, said.encode())
    cloud.made_queues["q"] = MadeQueue(URL, time.monotonic())
    with pytest.raises(CloudError, match="does not speak as AWS does"):
        act(cloud)


@pytest.mark.parametrize("odd", ["k\r\nx: y", "\udcff"])
def test_keys_that_no_header_takes_are_not_sent(odd: str, cloud: Cloud, server: Scripted) -> None:
    for keys in (Keys(odd, "s"), Keys("k", "s", odd), Keys("k", "\udcff")):
        cloud.generation += 1
        setattr(cloud, "credentials", lambda keys=keys: keys)  # noqa: B010 - a method is replaced
        cloud.direct_sqs.list_queues()
    agents = [_headers(head)["user-agent"].endswith("direct") for head, _ in server.asked]
    assert agents == [False] * 3


def test_what_only_botocore_can_write_is_its_own(cloud: Cloud, server: Scripted) -> None:
    odd: Any = {"QueueUrl": URL, "MessageBody": object()}
    with pytest.raises(Exception, match="not JSON serializable"):
        cloud.direct_sqs.send_message(**odd)
    assert server.asked == []
    assert cloud.direct_sqs.meta is cloud.sqs.meta


def test_requests_are_signed_with_the_clouds_time_and_the_sessions_token(
    server: Scripted, made: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "tok+/=")
    cloud = at(server, made, monkeypatch)
    utc.correct(7200.0)
    try:
        cloud.direct_sqs.list_queues()
    finally:
        utc.correct(0.0)
    headers = _headers(server.asked[0][0])
    assert headers["x-amz-security-token"] == "tok+/="
    assert "x-amz-security-token" in headers["authorization"]
    stamp = time.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    ahead = time.mktime(stamp) - time.mktime(time.gmtime())
    assert abs(ahead - 7200) < 60


def test_after_two_faults_in_a_row_it_rests_and_botocore_alone_is_asked(
    cloud: Cloud, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    server.script = [b"nonsense\r\n\r\n", server.always] * 2
    for _ in range(4):
        cloud.direct_sqs.list_queues()
    agents = [_headers(head)["user-agent"].endswith("direct") for head, _ in server.asked]
    assert agents == [True, False] * 2 + [False] * 2
    monkeypatch.setattr(cloud.direct_sqs._sender, "_rest", Rest())
    cloud.direct_sqs.list_queues()
    assert _headers(server.asked[-1][0])["user-agent"].endswith("direct")


def test_keys_that_cannot_be_had_are_botocores_matter(cloud: Cloud, server: Scripted) -> None:
    class Expired:
        def get_frozen_credentials(self) -> Any:
            raise RuntimeError("Credentials were refreshed, but are still expired")

    setattr(cloud, "credentials", lambda: Expired())  # noqa: B010 - a method is replaced
    cloud.direct_sqs.list_queues()
    assert not _headers(server.asked[0][0])["user-agent"].endswith("direct")


def test_what_is_not_there_is_a_good_answer(cloud: Cloud, server: Scripted) -> None:
    server.always = answer(404, b"<Error><Code>NoSuchKey</Code><Message>No.</Message></Error>")
    for _ in range(30):
        with pytest.raises(MissingResourceError, match=r"cannot read s3://lab/a: No \(NoSuchKey\)"):
            Bucket(cloud).get("a")
    assert len(server.asked) == 30
