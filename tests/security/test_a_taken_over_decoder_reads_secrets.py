"""A picture takes its decoder over, which then looks for what the worker knows or may read.

Nothing secret is there to be found: not in its environment, nor in that of the process it was
forked from, not in files by name, of the user, of other pictures or beside labapp, and not in open
files.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from labapp.pictures import confinement, forked
from labapp.pictures.sandbox import Sandbox
from tests.security.taken_over import (
    LINE,
    TakenOver,
    done,
    environment,
    open_descriptors,
    read,
    warm,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="children are forked")

ROOT = Path(__file__).resolve().parents[2]

SECRETS = {
    "AWS_ACCESS_KEY_ID": "hunter2",
    "AWS_SECRET_ACCESS_KEY": "hunter2",
    "AWS_SESSION_TOKEN": "hunter2",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "hunter2",
    "LABAPP_PLAIN_RESULT_PREFIX": "hunter2",
    "HTTPS_PROXY": "http://user:hunter2@proxy",
    "GITHUB_TOKEN": "hunter2",
}


def test_no_secret_stands_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked, "_servers", {})  # one that begins with these
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    sandbox = warm()
    _, found = done(sandbox, environment)
    names = {entry.partition("=")[0] for entry in found}
    assert "OPENBLAS_NUM_THREADS" in names
    assert not names & set(SECRETS)
    assert "hunter2" not in "".join(found).lower()
    server = forked._servers["labapp.worker.preload"]._process.pid
    started_with = Path(f"/proc/{server}/environ")
    if started_with.exists():
        assert b"hunter2" not in started_with.read_bytes().lower()


@pytest.fixture(scope="module", params=[True, False], ids=["forked", "started"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return warm(confinement.FILES, forks=request.param)


def test_no_file_of_the_user_can_be_read(sandbox: Sandbox, tmp_path: Path) -> None:
    credentials = tmp_path / ".aws" / "credentials"
    credentials.parent.mkdir()
    credentials.write_text("[default]\n")
    link = tmp_path / "link"
    link.symlink_to(credentials)
    paths = [credentials, link, ROOT / "pyproject.toml", ROOT / "README.md"]
    paths += map(Path, ("/etc/passwd", "/etc/hosts", "/proc/self/environ", "/proc/self/maps"))
    for pid in (os.getpid(), forked._servers["labapp.worker.preload"]._process.pid):
        paths += [Path(f"/proc/{pid}/{name}") for name in ("environ", "mem", "cmdline", "maps")]
    for path in paths:
        assert done(sandbox, read, str(path)) == ["failed", "EACCES"], path
    for folder in (tmp_path, ROOT, "/", "/proc", "/tmp", "/proc/self/fd"):
        assert done(sandbox, os.listdir, str(folder)) == ["failed", "EACCES"], folder
    source = ROOT / "labapp" / "pictures" / "lazy.py"
    assert done(sandbox, read, str(source))[0] == "did", "its own modules can be"


def test_no_file_is_open_but_its_own(tmp_path: Path) -> None:
    log = (tmp_path / "worker.log").open("w")
    os.set_inheritable(log.fileno(), True)
    sandbox = warm()
    assert done(sandbox, open_descriptors) == ["did", [0, 1, 2, LINE]]
    source, result = tmp_path / "source", tmp_path / "result"
    source.write_bytes(b"picture")
    task = TakenOver(open_descriptors, (), source, result)
    assert sandbox.run(task) == ["did", [0, 1, 2, LINE, LINE + 1, LINE + 2]]
    assert done(sandbox, open_descriptors) == ["did", [0, 1, 2, LINE]], "the next has none of them"
    log.close()
