"""Private folders and files: their owner's alone, 0700 and 0600, whatever the umask says.

What labapp keeps for itself (jobs, answers, logs, names, pictures of the local cloud) is nobody
else's business on a machine that people share. What a user has it write elsewhere, such as results
and exports, keeps the user's own umask. On Windows the profile's folders are their owner's already,
and modes of files say nothing; 0700 of a new folder is its owner's and the administrators' from
Python 3.11.10, 3.12.4 and 3.13 on, with all that is made in it. A folder elsewhere that was there
before, or that an older Python made, has the permissions of its drive: none of these looks at them.

Where a folder or a file cannot be made or written, OSError is raised.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.errors import LabappError, os_errors_as
from labapp.files import replacing as replacing_room

if TYPE_CHECKING:
    from filelock import FileLock

#: The modes of our folders and files.
FOLDER, FILE = 0o700, 0o600

#: The mode bits that let others in.
_OTHERS = stat.S_IRWXG | stat.S_IRWXO

#: What to do about a folder that is not ours alone.
REMEDY = (
    "Name a folder of your own: LABAPP_DATA_DIR moves the one for data, LABAPP_CONFIG_DIR the one"
    " for settings."
)

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL

#: Of Windows: a flag and an error of LockFileEx, and the size of its OVERLAPPED.
_FAIL_IMMEDIATELY, _LOCK_VIOLATION, _OVERLAPPED_BYTES = 1, 33, 32


def folder(path: Path) -> None:
    """Make a folder of ours, and each folder above it that is missing; one that is open is shut."""
    try:
        path.mkdir(FOLDER)  # with `parents=True` those above would be as the umask has them
    except FileNotFoundError:
        if path.parent == path:  # the working folder, which is gone
            raise
        folder(path.parent)
        with contextlib.suppress(FileExistsError):  # another program was first
            path.mkdir(FOLDER)
    except FileExistsError:
        if not path.is_dir():
            raise
        _shut(path)


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Yield a new, empty file of ours that takes the place of `path`: see `replacing.replacing`."""
    folder(path.parent)
    with replacing_room.replacing(path, durable=durable) as part:
        os.close(os.open(part, _NEW, FILE))
        yield part


def write_text(path: Path, text: str, *, durable: bool = False) -> None:
    """Replace the text (UTF-8) of a file of ours in one step."""
    with replacing(path, durable=durable) as part:
        part.write_bytes(text.encode())


@contextlib.contextmanager
def temporary() -> Iterator[Path]:
    """Give a folder of ours for a while, and remove it with all that is in it.

    The one for temporary files that a program has chosen may be gone since: some systems clear
    theirs. Then another is chosen, as at the start, where TMPDIR may name one that is not there.

    Raises:
        LabappError: no such folder can be written.
    """
    import tempfile  # few commands need it

    name = "TEMP" if sys.platform == "win32" else "TMPDIR"
    remedy = f"Name one that can be written by the environment variable {name}, or make room."
    with os_errors_as(LabappError, "there is no folder for temporary files", remedy):
        try:
            folder = Path(tempfile.mkdtemp(prefix="labapp-"))
        except FileNotFoundError:
            tempfile.tempdir = None
            folder = Path(tempfile.mkdtemp(prefix="labapp-"))
    try:
        yield folder
    finally:
        # What wrote there may have left anything in it: none of that ends a job.
        with contextlib.suppress(RecursionError):
            replacing_room.clear_away(folder)


def opener(path: str, flags: int) -> int:
    """Open a file of ours; for the `opener` of `open`. One that is made is made 0600."""
    descriptor = os.open(path, flags, FILE)
    _shut(Path(path))
    return descriptor


