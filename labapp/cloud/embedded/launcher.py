"""The cloud on this machine: MiniStack in a process of its own, shared by all programs.

Whichever program comes first starts it, detached, and it outlives that program. It listens on
loopback only and keeps everything in one folder, `home`; what survives a crash is told in
`server`, which is what runs in that process.

Programs find it and sign as `state` says. Two locks keep it single: `start.lock` is held by a
program that starts or stops it, `cloud.lock` by the cloud for as long as it lives. One that does
not hold its lock is no cloud, whatever answers at its port. Where its folder cannot be used, or its
process does not come up or end, EmbeddedCloudError is raised.

This module is in the way of every start, so it imports little, and neither boto3 nor MiniStack.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labapp import background
from labapp.cloud.embedded import disk
from labapp.cloud.embedded.state import (
    DATA_FOLDERS,
    KEY_FILE,
    LOCK_FILE,
    LOG_FILE,
    LOOPBACK,
    PREVIOUS_LOG_FILE,
    SHARE_FILE,
    START_LOCK_FILE,
    STATE_FILE,
    Key,
    State,
    ask_ours,
    ask_to_stop,
    mark_shared,
    read_key,
    read_state,
)
from labapp.cloud.embedded.troubles import another_version, keyless, not_up, unwritable
from labapp.errors import EmbeddedCloudError, os_errors_as
from labapp.files import private, replacing
from labapp.files.private import is_held

if TYPE_CHECKING:
    import subprocess

#: The region of the local cloud.
REGION = "us-east-1"

#: Seconds given to the cloud to stop by itself, and after that to die.
STOP_SECONDS, KILL_SECONDS = 10.0, 5.0

#: Seconds between two looks at something that another process will do.
STEP_SECONDS = 0.01

#: The processes that this one started, kept so that they are reaped when they end.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Running:
    """The local cloud, as it was found alive.

    Attributes:
        pid: its process.
        port: the TCP port on loopback; another than the one asked for, if that was taken.
        endpoint_url: where S3, SQS and STS answer, for boto3's `endpoint_url`.
        key: the one key with which it takes requests.
        trouble: what is wrong with its disk, as a sentence; empty when nothing is.
    """

    pid: int
    port: int
    endpoint_url: str
    key: Key
    trouble: str = ""


def find(home: Path) -> Running | None:
    """Return the local cloud of `home` if it is alive, answers and proves itself, else None.

    Takes about a millisecond and starts nothing. That its key is gone is an EmbeddedCloudError.
    """
    state = read_state(home)
    trouble = ask_ours(state) if state and _is_held(home) else None
    if state is None or trouble is None:
        return None
    key = read_key(home)
    if key is None:
        raise keyless(home)
    url = f"http://{LOOPBACK}:{state.port}"
    return Running(state.pid, state.port, url, key, trouble)


def lives(home: Path) -> bool:
    """Tell whether the process of a local cloud lives, even if it does not answer."""
    return home.is_dir() and _is_held(home)


def is_empty(home: Path) -> bool:
    """Tell whether no local cloud of `home` has kept anything: there is no bucket yet."""
    return not any((home / name).exists() for name in DATA_FOLDERS)


def of_another_version(home: Path) -> EmbeddedCloudError | None:
    """Return the error for a cloud that another version of labapp started, and that still lives."""
    state = read_state(home)
    if state is None or state.secret or not _is_held(home):
        return None
    return another_version(home, state.pid)


def seems_alive(home: Path, endpoint_url: str) -> bool:
    """Tell whether the local cloud of `home` seems to be alive at an address, asking it nothing.

    By its file and its lock: cheap enough for menus that look every other second.
    """
    state = read_state(home)
    if state is None or endpoint_url != f"http://{LOOPBACK}:{state.port}":
        return False
    return _is_held(home)


def ensure(home: Path, port: int, wait_seconds: float = 60) -> Running:
    """Return the local cloud of `home`, started if it was not alive.

    Args:
        home: the folder for its state, locks and log; made if it is not there.
        port: the port it should listen at; if that is taken it listens at another free one.
        wait_seconds: how long to wait for it to become ready; an error has the end of its log.
    """
    running = find(home)
    if running is not None:
        return running
    deadline = time.monotonic() + wait_seconds
    with _only_one(home, wait_seconds):
        return _bring_up(home, port, deadline, wait_seconds)


def stop(home: Path) -> bool:
    """Stop the local cloud of `home`; tell whether it was alive.

    A cloud that does not answer is killed. What it has acknowledged is kept either way.
    """
    if not home.is_dir():
        return False
    with _only_one(home, STOP_SECONDS + KILL_SECONDS):
        return _stop(home)


def share(home: Path) -> None:
    """Open the local cloud of `home` to everybody on the machine, until it is stopped."""
    try:
        mark_shared(home)
    except OSError as error:
        raise unwritable(home, error) from error


def reset(home: Path, *, dry: bool = False) -> list[Path]:
    """Stop the local cloud of `home` and delete its key and all it holds: buckets and queues.

    Ask the user first: nothing brings them back. The folders that were deleted are returned; with
    `dry` those that would be.
    """
    folders = [home / name for name in DATA_FOLDERS if (home / name).exists()]
    if dry or not home.is_dir():
        return folders
    with _only_one(home, STOP_SECONDS + KILL_SECONDS):
        _stop(home)
        replacing.remove(home / KEY_FILE, missing_ok=True)
        folders = [home / name for name in DATA_FOLDERS if (home / name).exists()]
        for folder in folders:
            what = f"the local cloud's folder {folder} cannot be deleted"
            with (
                os_errors_as(EmbeddedCloudError, what, "Close what uses it, and try again."),
                contextlib.suppress(FileNotFoundError),
            ):
                replacing.remove_tree(folder)
    return folders


@contextlib.contextmanager
def _only_one(home: Path, wait_seconds: float) -> Iterator[None]:
    """Hold `start.lock` for a while, so that one program at a time starts or stops the cloud."""
    from filelock import Timeout  # takes 40 ms, and a living cloud needs no lock

    lock = private.lock(home / START_LOCK_FILE)
    try:
        private.folder(home)
        lock.acquire(timeout=wait_seconds, poll_interval=STEP_SECONDS)
    except Timeout as error:
        raise EmbeddedCloudError(
            f"another program has been starting or stopping the local cloud in {home} for "
            f"{wait_seconds:g} seconds",
            "Try again; if it stays so, end the other program.",
        ) from error
    except OSError as error:
        raise unwritable(home, error) from error
    try:
        yield
    finally:
        lock.release()


def _bring_up(home: Path, port: int, deadline: float, wait_seconds: float) -> Running:
    """Start the cloud unless it is there by now, and wait until it is ready."""
    child: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        running = find(home)
        if running is not None:
            return running
        if child is None and (other := of_another_version(home)):
            raise other
        # It may hold its lock and yet not answer: starting for a program that died, or ending.
        if child is None and not _is_held(home):
            # What a dead one left: until the new one has written its own, nobody's pid is known.
            replacing.remove(home / STATE_FILE, missing_ok=True)
            child = _launch(home, port)
        if child is not None and child.poll() is not None:
            raise not_up(home, f"it ended at once with code {child.returncode}")
        time.sleep(STEP_SECONDS)
    if child is None:
        raise not_up(home, f"its process lives, but did not answer for {wait_seconds:g} seconds")
    child.kill()
    child.wait()
    raise not_up(home, f"it was not ready after {wait_seconds:g} seconds")


def _launch(home: Path, port: int) -> subprocess.Popen[bytes]:
    """Start the cloud's process, tied to nothing of ours: no terminal, no file, no folder."""
    import subprocess  # only here: most starts find the cloud alive

    if importlib.util.find_spec("ministack") is None:
        raise EmbeddedCloudError(
            "the local cloud needs the package ministack, which is not installed",
            "Run: python -m pip install -r requirements.txt",
        )
    _reap()
    if trouble := disk.look(home, least=0):
        raise EmbeddedCloudError(trouble, disk.remedy(trouble))
    try:
        log = private.log(home / LOG_FILE, home / PREVIOUS_LOG_FILE)
    except OSError as error:
        raise unwritable(home, error) from error
    python, own = background.interpreter()
    command = (python, "-P", "-m", "labapp.cloud.embedded.server")
    what = "the local cloud's process cannot be started"
    try:
        with os_errors_as(EmbeddedCloudError, what, "Close other programs, then try again."):
            child = subprocess.Popen(
                [*command, str(home.resolve()), str(port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=home,
                env={**background.for_children(), **own},
                **background.popen_options(),
            )
    finally:
        os.close(log)
    _children.append(child)
    return child


def _reap() -> None:
    """Let go of the processes that this one started and that ended since."""
    _children[:] = [child for child in _children if child.poll() is None]


def _stop(home: Path) -> bool:
    """Ask the cloud to end, and see that it does; the caller holds `start.lock`."""
    alive = _is_held(home)
    if alive:
        state = _state_within(home, STOP_SECONDS)
        if not (state and _ask_to_end(state) and _ends_within(home, STOP_SECONDS)):
            _kill(home)
    replacing.remove(home / STATE_FILE, missing_ok=True)
    replacing.remove(home / SHARE_FILE, missing_ok=True)
    _reap()
    return alive


def _ask_to_end(state: State) -> bool:
    """Ask a cloud to end; return whether it heard."""
    if state.secret:
        return ask_to_stop(state)
    # Another version's: it would want its secret sent. A signal asks it as well.
    return background.ask_to_end(state.pid)


def _state_within(home: Path, seconds: float) -> State | None:
    """Return what a living cloud says of itself, once it can: it may be only starting."""
    _within(seconds, lambda: read_state(home) is not None or not _is_held(home))
    return read_state(home)


def _kill(home: Path) -> None:
    """End a cloud that does not listen to us.

    Its lock is held, so it lives, and the file was written by whoever holds the lock: the pid in it
    cannot have passed to another process.
    """
    state = read_state(home)
    if state is not None:
        background.kill(state.pid)
    if not _ends_within(home, KILL_SECONDS):
        who = f"process {state.pid}" if state else f"the process that holds {home / LOCK_FILE}"
        raise EmbeddedCloudError(f"the local cloud in {home} does not end", f"End {who} by hand.")


def _ends_within(home: Path, seconds: float) -> bool:
    return _within(seconds, lambda: not _is_held(home))


def _within(seconds: float, is_so: Callable[[], bool]) -> bool:
    """Wait until something is so, and tell whether it is; no longer than so many seconds."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP_SECONDS)
    return True


def _is_held(home: Path) -> bool:
    """Tell whether a cloud's process lives: the platform frees its lock however it ends."""
    try:
        return is_held(home / LOCK_FILE)
    except OSError as error:
        raise unwritable(home, error) from error
