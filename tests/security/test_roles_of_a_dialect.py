"""A dialect asks for no permission that the policies of its lab's roles do not give."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.other_bucket import with_bucket
from labapp.cloud.session import Cloud
from labapp.jobs import lab
from labapp.settings import Settings
from tests.pictures.samples import PNG
from tests.security.wire_kit import Worker, send, take
from tests.support.commands import admin
from tests.support.dialect_files import choose
from tests.support.role_guard import as_role

pytestmark = pytest.mark.usefixtures("short_polls")

Capture = pytest.CaptureFixture[str]

#: Pictures of a bucket of the lab's to another, and lists in the labapp's own.
THEIRS = """
[[request]]
queue = "asks"
answer = "tells"
bucket = "theirs"
result_bucket = "results"
picture = "{attr.Key}"
steps = "invert"
result = "done/{stem}{ext}"
[[request]]
queue = "lists"
answer = "tells"
numbers = { object = "lists/{body}" }
result = "sums/{body}"
"""


def test_setup_makes_a_dialects_things_the_worker_serves_it_and_the_admin_looks_after_it(
    bare_cloud: Cloud, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    del bare_cloud
    file = choose(THEIRS, tmp_path, monkeypatch)
    cloud = Cloud(Settings(cloud="aws", region="us-east-1", dialect=str(file)))
    with as_role(cloud, "setup") as guard:
        assert admin("cloud", "up", "--dry-run") == 0
        assert admin("cloud", "up") == 0
    assert guard.refused == []
    for name in (cloud.bucket_name, "theirs", "results"):
        # moto reads no conditions: it takes 'nobody without TLS' for 'nobody'.
        cloud.s3.delete_bucket_policy(Bucket=name)
    assert lab.missing(cloud) == []

    Bucket(with_bucket(cloud, "theirs")).put("deep/cat.png", PNG, "image/png")
    Bucket(cloud).put("lists/a.txt", b"1,12,55,4", "text/plain")
    send(cloud, "asks", "x", Key="deep/cat.png")
    send(cloud, "lists", "a.txt")
    with as_role(cloud, "worker") as guard:
        lab.require(cloud)
        Worker(cloud).work()
    assert guard.refused == []
    answers = [body for body, _ in take(cloud, "tells")]
    assert "done/cat.png" in answers
    assert any("sum is 72" in one for one in answers)
    assert Bucket(with_bucket(cloud, "results")).get("done/cat.png").body
    assert b"72" in Bucket(cloud).get("sums/a.txt").body

    with as_role(cloud, "admin") as guard:
        for words in ("cloud status", "queues", "queues dead asks", "queues purge lists --yes"):
            assert admin(*words.split()) == 0, capsys.readouterr().err
    assert guard.refused == []
