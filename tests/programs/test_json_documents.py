"""The manual's table of JSON documents is what the commands write: field by field."""

from __future__ import annotations

import argparse
import json
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.credentials import Credentials

from labapp import settings
from labapp.cloud import endpoints
from labapp.cloud.bucket import Bucket
from labapp.cloud.embedded.launcher import Running
from labapp.cloud.embedded.state import Key
from labapp.cloud.place import Place
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.jobs.logbook import Log
from labapp.programs import find
from labapp.programs.cloud import status
from labapp.programs.processing.outcomes import PictureJob
from labapp.programs.processing.table import PICTURE_JOBS
from labapp.programs.shell.context import Context
from labapp.worker.reports import Reporter
from labapp.worker.stats import WorkerStats
from tests import json_table
from tests.dataset.dataset_kit import write_pictures

Capture = pytest.CaptureFixture[str]

PROGRAMS = ("client.py", "admin.py", "server.py")

#: Each document by its command and flag, as declared.
DOCUMENTS = {
    f"{program} {command.name} {document.flag}".strip(): document
    for program in PROGRAMS
    for command in find(program).commands
    for document in command.documents
}

#: command -> the names of its document's fields.
TOLD = {command: list(document.names) for command, document in DOCUMENTS.items()}


def _has_json(parser: argparse.ArgumentParser) -> bool:
    return any("--json" in action.option_strings for action in parser._actions)


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_command_with_json_declares_its_document(program: str) -> None:
    for command in find(program).commands:
        parser = argparse.ArgumentParser()
        command.arguments(parser)
        assert _has_json(parser) == bool(command.documents), command.name


def test_the_manuals_table_is_that_of_the_commands() -> None:
    assert json_table.written() == json_table.rows(), "python -m tests.json_table writes it"


