"""Which workers run on this machine for the local cloud, and starting one that is lacking.

A worker holds a lock on a file of its own while it lives; the lock dies with it, so neither kill -9
nor a reused process id can make a dead worker look alive.

It is asked to end by a file beside that, which it looks for: no signal asks on Windows.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labapp import background, foreign
from labapp import settings as settings_room
from labapp.background import interpreter
from labapp.errors import LabappError
from labapp.files import private, replacing
from labapp.files.private import is_held
from labapp.settings import Settings

if TYPE_CHECKING:
    import subprocess

    from filelock import FileLock

#: Seconds given to a worker in the background until it holds its lock: loading all that it needs
#: takes half a minute where a virus scanner reads it for the first time, or much else runs.
START_TIMEOUT = 60.0

#: Seconds that a worker waits for its own lock, which somebody may be looking at.
LOCK_TIMEOUT = 5.0

#: Bytes of log kept of background workers before the file is begun anew.
MOST_LOG = 5_000_000

#: Bytes of what a worker notes of itself.
MOST_NOTE = 100_000

#: The ending of the file in which a worker says how it is (see `health`).
PULSE = ".pulse"

#: The ending of the file by which a worker is asked to end, and what is in it the second time.
STOP, AGAIN = ".stop", "again"

#: The ending of the last such file of a worker that was killed, and for how many seconds that is
#: kept: it tells which jobs come back.
LOST, LOST_KEPT = ".lost", 3_600.0

#: The endings of all that lies beside a worker's lock.
NOTES = (".json", PULSE, STOP)

#: Seconds that a worker is given to end, at least; and beyond its grace period, to hand jobs back.
STOP_SECONDS, LAST_SECONDS = 30.0, 10.0

#: Seconds that a worker which was killed is given to be gone.
KILL_SECONDS = 5.0

#: A worker in the background is one process, so that its note tells all there is to end.
_BACKGROUND = ("--plain", "--background", "--processes", "1")


@dataclass(frozen=True)
class LocalWorker:
    """One worker process of this machine.

    Attributes:
        pid: its process id.
        background: whether a program started it, and it ends with the local cloud.
        started: when, in seconds since 1970.
        grace: seconds that it gives jobs in flight once it is asked to end.
    """

    pid: int
    background: bool
    started: float
    grace: float = 0.0


class _NotUpError(LabappError):
    has_lines = True  # those of its log


class Registration:
    """Registers this process, until it leaves, as a worker of the cloud whose folder is `home`."""

    def __init__(self, home: Path, *, background: bool, grace: float = 0.0) -> None:
        folder = _folder(home)
        private.folder(folder)
        self._note = folder / f"{os.getpid()}.json"
        self._stop_file = self._note.with_suffix(STOP)
        # Ours alone; but who looks at the note of a dead worker with our pid holds it for a moment.
        self._lock = private.lock(folder / f"{os.getpid()}.lock", LOCK_TIMEOUT)
        self._lock.acquire()
        with contextlib.suppress(OSError):  # it was for another worker with our pid
            replacing.remove(self._stop_file, missing_ok=True)
        worker = LocalWorker(os.getpid(), background, time.time(), grace)
        private.write_text(self._note, json.dumps(asdict(worker)))

    def stops_asked(self) -> int:
        """Return how often this worker was asked to end by others; 2 is often."""
        try:
            return 2 if self._stop_file.read_text("utf-8") == AGAIN else 1
        except (OSError, ValueError):
            return 0

    def leave(self) -> None:
        """Take the note away."""
        for ending in NOTES:
            with contextlib.suppress(OSError):
                replacing.remove(self._note.with_suffix(ending), missing_ok=True)
        self._lock.release()
        with contextlib.suppress(OSError):
            replacing.remove(Path(self._lock.lock_file), missing_ok=True)


def alive(home: Path) -> list[LocalWorker]:
    """Return this machine's workers on a cloud, oldest first; notes of the dead are removed.

    What one that was killed said last is kept for a while: see `last_words`.
    """
    found = []
    for note in sorted(_folder(home).glob("*.json")):
        with contextlib.suppress(OSError, ValueError, TypeError, OverflowError):
            worker = _read_note(foreign.read_object(replacing.read(note), MOST_NOTE))
            if is_held(note.with_suffix(".lock")):
                found.append(worker)
            else:
                with contextlib.suppress(OSError):  # another who looks was first, or it said none
                    replacing.move(note.with_suffix(PULSE), note.with_suffix(LOST))
                for ending in (*NOTES, ".lock"):
                    replacing.remove(note.with_suffix(ending), missing_ok=True)
                _kept_words(home)
    return sorted(found, key=lambda worker: worker.started)


def last_words(home: Path) -> list[tuple[Path, float]]:
    """Return the files with the last words of workers that were killed, and when these were."""
    alive(home)  # which sees who was
    return _kept_words(home)


def _kept_words(home: Path) -> list[tuple[Path, float]]:
    """Return the last words that are kept, and remove those that were for long enough."""
    found = []
    for path in _folder(home).glob(f"*{LOST}"):
        with contextlib.suppress(OSError):
            at = path.stat().st_mtime
            if time.time() - at <= LOST_KEPT:
                found.append((path, at))
            else:
                replacing.remove(path, missing_ok=True)
    return found


def command(settings: Settings, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Return the command of a worker process, and the environment with these settings in force."""
    python, own = interpreter()
    return [python, str(server_program()), *arguments], {**environment(settings), **own}


