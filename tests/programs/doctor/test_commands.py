"""The doctor as it is asked at the prompt: on a cloud that is well, and on ones that are not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labapp.cloud import lifecycle
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.jobs import lab
from tests.programs.conftest import Shown
from tests.programs.doctor.conftest import held
from tests.support import broken_clouds
from tests.support.commands import admin, document, run

Capture = pytest.CaptureFixture[str]
PROGRAMS = ("client.py", "admin.py", "server.py")


def doctor(capsys: Capture, program: str = "admin.py", code: int = 0) -> dict[str, Any]:
    """Return what the doctor finds, by check; of several findings of one, the worst."""
    found = document(capsys, program, "doctor", code=code)
    order = ("holds", "note", "cannot tell", "broken")
    findings = sorted(found["findings"], key=lambda one: order.index(one["state"]))
    return {one["check"]: one for one in findings}


@pytest.mark.parametrize("program", PROGRAMS)
def test_all_holds_on_an_account_that_is_set_up(well: Cloud, capsys: Capture, program: str) -> None:
    before = held(well)
    found = doctor(capsys, program)
    assert {one["state"] for one in found.values()} <= {"holds", "note"}
    assert held(well) == before


def test_without_credentials_what_needs_them_is_not_tried(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABAPP_CLOUD", "aws")
    found = doctor(capsys, "client.py", code=1)
    assert found["credentials"]["state"] == "broken"
    assert found["Python"]["state"] == "holds"
    later = [one["found"] for one in found.values() if one["state"] == "cannot tell"]
    assert len(later) > 10
    assert set(later) == {"not tried, see 'credentials'"}


def test_a_queue_without_redrive_and_a_queue_that_is_gone_are_told(
    well: Cloud, capsys: Capture
) -> None:
    none: Any = {"RedrivePolicy": "", "MessageRetentionPeriod": "60"}
    well.sqs.set_queue_attributes(QueueUrl=Queue(well, "requestQueue").url, Attributes=none)
    well.sqs.delete_queue(QueueUrl=Queue(well, "responseQueue").url)
    well.sqs.delete_queue(QueueUrl=Queue(well, "imageInbox-dlq").url)
    found = doctor(capsys, "server.py", code=1)
    redrive = found["redrive requestQueue"]
    assert (redrive["state"], redrive["found"]) == ("broken", "it has no redrive policy")
    assert "deadLetterTargetArn" in redrive["remedy"]
    kept = found["queue requestQueue"]
    assert (kept["state"], kept["found"]) == ("note", "messages are kept for 1 min only")
    gone = found["queue responseQueue"]
    assert (gone["state"], gone["found"]) == ("broken", "responseQueue is not there")
    assert "cloud up" in gone["remedy"]
    assert "which is not there" in found["redrive imageInbox"]["found"]


def test_a_bucket_that_is_missing_keeps_only_what_needs_it_from_being_tried(
    well: Cloud, capsys: Capture
) -> None:
    well.s3.delete_bucket(Bucket=well.bucket_name)
    found = doctor(capsys, code=1)
    assert found["bucket"]["state"] == "broken"
    assert "cloud up" in found["bucket"]["remedy"]
    assert found["conditional writes"]["found"] == "not tried, see 'bucket'"
    assert found["queue requestQueue"]["state"] == "holds"


def test_rules_by_another_keep_days_are_a_note_that_tells_both(
    well: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [rule.get("Expiration", {}) for rule in _with_keep_days(well, 7)]
    assert {"Days": 7} in found
    one = doctor(capsys, "client.py")["bucket: lifecycle"]
    assert one["state"] == "note"
    assert one["found"].startswith("inbox/ expires after 7 days; outbox/ expires after 7 days;")
    assert one["meaning"].endswith("with another keep_days than here, where it is 30")
    _with_keep_days(well, 0)
    one = doctor(capsys)["bucket: lifecycle"]
    assert (one["state"], one["found"][:20]) == ("note", "inbox/ never expires")
    monkeypatch.setenv("LABAPP_KEEP_DAYS", "0")
    assert doctor(capsys)["bucket: lifecycle"]["state"] == "holds"


def _with_keep_days(cloud: Cloud, days: int) -> list[Any]:
    lifecycle.keep(cloud, lab.lifecycle_rules(replace(cloud.settings, keep_days=days)))
    found: Any = cloud.s3.get_bucket_lifecycle_configuration(Bucket=cloud.bucket_name)
    return list(found["Rules"])


def test_a_bucket_that_never_had_versions_needs_no_rules_for_old_ones(
    well: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = Cloud(replace(well.settings, bucket="plain"))
    named.s3.create_bucket(Bucket="plain")
    rules = [one for one in lab.lifecycle_rules(named.settings) if not one.is_for_versions]
    lifecycle.keep(named, rules)
    monkeypatch.setenv("LABAPP_BUCKET", "plain")
    one = doctor(capsys, code=1)["bucket: lifecycle"]
    assert (one["state"], "old versions" in one["found"]) == ("holds", False)
    state: Any = {"Status": "Enabled"}
    named.s3.put_bucket_versioning(Bucket="plain", VersioningConfiguration=state)
    one = doctor(capsys, code=1)["bucket: lifecycle"]
    assert (one["state"], "old versions" in one["found"]) == ("broken", True)


def test_nothing_is_left_behind_where_a_check_fails_half_way(well: Cloud, capsys: Capture) -> None:
    before = held(well)
    refused = ("s3:HeadObject", "s3:AbortMultipartUpload", "s3:ListBucketVersions")
    for program, action in zip(PROGRAMS, refused, strict=True):
        with broken_clouds.denying(well, action):
            run(program, "doctor")
    capsys.readouterr()
    assert held(well) == before


def test_jobs_that_wait_are_not_touched(well: Cloud, capsys: Capture) -> None:
    for name in ("requestQueue", "imageInbox", "requestQueue-dlq"):
        Queue(well, name).send(Outgoing("1,2"))
    doctor(capsys)
    for name in ("requestQueue", "requestQueue-dlq"):
        (message,) = Queue(well, name).receive()
        assert message.receives == 1, "by us, just now"
    assert {one.receives for one in Queue(well, "imageInbox").receive()} == {1}


def test_the_output_has_no_secret_in_it(
    well: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "Tok/en+" * 30)
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    for name, secret in zip(names, secrets, strict=True):
        monkeypatch.setenv(name, secret)
    monkeypatch.setenv("HTTPS_PROXY", "http://anna:pass@127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "*")
    admin("doctor")
    out, err = capsys.readouterr()
    assert "environment, key AKIAIO...LE, temporary" in out
    assert "HTTPS_PROXY=http://...@127.0.0.1:1" in out
    assert not [secret for secret in (*secrets, "anna:pass") if secret in out + err]


@pytest.mark.usefixtures("well")
def test_people_read_a_line_each_with_a_sign_and_what_helps(shown: Shown) -> None:
    lines = shown("admin.py doctor", columns=40)
    assert all(len(line) <= 40 for line in lines)
    assert any(line.startswith("✓ bucket") for line in lines)
    at = next(place for place, line in enumerate(lines) if line.startswith("! workers"))
    below = " ".join(" ".join(lines[at:]).split())
    assert below.startswith("! workers note: none is at work jobs wait until one is ")
    assert below[: below.index("✓")].endswith(" Start one: python server.py ")


def test_the_last_line_says_how_many_do_not_hold(well: Cloud, capsys: Capture) -> None:
    well.sqs.delete_queue(QueueUrl=Queue(well, "responseQueue").url)
    assert admin("doctor") == 1
    out, err = capsys.readouterr()
    assert err.startswith("1 of ")
    assert "does not hold, broken: queue responseQueue; " in err
    row = next(line for line in out.splitlines() if "\tqueue responseQueue\t" in line)
    assert row.split("\t")[:3] == ["broken", "queue responseQueue", "responseQueue is not there"]
