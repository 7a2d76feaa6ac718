"""MiniStack as AWS for a fleet: a group's instances come up at once, and do nothing.

Who wants an answer starts a worker. Run as a program it is a server: `python -m
tests.support.fleet_aws PORT`.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from labapp.cloud.fleet import artifact
from labapp.cloud.fleet.artifact import Artifact
from labapp.cloud.session import Cloud
from labapp.programs.fleet import looking
from tests.support import ministack_aws
from tests.support.ministack_aws import aws

__all__ = ["aws", "fleet_aws"]


def handlers() -> dict[str, Any]:
    """Return what MiniStack makes of each kind of resource."""
    from ministack.services.cloudformation import provisioners

    found: dict[str, Any] = provisioners._RESOURCE_HANDLERS
    return found


def with_instances(make: Callable[..., Any]) -> Callable[..., Any]:
    """Return what makes a group and launches its instances."""

    def made(name: str, properties: Any, stack: str) -> Any:
        from ministack.services import autoscaling

        answer = make(name, properties, stack)
        autoscaling._reconcile_instances(autoscaling._asgs[answer[0]])
        return answer

    return made


def zipped(data: bytes) -> Artifact:
    """Return code that is small, and other than that of other data."""
    sha256 = hashlib.sha256(data).hexdigest()
    return Artifact(f"{artifact.PREFIX}{sha256[:16]}.zip", sha256, data, "0" * 64)


@pytest.fixture
def fleet_aws(aws: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Give an account in which instances come up, and nobody waits between two looks.

    The code is none: to zip it takes more time than all else.
    """
    monkeypatch.setattr(artifact, "build", lambda **_: zipped(b"code"))
    looking.own_key.cache_clear()
    group = handlers()["AWS::AutoScaling::AutoScalingGroup"]
    monkeypatch.setitem(group, "create", with_instances(group["create"]))

    def soon(_: float, stop: threading.Event, tick: Callable[[], object]) -> None:
        time.sleep(0.005)
        tick()

    monkeypatch.setattr("labapp.programs.fleet.steps.pause", soon)
    return aws


def main(port: str) -> None:
    """Serve on loopback until ended."""
    os.environ |= {"GATEWAY_PORT": port, "BIND_HOST": "127.0.0.1"}
    os.environ |= {"IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}  # they would listen beyond it
    from ministack.app import main as serve

    group = handlers()["AWS::AutoScaling::AutoScalingGroup"]
    group["create"] = with_instances(group["create"])
    handlers()["AWS::CloudWatch::Alarm"]["create"] = ministack_aws.alarm
    sys.argv[1:] = []  # which it would read
    serve()


if __name__ == "__main__":
    main(sys.argv[1])