class Beginning:
    """A worker that was started and need not be up yet; meanwhile no other program starts one."""

    def __init__(
        self, home: Path, process: subprocess.Popen[bytes], log: Path, lock: FileLock
    ) -> None:
        self._home = home
        self._process = process
        self._log = log
        self._lock = lock

    def wait(self) -> LocalWorker:
        """Wait until it is up, and return it.

        Raises:
            LabappError: it did not come up; with the end of its log.
        """
        try:
            return _wait_until_alive(self._home, self._process, self._log)
        finally:
            self._lock.release()


def start_background(home: Path, settings: Settings) -> LocalWorker | None:
    """Start a worker that outlives this program, with the same settings, unless one is alive.

    Returns:
        The worker that was started; None where one was alive already.

    Raises:
        LabappError: it did not come up; with the end of its log.
    """
    beginning = begin_background(home, settings)
    return beginning.wait() if beginning else None


def begin_background(home: Path, settings: Settings) -> Beginning | None:
    """Start a worker as `start_background` does, and do not wait for it; None where one is alive.

    So that who starts it can do something else while it loads all that it needs.
    """
    import subprocess  # only here: most commands find a worker alive

    folder = _folder(home)
    private.folder(folder)
    lock = private.lock(folder / "start.lock")  # two clients that find no worker start one, not two
    with contextlib.ExitStack() as stack:
        stack.enter_context(lock)
        if alive(home):
            return None
        log = folder / "background.log"
        output = private.log(log, log.with_suffix(".log.old"), MOST_LOG)
        try:
            words, given = command(settings, *_BACKGROUND)
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=given,
                **background.popen_options(),
            )
        finally:
            os.close(output)
        stack.pop_all()  # it is released once the worker is up
        return Beginning(home, process, log, lock)


def stop_background(home: Path) -> list[int]:
    """End the workers that programs started; return the pids of those that ended.

    They are asked, and given their grace period, in which they finish jobs or hand them back. One
    that has not ended then is killed: its jobs come back by themselves.
    """
    workers = [worker for worker in alive(home) if worker.background]
    for worker in workers:
        _ask_to_stop(home, worker.pid)
    left = {worker.pid for worker in workers}
    grace = max((worker.grace for worker in workers), default=0.0)
    left = _alive_after(home, left, max(STOP_SECONDS, grace + LAST_SECONDS))
    for pid in left:
        background.kill(pid)
    left = _alive_after(home, left, KILL_SECONDS) if left else left
    return [worker.pid for worker in workers if worker.pid not in left]


def _alive_after(home: Path, pids: set[int], seconds: float) -> set[int]:
    """Return who of these workers is still alive in some seconds; soon, once none is."""
    until = time.monotonic() + seconds
    while (left := pids & {worker.pid for worker in alive(home)}) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def _ask_to_stop(home: Path, pid: int) -> None:
    """Ask a worker to end; asked twice, it hands its jobs back at once."""
    background.ask_to_end(pid)  # heard at once; first, so that both together count as one
    path = _folder(home) / f"{pid}{STOP}"
    with contextlib.suppress(OSError):
        private.write_text(path, AGAIN if path.exists() else "")


def pulse_file(home: Path, pid: int) -> Path:
    """Return where the worker with this process id says how it is."""
    return _folder(home) / f"{pid}{PULSE}"


def server_program() -> Path:
    """Return the path of server.py."""
    return Path(__file__).resolve().parent.parent.parent / "server.py"


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment in which a worker process finds these settings in force.

    An empty one is named where it is stronger than what the process would find by itself: a flag
    may have emptied what stands in a file.
    """
    loaded = settings_room.load()
    found, left_out = loaded.settings, loaded.left_out  # which may be trusted the next moment
    given = {
        f"{settings_room.PREFIX}{name.upper()}": str(getattr(settings, name))
        for name in settings_room.names()
        if str(getattr(settings, name)) or str(getattr(found, name)) or name in left_out
    }
    return {**os.environ, "PYTHONIOENCODING": "utf-8", **given}  # its log is read as UTF-8


def _read_note(found: dict[str, Any]) -> LocalWorker:
    """Read a note of any version; raises TypeError or ValueError where it is none."""
    pid = found.get("pid")
    if not isinstance(pid, int) or pid <= 0:  # to kill, that were a group of processes, or all
        raise ValueError("a worker's note names its process")
    started, grace = (float(found.get(name) or 0) for name in ("started", "grace"))
    return LocalWorker(pid, bool(found.get("background")), started, grace)


def _wait_until_alive(home: Path, process: subprocess.Popen[bytes], log: Path) -> LocalWorker:
    until = time.monotonic() + START_TIMEOUT
    while time.monotonic() < until and process.poll() is None:
        for worker in alive(home):
            if worker.background:  # its pid may be another than the launcher's, as on Windows
                return worker
        time.sleep(0.02)
    tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-5:])
    raise _NotUpError(
        f"the worker in the background did not come up:\n{tail}",
        "Start one with 'python server.py' to see why.",
    )


def _folder(home: Path) -> Path:
    return home / "workers"