def written(capsys: Capture, line: str, *words: str, code: int = 0) -> Any:
    """Run a command with --json, and return its document."""
    capsys.readouterr()
    program, *command = line.split()
    assert find(program).main([*command, *words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("answered")
def test_the_users_documents_have_the_fields_that_are_told(capsys: Capture, tmp_path: Path) -> None:
    write_pictures(tmp_path, range(2))
    (upload,) = written(capsys, "client.py upload", str(tmp_path / "1.png"))
    documents = {
        "client.py upload": upload,
        "client.py numbers": written(capsys, "client.py numbers", "1,2"),
        "client.py jobs": written(capsys, "client.py jobs")[0],
        "client.py label": written(capsys, "client.py label", "--annotator", "ana")[0],
        "client.py answer": written(
            capsys, "client.py answer", upload["key"], "1", "--annotator", "ana"
        ),
        "client.py operations": written(capsys, "client.py operations")[0],
        "client.py config": written(capsys, "client.py config")["port"],
        "client.py image": PICTURE_JOBS.document(PictureJob(Path("a.jpg"))),
        "client.py purge": written(capsys, "client.py purge", "--yes"),
    }
    for command, document in documents.items():
        assert list(document) == TOLD[command], command
    assert TOLD["client.py results"] == TOLD["client.py jobs"]
    assert TOLD["client.py fetch"] == []


def test_the_admins_documents_have_the_fields_that_are_told(
    cloud: Cloud, capsys: Capture, tmp_path: Path
) -> None:
    write_pictures(tmp_path, range(2))
    Queue(cloud, "requestQueue-dlq").send(Outgoing("x"))
    Reporter(Bucket(cloud), WorkerStats(), 30).write()
    upload = written(capsys, "admin.py upload", str(tmp_path / "1.png"))[0]
    stats, letter = written(capsys, "admin.py stats"), "requestQueue"
    out = str(tmp_path / "out")
    rows = tmp_path / "answers.csv"
    rows.write_text("image_key,label\nx,1\n")
    documents = {
        "admin.py upload": upload,
        "admin.py images": written(capsys, "admin.py images")[0],
        "admin.py stats": stats[0],
        "admin.py import": written(capsys, "admin.py import", str(rows), code=3)[0],
        "admin.py import --predictions": written(
            capsys, "admin.py import", str(rows), "--predictions", code=3
        )[0],
        "admin.py export": written(capsys, "admin.py export", "--format", "csv", "--out", out),
        "admin.py images remove": written(capsys, "admin.py images remove", upload["key"], "--yes")[
            0
        ],
        "admin.py queues purge": written(capsys, "admin.py queues purge", letter, "--yes"),
        "admin.py queues": written(capsys, "admin.py queues")[0],
        "admin.py queues dead": written(capsys, "admin.py queues dead")[0],
        "admin.py queues redrive": written(capsys, "admin.py queues redrive", letter, "--dry-run")[
            0
        ],
        "admin.py queues discard": written(capsys, "admin.py queues discard", letter, "--yes")[0],
        "admin.py workers": written(capsys, "admin.py workers")[0],
        "admin.py cloud": written(capsys, "admin.py cloud"),
        "admin.py cloud status": written(capsys, "admin.py cloud status"),
        "admin.py cloud up": written(capsys, "admin.py cloud up", "--dry-run")[0],
        "admin.py config": written(capsys, "admin.py config")["port"],
        "server.py config": written(capsys, "server.py config")["port"],
    }
    for command, document in documents.items():
        assert list(document) == TOLD[command], command


@pytest.mark.usefixtures("cloud")
def test_the_totals_have_the_fields_that_are_told_also_without_a_picture(capsys: Capture) -> None:
    (last,) = DOCUMENTS["admin.py stats"].parts
    (told,) = last.parts
    (row,) = written(capsys, "admin.py stats")
    assert list(row) == [*TOLD["admin.py stats"], "totals"]
    totals = row["totals"]
    assert list(totals) == list(told.names)
    assert (totals["pictures"], totals["hot_dog_percent"], totals["alpha"]) == (0, None, None)


def test_the_local_clouds_documents_have_the_fields_that_are_told(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Running(1, 2, "http://127.0.0.1:2", Key("", ""))
    monkeypatch.setattr(status, "start", lambda _, share: (running, True))
    place = Place("local", "us-east-1", endpoints.at(running.endpoint_url))
    key = Credentials("LABAPPAAAAAAAAAAAAAA", "S" * 40)
    cloud = SimpleNamespace(credentials=lambda: key, place=place, bucket_name="labapp")
    monkeypatch.setattr(Context, "cloud", lambda _: cloud)
    for command in ("start", "env", "stop", "reset"):
        words = ["--yes"] if command == "reset" else []
        document = written(capsys, f"admin.py cloud {command}", *words)
        assert list(document) == TOLD[f"admin.py cloud {command}"], command


def test_no_document_has_an_empty_text(capsys: Capture) -> None:
    context = Context("admin.py", argparse.Namespace(), settings.load({}))
    context.json({"a": "", "b": ["", {"c": ""}], "d": 0, "e": False})
    assert json.loads(capsys.readouterr().out) == {
        "a": None, "b": [None, {"c": None}], "d": 0, "e": False,
    }  # fmt: skip


def test_the_annotators_document_has_the_fields_that_are_told(
    cloud: Cloud, capsys: Capture, tmp_path: Path
) -> None:
    del cloud
    write_pictures(tmp_path, range(2))
    (picture,) = written(capsys, "admin.py upload", str(tmp_path / "1.png"))
    written(capsys, "client.py answer", picture["key"], "1", "--annotator", "ana")
    document = written(capsys, "admin.py stats", "--annotators")
    people = DOCUMENTS["admin.py stats --annotators"]
    (lately,) = people.parts
    assert list(document) == ["annotators", "since_yesterday"]
    assert list(document["annotators"][0]) == list(people.names)
    assert list(document["since_yesterday"]) == list(lately.names)
    assert document["since_yesterday"]["answers"] == 1


def test_health_has_the_fields_that_are_told_also_where_nobody_works(capsys: Capture) -> None:
    assert find("server.py").main(["health", "--json"]) == 1
    assert list(json.loads(capsys.readouterr().out)) == TOLD["server.py health"]


def test_a_log_has_the_fields_that_are_told() -> None:
    told = [field.name for field in fields(Log) if field.repr]  # its mark is ours
    assert TOLD["admin.py logs"] == told
