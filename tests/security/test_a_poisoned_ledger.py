"""A ledger holds rows of anything: answers kept before they were checked, or what a disk damaged.

Every command lists what can be listed, and `purge` clears it, even a file that is no database.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from labapp import settings
from labapp.cloud.session import Cloud
from labapp.jobs.session import LEDGER_FILE, ClientSession
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.shell.context import Context
from tests.support.commands import client

pytestmark = pytest.mark.usefixtures("short_polls")

Capture = pytest.CaptureFixture[str]

JOB = "01M7Y17TSX24YQ6Q58P948AX5D"

#: One field of a row that is else in order, and what stands in it.
FIELDS: list[tuple[str, Any]] = [
    ("result", "[" * 200_000),
    ("result", '{"a": NaN}'),
    ("result", b"\xff\xfe"),
    ("result", r'{"key": "outbox/\u0000"}'),
    ("result", '{"key": ["outbox/"], "lost": 7}'),
    ("note", "[" * 200_000),
    ("note", r'{"path": "a\u0000b", "folder": "\u0000", "label": [[]]}'),
    ("note", b"\x00\xff"),
    ("reply", b"\xff" * 100),
    ("reply", "a\x00\x1b[2J\n" * 100_000),
    ("body", b"\xff,\x00"),
    ("body", "x" * 1_000_000),
    ("kind", b"\xff"),
    ("status", "[" * 1000),
    ("status", b"\xff"),
    ("sent_at", "yesterday"),
    ("sent_at", 1e300),
    ("sent_at", -1e300),
    ("sent_at", float("inf")),
    ("answered_at", b"\xff"),
    ("answered_at", 1e18),
    ("job", b"\xff\x00"),
    ("job", "a\x00b"),
    ("job", "../../x"),
    ("job", "[" * 200_000),
    ("client", "../../../x"),
    ("client", b"\xff"),
]

#: Those of them that labapp itself might have written: an object of JSON, whatever is in it.
SOUND = [
    (name, value)
    for name, value in FIELDS
    if name in {"result", "note"} and str(value).startswith('{"') and "NaN" not in str(value)
]


def poison(cloud: Cloud, kind: str, changes: dict[str, Any]) -> None:
    """Put a row in the ledger, with texts that are no UTF-8 where bytes are given."""
    with ClientSession(cloud) as session:
        client = session.client
    row: dict[str, Any] = {
        **{"job": JOB, "client": client, "kind": kind, "body": "1,2", "sent_at": 1.0},
        **{"status": "done", "answered_at": 2.0, "reply": "sum is 3", "result": '{"sum": 3}'},
        **{"note": "", "shown": 0, **changes},
    }
    cells = ", ".join(
        f"CAST(:{name} AS TEXT)" if isinstance(value, bytes) else f":{name}"
        for name, value in row.items()
    )
    db = sqlite3.connect(cloud.home / LEDGER_FILE)
    with db:
        db.execute(f"INSERT INTO jobs ({', '.join(row)}) VALUES ({cells})", row)
    db.close()


def rows(cloud: Cloud) -> int:
    db = sqlite3.connect(cloud.home / LEDGER_FILE)
    (found,) = db.execute("SELECT count(*) FROM jobs").fetchone()
    db.close()
    return int(found)


@pytest.mark.parametrize("kind", ["numbers", "pictures"])
def test_every_command_goes_on_and_purge_clears_it(
    cloud: Cloud, capsys: Capture, kind: str
) -> None:
    jobs = [f"J{number}" for number in range(len(FIELDS))]
    for job, (name, value) in zip(jobs, FIELDS, strict=True):
        poison(cloud, kind, {"job": job, name: value})
    poison(cloud, kind, {})
    assert client("jobs") == client("results") == client("results", "--json") == 0
    capsys.readouterr()
    assert client("jobs", "--json", "-n", "100") == 0
    assert len(json.loads(capsys.readouterr().out)) == len(FIELDS) + 1
    for job in (*jobs, JOB):
        assert client("fetch", job) == 1
    client("wait", *jobs, "--timeout", "0", "--json")
    assert "Traceback" not in capsys.readouterr().err

    assert client("purge", "--yes", "--dry-run", "--json") == 0
    told = f"{len(FIELDS) - len(SOUND)} rows of the ledger that cannot be a job's"
    assert f"would purge {told}" in capsys.readouterr().err
    assert rows(cloud) == len(FIELDS) + 1, "nothing is done by asking"
    assert client("purge", "--yes", "--json") == 0
    assert f"purged {told}" in capsys.readouterr().err
    assert client("jobs", "--json") == 0
    kept = {one["job"] for one in json.loads(capsys.readouterr().out)}
    assert kept == {JOB, *(job for job, one in zip(jobs, FIELDS, strict=True) if one in SOUND)}


@pytest.mark.parametrize("kind", ["numbers", "pictures"])
def test_the_menu_opens_on_all_of_it(cloud: Cloud, kind: str) -> None:
    for number, (name, value) in enumerate(FIELDS):
        poison(cloud, kind, {"job": f"J{number}", name: value})
    menu = ClientMenuSession(Context("client.py", argparse.Namespace(), settings.load()))
    menu.background_tick()
    assert menu.notices()
    assert menu.open_session().unshown() == [], "told once"


@pytest.mark.parametrize(
    "damage",
    [
        b"no database at all" * 1000,
        b"SQLite format 3\x00" + b"\xff" * 8192,
        b"SQLite format 3\x00",
    ],
)
def test_purge_begins_anew_where_the_file_is_no_ledger(
    cloud: Cloud, capsys: Capture, damage: bytes
) -> None:
    path: Path = cloud.home / LEDGER_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(damage)
    assert client("jobs") == 1
    assert "'client.py purge' sets it aside" in capsys.readouterr().err
    assert client("purge", "--yes") == 0
    assert "set aside" in capsys.readouterr().err
    (aside,) = path.parent.glob(f"{LEDGER_FILE}.damaged-*")
    assert aside.read_bytes() == damage
    assert client("jobs") == 0


def test_purge_begins_anew_where_its_tables_are_gone(cloud: Cloud, capsys: Capture) -> None:
    with ClientSession(cloud):
        pass
    db = sqlite3.connect(cloud.home / LEDGER_FILE)
    db.execute("DROP TABLE jobs")
    db.close()
    assert client("jobs") == 1
    assert "no such table" in capsys.readouterr().err
    assert client("purge", "--yes", "--json") == 0
    assert client("jobs") == 0
