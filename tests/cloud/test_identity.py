"""Who we are to the cloud, of which kind, from where and until when."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import boto3
import pytest
from botocore.credentials import DeferredRefreshableCredentials, RefreshableCredentials

from labapp.cloud import identity
from labapp.cloud.credential_errors import Source
from labapp.errors import CredentialsError
from tests.support.refusing_aws import LAB, RefusingAws, denied, lab_session


def test_even_a_lab_session_that_is_over_is_told() -> None:
    aws = RefusingAws()
    aws.refuse = lambda one: None if one.service == "sts" else denied("it")
    with lab_session(aws) as cloud:
        found = identity.identity(cloud)
    assert (found.account, found.arn, found.is_lab) == ("123456789012", LAB, True)
    source = cloud.credential_source
    assert (source.method, source.is_temporary) == ("env", True)
    assert identity.place_of(source) == "environment"


def test_a_profile_in_the_credentials_file_is_named_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".aws" / "credentials"
    file.parent.mkdir()
    file.write_text("[lab]\naws_access_key_id = AKIA1\naws_secret_access_key = s\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("HOME", str(tmp_path))
    found = identity.source_of(boto3.Session(profile_name="lab"))
    assert (found.method, found.profile) == ("shared-credentials-file", "lab")
    assert identity.place_of(found) == "credentials file [lab]"
    assert Path(found.file).expanduser() == file
    assert (found.key, found.has_token, found.is_temporary) == ("AKIA1", False, False)


def test_where_there_are_none_nothing_is_said_of_them() -> None:
    assert identity.source_of(boto3.Session()) == Source(profile="default")


def test_credentials_are_looked_for_where_amazons_tools_have_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    assert identity.credential_files() == [
        tmp_path / ".aws" / "credentials", tmp_path / ".aws" / "config",
    ]  # fmt: skip
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/lab/keys")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/lab/config")
    assert identity.credential_files() == [Path("/lab/keys"), Path("/lab/config")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_ACCESS_KEY_ID", "AKIA1\r"),
        ("AWS_SECRET_ACCESS_KEY", "hid den"),
        ("AWS_SESSION_TOKEN", "hidden\n"),
    ],
)
def test_what_no_header_may_hold_is_told_without_being_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
    for one, text in (given | {name: value}).items():
        monkeypatch.setenv(one, text)
    with pytest.raises(CredentialsError, match="line breaks") as caught:
        identity.load(boto3.Session())
    assert value.strip() not in str(caught.value)


def _same(found: object) -> object:
    return found


@pytest.mark.parametrize("part", ["access_key", "secret_key", "token"])
def test_the_same_of_those_that_renew_themselves_at_first_and_when_renewed(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = {"access_key": "k", "secret_key": "s", "token": "t", "expiry_time": "2020-01-01T00:00Z"}
    session, make = boto3.Session(), RefreshableCredentials.create_from_metadata
    for first, renewed in ((good | {part: "hidden\n"}, good), (good, good | {part: "hidden\n"})):
        found = make(first, partial(dict, renewed), "iam-role")
        monkeypatch.setattr(session, "get_credentials", partial(_same, found))
        with pytest.raises(CredentialsError, match="line breaks") as caught:
            identity.load(session).get_frozen_credentials()
        assert "hidden" not in str(caught.value)


def test_credentials_within_their_own_renewal_are_not_asked_to_renew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Botocore takes a role under a lock: whoever asked for its key there would wait for ever."""

    def renew() -> dict[str, str]:
        raise AssertionError("it would wait for itself")

    found = DeferredRefreshableCredentials(renew, "assume-role")
    session = boto3.Session()
    monkeypatch.setattr(session, "get_credentials", lambda: found)
    source = identity.source_of(session)
    assert (source.method, source.key, source.has_token) == ("assume-role", "", False)
