from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
from labapp.cloud.endpoints import at
from labapp.cloud.place import Place
from labapp.cloud.session import Cloud, local_home
from labapp.errors import CloudError, CredentialsError, SettingError, UnreachableError
from labapp.settings import Settings, load
from tests.support.serving import serving
from tests.support.waiting import PATIENCE
from tests.support.watched import Watched

KEY = Key("LABAPPAAAAAAAAAAAAAA", "S" * 40)


KEYS = "\naws_access_key_id = x\naws_secret_access_key = x"


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
    assert Place("local", "us-east-1", at("http://127.0.0.1:1")).scope == "local"


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
@pytest.mark.parametrize(
    ("url", "style", "proxied"),
    [
        ("", "virtual", True),
        ("https://s3.eu-west-1.amazonaws.com", "virtual", True),
        ("https://bucket.vpce-1-2.s3.eu-west-1.vpce.amazonaws.com", "path", True),
        ("http://127.0.0.1:9", "path", False),
        ("http://localhost:9", "path", False),
        ("http://[::1]:9", "path", False),
        ("http://10.0.0.7:9000", "path", True),
        ("http://192.168.1.7", "path", False),
        ("https://minio.example", "path", True),
    ],
)
def test_how_buckets_are_named_and_whether_a_proxy_is_asked_hangs_on_the_address(
    url: str, style: str, *, proxied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "lab.example,192.168.0.0/16")
    config: Any = aws(endpoint_url=url).s3.meta.config
    assert config.s3 == {"addressing_style": style, "payload_signing_enabled": False}
    assert config.proxies == (None if proxied else {}), "by None botocore finds them itself"


@pytest.mark.usefixtures("keys")
def test_a_profile_may_say_how_buckets_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "aws-config"
    config.write_text(
        "[profile v]\ns3 =\n  addressing_style = virtual\n"
        "[profile p]\ns3 =\n  addressing_style = path\n  use_dualstack_endpoint = true\n"
        "[profile a]\ns3 =\n  addressing_style = auto\n".replace("]", f"]{KEYS}"),
        encoding="utf-8",
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))

    def url(profile: str, at: str) -> str:
        s3 = aws(profile=profile, endpoint_url=at, region="eu-west-1").s3
        made: str = s3.generate_presigned_url("get_object", Params={"Bucket": "lab", "Key": "k"})
        return made.partition("?")[0]

    assert url("v", "https://minio.example") == "https://lab.minio.example/k"
    assert url("a", "https://minio.example") == "https://minio.example/lab/k"
    assert url("p", "") == "https://s3.dualstack.eu-west-1.amazonaws.com/lab/k"
    assert url("a", "") == "https://lab.s3.eu-west-1.amazonaws.com/k"


@pytest.mark.usefixtures("keys")
def test_where_no_sts_is_set_for_a_store_elsewhere_amazon_is_not_asked_whose_its_keys_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:8")
    with pytest.raises(SettingError, match=r"the bucket at 127\.0\.0\.1:9 has no name") as caught:
        assert aws().bucket_name
    assert "--bucket" in caught.value.remedy
    assert aws(bucket="lab").bucket_name == "lab"


class NoSts(BaseHTTPRequestHandler):
    """Answers as MinIO answers what it does not know."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        code = "<Code>InvalidParameterValue</Code><Message>Unsupported action</Message>"
        body = f"<ErrorResponse><Error>{code}</Error></ErrorResponse>".encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.usefixtures("keys")
def test_a_server_without_sts_is_told_with_the_setting_that_names_the_bucket() -> None:
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), NoSts)) as server:
        where = f"127.0.0.1:{server.server_port}"
        with pytest.raises(CloudError, match=f"{where} may have no STS") as caught:
            assert aws(endpoint_url=f"http://{where}").bucket_name
    assert "Name the bucket: --bucket" in caught.value.remedy


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
    scope = Place("aws", region).scope
    assert re.fullmatch("aws-region-[0-9a-f]{8}", scope)
    assert scope != Place("aws", "o:ther").scope
    assert re.fullmatch("aws-eu-north-1-[0-9a-f]{8}", Place("aws", "eu-north-1").scope)


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
    assert cloud.place == Place("local", "us-east-1", at("http://127.0.0.1:4003"))


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
    found: list[Running | None] = [None, places[1], None]
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
