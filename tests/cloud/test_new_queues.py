"""How queues are read back: strictly where Amazon has them, by whatever address that is."""

from __future__ import annotations

import pytest

from labapp.cloud import new_queues
from labapp.cloud.session import Cloud
from labapp.settings import Settings

VPC = "https://vpce-1.sqs.us-east-1.vpce.amazonaws.com"
STORE = "https://store.example"


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("variable", "url", "may_lack"),
    [
        ("AWS_ENDPOINT_URL_SQS", VPC, False),
        ("AWS_ENDPOINT_URL_S3", STORE, False),
        ("AWS_ENDPOINT_URL_SQS", STORE, True),
    ],
)
def test_only_services_that_are_not_amazons_may_lack_an_attribute(
    variable: str, url: str, may_lack: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, url)
    cloud = Cloud(Settings(cloud="aws", region="us-east-1", bucket="lab"))
    assert new_queues._is_kept(cloud, "SqsManagedSseEnabled", "", "true") is may_lack
    assert new_queues._is_kept(cloud, "SqsManagedSseEnabled", "true", "true")
