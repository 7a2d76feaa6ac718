"""`admin.py cloud env` prints what other programs need for the local cloud, for each shell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from labapp.cloud.embedded import launcher
from labapp.programs.cloud import env
from tests.cloud.embedded.embedded_kit import ROOT
from tests.support.commands import admin
from tests.support.python_path import python_path

Capture = pytest.CaptureFixture[str]

FOUND = {"AWS_SECRET_ACCESS_KEY": "it's $HOME", "AWS_SESSION_TOKEN": None, "LABAPP_BUCKET": "lab"}


def test_each_shell_is_told_in_its_own_words() -> None:
    assert env.lines({**FOUND, "AWS_PROFILE": None}, "bash") == [
        """export AWS_SECRET_ACCESS_KEY='it'"'"'s $HOME'""",
        "unset AWS_SESSION_TOKEN",
        "export LABAPP_BUCKET=lab",
        "unset AWS_PROFILE",
    ]
    assert env.lines({**FOUND, "AWS_PROFILE": None}, "powershell") == [
        "$env:AWS_SECRET_ACCESS_KEY = 'it''s $HOME'",
        "Remove-Item Env:AWS_SESSION_TOKEN -ErrorAction SilentlyContinue",
        "$env:LABAPP_BUCKET = 'lab'",
        "Remove-Item Env:AWS_PROFILE -ErrorAction SilentlyContinue",
    ]
    assert env.lines({**FOUND, "AWS_PROFILE": None}, "dotenv") == [
        '''AWS_SECRET_ACCESS_KEY="it's $HOME"''',
        "AWS_SESSION_TOKEN=",
        "LABAPP_BUCKET=lab",
    ], "an empty profile would be taken for the name of one"
    assert (env.DEFAULT == "powershell") is (sys.platform == "win32")


def test_curly_quotes_end_no_text_in_powershell() -> None:
    assert env.lines({"LABAPP_BUCKET": "it\u2019s \u2018a\u201b"}, "powershell") == [
        "$env:LABAPP_BUCKET = 'it\u2019\u2019s \u2018\u2018a\u201b\u201b'"
    ]


def test_it_is_for_the_local_cloud_alone(capsys: Capture) -> None:
    assert admin("cloud", "env", "--cloud", "aws") == 2
    assert "--cloud local" in capsys.readouterr().err


#: A lab's own client, which knows nothing of labapp.
PLAIN = """
import boto3, os
boto3.client("s3").put_object(Bucket=os.environ["LABAPP_BUCKET"], Key="k", Body=b"1")
print(boto3.client("sqs").get_queue_url(QueueName="requestQueue")["QueueUrl"])
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_a_shell_that_evaluates_it_lets_plain_boto3_in(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of another account")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    monkeypatch.setenv("PYTHONPATH", python_path())
    script = 'eval "$("$0" admin.py cloud env)"; exec "$0" -c "$1"'
    done = subprocess.run(
        ["bash", "-c", script, sys.executable, PLAIN],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    assert done.returncode == 0, done.stderr
    running = launcher.find(home)
    assert running, "it was started"
    assert done.stdout.startswith(running.endpoint_url)


def test_the_document_names_what_is_to_be_set_and_what_has_to_go(
    home: Path, capsys: Capture
) -> None:
    assert admin("cloud", "env", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    running = launcher.find(home)
    assert running
    assert (found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]) == (
        running.key.id,
        running.key.secret,
    )
    assert found["AWS_ENDPOINT_URL"] == running.endpoint_url
    assert (found["AWS_SESSION_TOKEN"], found["AWS_PROFILE"]) == (None, None)
    gone = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_STS")
    assert [found[name] for name in gone] == [None] * 3, "each would be stronger"
    assert found["LABAPP_BUCKET"] == "labapp"
