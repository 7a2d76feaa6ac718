"""A dry run names exactly what the run then acts on: each command is run twice and compared."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud import queues
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud, local_home
from labapp.jobs import kinds
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from labapp.programs import find
from tests.dataset.dataset_kit import answer, write_pictures
from tests.support.commands import admin

Capture = pytest.CaptureFixture[str]

PROGRAMS = ("client.py", "admin.py", "server.py")


class Runs:
    """Runs commands with --json, first without effect."""

    def __init__(self, capsys: Capture) -> None:
        self._capsys = capsys

    def __call__(self, line: str, *words: str, code: int = 0) -> Any:
        self._capsys.readouterr()
        program, *command = line.split()
        assert find(program).main([*command, *words, "--json"]) == code
        return json.loads(self._capsys.readouterr().out)

    def both(self, line: str, *words: str, code: int = 0) -> Any:
        """Run a command dry and in earnest; return the document, the same but for its states."""
        dry = self(line, *words, "--dry-run", code=code)
        done = self(line, *words, code=code)
        assert _undone(dry) == _same(done)
        return done


def _same(document: Any) -> Any:
    """Return a run's document less what a dry run before it changes."""
    if isinstance(document, list):
        return [_same(one) for one in document]
    return {name: value for name, value in document.items() if name != "receives"}


def _undone(document: Any) -> Any:
    """Take a dry run's words for what would be for what is."""
    if isinstance(document, list):
        return [_undone(one) for one in document]
    state = document["state"]
    assert state.startswith("would be ") or "already" in state
    known = {**document, "state": state.removeprefix("would be ")}
    known.pop("receives", None)  # SQS counts the dry run's own look
    return known


@pytest.fixture
def runs(capsys: Capture) -> Runs:
    return Runs(capsys)


def test_every_dry_run_is_compared_here() -> None:
    known = set()
    for program in PROGRAMS:
        for command in find(program).commands:
            parser = argparse.ArgumentParser()
            command.arguments(parser)
            flags = {flag for action in parser._actions for flag in action.option_strings}
            if "--dry-run" in flags:
                known.add(command.name)
                assert "--json" in flags, command.name
    assert known == {
        *("upload", "purge", "queues purge", "queues redrive", "queues discard"),
        *("images remove", "export", "cloud up", "cloud reset"),
        # tests/programs/deciding/test_commands.py
        *("annotators leave-out", "annotators take-back", "annotators withdraw"),
        *("annotators restore", "annotators merge", "annotators split", "verdict"),
        *("broken dismiss", "broken bring-back"),
        *("classes set", "classes reset"),  # tests/programs/classes/test_commands.py
        *("gold add", "gold remove"),  # tests/programs/gold/test_commands.py
        "import",  # tests/dataset/test_importing.py
        *("flag", "undo"),  # tests/programs/labelling/test_own_commands.py
        "queues prune",  # tests/programs/queues/test_prune.py
        # tests/end_to_end/test_a_fleet_from_nothing_to_its_end.py
        *("deploy up", "deploy rollback", "deploy park", "deploy wake", "deploy down"),
        *("recipes save", "recipes remove"),  # tests/programs/processing/test_recipe_commands.py
    }


def by_path(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["path"]))


@pytest.mark.parametrize("program", ["client.py", "admin.py"])
@pytest.mark.usefixtures("cloud")
def test_an_upload_knows_what_is_there_and_which_files_are_equal(
    runs: Runs, tmp_path: Path, program: str
) -> None:
    folder = tmp_path / "photos"
    write_pictures(folder, range(4))
    runs(f"{program} upload", str(folder / "1.png"))
    (folder / "twin.png").write_bytes((folder / "2.png").read_bytes())
    (folder / "bad.png").write_text("no picture")
    dry = runs(f"{program} upload", str(folder), "--dry-run", code=3)
    done = runs(f"{program} upload", str(folder), code=3)
    states = {Path(row["path"]).name: row["state"] for row in dry}
    assert states["1.png"] == "already there"
    assert states["0.png"] == states["3.png"] == "would be added"
    assert states["bad.png"] == "would be refused"
    assert sorted(states[name] for name in ("2.png", "twin.png")) == [
        "already there",
        "would be added",
    ]
    # Which of the twins comes first is chance.
    plain = [[row for row in by_path(rows) if "2.png" not in row["path"] and "twin" not in
              row["path"]] for rows in (dry, done)]  # fmt: skip
    assert [_undone(row) for row in plain[0]] == plain[1]
    assert all(row["state"] == "already there" for row in runs(f"{program} upload", str(folder),
               "--dry-run", code=3) if "bad" not in row["path"])  # fmt: skip


