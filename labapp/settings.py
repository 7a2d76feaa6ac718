"""Every setting: its meaning, its default, and where its present value came from.

A value is looked for in this order, and the first found counts: a flag (`--cloud aws`), the
environment (`LABAPP_CLOUD`), the file `labapp.toml` in the working folder, the same file in the
platform's config folder, the default. Region and endpoint also listen to the names that every AWS
tool knows (`AWS_REGION`, `AWS_ENDPOINT_URL`); `AWS_PROFILE` is left to boto3, see `LEFT`.

A new setting is one line in `Settings`: flags, environment, files, `config` and the README's table
all draw from it.
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

from labapp import private, settings_file
from labapp.errors import SettingError
from labapp.setting_values import CONVERTERS, EXPECTED, shown

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
    "endpoint_url": ("AWS_ENDPOINT_URL",),
}

#: Names of the environment that are stronger than a file, but whose value boto3 shall find itself:
#: a profile that is named to it hides exported keys, as `AWS_PROFILE` does for no AWS tool.
LEFT = frozenset({"AWS_PROFILE"})

#: The queue names that Amazon SQS takes, less room for `-dlq` and `-<client>` behind them.
QUEUE_NAME = r"[A-Za-z0-9_-]{1,39}"


def setting(
    default: object,
    meaning: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    choices: tuple[str, ...] = (),
    pattern: str = "",
) -> Any:
    """Declare one setting: a dataclass field with its meaning and its rules."""
    rules = {"at_least": at_least, "at_most": at_most, "choices": choices, "pattern": pattern}
    return dataclasses.field(default=default, metadata={"meaning": meaning, **rules})


@dataclass(frozen=True)
class Settings:
    """One value for each setting; the text beside each says what it means."""

    cloud: str = setting(
        "local",
        "where every byte goes: the embedded cloud of this machine, or Amazon's",
        choices=("local", "aws"),
    )
    region: str = setting("", "AWS region; empty: the profile's own, else us-east-1")
    profile: str = setting("", "profile in the AWS credentials file; empty: boto3's own chain")
    endpoint_url: str = setting(
        "",
        "another address that speaks S3 and SQS; only with cloud aws",
        pattern=r"|https?://\S+",
    )
    bucket: str = setting(
        "",
        "the S3 bucket; empty: labapp on the local cloud, labapp-<account>-<region> on AWS",
        pattern=r"|[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    )
    user: str = setting("", "the name shown in headers; empty: the name you logged in with")

    request_queue: str = setting("requestQueue", "queue of number requests", pattern=QUEUE_NAME)
    response_queue: str = setting(
        "responseQueue",
        "queue of answers to plain clients; <this>-<client> answers our own",
        pattern=QUEUE_NAME,
    )
    image_inbox: str = setting("imageInbox", "queue of picture requests", pattern=QUEUE_NAME)
    image_outbox: str = setting(
        "imageOutbox", "queue of answers to plain clients' pictures", pattern=QUEUE_NAME
    )

    max_integers: int = setting(10, "most integers in one list", at_least=1, at_most=100_000)
    allow_negative: bool = setting(False, "whether lists may hold integers below zero")

    timeout: float = setting(60.0, "seconds a client waits for an answer", at_least=0)
    port: int = setting(
        4566,
        "port of the local cloud; another is taken if it is not free",
        at_least=1,
        at_most=65535,
    )

    visibility_timeout: int = setting(
        30,
        "seconds a received message stays hidden; a lease extends it while its job runs",
        at_least=3,
        at_most=43_200,
    )
    wait_seconds: int = setting(20, "seconds of one long poll", at_least=1, at_most=20)
    max_receives: int = setting(
        5, "times a job is tried before it goes to the dead-letter queue", at_least=2, at_most=1000
    )
    grace_seconds: float = setting(
        20.0, "seconds a stopping worker gives the jobs in hand", at_least=0, at_most=3600
    )
    concurrency: int = setting(
        32, "number jobs one worker process does at a time", at_least=1, at_most=500
    )
    processes: int = setting(1, "worker processes", at_least=1, at_most=64)
    report_seconds: float = setting(
        30.0, "seconds between a worker's reports in workers/", at_least=1, at_most=3600
    )

    picture_processes: int = setting(
        0, "pictures processed at once; 0: one for each processor", at_least=0, at_most=256
    )
    picture_seconds: float = setting(
        30.0, "seconds a picture may take before its process is killed", at_least=0.1, at_most=3600
    )
    picture_memory_mb: int = setting(
        450, "megabytes a picture may take beyond an idle process", at_least=16, at_most=65_536
    )
    max_source_mb: float = setting(
        32.0, "megabytes of a picture's file at most", at_least=0.001, at_most=2000
    )
    max_megapixels: float = setting(
        50.0, "megapixels of a picture at most, all frames together", at_least=0.001, at_most=1000
    )
    max_side: int = setting(
        16_384, "pixels of a picture's longest side at most", at_least=1, at_most=65_500
    )
    max_frames: int = setting(100, "frames of an animation at most", at_least=1, at_most=10_000)
    default_pipeline: str = setting(
        "grayscale", "what is done to a plain client's picture, steps separated by spaces"
    )
    plain_source_prefix: str = setting(
        "inbox/", "where plain clients' pictures lie; their messages may hold the name alone"
    )
    plain_result_prefix: str = setting(
        "outbox/{job}/", "where the results of plain clients' pictures go"
    )
    plain_error: str = setting(
        "", "what plain clients are told when a picture is refused or fails; empty: the reason"
    )

    target_answers: int = setting(
        3, "answers wanted for each picture to label", at_least=1, at_most=1000
    )
    annotator: str = setting(
        "", "who labels; empty: the name that was asked for once and kept on this machine"
    )

    color: str = setting(
        "auto",
        "colours on the screen; NO_COLOR is obeyed, COLORTERM=truecolor is noticed",
        choices=("auto", "never", "16", "256", "truecolor"),
    )


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
    """The settings in force, the origin of each, and values that boto3 is left to find (`LEFT`)."""

    settings: Settings
    origins: Mapping[str, Origin]
    left: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def shown(self, name: str) -> object:
        """Return a setting's value as people are shown it, whoever finds it in the end."""
        return self.left.get(name) or getattr(self.settings, name)

    def written(self, name: str) -> str:
        """Return it as it is written in the environment or a file."""
        value = self.shown(name)
        return str(value).lower() if isinstance(value, bool) else str(value)


