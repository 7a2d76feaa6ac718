"""Which dialect a setting chooses, and what its file says."""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path

from labapp import settings_file
from labapp.dialects import blocks, checks, keys, lines, names, toml
from labapp.dialects.rules import Dialect, Fault, fault_in
from labapp.dialects.tables import Table, meant, shown
from labapp.errors import SettingError
from labapp.files import typed_paths

#: What errors call the file.
WHAT = "the dialect"

#: What the name of a dialect's file ends in.
ENDING = ".toml"

#: The keys of a file.
_KEYS = ("about", "request", "queue")

_BEGIN = "Write [[request]] above it, which begins a block."
_REMEDY = "Name a dialect's file in the setting dialect, or one that ships, or leave it empty."


def is_path(setting: str) -> bool:
    """Tell whether the setting `dialect` is a path; else it is the name of one that ships."""
    return typed_paths.is_path(setting, ENDING)


def chosen(setting: str) -> Dialect | None:
    """Return the dialect that the setting `dialect` names, a path or one that ships; None for none.

    A file is read anew each time, and what it says worked out once while it stays as it is.

    Raises:
        SettingError: there is no such dialect, or something in it is wrong.
    """
    if not setting.strip():
        return None
    path = path_of(setting.strip())
    return _parsed(text_of(path), path)


def path_of(setting: str) -> Path:
    """Return the file that the setting `dialect` names, which may not be there if it is a path.

    Raises:
        SettingError: none of that name ships.
    """
    if is_path(setting):
        return typed_paths.parse(setting)
    known = {path.stem: path for path in shipped()}
    if setting.lower() in known:
        return known[setting.lower()]
    remedy = meant(setting, list(known)) if known else ""
    if known and remedy.startswith("Did"):
        remedy += f" There are {', '.join(known)}."
    with contextlib.suppress(OSError):  # a name that is too long for one
        if Path(setting + ENDING).is_file():
            remedy = f"For the file in the working folder, write {setting}{ENDING}."
    raise SettingError(
        f"no dialect {shown(setting)} ships with labapp", f"{remedy} {_REMEDY}".strip()
    )


def shipped() -> list[Path]:
    """Return the files of the dialects that come along, in order."""
    return sorted((Path(__file__).parent / "shipped").glob(f"*{ENDING}"))


def load(path: Path) -> Dialect:
    """Read a dialect's file and hold it against what could never work.

    Raises:
        SettingError: something in it is wrong; names file and line, and counts what else is.
    """
    return parse(text_of(path), path)


def faults(path: Path) -> list[Fault]:
    """Return all that is wrong in a dialect's file, in its order.

    Raises:
        SettingError: it cannot be read, or is no text.
    """
    return examined(text_of(path), path)[1]


@functools.lru_cache(maxsize=8)
def _parsed(text: str, path: Path) -> Dialect:
    return parse(text, path)


def parse(text: str, path: Path) -> Dialect:
    """Return the dialect that a text says; errors as `load`.

    Args:
        text: of TOML.
        path: the file that errors name; the dialect is called after it.
    """
    dialect, wrong = examined(text, path)
    if dialect is None or wrong:
        first, more = wrong[0], len(wrong) - 1
        others = f" {more} more: 'admin.py dialect check {path}' tells all." if more else ""
        raise fault_in(path, first.line, first.what, first.remedy + others)
    return dialect


def examined(text: str, path: Path) -> tuple[Dialect | None, list[Fault]]:
    """Return what a text says, as far as it can be told, and all that is wrong in it."""
    document, fault = toml.read(text)
    if fault:
        return None, [fault]
    root = Table("the file", document, (), lines.of(text), [])
    root.check_keys(
        _KEYS, {key: _home_of(key, document[key]) for key in keys.OF_BLOCKS if key in document}
    )
    about = root.text("about")
    tables = root.tables("request", remedy=_remedy_of_parts(document.get("request")))
    found = [blocks.read(table, place, path.stem) for place, table in enumerate(tables, start=1)]
    rules = [names.queue_rule(table, name) for name, table in _queues(root)]
    if not tables and not rules and not root.faults:
        root.fault("there is no [[request]] in it", "Write one for each way in which a lab asks.")
    dialect = Dialect(
        name=path.stem,
        path=path,
        about=" ".join(about.split()),
        blocks=tuple(block for block in found if block),
        queues={rule.name: rule for rule in rules},
    )
    wrong = sorted([*root.faults, *checks.faults(dialect)], key=lambda fault: fault.line)
    return dialect, list(dict.fromkeys(wrong))


def _queues(root: Table) -> list[tuple[str, Table]]:
    """Return the parts that say how queues are made, each with the queue's name."""
    if isinstance(root.said.get("queue"), str):
        root.fault("queue stands above the first [[request]]", _BEGIN, "queue")
        return []
    return root.named_tables("queue", '[queue."NAME"]')


def _remedy_of_parts(said: object) -> str:
    """Return the remedy for parts of a block without one; empty for what is none."""
    parts = said.values() if isinstance(said, dict) else ()
    is_parts = parts and all(isinstance(one, dict | list) for one in parts)
    return "Write [[request]] above the first part of it." if is_parts else ""


def _home_of(key: str, value: object) -> str:
    """Return the remedy for a key of a block's that stands outside of one."""
    if isinstance(value, dict):
        return f"Write [request.{key}] behind its [[request]]."
    if isinstance(value, list):
        return f"Write [[request.{key}]] behind its [[request]]."
    return _BEGIN


def text_of(path: Path) -> str:
    """Return the text of a file; errors as of `faults`."""
    try:
        data = settings_file.read_bytes(path, what=WHAT)
    except SettingError as error:
        raise SettingError(error.message, _REMEDY) from error
    except ValueError as error:  # no path has such a character
        raise SettingError(f"{WHAT} {shown(str(path))} cannot be read", _REMEDY) from error
    if data is None:
        raise SettingError(f"there is no dialect's file {path}{_in_folder(path)}", _REMEDY)
    return settings_file.text_of(path, data, WHAT)


def _in_folder(path: Path) -> str:
    """Return where a relative path was looked for, as the end of a sentence."""
    folder = typed_paths.working_folder()
    return f" in {folder}" if folder and not path.is_absolute() else ""
