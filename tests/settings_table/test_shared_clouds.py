"""Whose a cloud is: Amazon's, this machine's own, or another's that is shared."""

from __future__ import annotations

import pytest

from labapp.settings_table import Settings, is_amazons


@pytest.mark.parametrize(
    ("cloud", "endpoint", "shared"),
    [
        ("aws", "", ""),
        ("aws", "https://sqs.eu-central-1.amazonaws.com", ""),
        ("aws", "https://S3.cn-north-1.amazonaws.com.cn/x", ""),
        ("aws", "https://sqs.eu-west-1.api.aws", ""),
        ("aws", "http://127.0.0.1:4566", "127.0.0.1:4566"),
        ("aws", "http://lab-machine:4566/", "lab-machine:4566"),
        ("aws", "https://amazonaws.com.example", "amazonaws.com.example"),
        ("aws", "http://[", ""),
        ("local", "", ""),
    ],
)
def test_a_cloud_is_shared_where_it_is_neither_amazons_nor_our_own(
    cloud: str, endpoint: str, shared: str
) -> None:
    assert Settings(cloud=cloud, endpoint_url=endpoint).shared_at == shared


def test_a_name_that_only_looks_like_amazons_is_not() -> None:
    assert is_amazons("sqs.us-east-1.amazonaws.com")
    assert not is_amazons("notamazonaws.com")
