from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.validate import ParamValidationDecorator

from labapp import __version__
from labapp.cloud.aws_errors import translated
from labapp.cloud.embedded import launcher
from labapp.cloud.embedded.launcher import Running
from labapp.cloud.embedded.state import Key
from labapp.cloud.session import Cloud, Place, local_home
from labapp.errors import CloudError, CredentialsError, SettingError, UnreachableError
from labapp.settings import Settings, load
from tests.support.waiting import PATIENCE
from tests.support.watched import Watched

KEY = Key("LABAPPAAAAAAAAAAAAAA", "S" * 40)


def aws(**more: str) -> Cloud:
    return Cloud(Settings(cloud="aws", **more))  # type: ignore[arg-type] # only texts are given


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give profiles a and b."""
    config = tmp_path / "aws-config"
    config.write_text("[profile a]\n[profile b]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))


@pytest.mark.usefixtures("profiles")
def test_each_lab_keeps_its_own_folder_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    labs: list[dict[str, str]] = [
        {},
        {"region": "eu-west-1"},
        {"endpoint_url": "http://127.0.0.1:1"},
        {"endpoint_url": "http://127.0.0.1:2"},
        {"profile": "a"},
        {"profile": "b"},
        {"bucket": "lab"},
        {"request_queue": "q"},
        {"response_queue": "q"},
        {"image_inbox": "q"},
    ]
    scopes = [aws(**lab).place.scope for lab in labs]
    assert len(set(scopes)) == len(labs)
    assert scopes == [aws(**lab).place.scope for lab in labs]
    assert all(re.fullmatch(r"aws-(us-east|eu-west)-1-[0-9a-f]{8}", scope) for scope in scopes)
    monkeypatch.setenv("AWS_PROFILE", "a")
    assert aws().place.scope == scopes[4], "whoever names the profile"


def test_the_local_clouds_folder_does_not_hang_on_its_port() -> None:
    assert Place("local", "us-east-1", "http://127.0.0.1:1").scope == "local"


def test_every_client_has_timeouts_and_standard_retries(bare_cloud: Cloud) -> None:
    for client in (bare_cloud.s3, bare_cloud.sqs):
        config: Any = client.meta.config
        assert config.connect_timeout == 5
        assert config.read_timeout == 30
        assert config.retries["mode"] == "standard"
        assert config.retries["total_max_attempts"] == 3
        assert config.max_pool_connections == 64
        assert config.tcp_keepalive is True


def test_a_call_costs_no_more_than_it_must(bare_cloud: Cloud) -> None:
    clients: list[Any] = [bare_cloud.s3, bare_cloud.sqs]
    for client in clients:
        config = client.meta.config
        assert config.user_agent.split()[0] == f"labapp/{__version__}"
        assert not isinstance(client._serializer, ParamValidationDecorator)
        assert config.request_checksum_calculation == "when_required"
        assert config.response_checksum_validation == "when_required"


@pytest.mark.usefixtures("keys")
def test_an_emulator_is_asked_at_its_one_address_and_past_any_proxy() -> None:
    for more, style in (({}, "virtual"), ({"endpoint_url": "http://127.0.0.1:9"}, "path")):
        config: Any = aws(**more).s3.meta.config
        assert config.s3 == {"addressing_style": style, "payload_signing_enabled": False}
        assert config.proxies == ({} if more else None)


def test_the_buckets_name_is_known_without_asking_where_it_hangs_on_no_account(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert aws(bucket="mine").known_bucket == "mine"
    assert aws().known_bucket == ""
    here = Running(7, 4003, "http://127.0.0.1:4003", KEY)
    monkeypatch.setattr(launcher, "ensure", lambda *_: here)
    local = Cloud(Settings())
    assert (local.known_bucket, local.bucket_name) == ("labapp", "labapp")
    assert (local.home, local_home()) == (tmp_path / "data" / "local",) * 2
    with pytest.raises(UnreachableError, match="the local cloud at 127"), translated("x"):
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:4003")


@pytest.mark.parametrize("region", ["a:b", "../x", "C:\\x", "nul.", "", "r" * 300, "\udcff"])
def test_whatever_is_set_as_region_the_folder_has_a_name_that_every_disk_takes(region: str) -> None:
    scope = Place("aws", region, "", ()).scope
    assert re.fullmatch("aws-region-[0-9a-f]{8}", scope)
    assert scope != Place("aws", "o:ther", "", ()).scope
    assert re.fullmatch("aws-eu-north-1-[0-9a-f]{8}", Place("aws", "eu-north-1", "", ()).scope)


def test_the_local_cloud_sees_nothing_of_the_users_aws_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "aws").write_text("[default]\nregion = eu-north-1\n[broken\n")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "aws"))
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    here = Running(7, 4003, "http://127.0.0.1:4003", KEY)
    monkeypatch.setattr(launcher, "ensure", lambda *_: here)
    cloud = Cloud(Settings())
    found = cloud.credentials()
    assert (found.access_key, found.secret_key) == (KEY.id, KEY.secret)
    assert cloud.sqs.meta.region_name == "us-east-1"
    assert cloud.place == Place("local", "us-east-1", "http://127.0.0.1:4003")


@pytest.mark.parametrize("act", [lambda cloud: cloud.sqs, lambda cloud: cloud.refresh()])
def test_clients_are_made_and_renewed_by_one_thread_at_a_time(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[Cloud], object]
) -> None:
    cloud = aws()
    made: list[str] = []

    def make(_: Cloud, service: str) -> list[str]:
        made.append(service)
        return [service]

    monkeypatch.setattr(Cloud, "_make", make)
    lock = Watched()
    cloud._lock = lock  # type: ignore[assignment]

    def other() -> None:
        act(cloud)
        lock.wanted.set()

    thread = threading.Thread(target=other)
    with lock:
        thread.start()
        assert lock.wanted.wait(PATIENCE)
        assert (made, cloud.generation) == ([], 0), "it has to wait"
        cloud._clients["sqs"] = ["made meanwhile"]
    thread.join(PATIENCE)
    assert made == []


@pytest.mark.usefixtures("keys")
def test_an_upload_waits_for_no_leave_to_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    def send(request: Any, **_: Any) -> None:
        sent.append(dict(request.headers))
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")

    client = aws(bucket="lab", endpoint_url="http://127.0.0.1:9").s3
    client.meta.events.register("before-send.s3", send)
    with pytest.raises(EndpointConnectionError):
        client.put_object(Bucket="lab", Key="a", Body=io.BytesIO(b"1"))
    assert sent
    assert not any("Expect" in headers for headers in sent)


def test_the_bucket_on_aws_holds_the_account_and_the_region(bare_cloud: Cloud) -> None:
    assert bare_cloud.bucket_name == "labapp-123456789012-us-east-1"
    assert aws(bucket="mine").bucket_name == "mine"


def test_the_region_is_the_setting_else_the_profiles_own_else_us_east_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "aws-config"
    config.write_text("[profile lab]\nregion = eu-north-1\n[profile bare]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    assert aws(profile="lab").place.region == "eu-north-1"
    assert aws(profile="lab", region="eu-west-1").place.region == "eu-west-1"
    assert aws(profile="bare").place.region == "us-east-1"


def test_exported_keys_come_before_the_exported_profile_but_not_before_one_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "credentials"
    path.write_text("[team]\naws_access_key_id = of-team\naws_secret_access_key = x\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    monkeypatch.setenv("AWS_PROFILE", "team")
    assert Cloud(load({"cloud": "aws"}).settings).credentials().access_key == "of-team"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "exported")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    assert Cloud(load({"cloud": "aws"}).settings).credentials().access_key == "exported"
    named = load({"cloud": "aws", "profile": "team"}).settings
    assert Cloud(named).credentials().access_key == "of-team"


def test_a_profile_that_is_not_there_is_named() -> None:
    with pytest.raises(CredentialsError, match="nobody"):
        aws(profile="nobody")


def test_no_credentials_are_told_before_anything_is_sent() -> None:
    with pytest.raises(CredentialsError, match="cannot sign a request") as caught:
        aws().credentials()
    assert caught.value.exit_code == 4
    with pytest.raises(CredentialsError, match="cannot ask AWS who we are"):
        assert aws().bucket_name


def test_new_credentials_are_read_at_a_refresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    text = "[default]\naws_access_key_id = {}\naws_secret_access_key = x\n"
    path.write_text(text.format("old"))
    cloud = aws()
    old, generation = cloud.sqs, cloud.generation
    assert cloud.sqs is old
    path.write_text(text.format("new"))
    assert cloud.credentials().access_key == "old", "botocore keeps what it read"
    cloud.refresh()
    assert cloud.credentials().access_key == "new"
    assert cloud.sqs is not old
    assert cloud.generation == generation + 1


@pytest.mark.parametrize("address", ["http://[", "http://a_b c", "http://127.0.0.1:99999"])
def test_an_address_that_is_none_is_a_wrong_setting(address: str) -> None:
    with pytest.raises((SettingError, CloudError)) as caught:
        assert aws(endpoint_url=address).sqs
    assert address in str(caught.value)


def test_a_region_that_is_none_is_told() -> None:
    with pytest.raises(CloudError, match="cannot open the sqs client"):
        assert aws(region="not a region").sqs


def test_a_local_cloud_that_is_not_running_is_told_and_not_started(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="not running") as caught:
        Cloud(Settings(), start=False)
    assert "admin.py cloud start" in caught.value.remedy
    assert not (tmp_path / "data").exists()


def test_a_refresh_finds_the_local_cloud_and_never_starts_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = [Running(7, port, f"http://127.0.0.1:{port}", KEY) for port in (4001, 4002)]
    found: list[Running | None] = [places[1], None]
    starts: list[object] = []

    def start(*given: object) -> Running:
        starts.append(given)
        return places[0]

    monkeypatch.setattr(launcher, "ensure", start)
    monkeypatch.setattr(launcher, "find", lambda home: found.pop(0))
    cloud = Cloud(Settings())
    assert cloud.place.endpoint == "http://127.0.0.1:4001"
    cloud.refresh()
    assert cloud.place.endpoint == "http://127.0.0.1:4002"
    with pytest.raises(UnreachableError, match="not running"):
        cloud.refresh()
    assert len(starts) == 1
