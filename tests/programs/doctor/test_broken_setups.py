"""Five clouds that are broken in ways that people meet: the doctor names each, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from labapp.cloud import new_queues, provision
from labapp.cloud.session import Cloud
from labapp.jobs import kinds
from labapp.settings import Settings
from tests.programs.doctor.conftest import held
from tests.programs.doctor.test_commands import doctor
from tests.support import broken_clouds

Capture = pytest.CaptureFixture[str]

TWO_HOURS = 7380.0


def test_a_wrong_clock_is_told_with_by_how_much(well: Cloud, capsys: Capture) -> None:
    with broken_clouds.wrong_clock(well, TWO_HOURS):
        found = doctor(capsys, code=1)
    clock = found["clock"]
    assert (clock["state"], clock["found"]) == ("broken", "2 h 3 min behind")
    assert "labapp signs with AWS's time instead" in clock["meaning"]
    assert "Set this machine's clock" in clock["remedy"]
    others = {one["check"]: one["state"] for one in found.values() if one["check"] != "clock"}
    assert set(others.values()) <= {"holds", "note"}


def test_what_may_not_be_deleted_is_named_with_its_action(well: Cloud, capsys: Capture) -> None:
    with broken_clouds.denying(well, "sqs:DeleteMessage", "s3:DeleteObject"):
        worker = doctor(capsys, "server.py", code=1)
        admin = doctor(capsys, "admin.py", code=1)
    for found in (worker, admin):
        deleting = next(one for name, one in found.items() if "sqs:DeleteMessage" in name)
        assert deleting["state"] == "broken"
        assert "it comes again" in deleting["meaning"]
        assert "sqs:DeleteMessage" in deleting["remedy"]
    objects = next(one for name, one in admin.items() if "s3:DeleteObject" in name)
    assert objects["state"] == "broken"


def test_a_lab_session_that_ended_is_told_once_and_what_needs_it_is_not_tried(
    well: Cloud, capsys: Capture
) -> None:
    with broken_clouds.ended_session(well):
        found = doctor(capsys, code=1)
    assert found["identity"]["state"] == "holds", "STS still answers"
    session = found["session"]
    assert session["state"] == "broken"
    assert "the lab session is over" in session["found"]
    assert "Start the lab again" in session["remedy"]
    assert found["bucket"]["found"] == "not tried, see 'session'"
    assert sum(one["state"] == "broken" for one in found.values()) == 1


def test_a_store_that_ignores_conditions_is_told(well: Cloud, capsys: Capture) -> None:
    before = held(well)
    with broken_clouds.without_conditions(well):
        found = doctor(capsys, code=1)
    conditions = found["conditional writes"]
    assert conditions["state"] == "broken"
    assert "ignored" in conditions["found"]
    assert "none is lost" in conditions["meaning"]
    assert held(well) == before


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give a lab in us-east-1 to who has another region in force."""
    monkeypatch.setenv("LABAPP_CLOUD", "aws")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with mock_aws():
        for bucket in ("hot-dogs", ""):
            there = Cloud(Settings(cloud="aws", region="us-east-1", bucket=bucket))
            for name in kinds.queue_names(there.settings):
                new_queues.make(there, name)
            provision.make_bucket(there)
        yield


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("named", ["hot-dogs", ""])
def test_a_wrong_region_is_told_with_the_one_that_the_lab_is_in(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture, named: str
) -> None:
    monkeypatch.setenv("LABAPP_BUCKET", named)
    found = doctor(capsys, code=1)
    assert found["region"]["state"] == "holds", "there is one of this name"
    where = found["region of the lab"]
    assert where["state"] == "broken"
    assert where["found"].startswith("the region in force is eu-west-1, and ")
    assert where["found"].endswith("in us-east-1")
    assert "--region us-east-1" in where["remedy"]
    queue = found["queue requestQueue"]
    assert (queue["state"], queue["found"]) == ("broken", "requestQueue is not there")
    assert queue["remedy"] == "It may be in us-east-1: see 'region of the lab'."
    assert found["a drop arrives"]["found"].startswith("not tried, see ")
