from __future__ import annotations

import socket
from typing import Any

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore import exceptions as boto
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError, ProtocolError

from labapp.cloud.aws_errors import (
    KMS_CODES,
    MISSING_CODES,
    OBJECT_CODES,
    PASSING_CODES,
    PERMISSION_CODES,
    code_of,
    from_response,
    own_cloud,
    status_of,
    translated,
)
from labapp.cloud.credential_errors import CREDENTIAL_CODES
from labapp.cloud.embedded.disk import CODE, STATUS
from labapp.errors import (
    CloudError,
    CredentialsError,
    ForbiddenError,
    MissingResourceError,
    SessionEndedError,
    StorageError,
    TooSoonError,
    UnreachableError,
)
from tests.support.aws_answers import refusal

#: What AWS answers, as its documentation and botocore's service models write it.
MEANT = {
    ForbiddenError: """AccessDenied AccessDeniedException AllAccessDisabled UnauthorizedOperation
        403 KmsAccessDenied KmsDisabled KmsInvalidKeyUsage KmsInvalidState KmsNotFound
        KmsOptInRequired KMS.AccessDeniedException KMS.DisabledException
        KMS.InvalidKeyUsageException KMS.InvalidStateException KMS.KMSInvalidStateException
        KMS.NotFoundException KMS.OptInRequired""",
    MissingResourceError: """NoSuchKey 404 NoSuchBucket QueueDoesNotExist
        AWS.SimpleQueueService.NonExistentQueue""",
    UnreachableError: """Throttling ThrottlingException ThrottledException RequestThrottled
        RequestThrottledException TooManyRequestsException RequestLimitExceeded SlowDown
        RequestTimeout RequestTimeoutException InternalError InternalFailure ServiceUnavailable
        OverLimit KmsThrottled KMS.ThrottlingException OperationAborted""",
    TooSoonError: """AWS.SimpleQueueService.QueueDeletedRecently QueueDeletedRecently
        AWS.SimpleQueueService.PurgeQueueInProgress PurgeQueueInProgress""",
    CloudError: "InvalidParameterValue MalformedXML",
}


@pytest.mark.parametrize(("kind", "codes"), MEANT.items())
def test_a_refusal_becomes_the_error_that_says_what_to_do(
    codes: str, kind: type[CloudError]
) -> None:
    for code in codes.split():
        error = from_response(refusal(code), "write s3://lab/a")
        assert type(error) is kind
        assert error.message.startswith(f"cannot write s3://lab/a: It says why ({code})")


def test_who_makes_what_is_missing_is_named_only_where_somebody_does() -> None:
    assert "cloud up" in from_response(refusal("NoSuchBucket", 404), "x").remedy
    assert "cloud up" not in from_response(refusal("NoSuchKey", 404), "x").remedy


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_every_fault_of_the_service_may_pass(status: int) -> None:
    assert type(from_response(refusal("NeverHeardOf", status), "x")) is UnreachableError


@pytest.mark.parametrize("code", ["ExpiredToken", "AccessDenied"])
def test_credentials_end_a_program_with_four(code: str) -> None:
    error = from_response(refusal(code, 403), "x")
    assert error.exit_code == 4
    assert error.remedy


@pytest.mark.parametrize("code", ["KmsAccessDenied", "KMS.DisabledException", "KmsInvalidState"])
def test_a_key_that_may_not_be_used_is_told_as_that(code: str) -> None:
    error = from_response(refusal(code), "receive from requestQueue")
    assert type(error) is ForbiddenError
    assert "KMS" in error.remedy
    assert "kms:Decrypt" in error.remedy


@pytest.mark.parametrize("code", ["AccountProblem", "NotSignedUp", "NeverHeardOf"])
def test_whatever_is_forbidden_is_a_lack_of_permission(code: str) -> None:
    assert type(from_response(refusal(code, 403), "x")) is ForbiddenError
    assert type(from_response(refusal("RequestThrottled", 403), "x")) is UnreachableError


def test_a_refusal_without_a_text_shows_its_code() -> None:
    assert from_response(refusal("404", 404, ""), "x").message == "cannot x: 404 (404)"
    assert from_response(ClientError({}, "X"), "x").message


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (refusal("NoSuchBucket", 404), MissingResourceError),
        (boto.NoCredentialsError(), CredentialsError),
        (boto.PartialCredentialsError(provider="env", cred_var="x"), CredentialsError),
        (boto.ProfileNotFound(profile="lab"), CredentialsError),
        (boto.TokenRetrievalError(provider="sso", error_msg="expired"), SessionEndedError),
        (boto.UnauthorizedSSOTokenError(), SessionEndedError),
        (boto.EndpointConnectionError(endpoint_url="http://x"), UnreachableError),
        (boto.ConnectTimeoutError(endpoint_url="http://x"), UnreachableError),
        (boto.ReadTimeoutError(endpoint_url="http://x"), UnreachableError),
        (boto.ConnectionClosedError(endpoint_url="http://x"), UnreachableError),
        (boto.ResponseStreamingError(error="cut"), UnreachableError),
        (boto.IncompleteReadError(actual_bytes=1, expected_bytes=2), UnreachableError),
        (ProtocolError("cut"), UnreachableError),
        (boto.ParamValidationError(report="wrong"), CloudError),
        (boto.ConfigParseError(path="~/.aws/config"), CredentialsError),
        (ResponseParserError("not XML\nat all"), CloudError),
        (KeyError("QueueUrl"), CloudError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.__name__,
)
def test_whatever_botocore_raises_becomes_one_line_of_our_own(
    raised: Exception, kind: type[CloudError]
) -> None:
    with pytest.raises(CloudError) as caught, translated("find the queue q"):
        raise raised
    assert type(caught.value) is kind
    assert caught.value.message.startswith("cannot find the queue q: ")
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is raised


