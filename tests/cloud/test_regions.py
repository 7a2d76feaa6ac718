"""A region that there is not is told before anything waits for its hosts."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from labapp.cloud.aws_errors import REGION_CODES, from_response
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, SettingError
from labapp.settings import Settings
from tests.support.aws_answers import refusal

pytestmark = pytest.mark.usefixtures("keys")


def client_in(region: str, **more: Any) -> Any:
    return Cloud(Settings(cloud="aws", region=region, **more)).sqs


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have no name of a host found, and note which were looked for."""
    names: list[str] = []

    def look(host: str, *_: object) -> None:
        names.append(host)
        raise socket.gaierror(-2, "Name or service not known")

    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", look)
    return names


def test_one_that_there_is_not_is_told_with_the_nearest(asked: list[str]) -> None:
    with pytest.raises(SettingError, match="there is no region 'eu-wst-1'") as caught:
        client_in("eu-wst-1")
    assert caught.value.remedy.startswith("Did you mean eu-west-1? Name yours with --region")
    assert asked == ["sqs.eu-wst-1.amazonaws.com"]


def test_letters_that_changed_places_are_put_back(asked: list[str]) -> None:
    with pytest.raises(SettingError) as caught:
        client_in("us-esat-1")
    assert caught.value.remedy.startswith("Did you mean us-east-1? ")


def test_those_of_every_partition_are_known(asked: list[str]) -> None:
    for region in ("us-east-1", "cn-north-1", "us-gov-west-1"):
        assert client_in(region)
    assert asked == [], "which is not looked for then"


def test_one_that_is_newer_than_boto3_is_taken_where_its_host_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [])
    assert client_in("eu-moon-1")


def test_an_address_of_ones_own_may_call_its_region_as_it_likes(asked: list[str]) -> None:
    assert client_in("lab", endpoint_url="http://lab.example")
    assert asked == []


def test_behind_a_proxy_nobody_looks_up_names(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert client_in("eu-moon-1")
    assert asked == []


def test_after_a_refresh_a_network_that_is_down_is_taken_for_no_wrong_region(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [])
    cloud = Cloud(Settings(cloud="aws", region="eu-moon-1"))
    assert cloud.sqs

    def down(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", down)
    cloud.refresh()
    assert cloud.sqs


@pytest.mark.parametrize("code", sorted(REGION_CODES))
def test_a_region_that_does_not_fit_is_told_with_the_settings_that_say_it(code: str) -> None:
    found = from_response(refusal(code, 400), "make the bucket lab")
    assert type(found) is CloudError
    assert "--region" in found.remedy