def test_an_upload_tells_in_words_what_is_there_already(
    cloud: Cloud, tmp_path: Path, capsys: Capture
) -> None:
    write_pictures(tmp_path, range(2))
    assert admin("upload", str(tmp_path / "0.png")) == 0
    capsys.readouterr()
    words = ["upload", str(tmp_path / "0.png"), str(tmp_path / "1.png"), "--dry-run"]
    assert admin(*words) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"{tmp_path / '0.png'} is there already",
        f"would upload {tmp_path / '1.png'}",
    ]
    assert err == "1 would be added, 1 already there, 0 would be refused\n"


def test_cloud_up_names_all_that_it_makes_and_changes(bare_cloud: Cloud, runs: Runs) -> None:
    done = runs.both("admin.py cloud up")
    assert {row["state"] for row in done} == {"made"}
    assert {row["name"] for row in done} >= {
        bare_cloud.bucket_name,
        *(name + end for name in kinds.queue_names(bare_cloud.settings) for end in ("", "-dlq")),
        *("encryption", "versioning", "TLS only", "no public access"),
        *("S3 may send to imageInbox", "drop/* to imageInbox"),
    }
    again = runs.both("admin.py cloud up")
    assert {row["state"] for row in again} == {"there already"}


@pytest.mark.parametrize(
    ("undo", "named"),
    [
        (lambda s3, name: s3.delete_public_access_block(Bucket=name), "no public access"),
        (lambda s3, name: s3.delete_bucket_encryption(Bucket=name), "encryption"),
        (lambda s3, name: s3.delete_bucket_policy(Bucket=name), "TLS only"),
        (
            lambda s3, name: s3.put_bucket_versioning(
                Bucket=name, VersioningConfiguration={"Status": "Suspended"}
            ),
            "versioning",
        ),
        (
            lambda s3, name: s3.put_bucket_notification_configuration(
                Bucket=name, NotificationConfiguration={}
            ),
            "drop/* to imageInbox",
        ),
    ],
)
def test_cloud_up_names_the_one_thing_that_was_undone(
    bare_cloud: Cloud, runs: Runs, undo: Callable[[Any, str], object], named: str
) -> None:
    runs("admin.py cloud up")
    undo(bare_cloud.s3, bare_cloud.bucket_name)
    done = runs.both("admin.py cloud up")
    assert [row["name"] for row in done if row["state"] == "made"] == [named]


def test_a_dry_cloud_up_makes_nothing_and_says_it_in_words(
    bare_cloud: Cloud, capsys: Capture
) -> None:
    assert admin("cloud", "up", "--dry-run") == 0
    dry = capsys.readouterr().out.splitlines()
    assert queues.names(bare_cloud) == []
    assert bare_cloud.s3.list_buckets()["Buckets"] == []
    assert admin("cloud", "up") == 0
    done = capsys.readouterr().out.splitlines()
    assert dry == [f"would make {line.removesuffix(': made')}" for line in done]


def test_a_dry_cloud_up_says_what_is_there_already(cloud: Cloud, capsys: Capture) -> None:
    assert admin("cloud", "up") == 0
    capsys.readouterr()
    told = []
    for words in (["cloud", "up", "--dry-run"], ["cloud", "up"]):
        assert admin(*words) == 0
        told.append(capsys.readouterr().out.splitlines())
    assert told[0] == told[1]
    assert "queue requestQueue: there already" in told[0]


def test_dead_letters_are_sent_back_and_deleted_by_reason_as_told_before(
    cloud: Cloud, runs: Runs
) -> None:
    dead = Queue(cloud, "requestQueue-dlq")
    for number, reason in enumerate(["Disk is full", "no client: x", "disk is full", "other"]):
        dead.send(Outgoing(str(number), {"reason": reason}))
    rows = runs.both("admin.py queues redrive requestQueue", "--reason", "DISK")
    assert sorted(row["body"] for row in rows) == ["0", "2"]
    assert {row["state"] for row in rows} == {"sent back"}
    assert Queue(cloud, "requestQueue").counts().visible == 2
    (row,) = runs("admin.py queues discard requestQueue", "--reason", "no*x", "--dry-run")
    assert (row["body"], row["state"]) == ("1", "would be deleted")
    assert dead.counts().visible == 2
    (row,) = runs("admin.py queues discard requestQueue", "--reason", "no*x", "--yes")
    assert (row["body"], row["state"], row["client"]) == ("1", "deleted", None)
    (left,) = runs("admin.py queues discard requestQueue", "--yes")
    assert left["body"] == "3"
    assert (dead.counts().visible, dead.counts().in_flight) == (0, 0)


