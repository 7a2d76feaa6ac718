"""What the doctor looks at on this machine: Python, libraries, folders, settings, terminal."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from labapp import __version__
from labapp import settings as settings_room
from labapp.cloud.doctor.finding import Finding
from labapp.dataset import layouts
from labapp.errors import LabappError, SettingError
from labapp.files import private, replacing
from labapp.jobs import dialect_checks, lab_queues
from labapp.programs.shell.context import Context
from labapp.settings import LOG_NONE, Settings

#: The oldest Python that labapp's pinned libraries are for.
OLDEST = (3, 11)

#: The list of what labapp runs on, in the folder that the programs are in; and that of a fleet's
#: instances, which have a part of it.
REQUIREMENTS = Path(__file__).resolve().parents[3] / "requirements.txt"
LOCK = REQUIREMENTS.with_name("worker.lock")

#: A line of either: a name, a version, perhaps where it is for.
_PIN = re.compile(r"^([\w-]+)(?:\[[\w,]+\])?==([\w.]+)(?:;\s*([^#]+?))?\s+[#\\]", re.MULTILINE)

#: Columns and rows below which pages leave things out.
LEAST_SIZE = (40, 12)

#: What is given up where workers keep no logs, and what to do for them.
NO_LOGS = (
    "'logs', 'trace' and 'watch' know nothing of what was done; answers that nobody read are lost"
    " with their queue"
)
LOG_AGAIN = "For a record at a tenth of the cost, set log to batch; to job for one text each."


def look_at_python() -> Iterator[Finding]:
    """Tell which Python runs this, and which labapp it runs."""
    told = f"{platform.python_version()} on {platform.platform(terse=True)}, labapp {__version__}"
    if sys.version_info >= OLDEST:
        yield Finding("Python", "holds", told)
    else:
        oldest = ".".join(map(str, OLDEST))
        meaning = f"labapp's libraries are for Python {oldest} and later"
        yield Finding("Python", "broken", told, meaning, "Make the environment with a newer one.")


def look_at_libraries() -> Iterator[Finding]:
    """Tell which libraries are not in the version that requirements.txt, or the lock, pins."""
    check = "libraries"
    listed = LOCK if LOCK.exists() else REQUIREMENTS
    try:
        pins = _PIN.findall(listed.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        yield Finding(check, "note", f"{listed} cannot be read: {error}")
        return
    other, absent = [], []
    wanted = [(name, version) for name, version, where in pins if not where or _has_wheels()]
    for name, version in wanted:
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            absent.append(f"{name} {version}")
            continue
        if found != version:
            other.append(f"{name} {found} for {version}")
    remedy = f"Run '{Path(sys.executable).name} -m pip install -r {listed.name}'."
    if absent:
        told = f"not installed: {', '.join(absent)}"
        yield Finding(check, "broken", told, "what needs them fails", remedy)
    if other:
        meaning = "labapp was tried with the pinned versions only"
        told = f"other versions than pinned: {', '.join(other)}"
        yield Finding(check, "note", told, meaning, remedy)
    if not (absent or other):
        boto = metadata.version("boto3")
        told = f"all {len(wanted)} as {listed.name} pins them, boto3 {boto} among them"
        yield Finding(check, "holds", told)


def _has_wheels() -> bool:
    """Return whether this machine has what is left out where there are no wheels of it."""
    return not (sys.platform == "win32" and platform.machine() == "ARM64")


def look_at_folders() -> Iterator[Finding]:
    """Tell whether labapp's own folders can be written."""
    for check, folder in (
        ("data folder", settings_room.data_dir()),
        ("config folder", settings_room.config_dir()),
    ):
        if why := _why_unwritable(folder):
            variable = f"LABAPP_{check.split()[0].upper()}_DIR"
            meaning = "what is sent from here cannot be remembered, nor what is chosen here"
            remedy = f"Make it writable, or let {variable} name another."
            yield Finding(check, "broken", f"{folder}: {why}", meaning, remedy)
        else:
            yield Finding(check, "holds", f"{folder}, which can be written")