def names() -> tuple[str, ...]:
    """Return every setting's name, in the order of the table."""
    return tuple(field.name for field in dataclasses.fields(Settings))


def meaning(name: str) -> str:
    """Return what the setting `name` means, as one phrase."""
    return str(Settings.__dataclass_fields__[name].metadata["meaning"])


def choices(name: str) -> tuple[str, ...]:
    """Return the words that the setting `name` takes; empty where any value may do."""
    return tuple(Settings.__dataclass_fields__[name].metadata["choices"])


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
    private.guard(data_dir(), ("local", "aws-*", "remembered.json*", "last-error.txt"))
    private.guard(config_dir(), (FILE_NAME, "annotator.txt", "trusted.json*"))


def config_files() -> tuple[Path, ...]:
    """Return the settings files that are looked at, the strongest first."""
    return Path(FILE_NAME), config_dir() / FILE_NAME


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

    Returns:
        The settings and the origin of each.

    Raises:
        SettingError: an unknown key, a wrong value or an unreadable file; names the key and where
            it stands.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    origins = {name: Origin("default") for name in names()}
    for path in reversed(config_files() if files is None else files):
        for name, value in settings_file.read(path).items():
            values[name] = _checked(name, value, f"in {path}")
            origins[name] = Origin("file", str(path))
    left: dict[str, str] = {}
    for variable, name in _variables(environment):
        value = _checked(name, environment[variable], f"in the variable {variable}")
        values[name] = "" if variable in LEFT else value
        left[name] = str(value) if variable in LEFT else ""
        origins[name] = Origin("environment", variable)
    for name, value in (flags or {}).items():
        if value is not None:
            flag = "--" + name.replace("_", "-")
            values[name] = _checked(name, value, f"given as {flag}")
            left[name] = ""
            origins[name] = Origin("flag", flag)
    settings = Settings(**values)  # type: ignore[arg-type] # each was converted to its own type
    _check_queues(settings)
    return Loaded(settings, origins, left)


def user_name(settings: Settings) -> str:
    """Return the name shown in headers: the setting, else the name of the login."""
    if settings.user:
        return settings.user
    return _login_name()


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
            f"unknown setting {shown(name)} {where}",
            f"{remedy}The command 'config' lists all settings.",
        )
    return field


def _check_queues(settings: Settings) -> None:
    """See to it that no worker would take its own answers, or another kind of job, for requests."""
    queues = ("request_queue", "image_inbox", "response_queue", "image_outbox")
    for inbound in queues[:2]:
        name = getattr(settings, inbound)
        for other in queues:
            if other != inbound and name == getattr(settings, other):
                raise SettingError(
                    f"the settings {inbound} and {other} are both {name!r}",
                    "Give each queue a name of its own.",
                )
        # A client called by the rest of that name would be answered there: `<this>-<client>`. The
        # queue's dead letters, `<name>-dlq`, are a client's queue only where the queue is one.
        replies = settings.response_queue + "-"
        if name.startswith(replies):
            raise SettingError(
                f"the setting {inbound} is {name!r}, where a client {name.removeprefix(replies)!r}"
                f" would be answered, as response_queue is {settings.response_queue!r}",
                f"Give it a name that does not begin with {replies!r}.",
            )


def _checked(name: str, value: object, where: str) -> object:
    """Return `value` in the setting's own type, or say what is wrong with it."""
    field = _known(name, where)
    rules = field.metadata

    def wrong(expected: str) -> SettingError:
        return SettingError(
            f"the setting {name} {where} is {shown(value)}", f"It takes {expected}."
        )

    convert = CONVERTERS[str(field.type)]
    try:
        result = convert(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise wrong(EXPECTED[str(field.type)]) from error
    if rules["choices"] and result not in rules["choices"]:
        raise wrong(" or ".join(rules["choices"]))
    if rules["pattern"] and not re.fullmatch(rules["pattern"], str(result)):
        raise wrong(f"what matches {rules['pattern'].lstrip('|')}")
    low, high = rules["at_least"], rules["at_most"]
    if low is not None and not (low <= result <= (high if high is not None else sys.maxsize)):
        raise wrong(f"a number from {low:g} to {high:g}" if high else f"a number, {low:g} or more")
    return result
