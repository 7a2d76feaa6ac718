from __future__ import annotations

import shutil
from typing import cast

import pytest

from labapp.cloud import session
from labapp.cloud.credential_errors import Source
from labapp.cloud.fleet import shell
from tests.cloud.fleet.scripted import Cloud


def of(source: Source, region: str = "eu-central-1") -> session.Cloud:
    cloud = Cloud()
    cloud.credential_source = source
    cloud.place.region = region
    return cast("session.Cloud", cloud)


def test_the_command_names_region_and_profile() -> None:
    line = "aws ssm start-session --target i-1 --region eu-central-1"
    assert shell.command(of(Source("env")), "i-1") == line.split()
    assert shell.command(of(Source("sso", "default")), "i-1") == line.split()
    assert shell.command(of(Source("sso", "lab")), "i-1") == [*line.split(), "--profile", "lab"]


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-central-1", "eu-central-1.console.aws.amazon.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_the_console_opens_one_too(region: str, host: str) -> None:
    assert shell.address(of(Source(), region), "i-1") == (
        f"https://{host}/systems-manager/session-manager/i-1?region={region}"
    )


def test_what_lacks_on_this_machine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/aws" if name == "aws" else None)
    assert shell.lacking() == ("session-manager-plugin",)
