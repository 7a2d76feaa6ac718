"""How an instance came up, and what its worker says."""

from __future__ import annotations

from typing import Any, cast

import pytest

from labapp.cloud import session
from labapp.cloud.bucket import Bucket
from labapp.cloud.fleet import boot_logs
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, MissingResourceError
from tests.cloud.fleet import scripted
from tests.support.aws_answers import refusal

SENT = {"Command": {"CommandId": "c-1"}}
UNKNOWN = refusal("InvocationDoesNotExist", 400, "", "GetCommandInvocation")


def test_no_boot_has_failed_at_first(bare_bucket: Bucket) -> None:
    assert boot_logs.keys(bare_bucket.cloud) == ()
    with pytest.raises(MissingResourceError, match="no boot has failed") as caught:
        boot_logs.read(bare_bucket.cloud)
    assert "deploy status" in caught.value.remedy


def test_the_newest_boot_that_failed_is_shown_first(bare_bucket: Bucket) -> None:
    cloud = bare_bucket.cloud
    for name in ("i-1", "i-2"):
        bare_bucket.put(f"deploy/boot/{name}.log", b"+ dnf install\nboom \xff", "text/plain")
    assert len(boot_logs.keys(cloud)) == 2
    found = boot_logs.read(cloud)
    assert found.instance in ("i-1", "i-2")
    assert found.source == f"deploy/boot/{found.instance}.log"
    named = boot_logs.read(cloud, "i-1")
    assert named.instance == "i-1"
    assert named.text == "+ dnf install\nboom \N{REPLACEMENT CHARACTER}"


def account(*told: Any, send: Any = SENT) -> Cloud:
    found = scripted.Cloud(ssm={"send_command": [send], "get_command_invocation": list(told)})
    return cast("session.Cloud", found)


def read(cloud: Cloud) -> boot_logs.Log:
    return boot_logs.journal(cloud, "i-1", sleep=lambda _: None)


def test_a_worker_that_runs_is_asked_for_its_journal() -> None:
    done = {"Status": "Success", "StandardOutputContent": "worker started\n"}
    cloud = account(UNKNOWN, {"Status": "InProgress"}, done)
    assert read(cloud) == boot_logs.Log("i-1", "journal", "worker started\n")
    asked = cloud.client("ssm").calls[0][1]
    assert asked["DocumentName"] == "AWS-RunShellScript"
    assert asked["Parameters"]["commands"] == ["journalctl -u labapp -n 200 --no-pager"]


def test_an_instance_without_a_log_in_the_bucket_is_asked(
    bare_bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = boot_logs.Log("i-9", "journal", "x")
    monkeypatch.setattr(boot_logs, "journal", lambda *_, **__: told)
    assert boot_logs.read(bare_bucket.cloud, "i-9") == told


@pytest.mark.parametrize(
    ("cloud", "says"),
    [
        (account(send=refusal("InvalidInstanceId", 400, "", "SendCommand")), "does not answer to"),
        (account({"Status": "InProgress"}), "has not answered in 30 seconds"),
        (account({"Status": "Failed", "StandardErrorContent": "no unit\n"}), "no unit"),
        (account({"Status": "TimedOut", "StatusDetails": "DeliveryTimedOut"}), "DeliveryTimedOut"),
        (account(send=refusal("AccessDeniedException", 400, "no", "SendCommand")), "AccessDenied"),
    ],
)
def test_what_keeps_it_from_answering_is_told(cloud: Cloud, says: str) -> None:
    with pytest.raises(CloudError, match=says) as caught:
        read(cloud)
    assert caught.value.remedy
