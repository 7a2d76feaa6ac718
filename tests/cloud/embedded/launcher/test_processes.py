"""The local cloud as real processes: one instance, loopback only, and clear errors."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest

from labapp.cloud.embedded import launcher, state
from labapp.cloud.embedded import state as embedded_state
from labapp.errors import EmbeddedCloudError
from tests.cloud.embedded.embedded_kit import POSIX_ONLY, end, s3, said, sqs, starter, until
from tests.support.platforms import not_under_wine
from tests.support.processes import alive
from tests.support.python_path import python_path
from tests.support.serving import serving


def test_a_living_cloud_is_found_and_not_started_again(home: Path, port: int) -> None:
    assert launcher.find(home) is None
    running = launcher.ensure(home, port)
    assert running.port == port
    assert (home / embedded_state.LOG_FILE).is_file()
    assert launcher.ensure(home, port) == running
    assert launcher.find(home) == running


def test_stop_tells_whether_there_was_one(home: Path, port: int) -> None:
    assert launcher.stop(home) is False
    running = launcher.ensure(home, port)
    assert launcher.stop(home) is True
    assert launcher.find(home) is None
    assert launcher.stop(home) is False
    until(lambda: not alive(running.pid))


def test_a_cloud_that_is_only_starting_is_stopped_too(home: Path, port: int) -> None:
    home.mkdir(parents=True)
    starting = launcher._launch(home, port)
    until(lambda: launcher.lives(home) or starting.poll() is not None)
    assert launcher.stop(home)
    until(lambda: starting.poll() is not None)
    assert not launcher.lives(home)


def test_eight_programs_at_once_get_one_cloud(home: Path, port: int) -> None:
    programs = [starter(home, port) for _ in range(8)]
    answers = {said(program) for program in programs}
    for program in programs:
        end(program)

    assert len(answers) == 1
    servers = [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if str(home) in (process.info["cmdline"] or []) and "-m" in process.info["cmdline"]
    ]
    assert servers == [answers.pop()[0]]


@POSIX_ONLY
def test_it_outlives_ctrl_c_hang_up_and_death_of_its_starter(home: Path, port: int) -> None:
    program = starter(home, port, str(home.parent / "held"))
    pid, _ = said(program)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, number)
    end(program)

    found = launcher.find(home)
    assert found is not None
    assert found.pid == pid
    assert os.getsid(pid) == pid
    os.kill(pid, signal.SIGHUP)
    assert launcher.find(home) == found


@POSIX_ONLY
def test_it_keeps_no_file_of_its_starter_open(home: Path, port: int, tmp_path: Path) -> None:
    given = os.open(tmp_path / "given", os.O_CREAT | os.O_WRONLY)
    os.set_inheritable(given, True)
    running = launcher.ensure(home, port)
    os.close(given)

    process = psutil.Process(running.pid)
    opened = {Path(file.path) for file in process.open_files()}
    names = (embedded_state.LOG_FILE, embedded_state.LOCK_FILE, "state/queues.journal")
    assert opened <= {home / name for name in names}
    assert Path(process.cwd()) == home


@not_under_wine("wine tells no process's sockets")
def test_nothing_listens_beyond_loopback(home: Path, port: int) -> None:
    running = launcher.ensure(home, port)
    s3(running).create_bucket(Bucket="labapp")
    sqs(running).create_queue(QueueName="q")

    process = psutil.Process(running.pid)
    sockets = [
        connection
        for one in (process, *process.children(recursive=True))
        for connection in one.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN or not connection.raddr
    ]
    assert [tuple(connection.laddr) for connection in sockets] == [("127.0.0.1", port)]


def test_its_environment_has_nothing_of_aws_or_proxies(
    home: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    unwanted = ("AWS_PROFILE", "AWS_ENDPOINT_URL", "HTTP_PROXY", "https_proxy", "USE_SSL")
    for name in unwanted:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    running = launcher.ensure(home, port)

    inherited = psutil.Process(running.pid).environ()
    assert not set(unwanted) & set(inherited)


class AnswersEverything(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


def test_another_program_behind_a_stale_state_is_not_taken_for_the_cloud(
    home: Path, port: int
) -> None:
    with serving(HTTPServer(("127.0.0.1", 0), AnswersEverything)) as other:
        home.mkdir(parents=True)
        stale = embedded_state.State(os.getpid(), other.server_port, time.time(), "secret")
        embedded_state.write_state(home, stale)
        assert launcher.find(home) is None
        assert launcher.stop(home) is False
        embedded_state.write_state(home, stale)
        running = launcher.ensure(home, port)
    assert running.port == port
    assert running.pid != os.getpid()


@pytest.mark.parametrize(
    "content",
    [b"", b'{"pid": 12, "po', b"[]", b"\xff\xfe", b'{"pid": "x", "port": 1}', b"null"],
)
def test_a_half_written_state_file_counts_as_none(home: Path, content: bytes) -> None:
    home.mkdir(parents=True)
    (home / embedded_state.STATE_FILE).write_bytes(content)
    assert launcher.find(home) is None
    assert launcher.stop(home) is False


def test_a_state_file_of_a_later_version_is_read_as_far_as_it_is_known(tmp_path: Path) -> None:
    state = embedded_state.State(12, 4566, 1.5, "secret")
    embedded_state.write_state(tmp_path, state)
    file = tmp_path / embedded_state.STATE_FILE
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 2, "name": None}))
    assert embedded_state.read_state(tmp_path) == state


def test_a_cloud_starts_over_a_half_written_state_file(home: Path, port: int) -> None:
    home.mkdir(parents=True)
    (home / embedded_state.STATE_FILE).write_bytes(b'{"pid": 12, "po')
    running = launcher.ensure(home, port)
    assert json.loads((home / embedded_state.STATE_FILE).read_text())["pid"] == running.pid


def test_a_start_that_crashes_shows_the_end_of_the_log(
    home: Path, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken" / "ministack"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise RuntimeError('this copy is broken')")
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(broken.parent))
        with pytest.raises(EmbeddedCloudError, match="RuntimeError: this copy is broken") as caught:
            launcher.ensure(home, port)
    assert "ended at once with code 1" in caught.value.message
    assert "Traceback" not in caught.value.message
    assert "cloud stop" in caught.value.remedy
    assert launcher.ensure(home, port).port == port


def test_a_folder_of_a_newer_labapp_is_left_alone_and_the_remedy_fits(
    home: Path, port: int
) -> None:
    bucket = home / "buckets" / "000000000000" / "b-lab" / "bucket.json"
    bucket.parent.mkdir(parents=True)
    bucket.write_text('{"form": 2}')
    told = "does not come up: the bucket lab was written by a newer labapp"
    with pytest.raises(EmbeddedCloudError, match=told) as caught:
        launcher.ensure(home, port)
    assert "LABAPP_DATA_DIR" in caught.value.remedy
    assert bucket.read_text() == '{"form": 2}'


def test_a_missing_package_is_named_with_the_command_that_brings_it(
    home: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(EmbeddedCloudError, match="ministack") as caught:
        launcher.ensure(home, port)
    assert "requirements.txt" in caught.value.remedy


def test_a_folder_that_cannot_be_written_names_the_variable_that_moves_it(
    tmp_path: Path, port: int
) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(EmbeddedCloudError, match="cannot be written") as caught:
        launcher.ensure(tmp_path / "file" / "local", port)
    assert "LABAPP_DATA_DIR" in caught.value.remedy


@POSIX_ONLY
def test_a_cloud_that_hangs_is_reported_and_can_be_stopped(
    home: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = launcher.ensure(home, port)
    s3(running).create_bucket(Bucket="labapp")
    s3(running).put_object(Bucket="labapp", Key="k", Body=b"kept")
    monkeypatch.setattr(embedded_state, "PROBE_SECONDS", 0.1)
    os.kill(running.pid, signal.SIGSTOP)

    assert launcher.find(home) is None
    assert launcher.lives(home)
    with (home / embedded_state.LOG_FILE).open("a") as log:
        log.write("Traceback (most recent call last):\n  File x\nOSError: [Errno 24] too many\n")
    with pytest.raises(EmbeddedCloudError, match="lives, but did not answer") as caught:
        launcher.ensure(home, port, wait_seconds=0.3)
    assert "Errno 24" in caught.value.message
    assert "Traceback" not in caught.value.message
    assert "\n" not in caught.value.message
    assert launcher.stop(home) is True
    until(lambda: not alive(running.pid))
    monkeypatch.undo()
    again = launcher.ensure(home, port)
    assert s3(again).get_object(Bucket="labapp", Key="k")["Body"].read() == b"kept"


def test_a_cloud_whose_folder_was_deleted_ends(home: Path, port: int) -> None:
    running = launcher.ensure(home, port)
    (home / embedded_state.STATE_FILE).unlink()
    until(lambda: not alive(running.pid))


def test_the_log_of_the_run_before_is_kept(home: Path, port: int) -> None:
    first = launcher.ensure(home, port)
    launcher.stop(home)
    second = launcher.ensure(home, port)
    assert f"process {first.pid} serves" in (home / embedded_state.PREVIOUS_LOG_FILE).read_text()
    log = (home / embedded_state.LOG_FILE).read_text()
    assert f"process {second.pid} serves" in log
    assert f"process {first.pid} " not in log


def test_a_reset_takes_the_key_and_stop_the_sharing(home: Path, port: int) -> None:
    first = launcher.ensure(home, port)
    launcher.share(home)
    assert state.is_shared(home)
    launcher.stop(home)
    assert not state.is_shared(home)
    second = launcher.ensure(home, port)
    assert second.key == first.key
    assert second.key.secret not in repr(second)
    launcher.reset(home)
    assert launcher.ensure(home, port).key != first.key


def test_the_module_imports_neither_boto3_nor_ministack() -> None:
    program = (
        "import sys, labapp.cloud.embedded.launcher\n"
        "print([n for n in ('boto3', 'botocore', 'ministack', 'filelock', 'asyncio') "
        "if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": python_path()},
    )
    assert done.stdout.strip() == "[]"
