"""Real children, forked as a worker forks them: whatever a picture does, only they end."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from labapp.errors import JobFailedError, LabappError, RefusedError
from labapp.pictures import forked, line, sandbox
from labapp.pictures.process import PictureTask, Processed
from labapp.pictures.sandbox import Caps, EndedError, Sandbox
from labapp.worker.picture_work import PRELOADED
from tests.pictures import odd_children
from tests.pictures.samples import INVERT, PNG, file_of, opened, photo
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks, signals and caps")


ROOT = Path(__file__).resolve().parents[2]

#: Ample for anything that ends by itself.
CAPS = Caps(60, 450_000_000)


def odd(monkeypatch: pytest.MonkeyPatch, work: Callable[..., None]) -> None:
    """Have the next children do something else."""
    monkeypatch.setattr(sandbox, "_work", work)


def descendants() -> set[int]:
    """Return the processes below this one that hold a picture: those below the forking one."""
    found = set()
    with contextlib.suppress(psutil.NoSuchProcess):  # the one that forks them has ended
        for one in itertools.chain(*(child.children() for child in psutil.Process().children())):
            with contextlib.suppress(psutil.NoSuchProcess):  # ended since it was listed
                if one.status() != psutil.STATUS_ZOMBIE:
                    found.add(one.pid)
    return found


@pytest.fixture
def alone() -> None:
    """Wait until no child is left that waits for the next picture of a test before."""
    until(lambda: descendants() == set())


def worker_with(what: str, task: PictureTask) -> list[str]:
    """Return the command of a worker of its own, whose only picture does as it is told."""
    module = "tests.pictures.odd_children"
    return [sys.executable, "-m", module, what, str(task.source), str(task.result)]


def test_a_picture_is_done_and_soon_its_child_is_gone(task: PictureTask) -> None:
    pid = os.getpid()
    done = Sandbox(CAPS, PRELOADED).run(task)
    assert isinstance(done, Processed)
    assert (done.format, done.width, done.height, done.frames) == ("png", 40, 30, 1)
    assert done.bytes == task.result.stat().st_size
    before, after = opened(task.source.read_bytes()), opened(task.result.read_bytes())
    assert after.getpixel((3, 5)) == tuple(255 - v for v in before.getpixel((3, 5)))  # type: ignore[union-attr]
    until(lambda: descendants() == set())
    assert os.getpid() == pid


@pytest.mark.usefixtures("alone")
def test_the_next_picture_is_done_by_the_same_child(task: PictureTask) -> None:
    same = Sandbox(CAPS, PRELOADED)
    same.run(task)
    first = descendants()
    task.result.unlink()
    assert same.run(task).format == "png"
    assert task.result.exists()
    assert len(first) == 1
    assert descendants() <= first


def test_a_picture_after_a_pause_is_done_by_another_child(task: PictureTask) -> None:
    same = Sandbox(CAPS, PRELOADED)
    same.run(task)
    until(lambda: descendants() == set())
    assert same.run(task).format == "png"


@pytest.mark.parametrize("work", [odd_children.tire, odd_children.swell])
def test_what_goes_wrong_in_a_used_child_is_done_by_a_fresh_one(
    task: PictureTask, monkeypatch: pytest.MonkeyPatch, work: Any
) -> None:
    same = Sandbox(CAPS, PRELOADED)
    with monkeypatch.context() as patch:
        odd(patch, work)
        same.run(task)
    task.result.unlink()
    assert same.run(task).format == "png"
    assert task.result.exists()


@pytest.mark.usefixtures("alone")
def test_a_child_is_not_kept_after_a_picture_that_was_refused(task: PictureTask) -> None:
    same = Sandbox(CAPS, PRELOADED)
    same.run(task)
    good = task.source.read_bytes()
    task.source.write_bytes(b"These are my notes.\n")
    with pytest.raises(RefusedError):
        same.run(task)
    assert descendants() == set()
    task.source.write_bytes(good)
    assert same.run(task).format == "png"


@pytest.mark.parametrize(
    ("data", "pipeline", "told"),
    [
        (b"These are my notes.\n", INVERT, "cat.png is text"),
        (PNG[:-20], INVERT, "cat.png "),
        (PNG, '[{"op":"melt"}]', "melt"),
        (PNG, '[{"op":"resize","side":16000}]', "megapixels"),
    ],
    ids=["text", "cut short", "no operation", "too great a result"],
)
def test_what_the_picture_is_refused_for_is_told_as_it_is(
    task: PictureTask, data: bytes, pipeline: str, told: str
) -> None:
    task.source.write_bytes(data)
    with pytest.raises(RefusedError, match=told) as caught:
        Sandbox(CAPS, PRELOADED).run(
            PictureTask(task.source, pipeline, task.result, task.limits, "", task.name)
        )
    assert caught.value.message
    assert not task.result.exists()


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("work", [odd_children.hang, odd_children.deaf])
def test_a_picture_that_takes_too_long_fails_and_its_child_is_killed(
    task: PictureTask, monkeypatch: pytest.MonkeyPatch, work: Any
) -> None:
    odd(monkeypatch, work)
    with pytest.raises(JobFailedError, match=r"longer than 0\.7 seconds"):
        Sandbox(Caps(0.7, CAPS.memory), PRELOADED).run(task)
    assert descendants() == set()


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (odd_children.crash, "crashed .SIGSEGV."),
        (odd_children.leave, "crashed .exit code 7."),
        (odd_children.stumble, "could not be processed .KeyError."),
    ],
)
def test_a_crash_fails_the_job_alone(
    task: PictureTask, monkeypatch: pytest.MonkeyPatch, work: Any, told: str
) -> None:
    with monkeypatch.context() as patch:
        odd(patch, work)
        with pytest.raises(JobFailedError, match=told):
            Sandbox(CAPS, PRELOADED).run(task)
    assert Sandbox(CAPS, PRELOADED).run(task).format == "png", "the next picture is done"


@pytest.mark.parametrize("work", [odd_children.devour, odd_children.devour_in_opencv])
def test_more_memory_than_the_cap_is_refused(
    task: PictureTask, monkeypatch: pytest.MonkeyPatch, work: Any
) -> None:
    odd(monkeypatch, work)
    with pytest.raises(RefusedError, match="needs more than 450 MB of memory") as caught:
        Sandbox(replace(CAPS, on_worker=True), PRELOADED).run(task)
    assert "LABAPP_PICTURE_MEMORY_MB on the worker" in caught.value.remedy


def test_a_real_picture_beyond_the_cap_is_refused(task: PictureTask) -> None:
    task.source.write_bytes(file_of(photo(2400, 3000), "PNG", compress_level=1))
    with pytest.raises(RefusedError, match="needs more than 16 MB of memory"):
        Sandbox(Caps(60, 16_000_000), PRELOADED).run(task)


def test_a_child_that_is_killed_from_outside_is_worth_another_attempt(
    task: PictureTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd(monkeypatch, odd_children.hang)
    errors: list[LabappError] = []

    def run() -> None:
        try:
            Sandbox(CAPS, PRELOADED).run(task)
        except LabappError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: task.result.exists() and task.result.read_text())
    os.kill(int(task.result.read_text()), signal.SIGKILL)
    thread.join(30)
    assert [(type(error), error.message) for error in errors] == [
        (EndedError, "the process of the picture was killed from outside")
    ]


def test_the_process_that_children_are_forked_from_may_die_too(task: PictureTask) -> None:
    Sandbox(CAPS, PRELOADED).run(task)
    task.result.unlink()
    server = psutil.Process(forked._servers[PRELOADED]._process.pid)
    assert "labapp.pictures.forks" in server.cmdline()
    server.kill()
    until(lambda: server.status() == psutil.STATUS_ZOMBIE)
    assert Sandbox(CAPS, PRELOADED).run(task).format == "png"


def test_what_libraries_print_never_reaches_the_workers_output(task: PictureTask) -> None:
    done = subprocess.run(worker_with("chatter", task), cwd=ROOT, capture_output=True, timeout=60)
    assert task.result.exists()
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_several_pictures_at_once_do_not_meet(task: PictureTask, tmp_path: Path) -> None:
    results = [tmp_path / f"result-{number}" for number in range(6)]
    same = Sandbox(CAPS, PRELOADED)
    threads = [
        threading.Thread(
            target=same.run, args=(PictureTask(task.source, INVERT, result, task.limits, "", ""),)
        )
        for result in results
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len({result.read_bytes() for result in results}) == 1


@pytest.mark.parametrize("way", odd_children.WAYS)
def test_nobody_is_left_behind_when_the_worker_is_killed(task: PictureTask, way: str) -> None:
    worker = subprocess.Popen([*worker_with("hang", task), way], cwd=ROOT)
    try:
        until(lambda: task.result.exists() and task.result.read_text())
        below = psutil.Process(worker.pid).children(recursive=True)
        assert int(task.result.read_text()) in {process.pid for process in below}
    finally:
        worker.kill()
        worker.wait()
    _, late = psutil.wait_procs(below, 30)
    left = [process for process in late if process.status() != psutil.STATUS_ZOMBIE]
    for process in left:
        process.kill()
    assert left == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_a_child_bounds_its_memory_its_time_and_its_dumps() -> None:
    code = (
        "import resource, time\n"
        "from pathlib import Path\n"
        "from labapp.pictures import child, confinement\n"
        "from labapp.pictures.caps import Caps\n"
        "caps = Caps(30, 450_000_000)\n"
        "hard = resource.getrlimit(resource.RLIMIT_CPU)[1]\n"
        "pages = int(Path('/proc/self/statm').read_text().split()[0])\n"
        "child._cap_memory(caps, child._address_space())\n"
        "child._cap_cpu(caps)\n"
        "before = resource.getrlimit(resource.RLIMIT_NPROC)[1]\n"
        "assert confinement._limit(5_000)\n"
        "confinement.limit_processes(())\n"
        "threads = resource.getrlimit(resource.RLIMIT_NPROC)\n"
        "assert threads == (min(before, 4096),) * 2 or (before, *threads) == (-1, 4096, 4096)\n"
        "used = time.process_time()\n"
        "assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)\n"
        "assert resource.getrlimit(resource.RLIMIT_FSIZE) == (5_000, 5_000)\n"
        "assert resource.getrlimit(resource.RLIMIT_NOFILE) == (32, 32)\n"
        "cpu = resource.getrlimit(resource.RLIMIT_CPU)\n"
        "assert cpu[1] == hard\n"
        "assert 35 <= cpu[0] <= 36 + used, cpu\n"
        "soft, most = resource.getrlimit(resource.RLIMIT_AS)\n"
        "assert soft == most\n"
        "assert abs(soft - pages * resource.getpagesize() - 450_000_000) < 20_000_000, soft\n"
    )
    if not Path("/proc/self/statm").exists():
        pytest.skip("only Linux tells a process its own size")
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.usefixtures("deleted_folder")
def test_a_child_is_begun_from_a_folder_that_was_deleted(
    task: PictureTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forked, "_servers", {})
    assert Sandbox(CAPS, PRELOADED).run(task).format == "png"
    with pytest.raises(OSError, match="No such file"):
        Path.cwd()  # it stands where it stood


def test_nothing_stays_open_of_children_that_have_ended(task: PictureTask) -> None:
    def lowest() -> int:
        found = os.open(os.devnull, os.O_RDONLY)
        os.close(found)
        return found

    same = Sandbox(CAPS, PRELOADED)
    same.run(task)
    before = lowest()
    for _ in range(2):
        (idle,) = same._idle
        until(idle.is_gone)
        assert same.run(task).format == "png"
        task.source.write_bytes(b"These are my notes.\n")
        with pytest.raises(RefusedError):
            same.run(task)
        task.source.write_bytes(PNG)
        same.run(task)
    assert lowest() == before


def test_more_than_a_result_may_have_is_not_written(
    task: PictureTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd(monkeypatch, odd_children.swell_on_disk)
    with pytest.raises(RefusedError, match="more than 3 MB, which is the most that is written"):
        Sandbox(replace(CAPS, file=3_000_000), PRELOADED).run(task)
    assert not task.result.exists()


def test_a_machine_that_forks_no_more_is_told(
    task: PictureTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = line.STATUS.pack(0, errno.EAGAIN)
    ours, theirs = socket.socketpair()
    monkeypatch.setattr(forked._Server, "fork", lambda *_: ours)
    with theirs:
        theirs.send(told)
    with pytest.raises(EndedError, match=r"no process could be begun .*: Resource temporarily"):
        Sandbox(CAPS, PRELOADED).run(task)
