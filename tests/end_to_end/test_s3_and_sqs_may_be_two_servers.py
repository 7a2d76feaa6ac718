"""S3 and SQS on two servers, named by a profile: each is asked for its own, and both are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.cloud.embedded import launcher
from labapp.cloud.session import local_home
from tests.chaos.faults import Faults
from tests.chaos.proxy import Proxy
from tests.end_to_end.lab import Lab

CONFIG = """[profile lab]
region = us-east-1
services = two
aws_access_key_id = student
aws_secret_access_key = any
[services two]
s3 =
  endpoint_url = {s3}
sqs =
  endpoint_url = {sqs}
"""


def test_each_service_is_asked_at_its_own_server(
    local_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher.share(local_home())
    s3, sqs = Proxy(local_lab.port, Faults()), Proxy(local_lab.port, Faults())
    try:
        config = tmp_path / "aws-config"
        config.write_text(CONFIG.format(s3=s3.url, sqs=sqs.url), encoding="utf-8")
        there = {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "lab"}
        there |= {"LABAPP_CLOUD": "aws", "LABAPP_BUCKET": "labapp"}
        for name, value in there.items():
            monkeypatch.setenv(name, value)

        found = local_lab.json("admin.py", "cloud", "status")
        addresses = [found[name] for name in ("endpoint", "s3_endpoint", "sqs_endpoint")]
        assert addresses == [None, s3.url, sqs.url]
        assert found["missing"] == []

        worker = local_lab.server()
        assert local_lab.json("client.py", "numbers", "1,2")["status"] == "done"
        worker.jobs(1)
        asked = {name: set(proxy.tap.requests) for name, proxy in (("s3", s3), ("sqs", sqs))}
        assert all(what.startswith("s3 ") for what in asked["s3"]), asked
        assert not any(what.startswith("s3 ") for what in asked["sqs"]), asked
        assert "s3 PUT" in asked["s3"], "the job's log was put there"
    finally:
        s3.close()
        sqs.close()
