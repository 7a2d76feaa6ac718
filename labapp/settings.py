"""Settings: loaded from flags, environment, files and defaults, each with its origin.

A value is looked for in this order, and the first found counts: a flag (`--cloud aws`), the
environment (`LABAPP_CLOUD`), the file `labapp.toml` in the working folder, the same file in the
platform's config folder, the default. Region and endpoint also listen to the names that every AWS
tool knows (`AWS_REGION`, `AWS_ENDPOINT_URL`); for some AWS's own rules are left to count (`LEFT`).

The file in the working folder may be anybody's who packed that folder. What it says of where data
and credentials go counts only once the user has consented to it (`settings_file`); until then it is
left
out, and said to be.

The settings themselves stand in `settings_table`.
"""

from __future__ import annotations

import dataclasses
import functools
import getpass
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from labapp import addresses, settings_file
from labapp.errors import SettingError
from labapp.files import private, typed_paths
from labapp.settings_file import FolderFile
from labapp.settings_table import CONVERTERS, DIRECTING, excerpt
from labapp.settings_table import LOG_BATCH as LOG_BATCH
from labapp.settings_table import LOG_EACH as LOG_EACH
from labapp.settings_table import LOG_NONE as LOG_NONE
from labapp.settings_table import QUEUE_NAME as QUEUE_NAME
from labapp.settings_table import Settings as Settings
from labapp.settings_table import choices as choices
from labapp.settings_table import meaning as meaning
from labapp.settings_table import names as names

#: The folder name used below the platform's data and config folders.
APP_NAME = "labapp"

#: The name of the settings file, in the working folder and in the platform's config folder.
FILE_NAME = "labapp.toml"

#: What stands before a setting's name in the environment: `LABAPP_BUCKET`.
PREFIX = "LABAPP_"

#: Variables of the environment that belong to labapp and are not settings.
NOT_SETTINGS = frozenset({"LABAPP_DATA_DIR", "LABAPP_CONFIG_DIR"})

#: Names of the environment that every AWS tool knows; labapp's own name comes first.
STANDARD_NAMES = {
    "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    "profile": ("AWS_PROFILE",),
    "endpoint_url": (addresses.GENERAL,),
}

#: Names of the environment that are stronger than a file, but whose value AWS's own rules find when
#: the cloud is opened. A profile that is named to boto3 hides exported keys, as `AWS_PROFILE`
#: does for no AWS tool; and a service's own `AWS_ENDPOINT_URL_SQS` beats `AWS_ENDPOINT_URL`.
LEFT = frozenset({"AWS_PROFILE", addresses.GENERAL})


@dataclass(frozen=True)
class Origin:
    """Where a value came from.

    Attributes:
        kind: `flag`, `environment`, `file` or `default`.
        name: the flag, the variable or the file's path; empty for a default.
    """

    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".rstrip()


@dataclass(frozen=True)
class Loaded:
    """The settings in force, the origin of each, and values left to AWS's own rules (`LEFT`).

    Attributes:
        settings: the values.
        origins: where each came from.
        left: values that are left to AWS's own rules.
        folder: the working folder's own file, if it has one.
    """

    settings: Settings
    origins: Mapping[str, Origin]
    left: Mapping[str, str] = dataclasses.field(default_factory=dict)
    folder: FolderFile | None = None

    @property
    def left_out(self) -> dict[str, object]:
        """What the working folder's file says and nobody consented to; nobody else says it louder.

        By name, as the file has it.
        """
        if self.folder is None or self.folder.trusted:
            return {}
        louder = ("environment", "flag")
        asks = self.folder.asks.items()
        return {name: value for name, value in asks if self.origins[name].kind not in louder}

    def origin(self, name: str) -> str:
        """Return where a setting's value came from, and that another one was left out if it was."""
        note = f", as file {FILE_NAME} is not trusted" if name in self.left_out else ""
        return f"{self.origins[name]}{note}"

    def value_of(self, name: str) -> object:
        """Return a setting's value as people are shown it, whoever finds it in the end."""
        return self.left.get(name) or getattr(self.settings, name)

    def text_of(self, name: str) -> str:
        """Return it as it is written in the environment or a file."""
        value = self.value_of(name)
        return str(value).lower() if isinstance(value, bool) else str(value)


def data_dir() -> Path:
    """Return the folder for labapp's own data on this machine (`LABAPP_DATA_DIR` moves it)."""
    return Path(os.environ.get("LABAPP_DATA_DIR") or platformdirs.user_data_dir(APP_NAME, False))


def config_dir() -> Path:
    """Return the platform's config folder of labapp (`LABAPP_CONFIG_DIR` moves it)."""
    given = os.environ.get("LABAPP_CONFIG_DIR")
    return Path(given or platformdirs.user_config_dir(APP_NAME, False))


def guard_folders() -> None:
    """See to it that both folders are this user's alone (see `private.guard`).

    Raises:
        LabappError: one of them is another user's, or everybody may write in it.
    """
    private.guard(
        data_dir(), ("local", "aws-*", "remembered.json*", "history.json*", "last-error.txt")
    )
    private.guard(config_dir(), (FILE_NAME, "annotator.txt", "trusted.json*", "recipes"))


