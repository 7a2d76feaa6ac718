"""The live page's keys: what they do depends on whether a job is followed."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.cloud.session import Cloud
from labapp.programs.live.page import Live
from tests.programs.live.labs import job_id


def test_the_followed_job_can_be_traced(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    traced: list[Any] = []
    monkeypatch.setattr("labapp.programs.live.page.trace", lambda *asked: traced.append(asked[1:]))
    live = Live(cloud)
    assert [key.letter for key in Live.keys(live)] == ["f", "p"]

    live.follow(job_id(7))
    found = {key.letter: key for key in Live.keys(live)}
    found["t"].act(None)

    assert traced == [("of_job", job_id(7))]
