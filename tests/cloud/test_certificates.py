"""TLS that does not come about is told as that, with what mends it, and waited for by nobody."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

import botocore.httpsession
import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from labapp.cloud import certificates
from labapp.cloud.aws_errors import translated
from labapp.cloud.session import Cloud
from labapp.errors import CertificateError, UnreachableError
from labapp.settings import Settings
from tests.support import tls
from tests.support.aws_answers import refusal

pytestmark = pytest.mark.usefixtures("keys")


def ask(url: str) -> None:
    """Ask S3 and SQS there."""
    settings = Settings(cloud="aws", region="us-east-1", bucket="lab", endpoint_url=url)
    cloud = Cloud(settings, hurried=True)
    with translated("look"):
        cloud.sqs.list_queues()
    with translated("look"):
        cloud.s3.list_objects_v2(Bucket="lab")


def told(url: str) -> CertificateError:
    with pytest.raises(CertificateError) as caught:
        ask(url)
    assert caught.value.exit_code == 1
    return caught.value


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    """Give a certificate for this machine."""
    return tls.certificate(tmp_path / "lab.pem")


@pytest.mark.parametrize(
    ("made", "trusted", "message", "remedy"),
    [
        ({}, False, "is not trusted: self-signed certificate", "AWS_CA_BUNDLE"),
        ({"name": "lab.example"}, True, "is for another name", "with the name"),
        ({"first": -9, "last": -1}, True, "has expired", "renews it"),
        ({"first": 5}, True, "is not yet valid", "clock"),
    ],
)
def test_a_certificate_is_told_by_what_is_wrong_with_it(
    made: dict[str, object],
    trusted: bool,
    message: str,
    remedy: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pem = tls.certificate(tmp_path / "lab.pem", **made)  # type: ignore[arg-type]
    if trusted:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(pem))
    with tls.server(pem) as where:
        found = told(f"https://{where}")
    assert f"cannot look: the certificate of {where} {message}" in found.message
    assert remedy in found.remedy


def test_a_certificate_that_is_trusted_serves(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(pem))
    with tls.server(pem) as where:
        ask(f"https://{where}")


def test_https_and_http_mixed_up_are_told_as_that(pem: Path) -> None:
    with tls.server() as where:
        found = told(f"https://{where}")
        assert "speaks no TLS" in found.message
        assert f"Write http://{where}" in found.remedy
    with tls.server(pem) as where:
        found = told(f"http://{where}")
        assert "wants TLS" in found.message
        assert found.remedy == f"Write https://{where}."


@pytest.mark.parametrize(
    "text",
    [
        "Client sent an HTTP request to an HTTPS server.",
        "400 The plain HTTP request was sent to HTTPS port",
        "Reason: You're speaking plain HTTP to an SSL-enabled server port.",
    ],
)
def test_a_server_of_tls_that_says_so_is_heard(text: str) -> None:
    for raised in (refusal("400", 400, text), ResponseParserError(f"invalid XML received: {text}")):
        with pytest.raises(CertificateError, match="wants TLS"), translated("look"):
            raise raised


@pytest.mark.parametrize(
    ("place", "name", "why"),
    [
        ("AWS_CA_BUNDLE", "missing.pem", "No such file"),
        ("AWS_CA_BUNDLE", "empty.pem", "no certificate"),
        ("AWS_CA_BUNDLE", ".", "irectory"),
        ("REQUESTS_CA_BUNDLE", "missing.pem", "No such file"),
        ("profile", "missing.pem", "No such file"),
    ],
)
def test_trusted_certificates_that_cannot_be_read_are_told_with_who_names_them(
    place: str, name: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    (tmp_path / "empty.pem").touch()
    origin = "ca_bundle of the profile" if place == "profile" else place
    if place == "profile":
        (tmp_path / "config").write_text(f"[default]\nca_bundle = {path}\n", encoding="utf-8")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    else:
        monkeypatch.setenv(place, str(path))
    found = told("https://127.0.0.1:9")
    assert str(path) in found.message
    assert f"named by {origin}, cannot be read" in found.message
    assert why in found.message or "denied" in found.message, "Windows opens no folder"


def test_without_tls_nobody_minds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/missing")
    with tls.server() as where:
        ask(f"http://{where}")


def test_certificates_that_are_there_now_are_used_after_a_refresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ca.pem"
    monkeypatch.setenv("AWS_CA_BUNDLE", str(path))
    cloud = Cloud(Settings(cloud="aws", region="us-east-1"))
    with pytest.raises(CertificateError):
        assert cloud.sqs
    shutil.copy(botocore.httpsession.where(), path)
    cloud.refresh()
    assert cloud.sqs


@pytest.mark.parametrize(
    "text",
    ["EOF occurred in violation of protocol", "[SSL: UNEXPECTED_EOF_WHILE_READING]", "timed out",
     "[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC] bad record mac"],
)  # fmt: skip
def test_a_connection_that_was_cut_may_pass(text: str) -> None:
    assert certificates.trouble(text, urlsplit("https://lab")) == ("", "")


def test_amazons_certificate_that_is_not_trusted_means_a_proxy_that_opens_tls() -> None:
    text = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get issuer (_ssl)"
    what, remedy = certificates.trouble(text, urlsplit("https://sqs.eu-west-1.amazonaws.com/"))
    assert what.endswith("is not trusted: unable to get issuer")
    assert "A proxy in between" in remedy


def test_two_sides_that_agree_on_nothing_are_told() -> None:
    what, _ = certificates.trouble("[SSL: TLSV1_ALERT_PROTOCOL_VERSION]", urlsplit("https://lab"))
    assert what == "no TLS comes about with lab (alert protocol version)"


def test_a_server_that_is_gone_is_not_taken_for_one_of_tls() -> None:
    with tls.server() as closed:
        pass
    with pytest.raises(UnreachableError):
        ask(f"http://{closed}")
    assert not certificates.speaks_tls(urlsplit(f"http://{closed}"))


def test_a_server_that_spoke_no_tls_is_not_asked_by_each_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []

    def hangs_up(address: object, _: float) -> socket.socket:
        asked.append(address)
        raise ConnectionResetError

    monkeypatch.setattr(socket, "create_connection", hangs_up)
    monkeypatch.setattr(certificates, "_plain_until", {})
    where = urlsplit("http://lab:80")
    for _ in range(3):
        assert not certificates.speaks_tls(where)
    assert len(asked) == 1
    certificates._plain_until["lab:80"] = 0.0  # a while later
    assert not certificates.speaks_tls(where)
    assert len(asked) == 2


def test_a_proxy_that_wants_a_user_is_told_as_that() -> None:
    with pytest.raises(UnreachableError, match="the proxy wants a user") as caught, translated("x"):
        raise ClientError(
            {"ResponseMetadata": {"HTTPStatusCode": 407}, "Error": {"Code": "407"}},  # type: ignore[typeddict-item]
            "ListQueues",
        )
    assert "HTTPS_PROXY" in caught.value.remedy
