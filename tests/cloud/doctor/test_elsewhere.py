"""What the doctor tells of stores that are not Amazon's, and of proxies with passwords."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.cloud.credential_probe import CredentialProbe
from labapp.cloud.doctor.credentials import look_whose
from labapp.cloud.doctor.endpoints import look_at_the_proxy
from labapp.cloud.doctor.patient import Patient
from labapp.cloud.session import Cloud
from labapp.errors import CloudError
from labapp.settings import Settings


@pytest.fixture
def elsewhere(keys: None, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """S3 and SQS at one store of somebody's, each by its own variable; nobody named an STS."""
    for service in ("S3", "SQS"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", "http://store.example:9000")
    settings, lab = Settings(cloud="aws", region="us-east-1", bucket="lab"), Any
    return Patient(settings, lab, lambda: Cloud(settings))  # type: ignore[arg-type]


def test_amazon_is_not_asked_whose_the_keys_of_another_store_are(elsewhere: Patient) -> None:
    with pytest.raises(CloudError, match="no STS is set to ask whose credentials these are"):
        _ = elsewhere.cloud.sts
    assert CredentialProbe(elsewhere.cloud)._arn() == ""
    (found,) = look_whose(elsewhere)
    assert (found.state, found.found[:13]) == ("note", "no STS is set")


@pytest.mark.parametrize("begin", ["", "http://"])
def test_no_password_of_a_proxy_is_shown(
    elsewhere: Patient, begin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"{begin}anna:pa@ss@proxy.example:3128")
    (found,) = look_at_the_proxy(elsewhere)
    assert "proxy.example:3128" in found.found
    assert not any(word in found.found for word in ("anna", "pa@", "ss@"))
