"""The direct way leads where botocore's does, and ends where only botocore knows the way."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest
from botocore.endpoint_provider import EndpointProvider

from labapp.cloud.direct import route
from labapp.cloud.endpoints import Endpoint
from labapp.cloud.session import Cloud
from labapp.settings import Settings

pytestmark = pytest.mark.usefixtures("keys")


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no proxy and no authorities set, nor another machine's."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(route, "_system_proxies", dict)


def cloud_at(url: str = "", region: str = "eu-west-1", **more: Any) -> Cloud:
    return Cloud(Settings(cloud="aws", region=region, endpoint_url=url, **more))


def there(cloud: Cloud, service: str = "sqs", bucket: str = "lab") -> str:
    """Return where the direct way leads; empty where there is none."""
    found = route.find(cloud, service, bucket if service == "s3" else "")
    return f"{found.host}{found.base}" if found else ""


@pytest.fixture(scope="module")
def rules() -> dict[str, EndpointProvider]:
    loader = botocore.session.get_session().get_component("data_loader")
    partitions = loader.load_data("partitions")
    return {
        service: EndpointProvider(
            loader.load_service_model(service, "endpoint-rule-set-1"), partitions
        )
        for service in ("sqs", "s3")
    }


def test_every_region_of_amazons_has_the_hosts_that_botocore_gives_it(
    rules: dict[str, EndpointProvider],
) -> None:
    session = botocore.session.get_session()
    regions = session.get_available_regions("sqs")
    assert len(regions) > 25
    for region in regions:
        cloud: Any = SimpleNamespace(profile_lines={})
        none = Endpoint()
        for service, bucket in (("sqs", ""), ("s3", "lab"), ("s3", "la.b"), ("s3", "-lab")):
            place = route._place(none, service, region)
            assert place
            scheme, host = place
            base = "/"
            if bucket:
                found = route._bucket_at(cloud, none, host, bucket)
                assert found
                host, base = found
            asked: Any = {"Region": region, "UseFIPS": False, "UseDualStack": False}
            if bucket:  # as botocore asks for us-east-1
                asked |= {"Bucket": bucket, "UseGlobalEndpoint": region == "us-east-1"}
            wanted = rules[service].resolve_endpoint(**asked)
            assert f"{scheme}://{host}{base}".rstrip("/") == wanted.url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("http://127.0.0.1:4566", "127.0.0.1:4566/"),
        ("http://127.0.0.1:4566/", "127.0.0.1:4566/"),
        ("HTTP://Lab.Example:80", "lab.example/"),
        ("https://lab.example:443", "lab.example/"),
        ("https://lab.example:80", "lab.example:80/"),
        ("http://[::1]:4566", "[::1]:4566/"),
        ("https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com", None),
        ("http://lab.example/prefix", ""),
    ],
)
def test_an_address_that_is_set_is_asked(url: str, where: str | None) -> None:
    found = there(cloud_at(url))
    assert found == (f"{url.removeprefix('https://')}/" if where is None else where)
    if where:
        assert there(cloud_at(url), "s3") == f"{where}lab/"
    else:
        assert there(cloud_at(url), "s3") == ""


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "eu_west", "x"])
def test_other_partitions_are_botocores(region: str) -> None:
    assert there(cloud_at(region=region)) == ""


@pytest.mark.parametrize(
    ("variable", "value", "open_"),
    [
        ("AWS_USE_FIPS_ENDPOINT", "true", False),
        ("AWS_USE_FIPS_ENDPOINT", "false", True),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true", False),
        ("AWS_S3_US_EAST_1_REGIONAL_ENDPOINT", "regional", False),
        ("AWS_SIGV4A_SIGNING_REGION_SET", "*", False),
        ("AWS_AUTH_SCHEME_PREFERENCE", "sigv4a", False),
        ("HTTPS_PROXY", "http://proxy.example:3128", False),
        ("https_proxy", "http://proxy.example:3128", False),
        ("HTTP_PROXY", "http://proxy.example:3128", True),
    ],
)
def test_what_only_botocore_knows_closes_it(
    variable: str, value: str, open_: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert bool(there(cloud_at())) is open_
    assert bool(there(cloud_at(), "s3")) is open_


def test_a_proxy_of_the_systems_closes_it_but_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(route, "_system_proxies", lambda: {"https": "http://proxy.example:3128"})
    assert there(cloud_at()) == ""
    assert there(cloud_at("http://127.0.0.1:4566"))


@pytest.mark.parametrize(
    ("lines", "sqs", "s3"),
    [
        ("use_fips_endpoint = true", False, False),
        ("use_dualstack_endpoint = true", False, False),
        ("s3 =\n  use_accelerate_endpoint = true", True, False),
        ("s3 =\n  addressing_style = odd", True, False),
        ("s3 =\n  max_concurrent_requests = 3", True, True),
        ("output = text", True, True),
    ],
)
def test_lines_of_the_profile_close_it(
    lines: str, sqs: bool, s3: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text(f"[default]\n{lines}\n", "utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    cloud = cloud_at()
    assert (bool(there(cloud)), bool(there(cloud, "s3"))) == (sqs, s3)


def test_a_style_that_is_set_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    config.write_text("[default]\ns3 =\n  addressing_style = path\n", "utf-8")
    assert there(cloud_at(), "s3") == "s3.eu-west-1.amazonaws.com/lab/"
    config.write_text("[default]\ns3 =\n  addressing_style = virtual\n", "utf-8")
    assert there(cloud_at(), "s3") == "lab.s3.eu-west-1.amazonaws.com/"
    assert there(cloud_at("http://lab.example"), "s3") == ""


@pytest.mark.parametrize("bucket", ["lab--use1-az4--x-s3", "lab-x-s3alias", "arn:aws:s3:::x", "é"])
def test_buckets_with_addresses_of_their_own_kind_are_botocores(bucket: str) -> None:
    assert there(cloud_at(), "s3", bucket) == ""


def test_models_of_the_users_own_are_botocores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".aws" / "models").mkdir(parents=True)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    assert there(cloud_at()) == ""


def test_who_is_nowhere_at_home_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as of a service on Windows
    assert there(cloud_at()) == "sqs.eu-west-1.amazonaws.com/"


def test_without_keys_botocore_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert there(cloud_at()) == ""


def test_who_only_looks_asks_botocore() -> None:
    settings = Settings(cloud="aws", region="eu-west-1")
    assert there(Cloud(settings, hurried=True)) == ""


def test_what_answers_in_this_process_is_asked_by_botocore_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handlers = sys.modules["botocore.handlers"]
    for hook, is_open in ((lambda **_: None, False), (SimpleNamespace(enabled=False), True)):
        known = [one for one in handlers.BUILTIN_HANDLERS if one[0] != "before-send"]
        monkeypatch.setattr(handlers, "BUILTIN_HANDLERS", [*known, ("before-send", hook)])
        assert bool(there(cloud_at())) is is_open
    assert not any(one[0] == "before-send" for one in known), "botocore's own answer no request"


@pytest.mark.parametrize(
    ("variables", "lines", "file"),
    [
        ({}, {}, None),
        ({"REQUESTS_CA_BUNDLE": "r"}, {}, "r"),
        ({"REQUESTS_CA_BUNDLE": "r"}, {"ca_bundle": "c"}, "c"),
        ({"REQUESTS_CA_BUNDLE": "r", "AWS_CA_BUNDLE": "a"}, {"ca_bundle": "c"}, "a"),
    ],
)
def test_the_authorities_are_looked_for_in_botocores_order(
    variables: dict[str, str],
    lines: dict[str, str],
    file: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    cloud: Any = SimpleNamespace(profile_lines=lines)
    assert route._authorities(cloud) == file
