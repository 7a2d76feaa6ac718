"""A full disk: what was not kept is not acknowledged, programs say so, and a worker waits it out.

Regression: the local cloud answered 200, and after a restart 209 of 500 pictures were gone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from labapp.cloud.embedded import launcher
from labapp.cloud.session import local_home
from labapp.jobs.wire import Request
from tests.end_to_end.lab import Lab, until
from tests.support.processes import alive

FULL = "the disk of the local cloud is full"


def picture(lab: Lab, number: int) -> str:
    path = lab.folder / f"p{number}.png"
    Image.frombytes("RGB", (260, 260), os.urandom(260 * 260 * 3)).save(path)
    return str(path)


def cloud_pid() -> int:
    running = launcher.find(local_home())
    assert running is not None
    return running.pid


@contextlib.contextmanager
def limited_files(pid: int) -> Iterator[None]:
    """Let the cloud's process write no file beyond its first byte; needs no root."""
    if sys.platform != "linux":
        pytest.skip("a running process is limited by prlimit, which Linux has")
    import resource

    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def small_disk_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """Give a lab whose data folder is a disk of 6 MB; without a cloud as yet."""
    if sys.platform == "win32" or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root mounts a disk of 6 MB")
    data = tmp_path / "data"
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(data)]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("this machine lets nobody mount a disk of 6 MB")
    lab = Lab(tmp_path, monkeypatch.setenv)
    try:
        yield lab
    finally:
        lab.close()
        subprocess.run(["umount", "--lazy", str(data)], check=True)


def fill(folder: Path) -> Path:
    """Fill the disk of `folder` to its last byte; return the file that does."""
    path = folder / "fill"
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return path


def test_a_worker_waits_until_there_is_room_and_programs_say_that_there_is_none(
    local_lab: Lab,
) -> None:
    lab = local_lab
    worker = lab.held_server()
    lab.make_queue("responseQueue-c")
    lab.send(Request("1,2", "job-1", "c"))
    until(lab.started, "the job to begin")
    with limited_files(cloud_pid()):
        lab.let_go()
        told = worker.wait_for("trouble")[0]["message"]
        refused = lab.run("client.py", "numbers", "3,4", code=1)
        status = lab.json("admin.py", "cloud", "status")
    home = str(local_home())
    for text in (told, refused.stderr, status["trouble"]):
        assert FULL in text
        assert home in text
    assert "Traceback" not in refused.stderr

    worker.wait_for("recovered")
    assert [reply.job for reply in lab.replies("c")] == ["job-1"]
    assert lab.json("admin.py", "cloud", "status")["trouble"] is None


def test_what_was_told_to_be_added_is_there_after_a_crash_on_a_full_disk(
    small_disk_lab: Lab,
) -> None:
    lab = small_disk_lab
    lab.start_cloud()
    files = [picture(lab, number) for number in range(45)]  # of 200 kB each
    done = lab.run("client.py", "upload", *files, code=1)
    added = {line.split()[1] for line in done.stdout.splitlines() if line.endswith("done")}
    left = {line.split(":")[0] for line in done.stderr.splitlines() if line.endswith(": not added")}
    assert added
    assert left
    assert {str(lab.folder / name) for name in added} | left == set(files)
    assert FULL in done.stderr.splitlines()[-1]
    assert str(local_home()) in done.stderr.splitlines()[-1]

    filler = fill(lab.folder / "data")
    keys = [entry["key"] for entry in lab.json("admin.py", "images")]
    answer = lab.run("client.py", "answer", keys[0], "1", "--annotator", "ana", code=1)
    numbers = lab.run("client.py", "numbers", "1,2", code=1)
    assert FULL in answer.stderr
    assert FULL in numbers.stderr
    pid = cloud_pid()
    psutil.Process(pid).kill()
    until(lambda: not alive(pid), "the cloud's end")
    # Its log of before may give just so much room that it starts; the disk is named either way.
    started = lab.run("admin.py", "cloud", "start", code=None)
    assert started.returncode in (0, 1)
    assert FULL in started.stderr
    assert FULL in lab.json("admin.py", "cloud", "status")["trouble"]

    filler.unlink()
    kept = lab.json("admin.py", "images")
    assert {entry["name"] for entry in kept} == added