def _why_unwritable(folder: Path) -> str:
    """Write a little in a folder, made if it is not there, and remove it; empty where that went."""
    try:
        private.folder(folder)
        probe = replacing.within(folder)
        private.write_text(probe, "labapp's doctor\n")
        replacing.remove(probe)
    except (OSError, LabappError) as error:
        return getattr(error, "strerror", None) or str(error)
    return ""


def look_at_settings(context: Context) -> Iterator[Finding]:
    """Tell which settings are not the defaults, and what of a file is left out."""
    loaded = context.loaded
    if context.left_out:
        meaning = "what it says of where data and credentials go does not count"
        yield Finding("settings", "note", context.left_out, meaning)
    said = [
        f"{name} {loaded.text_of(name)} ({loaded.origin(name)})"
        for name in settings_room.names()
        if loaded.origins[name].kind != "default"
    ]
    yield Finding("settings", "holds", "; ".join(said) or "all as they come")
    try:
        layouts.layout_of(loaded.settings)
    except SettingError as error:
        meaning = "no picture is found to be labelled, and no answer"
        yield Finding("settings", "broken", error.message, meaning, error.remedy)


def look_at_dialect(settings: Settings) -> Iterator[Finding]:
    """Tell whether the dialect that is chosen can be read, and used with these settings.

    Raises:
        SettingError: it cannot.
    """
    dialect = lab_queues.dialect_of(settings)
    if dialect is None:
        return
    dialect_checks.check_dialect(dialect, settings)
    names = ", ".join(block.name for block in dialect.blocks)
    yield Finding("dialect", "holds", f"{dialect.name}, {dialect.path}: {names}")


def look_at_logs(settings: Settings) -> Iterator[Finding]:
    """Tell how a worker with these settings would log jobs; `workers` how those at work do."""
    check, here = "logs", f"a worker started from here would have log = {settings.log}"
    if settings.log != LOG_NONE:
        yield Finding(check, "holds", f"{here}: those received together are one object")
        return
    yield Finding(check, "note", f"{here}: none of any job", NO_LOGS, LOG_AGAIN)


def look_at_terminal() -> Iterator[Finding]:
    """Tell what labapp takes this terminal for."""
    from labapp.console import theme
    from labapp.console.accessible import mode

    check = "terminal"
    try:
        found = os.get_terminal_size(sys.stdout.fileno()) if sys.stdout.isatty() else None
    except (OSError, ValueError):  # a stream that is no file
        found = None
    if found is None:
        yield Finding(check, "holds", "none: output goes to a file or a pipe")
        return
    current = theme.current()
    signs = "Unicode signs" if current.unicode else "signs of ASCII alone"
    told = f"{found.columns}x{found.lines}, {_colours(int(current.depth))}, {signs}"
    told += f", TERM={os.environ.get('TERM', '')}" if sys.platform != "win32" else ""
    if mode.is_on():
        told += f"; menus are accessible, numbered lines, as {mode.reason()}"
    if not theme.is_interactive():
        meaning = "menus cannot be shown on it; commands can be given"
        remedy = "Use a terminal that can move its cursor, which TERM=dumb says that it cannot."
        yield Finding(check, "note", told, meaning, remedy)
    elif not mode.is_on() and (found.columns < LEAST_SIZE[0] or found.lines < LEAST_SIZE[1]):
        least = "x".join(map(str, LEAST_SIZE))
        meaning = f"pages are made for {least} and more, and leave things out below"
        yield Finding(check, "note", told, meaning, "Make the window larger.")
    else:
        yield Finding(check, "holds", told)
    yield _pictures()


def _pictures() -> Finding:
    """Tell how pictures are shown on this terminal, and why."""
    from labapp.console.graphics import choice, detection

    found = choice.current()
    told = f"shown as {found.protocol}: {found.reason}"
    remedy = detection.remedy(found, os.environ)
    meaning = "coarser than this terminal could show them" if remedy else ""
    return Finding("pictures", "note" if remedy else "holds", told, meaning, remedy)


def _colours(depth: int) -> str:
    return {0: "no colours", 16: "16 colours", 256: "256 colours"}.get(depth, "truecolor")
