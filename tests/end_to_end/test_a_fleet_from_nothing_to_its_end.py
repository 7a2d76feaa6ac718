"""A fleet is made, answers, is changed, taken back, parked, woken and removed; the bucket stays.

The account is MiniStack's, whose instances do nothing: the worker that answers is the test's.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.fleet import artifact, group, stack
from labapp.cloud.queues import names
from labapp.cloud.session import Cloud
from tests.support.commands import admin
from tests.support.fleet_aws import aws, fleet_aws, zipped
from tests.support.worker_thread import at_work

Capture = pytest.CaptureFixture[str]

__all__ = ["aws", "fleet_aws"]

ANSWER = "minimum is 1 maximum is 55 average is 18 median is 8 sum is 72"


class Deploy:
    """Runs `deploy` with --json, and compares what changes with its dry run before."""

    def __init__(self, capsys: Capture) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> Any:
        self._capsys.readouterr()
        assert admin("deploy", *words, "--json") == 0
        return json.loads(self._capsys.readouterr().out)

    def both(self, *words: str) -> Any:
        dry = self(*words, "--dry-run")
        done = self(*words)
        same = {name for name in done if name not in ("worker", "answer", "seconds")}
        assert dry["state"] == f"would be {done['state']}"
        assert [dry[name] for name in same - {"state"}] == [done[name] for name in same - {"state"}]
        return done


def test_a_fleet_from_nothing_to_its_end(
    fleet_aws: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    deploy, bucket = Deploy(capsys), Bucket(fleet_aws)
    first, second = artifact.build(), zipped(b"another")
    assert deploy()["status"] is None
    with at_work(fleet_aws, monkeypatch, ""):
        bucket.put("images/a-picture.png", b"precious", "image/png")
        made = deploy.both("up", "--yes")
        assert {one["action"] for one in made["changes"]} == {"add"}
        assert made["state"] == "made"
        assert made["answer"] == ANSWER
        seen = deploy()
        assert (seen["status"], seen["min"], seen["max"]) == ("CREATE_COMPLETE", 1, 3)
        assert seen["this_checkout"]
        assert [one["state"] for one in seen["instances"]] == ["InService"]
        assert deploy("up", "--yes")["state"] == "already there"

        monkeypatch.setattr(artifact, "build", lambda **_: second)
        changed = deploy.both("up", "--max", "5", "--yes")
        assert changed["code"] == second.key
        assert changed["answer"] == ANSWER
        seen = deploy()
        assert (seen["status"], seen["max"], seen["code"]) == ("UPDATE_COMPLETE", 5, second.key)

        back = deploy.both("rollback", "--yes")
        assert (back["state"], back["code"], back["answer"]) == ("rolled back", first.key, ANSWER)
        assert deploy()["max"] == 5

    assert deploy.both("park")["state"] == "parked"
    parked = deploy()
    assert (parked["parked"], parked["instances"], parked["max"]) == (True, [], 5)
    assert deploy.both("wake") == {"stack": "labapp", "state": "woken", "instances": 1}
    now = group.describe(fleet_aws)
    assert now is not None
    assert now.sizes == group.Sizes(1, 5, 1)

    assert deploy.both("down", "--yes")["state"] == "removed"
    assert stack.describe(fleet_aws) is None
    assert bucket.get("images/a-picture.png", 100).body == b"precious"
    assert "requestQueue" in names(fleet_aws)

    named = ("--bucket-name", fleet_aws.bucket_name)
    gone = deploy.both("down", "--with-data", "--yes", *named)
    assert gone["bucket"] == fleet_aws.bucket_name
    assert names(fleet_aws) == []
    assert fleet_aws.s3.list_buckets()["Buckets"] == []
