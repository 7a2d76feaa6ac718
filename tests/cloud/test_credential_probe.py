"""Whether a right lacks or the credentials have ended, by the words of each service."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from labapp.cloud import credential_probe
from labapp.cloud.bucket import Bucket
from labapp.cloud.provision import bucket_exists
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, CredentialsError, ForbiddenError, SessionEndedError
from tests.support.refusing_aws import LAB, Asked, Refusal, RefusingAws, denied, lab_session

ROLE = "arn:aws:sts::123456789012:assumed-role/Grader/ada"
IMPLICIT = "because no identity-based policy allows the action"


@pytest.fixture(scope="module")
def opened() -> Iterator[tuple[RefusingAws, Cloud]]:
    aws = RefusingAws()
    with lab_session(aws) as cloud:
        yield aws, cloud


@pytest.fixture
def aws(opened: tuple[RefusingAws, Cloud], monkeypatch: pytest.MonkeyPatch) -> RefusingAws:
    opened[0].begin()
    monkeypatch.setattr(credential_probe, "GOOD_FOR", 0.0)
    monkeypatch.setattr(credential_probe, "SOON", 0.0)
    return opened[0]


@pytest.fixture
def lab(opened: tuple[RefusingAws, Cloud], aws: RefusingAws) -> Cloud:
    return opened[1]


def _head_bucket(cloud: Cloud) -> object:
    return bucket_exists(cloud)


def _head_object(cloud: Cloud) -> object:
    return Bucket(cloud).head("a")


def _put(cloud: Cloud) -> object:
    return Bucket(cloud).put("a", b"x", "text/plain")


def _send(cloud: Cloud) -> object:
    return Queue(cloud, "requestQueue").exists()


#: What is refused where one right lacks: HEAD and GET of an object need the same.
ONE_RIGHT = {
    "_head_bucket": {"HeadBucket"},
    "_head_object": {
        "HeadObject",
        "GetObject",
        "ListObjectsV2",
    },  # which would tell it is not there
    "_put": {"PutObject"},
    "_send": {"GetQueueUrl"},
}

EACH = [_head_bucket, _head_object, _put, _send]


def refused(cloud: Cloud, act: Callable[[Cloud], object]) -> CloudError:
    with pytest.raises(CloudError) as caught:
        act(cloud)
    return caught.value


def ended(
    arn: str = LAB, why: str = "", s3: str = "Access Denied"
) -> Callable[[Asked], Refusal | None]:
    """Deny everything but who one is; S3 in words of its own."""

    def refuse(asked: Asked) -> Refusal | None:
        if asked.service == "sts":
            return None
        if asked.service == "s3" and s3:
            return 403, "AccessDenied", s3
        words = why or "with an explicit deny in an identity-based policy"
        return denied(f"{asked.service}:{asked.operation}", arn, words)

    return refuse


@pytest.mark.parametrize("act", EACH)
@pytest.mark.parametrize("s3", ["Access Denied", ""])
def test_a_lab_session_that_is_over_is_told_as_that(
    aws: RefusingAws, lab: Cloud, act: Callable[[Cloud], object], s3: str
) -> None:
    aws.refuse = ended(s3=s3)
    error = refused(lab, act)
    assert type(error) is SessionEndedError
    assert error.exit_code == 4
    assert "the lab session is over" in error.message
    assert error.remedy.startswith("Start the lab again")


@pytest.mark.parametrize(
    "why",
    [
        "with an explicit deny in an identity-based policy: arn:aws:iam::1:policy/voc-cancel-cred",
        "WITH AN EXPLICIT DENY in an Identity-Based Policy",
        "because it is explicitly denied by an identity based policy",
        "with an explicit deny",
    ],
)
def test_the_words_of_the_deny_may_change(aws: RefusingAws, lab: Cloud, why: str) -> None:
    aws.refuse = ended(why=why)
    for act in EACH:
        assert "the lab session is over" in refused(lab, act).message


def test_a_role_whose_sessions_were_revoked_is_told_as_that(aws: RefusingAws, lab: Cloud) -> None:
    aws.refuse = ended(ROLE)
    aws.arn = ROLE
    error = refused(lab, _send)
    assert type(error) is SessionEndedError
    assert "revoked" in error.message
    assert "AWS_SESSION_TOKEN" in error.remedy


@pytest.mark.parametrize("act", EACH)
@pytest.mark.parametrize(
    "why",
    [
        IMPLICIT,
        "with an explicit deny in an identity-based policy",
        "with an explicit deny in a service control policy",
        "with an explicit deny in a resource-based policy",
        "",
    ],
)
def test_one_right_that_lacks_is_no_end(
    aws: RefusingAws, lab: Cloud, act: Callable[[Cloud], object], why: str
) -> None:
    """Only the one call is refused, in whatever words; what is asked beside it passes."""
    aws.refuse = lambda one: (
        denied("it", ROLE, why) if one.operation in ONE_RIGHT[act.__name__] else None
    )
    error = refused(lab, act)
    assert type(error) is ForbiddenError
    assert "over" not in error.message


@pytest.mark.parametrize("why", [IMPLICIT, "with an explicit deny in a service control policy", ""])
def test_rights_of_a_person_who_has_none_are_no_end(aws: RefusingAws, lab: Cloud, why: str) -> None:
    aws.arn = ROLE
    aws.refuse = lambda one: None if one.service == "sts" else denied("it", ROLE, why)
    for act in EACH:
        assert type(refused(lab, act)) is ForbiddenError


@pytest.mark.parametrize(
    ("status", "code", "text", "says"),
    [
        (400, "ExpiredToken", "The provided token has expired.", "have expired"),
        (
            403,
            "InvalidAccessKeyId",
            "The key does not exist.",
            "token is not valid",
        ),
        (403, "SignatureDoesNotMatch", "The signature we calculated does not match", "secret"),
        (400, "InvalidToken", "The provided token is malformed", "token is not valid"),
    ],
)
def test_what_head_does_not_say_is_asked_by_get(
    aws: RefusingAws, lab: Cloud, status: int, code: str, text: str, says: str
) -> None:
    aws.refuse = lambda _: (status, code, text)
    for act in (_head_bucket, _head_object):
        error = refused(lab, act)
        assert isinstance(error, CredentialsError)
        assert not isinstance(error, ForbiddenError)
        assert says in error.message
        assert code in error.message


def test_an_object_that_may_not_be_looked_at_is_no_end(aws: RefusingAws, lab: Cloud) -> None:
    hidden = {"HeadObject", "ListObjectsV2"}
    aws.refuse = lambda one: (403, "AccessDenied", "") if one.operation in hidden else None
    assert type(refused(lab, _head_object)) is ForbiddenError


def test_many_refusals_bring_no_storm(
    aws: RefusingAws, lab: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.refuse = ended()
    refused(lab, _send)
    monkeypatch.setattr(credential_probe, "GOOD_FOR", 1000.0)
    aws.asked.clear()
    for _ in range(20):
        assert "lab session" in refused(lab, _send).message
    assert len(aws.asked) == 20


def test_what_does_not_answer_says_nothing_of_the_credentials(aws: RefusingAws, lab: Cloud) -> None:
    aws.refuse = lambda one: (
        (500, "InternalError", "away") if one.service == "s3" else denied("sqs:x", ROLE)
    )
    aws.arn = ROLE
    assert type(refused(lab, _send)) is ForbiddenError


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Access Denied", "belongs to another account than 123456789012"),
        (f"User: {ROLE} is not authorized to perform: s3:ListBucket {IMPLICIT}", "s3:ListBucket"),
    ],
)
def test_a_bucket_that_another_took_is_told_apart_from_a_right_that_lacks(
    aws: RefusingAws, lab: Cloud, text: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab, "_owner", "123456789012")
    aws.refuse = lambda asked: (403, "AccessDenied", text) if asked.service == "s3" else None
    error = refused(lab, _head_bucket)
    assert type(error) is ForbiddenError
    assert told in error.message
