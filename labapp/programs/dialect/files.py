"""The dialects that there are: which file a word means, what it says, what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labapp.dialects import loading
from labapp.dialects.rules import Fault
from labapp.errors import LabappError, UsageError
from labapp.files import typed_paths
from labapp.jobs import dialect_checks
from labapp.programs.dialect.table import Listed
from labapp.programs.dialect.words import Described, described

if TYPE_CHECKING:
    from pathlib import Path

    from labapp.dialects.rules import Dialect
    from labapp.settings import Settings


@dataclass(frozen=True)
class Checked:
    """A dialect's file, and what was found wrong in it; without the dialect where it is none."""

    path: Path
    faults: tuple[Fault, ...]
    dialect: Dialect | None = None

    def described(self, settings: Settings) -> list[Described]:
        """Return its blocks in words."""
        blocks = self.dialect.blocks if self.dialect else ()
        return [described(block, settings) for block in blocks]


def path_of(word: str, settings: Settings) -> Path:
    """Return the file that a word means: a path, or the name of one that ships.

    An empty word means the one that the setting chooses.

    Raises:
        UsageError: there is none.
    """
    if not (word or settings.dialect):
        raise UsageError(
            "no dialect is chosen", "Name a file, or one that 'admin.py dialect list' shows."
        )
    path = typed_paths.parse(word) if word else None
    if path and path.is_file():
        return path
    return loading.path_of(word or settings.dialect)


def check(path: Path, settings: Settings) -> Checked:
    """Look for all that is wrong with a file, by itself and beside the settings.

    Raises:
        SettingError: the file cannot be read.
    """
    text = loading.text_of(path)
    dialect, faults = loading.examined(text, path)
    if dialect and not faults:
        return Checked(path, tuple(dialect_checks.faults(dialect, settings)), dialect)
    if dialect:
        # Of what is wrong beside the settings, what cannot come of what is wrong already.
        sure = {name: rule for name, rule in dialect.queues.items() if not _is_said(name, text)}
        faults += dialect_checks.faults_of_rules(replace(dialect, queues=sure), settings)
    return Checked(path, tuple(sorted(faults, key=lambda fault: fault.line)))


def _is_said(queue: str, text: str) -> bool:
    """Tell whether a file says the name of a queue elsewhere than in a header."""
    return any(queue in line for line in text.splitlines() if not line.lstrip().startswith("["))


def listed(settings: Settings) -> list[Listed]:
    """Return the dialects that ship, and the one in force, which may be another."""
    chosen = _chosen(settings)
    found = [_listed(path, chosen) for path in loading.shipped()]
    if chosen and not any(one.in_force for one in found):
        found.insert(0, _listed(chosen, chosen))
    return found


def _chosen(settings: Settings) -> Path | None:
    """Return the file of the dialect in force; None for none, also where it is not there."""
    if not settings.dialect:
        return None
    try:
        return path_of("", settings)
    except LabappError:
        return None


def _listed(path: Path, chosen: Path | None) -> Listed:
    """Return what a list tells of a file; of one that is wrong, what is."""
    try:
        about = loading.load(path).about
    except LabappError as error:
        about = error.message
    in_force = chosen is not None and path.resolve() == chosen.resolve()
    return Listed(path.stem, about, in_force, path)