def test_letters_that_somebody_looks_at_are_not_told_as_none(cloud: Cloud, capsys: Capture) -> None:
    dead = Queue(cloud, "requestQueue-dlq")
    dead.send(Outgoing("x"))
    assert dead.receive(visibility=30)
    assert admin("queues", "redrive", "requestQueue") == 1
    assert "1 message there cannot be seen now" in capsys.readouterr().err


def test_a_purge_of_a_queue_counts_all_that_it_deletes(cloud: Cloud, runs: Runs) -> None:
    queue = Queue(cloud, "requestQueue")
    for _ in range(3):
        queue.send(Outgoing("1,2"))
    cloud.sqs.send_message(QueueUrl=queue.url, MessageBody="late", DelaySeconds=60)
    assert queue.receive(limit=1)
    dry = runs("admin.py queues purge requestQueue", "--dry-run")
    done = runs("admin.py queues purge requestQueue", "--yes")
    assert dry == {"queue": "requestQueue", "messages": 4, "state": "would be purged"}
    assert done == {**dry, "state": "purged"}
    assert queue.counts().all == 0


def test_a_purge_of_replies_names_the_jobs_also_those_that_were_never_sent(
    cloud: Cloud, runs: Runs
) -> None:
    with ClientSession(cloud) as session:
        jobs = session.submit(NUMBERS, ["1", "2", "3"])
        session.ledger.mark_unsent(jobs[:1])
    dry = runs("client.py purge", "--dry-run")
    done = runs("client.py purge", "--yes")
    assert dry == {"state": "would be purged", "given_up": jobs}
    assert done == {"state": "purged", "given_up": jobs}


def test_pictures_are_removed_by_keys_and_patterns_as_told_before(
    cloud: Cloud, runs: Runs, tmp_path: Path
) -> None:
    bucket = Bucket(cloud)
    write_pictures(tmp_path, range(4))
    for name in ("a.gif.png", "b.gif.png"):
        (tmp_path / name).write_bytes((tmp_path / f"{'ab'.index(name[0])}.png").read_bytes())
    for name in ("a.gif.png", "b.gif.png", "2.png", "3.png"):
        runs("admin.py upload", str(tmp_path / name))
    keys = {entry.key.rpartition("-")[2]: entry.key for entry in bucket.list("images/")}
    answer(bucket, keys["a.gif.png"], "ana1", "bo0")
    asked = ["*.gif.*", keys["2.png"].removeprefix("images/"), keys["a.gif.png"]]
    dry = runs("admin.py images remove", *asked, "--dry-run")
    assert len(list(bucket.list("images/"))) == 4
    done = runs("admin.py images remove", *asked, "--yes")
    assert _undone(sorted(dry, key=str)) == sorted(done, key=str)
    lines = {row["key"]: row["lines"] for row in done}
    assert lines == {keys["a.gif.png"]: 2, keys["b.gif.png"]: 0, keys["2.png"]: 0}
    assert [entry.key for entry in bucket.list("images/")] == [keys["3.png"]]
    kept = {row["kept"] for row in done}
    assert kept == {None, f"removed/{keys['a.gif.png'].removeprefix('images/')}.txt"}


def test_a_pattern_that_matches_nothing_removes_nothing(
    cloud: Cloud, tmp_path: Path, capsys: Capture
) -> None:
    write_pictures(tmp_path, range(1))
    assert admin("upload", str(tmp_path / "0.png")) == 0
    assert admin("images", "remove", "*.png", "*.gif", "--yes") == 1
    assert "*.gif" in capsys.readouterr().err
    assert len(list(Bucket(cloud).list("images/"))) == 1


def test_an_export_names_its_files_and_pictures(cloud: Cloud, runs: Runs, tmp_path: Path) -> None:
    write_pictures(tmp_path, range(2))
    (row, _) = runs("admin.py upload", str(tmp_path / "0.png"), str(tmp_path / "1.png"))
    answer(Bucket(cloud), row["key"], "ana1")
    out = tmp_path / "out"
    done = runs.both("admin.py export", "--format", "imagefolder", "--out", str(out))
    assert done == {
        "format": "imagefolder",
        "state": "written",
        "files": [str(out / "metadata.csv"), str(out / "README.md")],
        "pictures": 1,
        "rows": 1,
        "answers": 1,
        "had": 0,
    }


def test_a_reset_of_the_local_cloud_names_the_folders_that_it_empties(runs: Runs) -> None:
    folders = [local_home() / name for name in ("s3", "state")]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "x").touch()
    dry = runs("admin.py cloud reset", "--dry-run")
    assert all(folder.exists() for folder in folders)
    done = runs("admin.py cloud reset", "--yes")
    assert _undone(dry) == done
    assert set(done["folders"]) == {str(folder) for folder in folders}
    assert not any(folder.exists() for folder in folders)
