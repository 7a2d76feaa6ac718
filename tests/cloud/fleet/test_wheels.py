"""The wheels of a lock: fetched for the instances' machine, named before they are, stored once."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.fleet import artifact, wheels
from labapp.cloud.fleet.model import TYPES
from labapp.errors import CloudError, LabappError, UnreachableError

#: What pip says, as 23.2 said it.
BROKEN = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)': /simple/
ERROR: Could not find a version that satisfies the requirement boto3==1.44.5 (from versions: none)
ERROR: No matching distribution found for boto3==1.44.5
"""
OTHERS = """\
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the
    pygments==2.21.0 from https://example.org/pygments.whl#sha256=23 (from -r worker.lock (line 2)):
        Expected sha256 2363c6
             Got        2363c7
"""


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Have pip lay two wheels; give the words that it is called with."""
    asked: list[list[str]] = []

    def ran(argv: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        asked.append(argv)
        folder = Path(argv[argv.index("--dest") + 1])
        for name in ("six-1-py3-none-any.whl", "boto3-1-py3-none-any.whl"):
            (folder / name).write_bytes(name.encode())
        return subprocess.CompletedProcess(argv, 0, b"", b"")

    monkeypatch.setattr(subprocess, "run", ran)
    return asked


def failing(said: str) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    return lambda argv, **_: subprocess.CompletedProcess(argv, 1, b"", said.encode())


def test_each_type_of_instance_has_its_machine() -> None:
    assert {type for type in TYPES if wheels.machine(type) == wheels.ARM} == {
        *("t4g.micro", "t4g.small", "t4g.medium")
    }


def test_the_key_is_of_the_lock_and_the_machine() -> None:
    keys = {wheels.key(lock, machine) for lock in "ab" for machine in (wheels.INTEL, wheels.ARM)}
    assert len(keys) == 4
    assert all(key.startswith("deploy/wheels-") and len(key) == 34 for key in keys)


def test_wheels_are_zipped_as_they_are(pip: list[list[str]], tmp_path: Path) -> None:
    lock = tmp_path / "worker.lock"
    lock.write_bytes(b"boto3==1\r\n")
    made = wheels.build(tmp_path, wheels.ARM, lock)
    assert made.key == wheels.key(hashlib.sha256(b"boto3==1\n").hexdigest(), wheels.ARM)
    with zipfile.ZipFile(made.path) as archive:
        assert archive.namelist() == ["boto3-1-py3-none-any.whl", "six-1-py3-none-any.whl"]
    (argv,) = pip
    assert argv[:4] == [sys.executable, "-m", "pip", "download"]
    assert "--require-hashes" in argv
    assert "manylinux_2_28_aarch64" in argv
    assert argv[argv.index("--only-binary") + 1] == ":all:"


def test_they_are_fetched_and_stored_once(pip: list[list[str]], bare_bucket: Bucket) -> None:
    made: list[str] = []
    moved: list[int] = []
    keys = {
        wheels.provide(bare_bucket, wheels.INTEL, moved.append, lambda: made.append("made"))
        for _ in range(2)
    }
    assert keys == {wheels.key(artifact.build().lock, wheels.INTEL)}
    assert (len(pip), made, sum(moved)) == (1, ["made"], bare_bucket.head(*keys).size)


def test_all_but_those_in_use_go(bare_bucket: Bucket) -> None:
    for letter in "abc":
        bare_bucket.put(f"deploy/wheels-{letter}.zip", b"", "application/zip")
    bare_bucket.put("deploy/code-a.zip", b"", "application/zip")
    gone = wheels.prune(bare_bucket, {"deploy/wheels-b.zip"})
    assert gone == ["deploy/wheels-a.zip", "deploy/wheels-c.zip"]
    assert [entry.key for entry in bare_bucket.list("deploy/")] == [
        *("deploy/code-a.zip", "deploy/wheels-b.zip")
    ]


@pytest.mark.parametrize(
    ("said", "kind", "told"),
    [
        ("/usr/bin/python: No module named pip\n", LabappError, "there is no pip"),
        (BROKEN, UnreachableError, "the package index does not answer"),
        (OTHERS, CloudError, "not those that worker.lock names: pygments==2.21.0. Take them"),
        ("ERROR: No matching distribution.\n", CloudError, "packages: No matching distribution. "),
        ("", CloudError, "it does not say why"),
    ],
    ids=["no-pip", "no-network", "other-hashes", "else", "nothing"],
)
def test_what_pip_says_is_told(
    said: str,
    kind: type[LabappError],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subprocess, "run", failing(said))
    with pytest.raises(kind) as raised:
        wheels.build(tmp_path, wheels.INTEL)
    assert told in str(raised.value)


def test_a_line_that_is_too_slow_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hangs(argv: list[str], **_: object) -> None:
        raise subprocess.TimeoutExpired(argv, 3600)

    monkeypatch.setattr(subprocess, "run", hangs)
    with pytest.raises(CloudError, match="fetched for an hour"):
        wheels.build(tmp_path, wheels.INTEL)
