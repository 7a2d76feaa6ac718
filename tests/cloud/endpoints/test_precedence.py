"""Each service's address is the one that every AWS tool would use; ours is stronger where given."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.configprovider import ConfiguredEndpointProvider

from labapp.cloud import endpoints
from labapp.cloud.endpoints import Endpoint, Endpoints, at
from labapp.cloud.session import Cloud
from labapp.errors import SettingError
from labapp.settings import Settings, load

#: Each place in which an address can stand, the strongest first: of SQS, then of all services.
PLACES = ("AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL", "section", "profile")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the AWS config file, which is not there yet."""
    path = tmp_path / "aws-config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    return path


def found(**more: str) -> Endpoints:
    settings: Any = {"cloud": "aws", "region": "eu-west-1", **more}
    return Cloud(load(settings).settings).place.endpoints


def urls(found: Endpoints) -> tuple[str, str, str]:
    return found.s3.url, found.sqs.url, found.sts.url


@pytest.mark.parametrize(
    "given",
    [given for count in range(5) for given in itertools.combinations(PLACES, count)],
    ids=lambda given: "+".join(given) or "none",
)
def test_each_address_is_the_one_that_boto3_itself_finds(
    given: tuple[str, ...], config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(config, given)
    for number, variable in enumerate(PLACES[:2]):
        if variable in given:
            monkeypatch.setenv(variable, f"http://lab-{number}.example")
    core = botocore.session.Session()
    lines, full = core.get_scoped_config(), core.full_config
    ours = endpoints.configured("", os.environ, lines, full["services"])
    for service in ("sqs", "s3", "sts"):
        theirs = ConfiguredEndpointProvider(full, lines, service).provide()
        assert getattr(ours, service).url == (theirs or "")


@pytest.mark.parametrize("place", ["variable", "profile"])
def test_none_of_these_counts_where_they_are_to_be_ignored(
    place: str, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(config, PLACES, ignored=place == "profile")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://other.example")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://other.example")
    if place == "variable":
        monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True")
    cloud = Cloud(load({"cloud": "aws"}).settings)
    assert cloud.place.endpoints == Endpoints()
    assert cloud.sqs.meta.endpoint_url == "https://sqs.eu-west-1.amazonaws.com"


def test_a_client_asks_at_the_address_that_was_found(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(config, ("profile",))
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://other.example")
    cloud = Cloud(load({"cloud": "aws"}).settings)
    assert cloud.sqs.meta.endpoint_url == "http://other.example"
    assert cloud.s3.meta.endpoint_url == "http://lab-3.example"


def write(config: Path, given: tuple[str, ...], *, ignored: bool = False) -> None:
    """Write the AWS config file with an address of its own in each place that is given."""
    lines = ["[default]", "region = eu-west-1", "services = lab"]
    lines += ["endpoint_url = http://lab-3.example"] * ("profile" in given)
    lines += ["ignore_configured_endpoint_urls = true"] * ignored
    lines += ["[services lab]", "dynamodb =", "  endpoint_url = http://other.example"]
    lines += ["sqs =", "  endpoint_url = http://lab-2.example"] * ("section" in given)
    config.write_text("\n".join(lines), encoding="utf-8")


def test_our_own_setting_is_for_all_services_and_stronger(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text("[default]\nendpoint_url = http://profile.example\n", encoding="utf-8")
    for name in ("AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "http://other.example")
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert urls(found(endpoint_url="http://ours.example")) == ("http://ours.example",) * 3
    monkeypatch.setenv("LABAPP_ENDPOINT_URL", "http://ours.example")
    assert urls(found()) == ("http://ours.example",) * 3


def test_a_named_profile_says_where_its_services_are(config: Path) -> None:
    config.write_text(
        "[profile lab]\nservices = both\nendpoint_url = http://sts.example\n[services both]\n"
        "s3 =\n  endpoint_url = https://s3.example\nsqs =\n  endpoint_url = http://10.0.0.7:9324\n",
        encoding="utf-8",
    )
    both = found(profile="lab")
    assert urls(both) == ("https://s3.example", "http://10.0.0.7:9324", "http://sts.example")
    assert both.where == "SQS 10.0.0.7:9324, S3 s3.example"
    assert both.url == "s3 https://s3.example, sqs http://10.0.0.7:9324"
    assert found().are_amazons


BAD = "http://anna:secret@lab:9000"


@pytest.mark.parametrize(
    ("variables", "lines", "origin"),
    [
        ({"AWS_ENDPOINT_URL_S3": BAD}, "", "the variable AWS_ENDPOINT_URL_S3"),
        ({"AWS_ENDPOINT_URL": BAD}, "", "the variable AWS_ENDPOINT_URL"),
        ({"LABAPP_ENDPOINT_URL": BAD}, "", "in the variable LABAPP_ENDPOINT_URL"),
        ({}, f"[default]\nendpoint_url = {BAD}\n", "endpoint_url of the profile in {config}"),
        (
            {},
            f"[default]\nservices = x\n[services x]\ns3 =\n  endpoint_url = {BAD}\n",
            "endpoint_url of s3 in [services x] of {config}",
        ),
    ],
)
def test_an_address_that_is_none_is_told_with_where_it_stands_and_without_its_password(
    variables: dict[str, str],
    lines: str,
    origin: str,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config.write_text(lines, encoding="utf-8")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as caught:
        found()
    assert origin.format(config=config) in caught.value.message
    assert "***@lab:9000" in caught.value.message
    assert "secret" not in str(caught.value)
    assert "signed with keys" in caught.value.remedy


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("[default]\nservices = x\n", r"names \[services x\], which is not in"),
        ("[default]\nservices = x\n[services x]\ns3 = http://lab\n", "no line of its own"),
    ],
)
def test_a_services_section_that_is_wrong_is_told(lines: str, told: str, config: Path) -> None:
    config.write_text(lines, encoding="utf-8")
    with pytest.raises(SettingError, match=told):
        found()


def test_the_local_cloud_minds_no_address_of_aws_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "no address")
    loaded = load({})
    assert endpoints.known(loaded.settings) == Endpoints()
    assert loaded.settings.endpoint_url == ""
    assert loaded.value_of("endpoint_url") == "no address"


def test_before_the_cloud_is_open_the_environment_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://lab.example")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000")
    known = endpoints.known(Settings(cloud="aws"))
    assert known.where == "SQS lab.example, S3 127.0.0.1:9000"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "wrong")
    assert endpoints.known(Settings(cloud="aws")).where == "", "it is told when the cloud is opened"


def test_amazons_own_addresses_are_none_to_be_shown() -> None:
    for host in ("sqs.eu-central-1.amazonaws.com", "S3.cn-north-1.amazonaws.com.cn/x",
                 "vpce-1.sqs.us-east-1.vpce.amazonaws.com"):  # fmt: skip
        url = f"https://{host}"
        assert (at(url).where, at(url).are_amazons, at(url).s3.is_amazons) == ("", True, True)
    one = Endpoints(sqs=Endpoint("http://127.0.0.1:9324"))
    assert (one.where, one.are_amazons, one.touch_amazon) == ("SQS 127.0.0.1:9324", False, True)
    assert at("http://lab-machine:4566/").where == "lab-machine:4566"


def test_files_that_name_no_address_are_not_read_as_boto3_does(config: Path) -> None:
    assert not endpoints.are_in_files()
    config.write_text("[default]\nregion = eu-west-1\n", encoding="utf-8")
    assert not endpoints.are_in_files()
    config.write_text("[default]\nendpoint_url = http://lab\n", encoding="utf-8")
    assert endpoints.are_in_files()


def test_what_a_ledger_is_kept_by_is_the_same_as_ever_for_one_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def scope(url: str = "") -> str:
        return Cloud(Settings(cloud="aws", region="eu-west-1", endpoint_url=url)).place.scope

    assert scope() == "aws-eu-west-1-c97ae6cf"
    one = "aws-eu-west-1-a41d95ae"
    assert scope("http://127.0.0.1:4566") == one
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert scope() == one
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    assert scope() == one, "no job travels by STS"
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9324")
    two = scope()
    monkeypatch.delenv("AWS_ENDPOINT_URL_SQS")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9324")
    assert len({one, two, scope()}) == 3
