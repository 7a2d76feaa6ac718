"""A clock that is hours off: requests are signed with the right time, and that is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from labapp import utc
from labapp.cloud import clock
from labapp.cloud.bucket import Bucket
from labapp.cloud.provision import bucket_exists
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import ClockError, ForbiddenError
from tests.support.refusing_aws import RefusingAws, lab_session

TWO_HOURS = 7200.0


@pytest.fixture(scope="module")
def opened() -> Iterator[tuple[RefusingAws, Cloud]]:
    aws = RefusingAws()
    with lab_session(aws) as cloud:
        yield aws, cloud


@pytest.fixture
def aws(opened: tuple[RefusingAws, Cloud]) -> Iterator[RefusingAws]:
    opened[0].begin()
    yield opened[0]
    utc.correct(0.0)


@pytest.fixture
def cloud(opened: tuple[RefusingAws, Cloud], aws: RefusingAws) -> Cloud:
    return opened[1]


@pytest.mark.parametrize("ahead", [TWO_HOURS, -TWO_HOURS, 86400.0 * 30])
def test_each_service_is_signed_again_with_its_own_time(
    aws: RefusingAws, cloud: Cloud, ahead: float
) -> None:
    aws.ahead = ahead
    for act, operation in (
        (lambda: Bucket(cloud).put("a", b"x", "text/plain"), "s3:PutObject"),
        (lambda: bucket_exists(cloud), "s3:HeadBucket"),
        (lambda: Bucket(cloud).head("a"), "s3:HeadObject"),
        (lambda: Queue(cloud, "requestQueue").exists(), "sqs:GetQueueUrl"),
        (lambda: cloud.sts.get_caller_identity(), "sts:GetCallerIdentity"),
    ):
        utc.correct(0.0)
        aws.asked.clear()
        act()
        assert aws.operations() == [operation] * 2
        assert abs((aws.now - aws.asked[-1].at).total_seconds()) < 5


def test_what_was_learned_once_is_good_for_all_that_follows(aws: RefusingAws, cloud: Cloud) -> None:
    aws.ahead = TWO_HOURS + 180
    Bucket(cloud).put("a", b"x", "text/plain")
    aws.asked.clear()
    bucket_exists(cloud)
    Queue(cloud, "requestQueue").exists()
    assert aws.operations() == ["s3:HeadBucket", "sqs:GetQueueUrl"]
    assert utc.clock_notice() == (
        "this machine's clock is 2 h 3 min behind: set it. Until then requests are signed with the"
        " right time"
    )
    assert abs((aws.now - utc.now()).total_seconds()) < 5


def test_a_clock_that_is_set_right_is_noticed(aws: RefusingAws, cloud: Cloud) -> None:
    utc.correct(TWO_HOURS)
    Bucket(cloud).put("a", b"x", "text/plain")
    assert aws.operations() == ["s3:PutObject"] * 2
    assert utc.correction() == 0.0
    assert utc.clock_notice() == ""


def test_a_service_that_keeps_refusing_is_asked_twice_and_no_more(
    aws: RefusingAws, cloud: Cloud
) -> None:
    aws.ahead = TWO_HOURS
    aws.refuse = lambda _: (403, "RequestTimeTooSkewed", "The difference is too large.")
    with pytest.raises(ClockError) as caught:
        Bucket(cloud).put("a", b"x", "text/plain")
    assert len(aws.asked) == 2
    assert caught.value.exit_code == 1
    assert "this machine's clock is 2 h behind" in caught.value.message
    assert "did not help" in caught.value.message
    with pytest.raises(ClockError):
        Bucket(cloud).put("a", b"x", "text/plain")
    assert len(aws.asked) == 3, "what was signed with their time already is not tried again"


def test_a_service_that_refuses_the_time_it_names_itself_is_told_as_that(
    aws: RefusingAws, cloud: Cloud
) -> None:
    aws.refuse = lambda _: (403, "InvalidSignatureException", "Signature not yet current: x")
    with pytest.raises(ClockError, match="agrees with the service's answers"):
        Queue(cloud, "requestQueue").exists()
    assert len(aws.asked) == 1


def test_a_store_that_is_wrong_about_the_time_and_refuses_for_a_right_corrects_nothing(
    aws: RefusingAws, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(aws.tolerance, "s3", 1e9)
    aws.ahead = TWO_HOURS
    denied = (403, "AccessDenied", "Access Denied")
    aws.refuse = lambda asked: denied if asked.operation == "PutObject" else None
    with pytest.raises(ForbiddenError):
        Bucket(cloud).put("a", b"x", "text/plain")
    assert aws.operations()[:2] == ["s3:PutObject"] * 2
    assert utc.correction() == 0.0


def test_a_clock_that_is_a_little_off_is_left_alone(aws: RefusingAws, cloud: Cloud) -> None:
    aws.ahead = 200.0
    Bucket(cloud).put("a", b"x", "text/plain")
    Queue(cloud, "requestQueue").exists()
    assert len(aws.asked) == 2
    assert utc.clock_notice() == ""


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("RequestTimeTooSkewed", ""),
        ("RequestInTheFuture", ""),
        ("InvalidSignatureException", "Signature expired: 1 is now earlier than 2 (3 - 5 min.)"),
        ("SignatureDoesNotMatch", "SIGNATURE NOT YET CURRENT: 1 is still later than 2"),
        ("AccessDenied", "the request's signature has expired"),
        ("Whatever", "RequestTime is too skewed"),
    ],
)
def test_the_text_tells_of_the_clock_where_the_code_does_not(code: str, text: str) -> None:
    assert clock.means_clock(code, text)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("SignatureDoesNotMatch", "The request signature we calculated does not match"),
        ("ExpiredToken", "The provided token has expired."),
        ("InvalidSignatureException", "The request signature we calculated does not match"),
        ("AccessDenied", "Access Denied"),
    ],
)
def test_other_refusals_are_no_matter_of_the_clock(code: str, text: str) -> None:
    assert not clock.means_clock(code, text)


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"date": "Wed, 01 Jan 2020 00:00:00 GMT"}, {}),
        ({"Date": "Wed, 01 Jan 2020 00:00:00 GMT"}, {}),
        ({}, {"ServerTime": "2020-01-01T00:00:00Z"}),
        ({"date": "soon"}, {"Message": "expired: 1 is now earlier (20200101T000000Z - 5 min.)"}),
    ],
)
def test_the_services_time_is_in_its_header_or_in_its_words(
    headers: dict[str, str], error: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1577836800.0 + 60)
    assert clock.lacking(headers, error) == -60.0


def test_an_answer_without_a_time_tells_none() -> None:
    assert clock.lacking({}, {"Message": "Access Denied"}) is None
    assert clock.lacking({"date": "x"}, {"ServerTime": "then"}) is None


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        (7380.0, "2 h 3 min behind"),
        (-7200.0, "2 h ahead"),
        (-330.0, "6 min ahead"),
        (12.0, "12 s behind"),
        (86400.0 * 3 + 3700, "3 d 1 h behind"),
    ],
)
def test_how_far_a_clock_is_off_is_told_in_two_units(lacking: float, words: str) -> None:
    assert utc.off(lacking) == words
