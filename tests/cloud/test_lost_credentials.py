"""What botocore says of credentials that it cannot find or renew, in sentences that help."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from botocore import exceptions as boto
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ClientError

from labapp import utc
from labapp.cloud import identity, lost_credentials
from labapp.cloud.aws_errors import from_response, translated
from labapp.errors import (
    ClockError,
    CloudError,
    CredentialsError,
    ForbiddenError,
    SessionEndedError,
)


@pytest.mark.parametrize(
    ("raised", "kind", "says", "remedy"),
    [
        (boto.NoCredentialsError(), CredentialsError, "there are no credentials", "AWS CLI"),
        (boto.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
         CredentialsError, "AWS_SECRET_ACCESS_KEY is missing", "in the environment"),
        (boto.PartialCredentialsError(
            provider="shared-credentials-file", cred_var="aws_secret_access_key"
         ), CredentialsError, "aws_secret_access_key is missing", "in the credentials file"),
        (boto.ConfigParseError(path="/home/ana/.aws/credentials"), CredentialsError,
         "/home/ana/.aws/credentials is not in the form", "a line such as [default]"),
        (boto.ProfileNotFound(profile="lab"), CredentialsError, "no profile 'lab'",
         "list-profiles"),
        (boto.UnauthorizedSSOTokenError(), SessionEndedError, "sign-in has ended", "aws sso login"),
        (boto.SSOTokenLoadError(error_msg="x"), SessionEndedError, "sign-in", "sso login"),
        (boto.TokenRetrievalError(provider="sso", error_msg="expired"), SessionEndedError,
         "sign-in has ended", "aws sso login"),
        (boto.LoginRefreshRequired(), SessionEndedError, "sign-in has ended", "aws login"),
        (boto.CredentialRetrievalError(provider="custom-process", error_msg="exit 1"),
         CredentialsError, "exit 1", "credential_process"),
        (boto.CredentialRetrievalError(provider="iam-role", error_msg="no key"),
         CredentialsError, "no key", "metadata service"),
        (boto.MetadataRetrievalError(error_msg="no route"), CredentialsError, "no route",
         "metadata service"),
        (boto.RefreshWithMFAUnsupportedError(), SessionEndedError, "wants a code", "MFA"),
        (boto.InvalidConfigError(error_msg="The source_profile is missing"), CredentialsError,
         "source_profile", "AWS files"),
        (RuntimeError("Credentials were refreshed, but the refreshed credentials are still"
         " expired."), SessionEndedError, "expired all the same", "clock"),
    ],
)  # fmt: skip
def test_each_has_its_sentence_and_its_remedy(
    raised: Exception, kind: type[CloudError], says: str, remedy: str
) -> None:
    with pytest.raises(CredentialsError) as caught, translated("send"):
        raise raised
    assert type(caught.value) is kind
    assert caught.value.message.startswith("cannot send: ")
    assert says in caught.value.message
    assert remedy in caught.value.remedy


def test_another_fault_of_a_program_is_not_taken_for_it() -> None:
    with pytest.raises(RuntimeError, match="else"), translated("send"):
        raise RuntimeError("something else")


def _error(code: str, text: str, operation: str = "SendMessage", date: str = "") -> CloudError:
    answer = {
        "Error": {"Code": code, "Message": text},
        "ResponseMetadata": {"HTTPStatusCode": 403, "HTTPHeaders": {"date": date}},
    }
    return from_response(ClientError(answer, operation), "send")  # type: ignore[arg-type]


def test_a_role_that_is_not_given_is_no_lack_of_one_right() -> None:
    error = _error("AccessDenied", "User: x is not authorized to perform: sts:AssumeRole",
                   "AssumeRole")  # fmt: skip
    assert isinstance(error, CredentialsError)
    assert not isinstance(error, ForbiddenError)
    assert "role is not given" in error.message
    assert "sts:AssumeRole" in error.message


def test_a_clock_is_told_with_how_far_it_is_off() -> None:
    error = _error("RequestTimeTooSkewed", "x", date="Wed, 01 Jan 2020 00:00:00 GMT")
    assert type(error) is ClockError
    assert re.search(r"clock is \d+ d (\d+ h )?ahead", error.message)
    assert "Set the clock" in error.remedy
    assert "wrong" in _error("RequestTimeTooSkewed", "x").message


@pytest.mark.parametrize(
    "line", ["credential_process = /nowhere/at-all", "credential_process = echo hello"]
)
def test_a_process_that_gives_no_credentials_is_told_as_that(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text(f"[profile lab]\n{line}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    with pytest.raises(CredentialsError, match="source of the credentials fails") as caught:
        identity.load(boto3.Session(profile_name="lab"))
    assert "credential_process" in caught.value.remedy


def test_credentials_that_renew_themselves_go_by_the_right_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A clock two hours ahead finds an hour's credentials expired the moment they come."""
    utc.correct(-7200.0)
    present = utc.now()
    coming = {
        "access_key": "ASIA1", "secret_key": "s", "token": "t",
        "expiry_time": utc.format_time(present.replace(microsecond=0) + timedelta(hours=1)),
    }  # fmt: skip
    found = RefreshableCredentials.create_from_metadata(coming, lambda: coming, "assume-role")
    session = boto3.Session()
    monkeypatch.setattr(session, "get_credentials", lambda: found)
    try:
        assert identity.load(session).get_frozen_credentials().token == "t"
    finally:
        utc.correct(0.0)
    assert identity.expiry(found) is not None


def test_who_finds_none_is_told_how_to_get_some(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CredentialsError, match="there are no credentials"):
        identity.require_credentials(boto3.Session())
    assert lost_credentials.STILL_EXPIRED in (
        "Credentials were refreshed, but the refreshed credentials are still expired."
    )
