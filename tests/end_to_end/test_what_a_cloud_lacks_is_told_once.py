"""What a cloud was found to lack is told once, by commands, menus and workers."""

from __future__ import annotations

import logging

import pytest

from labapp.cloud.abilities import LACKING, Ability
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.dataset.label_parts import parts_of
from labapp.labels.layout import OWN
from labapp.worker.engine import Worker
from tests.dataset.dataset_kit import stock
from tests.support import odd_stores
from tests.support.commands import client


def test_a_command_that_labels_tells_it_once_on_stderr(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = odd_stores.odd_cloud(monkeypatch)
    odd_stores.ignore(store)
    (key,) = stock(Bucket(store), 1)
    monkeypatch.setattr(Cloud, "_make", lambda *_: store.s3)
    monkeypatch.setenv("LABAPP_ENDPOINT_URL", odd_stores.ADDRESS)
    monkeypatch.setenv("LABAPP_BUCKET", "lab")
    for label in "10":
        assert client("answer", key, label, "--annotator", "ana") == 0
        out, err = capsys.readouterr()
        assert out.split("\t")[1] == label
        assert err.count(LACKING[Ability.CONDITIONS]) == 1
    assert len(parts_of(Bucket(store), OWN.label_key(key))) == 2


def test_a_worker_logs_it(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    Worker(cloud, [])
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            cloud.abilities.note(Ability.GROUPS, holds=False)
    assert [record.getMessage() for record in caplog.records] == [LACKING[Ability.GROUPS]]
