"""The commands for the cloud."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from labapp.cloud import queues
from labapp.cloud.embedded import troubles
from labapp.cloud.endpoints import at
from labapp.cloud.session import Cloud, local_home
from labapp.programs.cloud import status
from tests.cloud.provision.test_protection import given
from tests.programs.conftest import Shown
from tests.support.commands import admin

Capture = pytest.CaptureFixture[str]


def test_cloud_up_makes_what_is_missing_and_then_nothing(
    bare_cloud: Cloud, capsys: Capture
) -> None:
    assert admin("queues") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "admin.py cloud up" in err
    assert queues.names(bare_cloud) == [], "nothing is made by accident"
    assert admin("cloud", "up") == 0
    first = capsys.readouterr().out.splitlines()
    assert f"bucket {bare_cloud.bucket_name}: made" in first
    assert "queue requestQueue: made" in first
    assert "dead-letter queue requestQueue-dlq: made" in first
    assert admin("cloud", "up") == 0
    assert not any(line.endswith(": made") for line in capsys.readouterr().out.splitlines())


def test_cloud_up_tells_of_rules_that_it_makes_and_changes(
    bare_cloud: Cloud, capsys: Capture
) -> None:
    assert admin("cloud", "up", "--dry-run") == 0
    assert "would make lifecycle logs/ expires after 30 days" in capsys.readouterr().out
    assert admin("cloud", "up") == 0
    assert "lifecycle logs/ expires after 30 days: made\n" in capsys.readouterr().out
    week = ("cloud", "up", "--keep-days", "7")
    assert admin(*week, "--dry-run") == 0
    assert "would change lifecycle logs/ expires after 7 days" in capsys.readouterr().out
    assert admin(*week, "--json") == 0
    found = {row["name"]: row["state"] for row in json.loads(capsys.readouterr().out)}
    assert found["logs/ expires after 7 days"] == "changed"
    assert found["old versions end after 7 days"] == "there already"


def test_cloud_status_tells_what_is_missing(bare_cloud: Cloud, capsys: Capture) -> None:
    for words in (["cloud"], ["cloud", "status"]):
        assert admin(*words, "--json") == 0
        status = json.loads(capsys.readouterr().out)
        assert (status["cloud"], status["region"]) == ("aws", "us-east-1")
        assert status["bucket"] == bare_cloud.bucket_name
        assert "requestQueue" in status["missing"]


def test_cloud_status_tells_of_a_bucket_that_lets_nobody_in_the_way_it_is_asked(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    assert given(cloud, "TLS only")
    monkeypatch.setattr(cloud, "place", replace(cloud.place, endpoints=at("http://minio.example")))
    monkeypatch.setattr(status, "Cloud", lambda *_, **__: cloud)
    assert admin("cloud", "status", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["endpoint"] == found["s3_endpoint"] == "http://minio.example"
    assert "DenyWithoutTLS" in found["trouble"]
    assert admin("cloud", "status") == 0
    told = capsys.readouterr().out
    assert "endpoint\thttp://minio.example" in told
    assert "SQS at" not in told, "where both are the same, it is said once"
    assert "an address of https" in told


def test_a_stopped_cloud_has_every_field_too(capsys: Capture) -> None:
    assert admin("cloud", "status", "--json") == 0
    status = json.loads(capsys.readouterr().out)
    known = {name: value for name, value in status.items() if value is not None}
    assert set(known) == {"cloud", "state", "folder", "workers", "shared"}
    unknown = {"region", "endpoint", "s3_endpoint", "sqs_endpoint", "bucket", "missing", "pid"}
    assert set(status) - set(known) == unknown | {"awaited", "trouble"}
    assert (status["state"], status["workers"], status["shared"]) == ("stopped", 0, False)


def test_cloud_status_tells_what_could_not_be_read(capsys: Capture) -> None:
    troubles.note_left_out(local_home(), [Path("a")])
    (local_home() / "state" / "journal.damaged-1").touch()
    assert admin("cloud", "status", "--json") == 0
    trouble = json.loads(capsys.readouterr().out)["trouble"]
    assert "some changes of the queues could not be read" in trouble
    assert "; an object could not be read and is left out: a" in trouble
    assert admin("cloud", "status") == 0
    assert trouble in capsys.readouterr().out


def test_cloud_status_is_told_in_words(cloud: Cloud, shown: Shown, capsys: Capture) -> None:
    assert admin("cloud", "status") == 0
    piped = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert ["missing", "nothing"] in piped
    lines = shown("admin.py cloud status")
    assert [line.split() for line in lines] == piped
    assert ["bucket", cloud.bucket_name] in piped


@pytest.mark.usefixtures("bare_cloud")
@pytest.mark.parametrize("words", [["start"], ["stop"], ["reset", "--yes"]])
def test_what_is_for_the_local_cloud_only_leaves_aws_alone(
    capsys: Capture, words: list[str]
) -> None:
    assert admin("cloud", *words) == 2
    assert "--cloud local" in capsys.readouterr().err


def test_reset_needs_yes_where_nobody_can_be_asked(capsys: Capture) -> None:
    assert admin("cloud", "reset") == 2
    assert "--yes" in capsys.readouterr().err


def test_stopping_a_local_cloud_that_does_not_run_says_so(capsys: Capture) -> None:
    assert admin("cloud", "stop") == 0
    assert capsys.readouterr().out == "the local cloud was not running\n"
