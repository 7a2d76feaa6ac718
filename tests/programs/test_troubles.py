"""A cloud that does not answer, keys that are wrong, folders that cannot be used."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.programs.conftest import Run
from tests.support.commands import admin, client
from tests.support.serving import serving

Capture = pytest.CaptureFixture[str]


class Answers(BaseHTTPRequestHandler):
    """Answers every request alike, but that the bucket is there."""

    status = 403
    body = b""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(self.status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Answers)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def on_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "LABAPP_CLOUD": "aws",
        "LABAPP_BUCKET": "lab",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "wrong",
        "AWS_SECRET_ACCESS_KEY": "wrong",
    }.items():
        monkeypatch.setenv(name, value)


def refuse(monkeypatch: pytest.MonkeyPatch, code: str, status: int = 403) -> None:
    document = {"__type": f"com.amazon.coral.service#{code}", "message": "It says why."}
    monkeypatch.setattr(Answers, "body", json.dumps(document).encode())
    monkeypatch.setattr(Answers, "status", status)


@pytest.mark.usefixtures("on_aws")
def test_an_endpoint_where_nobody_listens_is_one_line_with_a_remedy(run: Run) -> None:
    with socket.socket() as closed:  # bound, not listening: nobody else can have the port
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        done = run("client.py", "numbers", "1,2", "--endpoint-url", url)
    assert (done.returncode, done.stdout) == (1, b"")
    told = done.stderr.decode()
    assert told.count("\n") == 1
    assert "does not answer" in told
    assert "its teacher's to start" in told
    assert "Check the network" in told


@pytest.mark.usefixtures("on_aws")
@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("UnrecognizedClientException", "the access key is not known"),
        ("InvalidClientTokenId", "the access key is not known"),
        ("ExpiredToken", "the session's credentials have expired"),
        ("AccessDenied", "It says why"),
    ],
)
def test_wrong_credentials_end_with_four(
    endpoint: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch, code: str, says: str
) -> None:
    refuse(monkeypatch, code)
    assert client("jobs", "--endpoint-url", endpoint) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert f"({code})" in err
    assert err.count("\n") == 1


@pytest.mark.usefixtures("on_aws")
def test_what_does_not_speak_as_aws_does_is_told(
    endpoint: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Answers, "status", 200)
    monkeypatch.setattr(Answers, "body", b'{"hello": "world"}')
    words = ["queues", "purge", "requestQueue", "--yes", "--endpoint-url", endpoint]
    assert admin(*words) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_no_credentials_at_all_end_with_four(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABAPP_CLOUD", "aws")
    assert client("numbers", "1,2") == 4
    err = capsys.readouterr().err
    assert "there are no credentials" in err
    assert "aws configure" in err


def test_a_profile_that_is_not_there_ends_with_four(capsys: Capture) -> None:
    assert admin("queues", "--cloud", "aws", "--profile", "nobody") == 4
    assert "nobody" in capsys.readouterr().err


def test_an_address_that_is_none_is_usage(capsys: Capture) -> None:
    assert admin("queues", "--cloud", "aws", "--endpoint-url", "lab") == 2
    assert "the setting endpoint_url given as --endpoint-url is 'lab'" in capsys.readouterr().err


@pytest.mark.usefixtures("cloud")
def test_a_data_folder_that_cannot_be_used_is_told_with_the_way_out(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LABAPP_DATA_DIR", str(tmp_path / "file"))
    for cloud in ("aws", "local"):
        assert client("numbers", "1,2", "--cloud", cloud) == 1
        err = capsys.readouterr().err
        assert str(tmp_path / "file") in err
        assert "unforeseen" not in err
        assert err.count("\n") == 1
