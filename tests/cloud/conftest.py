"""Keys of an account, for clients that sign; and a store that is not Amazon's."""

from __future__ import annotations

import pytest

from labapp.cloud.session import Cloud
from tests.support import odd_stores


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have requests signed with keys that are nobody's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


@pytest.fixture
def odd(bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Give a cloud whose endpoints may lack what Amazon's have."""
    return odd_stores.odd_cloud(monkeypatch)
