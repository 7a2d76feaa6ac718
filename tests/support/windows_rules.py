r"""An audit hook that refuses, on any platform, what Windows refuses of files.

The project's own code, and what it calls, gets the error that Windows would give it when it

- makes a file, folder or link whose name has < > : " | ? * \ or a control character in it, ends
  in a dot or a space, or is a device's (CON, PRN, AUX, NUL, COM1, LPT1 and so on, aux.txt too);
- makes one whose whole path has more than 259 characters;
- renames or removes a file that this process has open, or a folder in which it has one open, or
  puts another in its place.

It sees no C code that opens files by itself (OpenCV), nor that two names differ in case only.
Whether a file is open is known on Linux only.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

#: The variable by which processes that tests start are told: `refuse` or `tell`, a colon, and the
#: folder in which each says what it saw. Processes of labapp hand on what begins with PYTHON.
VARIABLE = "PYTHON_WINDOWS_RULES"

#: The folder of the project, whose code is watched.
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120

#: What no name on Windows may have in it, or end in; and the names that are devices'
#: (Microsoft Learn, Naming Files, Paths, and Namespaces).
FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f]|[. ]$')
DEVICES = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\..*)?",
    re.IGNORECASE | re.DOTALL,
)
#: The longest path that Windows takes unless it is told otherwise.
LONGEST = 259

#: Where in an event's arguments the path is that gets made.
_MADE = {"os.mkdir": 0, "os.rename": 1, "os.link": 1, "os.symlink": 1, "sqlite3.connect": 0}
#: Where in an event's arguments the paths are that must not be open, and the folders they are of.
_LET_GO = {"os.rename": ((0, 2), (1, 3)), "os.remove": ((0, 1),)}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Refusals:
    """The hook, and what it saw.

    Args:
        tell_only: whether nothing is refused.
    """

    def __init__(self, *, tell_only: bool) -> None:
        self._tell_only = tell_only
        self._within = threading.local()
        self.at_work = False
        self.seen: Counter[str] = Counter()
        #: Called with each line that is new.
        self.on_new: Callable[[str], object] = lambda line: None

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at one event; raise what Windows would raise."""
        if event != "open" and event not in _MADE and event not in _LET_GO:
            return
        if not self.at_work or getattr(self._within, "hook", False):
            return  # or it is what the hook itself does
        self._within.hook = True
        try:
            error = objection(event, arguments)
            place = _place() if error else None
            if error and place:
                line = f"{place}  {event}: {error.strerror}: {_shown(error.filename)}"
                self.seen[line] += 1
                if self.seen[line] == 1:
                    self.on_new(line)
        finally:
            self._within.hook = False
        if error and place and not self._tell_only:
            raise error


def install_by_environment() -> None:
    """Watch this process, one that a test started, if the environment says so."""
    mode, _, folder = os.environ.get(VARIABLE, "").partition(":")
    if not mode:
        return

    def note(line: str) -> None:
        # One short write, so that the lines of two processes do not mix.
        with contextlib.suppress(OSError):
            to = os.open(os.path.join(folder, "seen"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)  # noqa: PTH118
            os.write(to, f"{line}\n".encode())
            os.close(to)

    refusals = Refusals(tell_only=mode == "tell")
    refusals.on_new = note
    refusals.at_work = True
    sys.addaudithook(refusals.hook)


def objection(event: str, arguments: tuple[Any, ...]) -> OSError | None:
    """Return the error that Windows would give, if any."""
    made: Any = None
    if event == "open":
        path, _mode, flags = arguments
        if not isinstance(path, int) and isinstance(flags, int) and flags & _WRITES:
            made = path
    elif event in _MADE:
        made = arguments[_MADE[event]]
    found = None if made is None else _unmakeable(os.fsdecode(made))
    for index, folder in _LET_GO.get(event, ()):
        if found is None and not isinstance(arguments[index], int):
            path = os.fsdecode(arguments[index])
            if _is_open(path, arguments[folder] if len(arguments) > folder else -1):
                found = PermissionError(errno.EACCES, "the file is open", path)
    return found


def _unmakeable(path: str) -> OSError | None:
    if path in (os.devnull, ":memory:"):
        return None
    if any(FORBIDDEN.search(name) or DEVICES.fullmatch(name) for name in _names(path)):
        return OSError(errno.EINVAL, "no such name on Windows", path)
    if len(os.path.abspath(path)) > LONGEST:  # noqa: PTH100
        return FileNotFoundError(errno.ENOENT, f"longer than {LONGEST} characters", path)
    return None


def _place() -> str | None:
    """Return the innermost line of the project's own code that is being run; None for a test's."""
    frame: FrameType | None = sys._getframe(2)
    start = ROOT + os.sep
    while frame:
        file = frame.f_code.co_filename
        if file.startswith(start):
            inner = file[len(start) :]
            if inner.startswith(f"tests{os.sep}"):
                return None
            if "site-packages" not in inner and not inner.startswith("."):
                return f"{inner}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def _names(path: str) -> Iterator[str]:
    """Yield the names in a path, but for a drive."""
    for name in os.path.splitdrive(path)[1].split(os.sep):  # noqa: PTH206
        if name not in ("", ".", ".."):
            yield name


def _is_open(path: str, folder: int) -> bool:
    """Whether this process has a file, or one in a folder, open (where /proc tells; else no)."""
    with contextlib.suppress(OSError):
        if folder != -1:
            path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), path)  # noqa: PTH115, PTH118
        if not os.path.lexists(path) or os.path.islink(path):  # noqa: PTH114
            return False
        real = os.path.realpath(path)
        below = real + os.sep
        for descriptor in os.listdir("/proc/self/fd"):  # noqa: PTH208
            with contextlib.suppress(OSError):
                found = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
                if found == real or found.startswith(below):
                    return True
    return False


def _shown(path: str) -> str:
    return ascii(path if len(path) <= 60 else "…" + path[-59:])
