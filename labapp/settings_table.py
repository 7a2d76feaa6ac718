"""The table of settings: each with its default, its meaning and its rules.

A new setting is one line here: flags, environment, files, `config` and the manual's page all draw
from it. A flag and a variable are always text; a file's values have a type of their own, which must
fit: what turns either into the setting's type stands here too.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labapp import addresses

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
    fault: Callable[[str], str] | None = None,
    directs: bool = False,
) -> Any:
    """Declare one setting: a dataclass field with its meaning and its rules.

    Args:
        default: its value where nobody says another.
        meaning: as one phrase.
        at_least: the least number it takes.
        at_most: the greatest.
        choices: the words it takes.
        pattern: what its text must match.
        fault: returns what is wrong with an address.
        directs: whether it decides where data and credentials go, or when data is deleted, so that
            the working folder's file may say it by the user's consent only. What costs no more than
            time or memory of this machine, or how things look and are called, needs none.
    """
    rules: dict[str, Any] = {"at_least": at_least, "at_most": at_most, "choices": choices}
    rules |= {"pattern": pattern, "fault": fault, "directs": directs}
    return dataclasses.field(default=default, metadata={"meaning": meaning, **rules})


def number(default: float, least: float, most: float | None, meaning: str) -> Any:
    """Declare a setting that is a number, from least to most; None: to any."""
    return setting(default, meaning, at_least=least, at_most=most)


#: Declares a setting that decides where data goes or stays; and one that names a queue.
directing = functools.partial(setting, directs=True)
queue = functools.partial(directing, pattern=QUEUE_NAME)


#: How jobs are logged: each by itself, those that were received together as one, or not at all.
LOG_CHOICES = LOG_EACH, LOG_BATCH, LOG_NONE = "job", "batch", "none"


@dataclass(frozen=True)
class Settings:
    """One value for each setting; the text beside each says what it means."""

    cloud: str = directing(
        "local",
        "where every byte goes: the embedded cloud of this machine, or Amazon's",
        choices=("local", "aws"),
    )
    region: str = directing("", "AWS region; empty: the profile's own, else us-east-1")
    profile: str = directing("", "profile in the AWS credentials file; empty: boto3's own chain")
    endpoint_url: str = directing(
        "",
        "address of S3, SQS and STS with cloud aws; empty: what AWS's tools would use",
        fault=addresses.fault,
    )
    bucket: str = directing(
        "",
        "the S3 bucket; empty: labapp on the local cloud, labapp-<account>-<region> on AWS",
        pattern=r"|[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    )
    keep_days: int = directing(
        30,
        "days that sent pictures, results and logs are kept, by rules of 'cloud up'; 0: for ever",
        at_least=0,
        at_most=3650,
    )
    user: str = setting(
        "", "your name, in headers and in ids of clients; empty: the name you logged in with"
    )

    request_queue: str = queue("requestQueue", "queue of number requests")
    response_queue: str = queue(
        "responseQueue", "queue of answers to plain clients; <this>-<client> answers our own"
    )
    image_inbox: str = queue("imageInbox", "queue of picture requests")
    image_outbox: str = queue("imageOutbox", "queue of answers to plain clients' pictures")

    max_integers: int = number(10, 1, 100_000, "most integers in one list")
    allow_negative: bool = setting(False, "whether lists may hold integers below zero")

    timeout: float = number(60.0, 0, None, "seconds a client waits for an answer")
    port: int = number(
        4566, 1, 65535, "port of the local cloud; another is taken if it is not free"
    )

    visibility_timeout: int = number(
        30,
        3,
        43_200,
        "seconds a received message stays hidden; a lease extends it while its job runs",
    )
    wait_seconds: int = number(20, 1, 20, "seconds of one long poll")
    max_receives: int = number(
        5, 2, 1000, "times a job is tried before it goes to the dead-letter queue"
    )
    grace_seconds: float = number(20.0, 0, 3600, "seconds a stopping worker gives the jobs in hand")
    concurrency: int = number(64, 1, 500, "number jobs one worker process does at a time")
    processes: int = number(1, 1, 64, "worker processes")
    report_seconds: float = number(30.0, 1, 3600, "seconds between a worker's reports in workers/")
    log: str = setting(
        "job",
        "what a worker keeps in logs/: a text of each job, one object of all that it received"
        " together, or nothing",
        choices=LOG_CHOICES,
    )

    picture_processes: int = number(
        0, 0, 256, "pictures processed at once; 0: one for each processor"
    )
    picture_seconds: float = number(
        30.0, 0.1, 3600, "seconds a picture may take before its process is killed"
    )
    picture_memory_mb: int = number(
        450, 16, 65_536, "megabytes a picture may take beyond an idle process"
    )
    max_source_mb: float = number(32.0, 0.001, 2000, "megabytes of a picture's file at most")
    max_megapixels: float = number(
        50.0, 0.001, 1000, "megapixels of a picture at most, all frames together"
    )
    max_side: int = number(16_384, 1, 65_500, "pixels of a picture's longest side at most")
    max_frames: int = number(100, 1, 10_000, "frames of an animation at most")
    exact: bool = setting(
        False,
        "whether every picture is worked on as scikit-image defines it: slower, with more memory",
    )
    default_pipeline: str = setting(
        "grayscale", "what is done to a plain client's picture, steps separated by spaces"
    )
    plain_source_prefix: str = directing(
        "inbox/", "where plain clients' pictures lie; their messages may hold the name alone"
    )
    plain_result_prefix: str = directing(
        "outbox/{job}/", "where the results of plain clients' pictures go"
    )
    dialect: str = directing(
        "", "how labs' own clients are served: a dialect's file, or the name of one that ships"
    )
    plain_error: str = setting(
        "", "what plain clients are told when a picture is refused or fails; empty: the reason"
    )

    images_prefix: str = directing(
        "images/", "where pictures to label lie; empty: at the bucket's root, and in all folders"
    )
    labels_key: str = directing(
        "labels/{name}.txt",
        "where a picture's answers lie: {name} its key less images_prefix, {stem} that less its"
        " extension, {key} its whole key",
    )
    layout_writes: bool = directing(
        False,
        "whether pictures and bare answers are written where images_prefix and labels_key say, if"
        " that is not labapp's own layout",
    )
    target_answers: int = number(3, 1, 1000, "answers wanted for each picture to label")
    annotator: str = setting(
        "", "who labels; empty: the name that was asked for once and kept on this machine"
    )

    color: str = setting(
        "auto",
        "colours on the screen; NO_COLOR is obeyed, COLORTERM=truecolor is noticed",
        choices=("auto", "never", "16", "256", "truecolor"),
    )
    images: str = setting(
        "auto",
        "how pictures are shown: pixels where the terminal is known to draw them, else blocks",
        choices=("auto", "blocks", "kitty", "iterm", "sixel"),
    )
    accessible: bool = setting(
        False,
        "whether menus are numbered lists that an answer is typed to, with nothing redrawn; so by"
        " itself where TERM=dumb",
    )

    @property
    def have_own_layout(self) -> bool:
        """Whether pictures to label and their answers lie where labapp itself has them."""
        own = Settings.images_prefix, Settings.labels_key
        return (self.images_prefix, self.labels_key) == own


#: The settings that decide where data and credentials go, and when data is deleted.
DIRECTING = frozenset(
    field.name for field in dataclasses.fields(Settings) if field.metadata["directs"]
)


def names() -> tuple[str, ...]:
    """Return every setting's name, in the order of the table."""
    return tuple(field.name for field in dataclasses.fields(Settings))


