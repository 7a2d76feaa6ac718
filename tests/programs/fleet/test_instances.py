"""What one instance says, and a shell on it."""

from __future__ import annotations

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.programs.fleet import proof
from tests.support.commands import admin, document

Capture = pytest.CaptureFixture[str]


def test_logs_and_a_shell(
    fleet_aws: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(proof, "wait_for_worker", lambda *_: "ip-10-0-0-1-7")
    monkeypatch.setattr(proof, "answer", lambda *_: "minimum is 1")
    assert admin("deploy", "up", "--yes") == 0
    Bucket(fleet_aws).put("deploy/boot/i-0f.log", b"+ pip install\nno space left\n", "text/plain")
    capsys.readouterr()
    assert admin("deploy", "logs") == 0
    out, err = capsys.readouterr()
    assert out == "+ pip install\nno space left\n"
    assert err == "i-0f, deploy/boot/i-0f.log:\n"
    (one,) = document(capsys, "admin.py", "deploy", "logs", "i-0f")
    assert (one["instance"], one["source"]) == ("i-0f", "deploy/boot/i-0f.log")
    assert admin("deploy") == 0
    assert "1 boot failed: 'deploy logs' shows the last one's log" in capsys.readouterr().out
    (instance,) = document(capsys, "admin.py", "deploy")["instances"]
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert admin("deploy", "shell") == 0
    out, err = capsys.readouterr()
    assert f"session-manager/{instance['id']}" in out
    assert "this machine has no aws and no session-manager-plugin" in err
    opened = document(capsys, "admin.py", "deploy", "shell", "i-0f")
    assert opened["command"][:5] == ["aws", "ssm", "start-session", "--target", "i-0f"]


def test_a_boot_that_failed_is_told_where_nothing_else_is_left(
    fleet_aws: Cloud, capsys: Capture
) -> None:
    """As after a first making that AWS took back."""
    assert admin("cloud", "up") == 0
    Bucket(fleet_aws).put("deploy/boot/i-0f.log", b"no space left\n", "text/plain")
    capsys.readouterr()
    assert admin("deploy") == 0
    out, _ = capsys.readouterr()
    assert out.startswith("no fleet labapp in us-east-1: 'deploy up' makes one\n1 boot failed: ")
    assert admin("deploy", "logs") == 0
    assert capsys.readouterr().out == "no space left\n"


def test_where_no_boot_failed_the_newest_instance_is_asked(
    fleet_aws: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(proof, "wait_for_worker", lambda *_: "ip-10-0-0-1-7")
    monkeypatch.setattr(proof, "answer", lambda *_: "minimum is 1")
    assert admin("deploy", "up", "--yes") == 0
    assert fleet_aws.bucket_name
    asked = []

    def journal(_: Cloud, instance: str, **__: object) -> object:
        from labapp.cloud.fleet.boot_logs import Log

        asked.append(instance)
        return Log(instance, "journal", "at work")

    monkeypatch.setattr("labapp.cloud.fleet.boot_logs.journal", journal)
    (told,) = document(capsys, "admin.py", "deploy", "logs")
    assert told == {"instance": asked[0], "source": "journal", "text": "at work"}
