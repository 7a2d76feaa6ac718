"""Looks at a bucket, its listing and queues go the direct way, or botocore's for what is unsure."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

from labapp.cloud import provision
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError
from labapp.settings import Settings
from tests.support.serving import serving

#: An object of a page; its key as it stands in addresses.
OBJECT = (
    "<Contents><Key>{}</Key><LastModified>2026-11-21T10:00:00.000Z</LastModified>"
    '<ETag>"e"</ETag><Size>3</Size></Contents>'
)

GONE = '{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "not there"}'


class Service(ThreadingHTTPServer):
    """Gives each request the next of `answers`, and notes who asked for what."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, str]] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.directly: list[bool] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Service

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        where = urlsplit(self.path)
        query = dict(parse_qsl(where.query, keep_blank_values=True))
        self.server.asked.append((self.command, where.path, query))
        self.server.directly.append("direct" in str(self.headers["user-agent"]))
        status, text = self.server.answers.pop(0)
        self.send_response(status)
        self.send_header("content-length", str(len(text.encode())))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    with serving(Service()) as server:
        yield server


@pytest.fixture
def at(service: Service, keys: None) -> Cloud:
    url = f"http://127.0.0.1:{service.server_port}"
    return Cloud(Settings(cloud="aws", region="us-east-1", bucket="lab", endpoint_url=url))


def page(*objects: str, more: str = "", form: str = "url") -> tuple[int, str]:
    """Return an answer with a page of a listing."""
    told = (
        f"<EncodingType>{form}</EncodingType><IsTruncated>{str(bool(more)).lower()}</IsTruncated>"
    )
    token = f"<NextContinuationToken>{more}</NextContinuationToken>" if more else ""
    space = "http://s3.amazonaws.com/doc/2006-03-01/"
    body = f'<ListBucketResult xmlns="{space}">{told}{token}{"".join(objects)}</ListBucketResult>'
    return 200, body


def test_a_bucket_is_looked_for_by_one_head_each_time(service: Service, at: Cloud) -> None:
    service.answers = [(200, "as long as GET's"), (404, ""), (200, "")]
    assert [provision.bucket_exists(at) for _ in range(3)] == [True, False, True]
    assert service.asked == [("HEAD", "/lab", {})] * 3
    assert service.directly == [True] * 3


def test_a_bucket_that_one_may_not_see_is_told_by_botocores_way(
    service: Service, at: Cloud
) -> None:
    service.answers = [(403, "")] * 5
    with pytest.raises(CloudError, match="may not be listed"):
        provision.bucket_exists(at)
    assert service.directly[:2] == [True, False]


def test_pages_of_a_listing_follow_each_other(service: Service, at: Cloud) -> None:
    service.answers = [
        page(OBJECT.format("a%2Bb+c"), OBJECT.format("d%C3%A9"), more="t+1/="),
        page(OBJECT.format("e%26")),
    ]
    found = list(Bucket(at).list("", after="a"))
    assert [(one.key, one.size, one.etag) for one in found] == [
        ("a+b c", 3, '"e"'), ("dé", 3, '"e"'), ("e&", 3, '"e"'),
    ]  # fmt: skip
    asked = {"encoding-type": "url", "list-type": "2", "prefix": "", "start-after": "a"}
    assert service.asked == [
        ("GET", "/lab", asked),
        ("GET", "/lab", {**asked, "continuation-token": "t+1/="}),
    ]
    assert service.directly == [True] * 2


def test_where_the_direct_way_ends_botocores_goes_on_behind_what_was_told(
    service: Service, at: Cloud
) -> None:
    service.answers = [
        page(OBJECT.format("a"), OBJECT.format("b"), more="t"),
        (200, "<no page"),
        page(OBJECT.format("b"), OBJECT.format("c")),
    ]
    assert [one.key for one in Bucket(at).list("")] == ["a", "b", "c"]
    assert service.directly == [True, True, False]
    assert service.asked[2][2]["start-after"] == "b"


def test_folders_are_told_once_each(service: Service, at: Cloud) -> None:
    folder = "<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>"
    service.answers = [
        page(folder.format("in%2Fa%2F"), folder.format("in%2Fb%2F"), more="t"),
        (500, ""),
        page(folder.format("in%2Fb%2F"), folder.format("in%2Fc%2F")),
    ]
    assert list(Bucket(at).folders("in/")) == ["in/a/", "in/b/", "in/c/"]
    assert service.asked[0][2]["delimiter"] == "/"


def test_a_store_that_heeds_no_form_of_keys_is_read_as_it_writes(
    service: Service, at: Cloud
) -> None:
    service.answers = [page(OBJECT.format("a+b%20"), form="")]
    assert [one.key for one in Bucket(at).list("")] == ["a+b%20"]


def test_a_token_that_comes_again_ends_the_direct_way(service: Service, at: Cloud) -> None:
    service.answers = [
        page(OBJECT.format("a"), more="t"),
        page(OBJECT.format("b"), more="t"),
        page(OBJECT.format("b")),
    ]
    assert [one.key for one in Bucket(at).list("")] == ["a", "b"]


def test_a_queue_is_looked_for_and_its_address_kept(service: Service, at: Cloud) -> None:
    service.answers = [(400, GONE), (200, '{"QueueUrl": "http://h/1/q"}')]
    queue = Queue(at, "q")
    assert [queue.exists(), queue.exists(), queue.exists()] == [False, True, True]
    assert queue.url == "http://h/1/q"
    assert service.directly == [True] * 2


@pytest.mark.parametrize(
    "unsure", [(400, '{"__type": "x#AccessDenied"}'), (400, "[]"), (200, "{}"), (403, GONE)]
)
def test_a_queue_of_which_nothing_is_sure_is_looked_for_by_botocore(
    service: Service, at: Cloud, unsure: tuple[int, str]
) -> None:
    service.answers = [unsure, (200, '{"QueueUrl": "http://h/1/q"}')]
    assert Queue(at, "q").exists()
    assert service.directly == [True, False]