def meaning(name: str) -> str:
    """Return what the setting `name` means, as one phrase."""
    return str(Settings.__dataclass_fields__[name].metadata["meaning"])


def choices(name: str) -> tuple[str, ...]:
    """Return the words that the setting `name` takes; empty where any value may do."""
    return tuple(Settings.__dataclass_fields__[name].metadata["choices"])


#: Characters of a wrong value that an error repeats.
MOST_SHOWN = 80


def excerpt(value: object) -> str:
    """Return a value as an error repeats it: on one line, and not too long."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no integer of more than 4300 digits
        return "a number too long to show"
    except RecursionError:
        return "a table of tables without end"
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "..."


def _made(kind: Callable[[Any], Any], *given: type) -> Callable[[object], Any]:
    """Return what makes a number of values of some types; a truth value is none."""

    def convert(value: object) -> Any:
        if isinstance(value, bool) or not isinstance(value, given):
            raise TypeError
        return kind(value)

    return convert


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    words = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}
    if str(value).lower() not in words:
        raise ValueError
    return words[str(value).lower()]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # what is no Unicode, as in a broken variable, could be neither shown nor sent
    return value


#: What turns a value into a setting's type, by the type's name, and what it takes, in words; raises
#: ValueError, TypeError or OverflowError.
CONVERTERS: Mapping[str, tuple[Callable[[object], Any], str]] = {
    "int": (_made(int, int, str), "a whole number"),
    "float": (_made(float, int, float, str), "a number"),
    "bool": (_boolean, "true or false"),
    "str": (_text, "text"),
}
