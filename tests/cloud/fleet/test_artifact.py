"""The zip of the code: the same of the same code everywhere, and the last three of it are kept."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labapp import settings as settings_room
from labapp.cloud.bucket import Bucket, Entry
from labapp.cloud.fleet import artifact
from labapp.cloud.fleet.artifact import Artifact
from labapp.cloud.fleet.model import Code
from labapp.errors import LabappError
from labapp.settings_table import DIRECTING, Settings

TOP = Path(__file__).parents[3]

TEXTS = {
    "server.py": "import sys\n",
    "labapp/__init__.py": '"""A suite."""\n',
    "labapp/cloud/fleet/worker.lock": "boto3==1\n",
    "labapp/cloud/role_policies/worker.json": "{}\n",
    "labapp/worker/engine.py": "A = 1\nB = 2\n",
    "labapp/worker/Zebra.py": "",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return laid(tmp_path / "one")


def laid(root: Path, end: bytes = b"\n") -> Path:
    for name, text in TEXTS.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode().replace(b"\n", end))
    return root


def made(code: str, seconds: int = 0) -> tuple[Artifact, Entry]:
    data = code.encode()
    sha = hashlib.sha256(data).hexdigest()
    key = f"deploy/code-{sha[:16]}.zip"
    at = datetime(2026, 11, 28, 12, 0, seconds, tzinfo=UTC)
    return Artifact(key, sha, data, "a" * 64), Entry(key, len(data), "", at)


@pytest.fixture
def shelf(bare_bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    """Give the listing of a bucket, whose clock ticks whole seconds, as one writes it."""
    entries: list[Entry] = []
    there: dict[str, Entry] = {}

    def listed(prefix: str) -> Iterator[Entry]:
        there.update({entry.key: entry for entry in entries})
        kept = {entry.key for entry in Bucket.list(bare_bucket, prefix)}
        return iter([entry for key, entry in sorted(there.items()) if key in kept])

    monkeypatch.setattr(bare_bucket, "list", listed)
    return entries


def stand(bucket: Bucket, shelf: list[Entry], *codes: str) -> list[Artifact]:
    """Store codes one after the other."""
    found = []
    for second, code in enumerate(codes, len(shelf)):
        one, entry = made(code, second)
        artifact.upload(bucket, one)
        shelf.append(entry)
        found.append(one)
    return found


def test_the_key_is_of_the_whole_hash(checkout: Path) -> None:
    built = artifact.build(checkout)
    assert built.sha256 == hashlib.sha256(built.data).hexdigest()
    assert built.key == f"deploy/code-{built.sha256[:16]}.zip"
    assert built.lock == hashlib.sha256(b"boto3==1\n").hexdigest()
    assert built.code == Code(built.key, built.sha256, built.lock)


def test_a_checkout_of_windows_makes_the_same_zip(checkout: Path, tmp_path: Path) -> None:
    windows = laid(tmp_path / "two", end=b"\r\n")
    for number, path in enumerate(sorted(windows.rglob("*"), reverse=True)):
        os.utime(path, (number, number))
        path.chmod(0o777 if path.is_dir() else 0o400 + number % 2)
    assert artifact.build(windows) == artifact.build(checkout)


def test_a_labs_own_dialect_goes_along(checkout: Path, tmp_path: Path) -> None:
    own = tmp_path / "ours.toml"
    own.write_bytes(b'about = "ours"\r\n')
    settings = Settings(dialect=str(own))
    built = artifact.build(checkout, settings)
    with zipfile.ZipFile(io.BytesIO(built.data)) as archive:
        assert archive.read(artifact.DIALECT) == b'about = "ours"\n'
    own.write_bytes(b'about = "ours, changed"\n')
    assert artifact.build(checkout, settings).key != built.key
    assert artifact.build(checkout, Settings(dialect="positions")) == artifact.build(checkout)


def test_a_dialect_that_is_not_there_is_told(checkout: Path, tmp_path: Path) -> None:
    with pytest.raises(LabappError, match="cannot zip the code"):
        artifact.build(checkout, Settings(dialect=str(tmp_path / "none.toml")))


def test_settings_that_are_sentences_are_had_where_it_is_unzipped(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Settings(default_pipeline="blur:sigma=3 grayscale", plain_error='It is "wrong" \\ é')
    with zipfile.ZipFile(io.BytesIO(artifact.build(checkout, wanted).data)) as archive:
        archive.extractall(tmp_path / "there")
    monkeypatch.chdir(tmp_path / "there")
    assert settings_room.load().settings == wanted
    assert not DIRECTING & {*artifact.SENTENCES}  # else nobody would heed the file


def test_what_lies_beside_the_code_is_left_out(checkout: Path) -> None:
    before = artifact.build(checkout)
    for name in (
        *("admin.py", "notes.txt", "labapp.toml", "images/one.jpg", ".venv/lib/boto3.py"),
        *("labapp/__pycache__/engine.cpython-311.pyc", "labapp/.mypy_cache/cache.json"),
        *("labapp/worker/engine.py~", "labapp/worker/.engine.py.swp", "labapp/.DS_Store"),
        *("labapp/worker/engine.py.orig", "labapp/worker/engine 2.py", "labapp/Thumbs.db"),
        *("labapp/env/pyvenv.cfg", "labapp/env/lib/other.py", "labapp/worker/#engine.py#"),
    ):
        path = checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"foreign")
    assert artifact.build(checkout) == before


def test_what_is_changed_changes_the_key(checkout: Path) -> None:
    before = artifact.build(checkout)
    (checkout / "labapp/worker/engine.py").write_text("A = 2\n", "utf-8")
    assert artifact.build(checkout).key != before.key


def test_every_file_of_the_package_is_in_it() -> None:
    if not (TOP / ".git").exists() or not shutil.which("git"):
        pytest.skip("no checkout of git's")
    told = subprocess.run(["git", "ls-files", "labapp"], cwd=TOP, capture_output=True, check=True)
    with zipfile.ZipFile(io.BytesIO(artifact.build().data)) as archive:
        names = archive.namelist()
    assert names == sorted(names)
    missing = {*told.stdout.decode().split(), "server.py", "worker.lock"} - {*names}
    not_run = {"labapp/help/ministack-long-queues.patch"}
    assert missing == {"labapp/cloud/fleet/worker.lock"} | not_run


def test_it_is_as_unzip_wants_it(checkout: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(artifact.build(checkout).data)) as archive:
        assert archive.testzip() is None
        assert {(one.date_time, one.compress_type) for one in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED)
        }
        assert {one.external_attr >> 16 for one in archive.infolist()} == {0o100644}


def test_a_checkout_that_lacks_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(LabappError, match="cannot zip the code"):
        artifact.build(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="rights are others' there")
def test_nothing_outside_the_checkout_is_followed_to(checkout: Path, tmp_path: Path) -> None:
    before = artifact.build(checkout)
    (tmp_path / "else").mkdir()
    (tmp_path / "else/other.py").write_text("")
    (checkout / "labapp/linked").symlink_to(tmp_path / "else")
    assert artifact.build(checkout) == before


def test_it_is_stored_once(bare_bucket: Bucket) -> None:
    one, _ = made("one")
    assert artifact.upload(bare_bucket, one)
    assert not artifact.upload(bare_bucket, one)
    assert bare_bucket.get(one.key, 100).body == one.data


def test_what_lies_in_its_place_is_replaced(bare_bucket: Bucket) -> None:
    one, _ = made("one")
    bare_bucket.put(one.key, b"half", "application/zip", {"sha256": one.sha256})
    assert artifact.upload(bare_bucket, one)
    assert bare_bucket.get(one.key, 100).body == one.data


def test_stored_codes_are_listed_the_last_first(bare_bucket: Bucket, shelf: list[Entry]) -> None:
    stored = stand(bare_bucket, shelf, "one", "two", "three")
    assert artifact.stored(bare_bucket) == [one.code for one in reversed(stored)]


def test_what_is_not_as_it_says_is_not_listed(bare_bucket: Bucket, shelf: list[Entry]) -> None:
    one, entry = made("one")
    bare_bucket.put(one.key, b"other", "application/zip", {"sha256": "f" * 64})
    bare_bucket.put("deploy/code-mine.zip", b"", "application/zip")
    shelf += [entry, Entry("deploy/code-mine.zip", 0, "", entry.modified)]
    assert artifact.stored(bare_bucket) == []


def test_the_last_three_are_kept_and_what_is_in_use(
    bare_bucket: Bucket, shelf: list[Entry]
) -> None:
    one, two, *rest = stand(bare_bucket, shelf, "one", "two", "three", "four", "five")
    assert artifact.prune(bare_bucket, in_use={one.key}) == [two.key]
    assert {code.key for code in artifact.stored(bare_bucket)} == {
        one.key,
        *(later.key for later in rest),
    }


@pytest.mark.parametrize(("in_use", "wanted"), [("c", "b"), ("b", "a"), ("a", "c"), ("gone", "c")])
def test_the_previous_code(in_use: str, wanted: str) -> None:
    codes = [Code("c", ""), Code("b", ""), Code("a", "")]
    assert artifact.previous(codes, in_use) == Code(wanted, "")


def test_there_may_be_none_before() -> None:
    assert artifact.previous([Code("a", "")], "a") is None
    assert artifact.previous([], "a") is None