def log(path: Path, previous: Path, most: int = 0) -> int:
    """Open the log of a process in the background, at its end; return a descriptor, to be closed.

    Its last holder may have it open still. Windows does not let it be moved away then: it is gone
    on with.

    Args:
        path: the log.
        previous: what becomes of it where it is larger than `most`.
        most: in bytes.
    """
    try:
        if path.stat().st_size > most:
            replacing_room.move(path, previous)
    except (FileNotFoundError, PermissionError):
        pass
    descriptor = opener(str(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.lseek(descriptor, 0, os.SEEK_END)  # a child has no more of it than where it stands
    return descriptor


def lock(path: Path, timeout: float = -1, *, blocking: bool = True) -> FileLock:
    """Return the lock on a file of ours, not taken yet.

    Args:
        path: the file, made when the lock is taken; its folder is there.
        timeout: seconds to wait for it, unless told otherwise; -1: without end.
        blocking: whether to wait for it at all.
    """
    from filelock import FileLock  # takes 40 ms, and few commands need one

    return FileLock(path, timeout=timeout, mode=FILE, blocking=blocking)


def is_held(path: Path) -> bool:
    """Tell whether a process holds the lock `path`: in microseconds, and it is taken from none.

    `filelock` takes 40 ms to import; a look does without, by the calls that it makes: `flock`, and
    on Windows `LockFileEx` on the first byte. It asks for a shared lock, so that two who look at
    once do not take each other for the holder.

    Raises:
        OSError: it cannot be looked at.
    """
    try:
        return _is_held(path)
    except FileNotFoundError:
        return False


if sys.platform == "win32":

    def _is_held(path: Path) -> bool:
        import ctypes
        import msvcrt
        from ctypes import wintypes

        lock_file = ctypes.WinDLL("kernel32", use_last_error=True).LockFileEx
        lock_file.argtypes = (wintypes.HANDLE, *(wintypes.DWORD,) * 4, ctypes.c_void_p)
        first_byte = ctypes.create_string_buffer(_OVERLAPPED_BYTES)  # where it begins: all is 0
        # Its last holder may be just removing it: until that is done, it may not be opened.
        with replacing_room.with_retries(lambda: path.open("rb")) as file:
            handle = msvcrt.get_osfhandle(file.fileno())
            if lock_file(handle, _FAIL_IMMEDIATELY, 0, 1, 0, first_byte):
                return False  # closing lets go
            error = ctypes.get_last_error()
            if error == _LOCK_VIOLATION:
                return True
            raise ctypes.WinError(error)

else:
    import fcntl

    def _is_held(path: Path) -> bool:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):  # as some file systems say it
                return True
            return False  # closing lets go


def database(path: Path) -> None:
    """Make the file of an SQLite database ours before it is opened, with what lies beside it.

    Journals get the mode of the database (SQLite, `findCreateFileMode`); an older labapp's are
    shut. A file that is there is not opened: closing it would free SQLite's locks on it.
    """
    folder(path.parent)
    try:
        os.close(os.open(path, _NEW, FILE))
    except FileExistsError:
        for ending in ("", "-wal", "-shm", "-journal"):
            _shut(path.with_name(path.name + ending))


def guard(root: Path, ours: tuple[str, ...]) -> None:
    """See at a program's start that a folder of ours is nobody else's, and shut what stands open.

    What an older labapp left open is walked through once; afterwards only names are looked at.

    Args:
        root: the data folder or the config folder; one that is not there is made later.
        ours: patterns of the names in it that are labapp's; a user may keep other things there.

    Raises:
        LabappError: another user of this machine owns the folder, or may write in it.
    """
    if sys.platform == "win32":
        return
    try:
        found = root.stat()
        link = root.lstat()
    except OSError:  # not there, or not ours to look at: whoever writes there hears it
        return
    if not stat.S_ISDIR(found.st_mode):
        return
    _refuse_foreign(root, link)
    _refuse_foreign(root, found)
    if found.st_mode & stat.S_IWOTH and found.st_uid != os.geteuid():
        raise LabappError(f"every user of this machine may write in the folder {root}", REMEDY)
    if not found.st_mode & stat.S_ISVTX:  # what is made to be shared, as /tmp, is not ours to shut
        _shut(root)
    _look_below(root, ours)


def _refuse_foreign(path: Path, found: os.stat_result) -> None:
    """Refuse what is neither our own nor made for us by root."""
    if sys.platform == "win32":  # folders have no such owner there, see `guard`
        return
    me, uid = os.geteuid(), found.st_uid
    # Under sudo the folder may stay that of who called it, as git has it for safe directories.
    if uid not in {me, 0} and not (me == 0 and str(uid) == os.environ.get("SUDO_UID")):
        raise LabappError(
            f"{path} belongs to another user of this machine, with the id {uid}", REMEDY
        )


def _look_below(root: Path, ours: tuple[str, ...]) -> None:
    """Shut what is ours in `root`, and all that lies in a folder that stood open there."""
    with contextlib.suppress(OSError), os.scandir(root) as entries:
        for entry in entries:
            # The disks of macOS open a file by its name in any case.
            name = entry.name.lower() if sys.platform == "darwin" else entry.name
            if not any(fnmatch.fnmatchcase(name, pattern) for pattern in ours):
                continue
            _refuse_foreign(Path(entry.path), entry.stat(follow_symlinks=False))
            stood_open = _shut_entry(entry)
            if entry.is_dir(follow_symlinks=False):
                with os.scandir(entry.path) as inner:
                    stood_open = any([*map(_shut_entry, inner)]) or stood_open
                if stood_open:
                    _shut_all(Path(entry.path))


def _shut_entry(entry: os.DirEntry[str]) -> bool:
    """Do as `_shut` does, which looks again; most are shut, and one look is enough."""
    if entry.is_symlink() or not entry.stat(follow_symlinks=False).st_mode & _OTHERS:
        return False
    return _shut(Path(entry.path), follow=False)


def _shut_all(top: Path) -> None:
    for where, folders, files in os.walk(top):
        for name in (*folders, *files):
            _shut(Path(where, name), follow=False)


def _shut(path: Path, *, follow: bool = True) -> bool:
    """Take from others what they may do with a file or folder; tell whether it is shut by that.

    What another user owns, or what is neither a file nor a folder, is left as it is.
    """
    if sys.platform == "win32":
        return False
    try:
        found = path.stat(follow_symlinks=follow)
        plain = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
        if not plain or not found.st_mode & _OTHERS or found.st_uid != os.geteuid():
            return False
        path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
        # A disk that knows no modes says no, or says yes and leaves them as they are.
        return not path.stat(follow_symlinks=follow).st_mode & _OTHERS
    except OSError:  # gone meanwhile
        return False
