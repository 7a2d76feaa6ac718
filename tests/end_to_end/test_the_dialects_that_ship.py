"""Dialects that ship serve the clients that the manual has, and labs' own files theirs."""

from __future__ import annotations

import contextlib
import io
import shutil
from pathlib import Path

import boto3
import pytest

from labapp.cloud.session import Cloud
from labapp.programs.cloud import env
from tests.end_to_end import dialect_clients as clients
from tests.end_to_end.dialect_rows import Said
from tests.end_to_end.lab import ROOT
from tests.support.examples import Example, examples
from tests.support.worker_thread import at_work

EXAMPLES = examples()

#: Files that teachers of two labs would write, as they stand.
BLUR, AVERAGE_OR_EFFECT = (
    str(ROOT / "tests" / "support" / "dialects" / f"{name}.toml")
    for name in ("blur", "average_or_effect")
)


@pytest.fixture
def desk(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Have this process stand where a student's client does, whose cloud is moto's."""
    monkeypatch.setenv("LABAPP_BUCKET", cloud.bucket_name)
    monkeypatch.setenv("AWS_DEFAULT_REGION", cloud.place.region)
    _sit_down(tmp_path, monkeypatch)
    return cloud


@pytest.fixture
def local_desk(local_cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Have it stand where `admin.py cloud env` was heard."""
    for name, value in env.variables(local_cloud).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    _sit_down(tmp_path, monkeypatch)
    return local_cloud


def _sit_down(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "images").mkdir()
    shutil.copy(ROOT / "images" / "1.jpg", folder / "images")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def run(example: Example) -> str:
    """Run a client; return what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(example.client, example.name, "exec"), {"__name__": "__main__"})
    return printed.getvalue().strip()


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_it_serves_its_client(
    example: Example, desk: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_work(desk, monkeypatch, example.name):
        assert run(example) == example.prints


def serve_labs(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """See that two labs' clients hear what they read."""
    clients.lay_out(cloud, ("mybucket975846589", "julgio-cli-bucket"))
    with at_work(cloud, monkeypatch, BLUR):
        sent = clients.send(cloud, "inbox", Said("blur", {"Key": "cat.png", "Sigma": "3"}))
        answer = Said(f"Réponse à {sent}", {"Key": "cat_blurred.png"}, "outbox")
        assert clients.hear(cloud, "outbox", 1) == [answer]
    assert cloud.s3.head_object(Bucket="mybucket975846589", Key="cat_blurred.png")

    average, effect = {"RequestType": "Average"}, {"RequestType": "ImageEffect"}
    with at_work(cloud, monkeypatch, AVERAGE_OR_EFFECT):
        clients.send(cloud, "request_queue", Said("17,52,51,49", average))
        clients.send(cloud, "request_queue", Said("cat.png,2", effect))
        assert clients.hear(cloud, "response_queue", 2) == [
            Said("50,42.25,17,52", {"ResponseType": "Average"}, "response_queue"),
            Said("effect-cat.png", {"ResponseType": "ImageEffect"}, "response_queue"),
        ]
    assert cloud.s3.head_object(Bucket="julgio-cli-bucket", Key="effect-cat.png")


def test_files_of_two_labs_work_as_they_stand(desk: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    serve_labs(desk, monkeypatch)


def test_on_the_local_cloud_all_that_holds_too(
    local_desk: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = {}
    for example in EXAMPLES.values():
        with at_work(local_desk, monkeypatch, example.name):
            printed[example.name] = run(example)
    assert printed == {example.name: example.prints for example in EXAMPLES.values()}
    serve_labs(local_desk, monkeypatch)