def config_files() -> tuple[Path, ...]:
    """Return the settings files that are looked at, the strongest first."""
    here, own = Path(FILE_NAME), config_dir() / FILE_NAME
    try:
        return (own,) if here.samefile(own) else (here, own)  # in the config folder: the user's own
    except OSError:
        return here, own


def load(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    files: tuple[Path, ...] | None = None,
) -> Loaded:
    """Find every setting's value.

    Args:
        flags: values given on the command line, by name; None values count as not given.
        environment: the variables to look at; None: this process's.
        files: settings files, the strongest first; None: `config_files()`.

    Raises:
        SettingError: an unknown key, a wrong value or an unreadable file; names the key and where
            it stands.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    origins = {name: Origin("default") for name in names()}
    folder: FolderFile | None = None
    for path in reversed(config_files() if files is None else files):
        data = settings_file.read_bytes(path)
        said = {} if data is None else settings_file.parse(path, data)
        if data is not None and path == Path(FILE_NAME):
            asks = {name: value for name, value in said.items() if name in DIRECTING}
            folder = settings_file.folder_file(path, data, asks, config_dir())
            said = said if folder.trusted else {n: v for n, v in said.items() if n not in asks}
        for name, written in said.items():
            value = _checked(name, written, f"in {path}")
            values[name] = _beside(path, str(value)) if name == "dialect" else value
            origins[name] = Origin("file", str(path))
    left: dict[str, str] = {}
    for variable, name in _variables(environment):
        origins[name] = Origin("environment", variable)
        value = environment[variable]
        if variable == addresses.GENERAL:  # it is checked when it is used: the local cloud does not
            value = addresses.masked(str(value))
        else:
            value = _checked(name, value, f"in the variable {variable}")
        values[name] = "" if variable in LEFT else value
        left[name] = str(value) if variable in LEFT else ""
    for name, given in (flags or {}).items():
        if given is not None:
            flag = "--" + name.replace("_", "-")
            values[name] = _checked(name, given, f"given as {flag}")
            left[name] = ""
            origins[name] = Origin("flag", flag)
    settings = Settings(**values)  # type: ignore[arg-type] # each was converted to its own type
    return Loaded(settings, origins, left, folder)


def _beside(file: Path, dialect: str) -> str:
    """Return the dialect that a settings file names: a path begins in that file's own folder."""
    if not typed_paths.is_path(dialect, ".toml"):
        return dialect
    return str(file.parent / typed_paths.parse(dialect))


def as_asked(loaded: Loaded) -> Settings:
    """Return the settings that were in force if all counted that the working folder's file asks.

    Raises:
        SettingError: a value that it asks for is wrong.
    """
    asks = loaded.folder.asks if loaded.folder else {}
    values = {name: _checked(name, value, f"in {FILE_NAME}") for name, value in asks.items()}
    return dataclasses.replace(loaded.settings, **values)  # type: ignore[arg-type]


def user_name(settings: Settings) -> str:
    """Return the user's name, as in headers: the setting, else the name of the login."""
    return settings.user or _login_name()


@functools.cache  # in a container each look may ask a name service, and a header asks often
def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may have no entry for its uid
        return "user"


def _variables(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pair each variable that sets something with its setting, the weakest first."""
    found: list[tuple[str, str]] = []
    for name, standard in STANDARD_NAMES.items():
        if name == "endpoint_url" and addresses.are_ignored(environment):
            continue
        found += [(variable, name) for variable in reversed(standard) if environment.get(variable)]
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable in NOT_SETTINGS:
            continue
        name = variable.removeprefix(PREFIX).lower()
        _known(name, f"in the variable {variable}")
        found.append((variable, name))
    return found


def _known(name: str, where: str) -> dataclasses.Field[Any]:
    field = Settings.__dataclass_fields__.get(name)
    if field is None:
        import difflib

        near = difflib.get_close_matches(name, names(), 1)
        remedy = f"Did you mean {near[0]}? " if near else ""
        raise SettingError(
            f"unknown setting {excerpt(name)} {where}",
            f"{remedy}The command 'config' lists all settings.",
        )
    return field


def _checked(name: str, value: object, where: str) -> object:
    """Return `value` in the setting's own type, or say what is wrong with it."""
    field = _known(name, where)
    rules = field.metadata

    def wrong(what: str) -> SettingError:
        told = addresses.masked(value) if rules["fault"] and isinstance(value, str) else value
        return SettingError(f"the setting {name} {where} is {excerpt(told)}", f"It takes {what}.")

    convert, expected = CONVERTERS[str(field.type)]
    try:
        result = convert(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise wrong(expected) from error
    if rules["choices"] and result not in rules["choices"]:
        raise wrong(" or ".join(rules["choices"]))
    if rules["pattern"] and not re.fullmatch(rules["pattern"], str(result)):
        raise wrong(f"what matches {rules['pattern'].lstrip('|')}")
    if rules["fault"] and result and (fault := rules["fault"](result)):
        raise wrong(f"{addresses.TAKES}: {fault}")
    low, high = rules["at_least"], rules["at_most"]
    if low is not None and not (low <= result <= (high if high is not None else sys.maxsize)):
        raise wrong(f"a number from {low:g} to {high:g}" if high else f"a number, {low:g} or more")
    return result