def test_what_is_no_fault_of_the_cloud_passes_through() -> None:
    with pytest.raises(ZeroDivisionError), translated("x"):
        raise ZeroDivisionError
    with pytest.raises(KeyboardInterrupt), translated("x"):
        raise KeyboardInterrupt


def test_every_code_that_is_known_is_written_out_here_and_means_one_thing() -> None:
    kinds = [
        CREDENTIAL_CODES, PERMISSION_CODES, KMS_CODES, MISSING_CODES, OBJECT_CODES, PASSING_CODES,
    ]  # fmt: skip
    assert len(frozenset.union(*kinds)) == sum(map(len, kinds))
    written = {
        code for kind, codes in MEANT.items() if kind is not CloudError for code in codes.split()
    }
    assert frozenset.union(*kinds) == written | CREDENTIAL_CODES


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_cloud_of_this_machine_that_is_down_may_be_anybodys(
    host: str,
) -> None:
    with pytest.raises(UnreachableError) as caught, translated("send"):
        raise boto.EndpointConnectionError(endpoint_url=f"http://{host}:4999")
    assert f"the cloud at {host}:4999 does not answer" in caught.value.message
    assert caught.value.remedy.startswith("Start the service there, or correct the address")


def test_a_region_that_is_no_name_says_where_it_is_set() -> None:
    with pytest.raises(CloudError) as caught, translated("ask"):
        raise boto.InvalidRegionError(region_name="not a region")
    assert caught.value.message == "cannot ask: 'not a region' is no name of a region"
    assert "us-east-1 where it is set: --region, LABAPP_REGION" in caught.value.remedy


def test_a_secret_without_its_id_says_which_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    with pytest.raises(CredentialsError, match="AWS_ACCESS_KEY_ID is missing"), translated("ask"):
        raise boto.NoCredentialsError


@pytest.mark.parametrize("host", ["lab-machine", "10.0.0.7", "minio.example"])
def test_a_cloud_elsewhere_that_is_down_is_its_operators_to_start(host: str) -> None:
    with pytest.raises(UnreachableError) as caught, translated("send"):
        raise boto.EndpointConnectionError(endpoint_url=f"https://{host}:9000")
    assert f"the cloud at {host}:9000 does not answer" in caught.value.message
    assert "teacher" not in str(caught.value)
    assert "whoever runs that cloud" in caught.value.remedy


def test_a_host_that_no_name_service_knows_is_told_as_that() -> None:
    unknown = OSError("name resolution")
    unknown.__cause__ = socket.gaierror(-2, "Name or service not known")
    with pytest.raises(UnreachableError) as caught, translated("send"):
        raise boto.EndpointConnectionError(endpoint_url="http://lab.invalid:9", error=unknown)
    assert caught.value.message == "cannot send: no host of the name lab.invalid is found"
    assert "Check the address" in caught.value.remedy


def test_an_own_local_cloud_that_is_down_is_the_users_to_start() -> None:
    own_cloud("http://127.0.0.1:4998")
    with pytest.raises(UnreachableError) as caught, translated("send"):
        raise boto.ConnectTimeoutError(endpoint_url="http://127.0.0.1:4998/bucket")
    assert "the local cloud at 127.0.0.1:4998 does not answer" in caught.value.message
    assert caught.value.remedy == "Start it with 'python admin.py cloud start'."


def test_an_upload_to_a_shared_cloud_that_is_down_says_whose_it_is() -> None:
    failed = S3UploadFailedError("Failed to upload a to b: cannot connect")
    failed.__context__ = boto.EndpointConnectionError(endpoint_url="http://127.0.0.1:4999")
    with pytest.raises(UnreachableError) as caught, translated("upload"):
        raise failed
    assert "its teacher's to start" in caught.value.remedy


def test_an_upload_that_failed_without_a_cause_is_told_in_its_own_words() -> None:
    failed = S3UploadFailedError("Failed to upload a to b")
    with pytest.raises(UnreachableError, match="Failed to upload a to b"), translated("upload"):
        raise failed


def test_an_error_without_words_is_told_by_its_name() -> None:
    with pytest.raises(UnreachableError) as caught, translated("send"):
        raise HTTPError
    assert caught.value.message.endswith("(HTTPError)")
    assert (code_of(ClientError({}, "X")), status_of(ClientError({}, "X"))) == ("", 0)


def test_amazon_that_does_not_answer_is_nobodys_to_start() -> None:
    with pytest.raises(UnreachableError) as caught, translated("send"):
        raise boto.ReadTimeoutError(endpoint_url="https://sqs.eu-west-1.amazonaws.com/")
    assert "start" not in caught.value.remedy


def test_a_full_disk_of_the_local_cloud_is_told_as_that_with_its_folder() -> None:
    told = from_response(
        refusal(CODE, STATUS, "the disk of the local cloud is full: /d"), "store a"
    )
    assert type(told) is StorageError
    assert str(told).startswith(
        "cannot store a: the disk of the local cloud is full: /d. Make room there"
    )
    assert told.exit_code == 1


def test_a_local_cloud_that_wants_another_key_says_how_it_is_had_also_by_no_words() -> None:
    for code, text in (("403", "Forbidden"), ("AccessDenied", "the request is not signed")):
        answer: Any = {
            "Error": {"Code": code, "Message": text},
            "ResponseMetadata": {"HTTPHeaders": {"x-labapp-refused": "InvalidAccessKeyId"}},
        }
        found = from_response(ClientError(answer, "HeadBucket"), "find the bucket labapp")
        assert isinstance(found, CredentialsError)
        assert "cloud env" in found.message
        assert "aws configure" not in found.remedy
