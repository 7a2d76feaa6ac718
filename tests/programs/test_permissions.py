"""Who only labels, uploads or looks at labels needs no leave of SQS; who looks, none to delete."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labapp import settings
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.errors import CredentialsError
from labapp.jobs import lab, queue_counts
from labapp.jobs.number_kind import NUMBERS
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.shell.context import Context
from labapp.worker import reports
from tests.dataset.dataset_kit import write_pictures
from tests.support.aws_answers import refuse
from tests.support.commands import run

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def without_sqs(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    refuse(cloud.sqs, monkeypatch, lambda _: True)
    return cloud


def test_labelling_and_its_statistics_ask_nothing_of_sqs(
    without_sqs: Cloud, tmp_path: Path, capsys: Capture
) -> None:
    write_pictures(tmp_path / "photos", range(2))
    assert run("admin.py", "upload", str(tmp_path / "photos")) == 0
    assert run("client.py", "upload", str(tmp_path / "photos")) == 0
    capsys.readouterr()
    assert run("client.py", "label", "--annotator", "anna", "--json") == 0
    key = json.loads(capsys.readouterr().out)[0]["key"]
    assert run("client.py", "answer", key, "1", "--annotator", "anna") == 0
    for command in ("stats", "images", "logs", "workers"):
        assert run("admin.py", command) == 0, command
    out = str(tmp_path / "labels.csv")
    assert run("admin.py", "export", "--format", "csv", "--out", out) == 0
    assert run("admin.py", "images", "remove", key, "--yes") == 0
    assert [entry.key for entry in Bucket(without_sqs).list("images/")] != [key]


def test_the_menu_of_who_only_labels_asks_nothing_of_sqs(without_sqs: Cloud) -> None:
    menu = ClientMenuSession(Context("client.py", argparse.Namespace(), settings.load()))
    assert Bucket(menu.open_cloud()).name == without_sqs.bucket_name
    menu.background_tick()
    with pytest.raises(CredentialsError, match="sqs:GetQueueUrl"):
        menu.open_session().submit(NUMBERS, ["1,2"])


def test_nobody_but_the_admin_lists_queues(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(cloud.sqs, monkeypatch, lambda operation: operation == "ListQueues")
    lab.require(cloud)
    assert len(queue_counts.lab_rows(cloud)) == 4
    assert all(row.dead == 0 for row in queue_counts.lab_rows(cloud))


def test_workers_are_shown_though_old_reports_may_not_be_removed(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = Bucket(cloud)
    for name in ("a-old", "b-new"):
        bucket.put(f"workers/{name}.json", b'{"state": "stopped"}', "application/json")
    listing = [
        (entry, timedelta(days=2) if "old" in entry.key else timedelta())
        for entry in bucket.list("workers/")
    ]

    class Aged:
        """The bucket, with objects of several ages."""

        def list(self, _: str) -> list[Any]:
            return [type(e)(e.key, e.size, e.etag, datetime.now(UTC) - age) for e, age in listing]

        def __getattr__(self, name: str) -> Any:
            return getattr(bucket, name)

    refuse(cloud.s3, monkeypatch, lambda operation: operation == "DeleteObject")
    aged: Any = Aged()
    assert [report.worker for report in reports.read_all(aged)] == ["b-new"]
