"""Keys of an account, for clients that sign."""

from __future__ import annotations

import pytest


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have requests signed with keys that are nobody's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
