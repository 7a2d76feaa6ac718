"""A picture job's result, held against what is told of it before anybody takes it for one.

Anybody may have put an object in the bucket, and an answer says what its worker says. So a result
lies in its own job's folder, is no larger than a result may be, and holds a picture of the format
and the size that are told. That is seen by its header, in a process of its own: nothing is decoded
here. That all of its pixels can be read is not looked at.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from labapp import foreign
from labapp.cloud import bucket as objects
from labapp.errors import JobFailedError, MissingResourceError, RefusedError
from labapp.jobs.entry import Entry
from labapp.jobs.picture_keys import result_folders
from labapp.jobs.wire import quoted
from labapp.pictures.files import ENDINGS
from labapp.pictures.limits import Limits, known_format
from labapp.pictures.mark import ROOM
from labapp.visible import printable

#: Characters of a key that an error repeats.
_QUOTED = 200

#: Objects below a job's folder that are looked at: a job makes one.
MOST_RESULTS = 20

#: Digits of a number that no side and no count of frames has.
_LONG = 10

#: What helps where a result is not taken.
_ASK = "Nothing was saved. Send the picture again; should that not help, ask who runs the worker."

#: And where it is too large for the settings here, which those of its worker may be above.
_RAISE = (
    "Nothing was saved. If your worker makes such results, raise LABAPP_MAX_SOURCE_MB here to what"
    " it has, and get it by 'client.py fetch JOB'."
)


class ResultRefusedError(JobFailedError):
    """What is there as a result is none: it is not saved."""


@dataclass(frozen=True)
class Facts:
    """What is told of a result, in an answer or beside the object.

    Attributes:
        key: its key.
        most: its bytes: as the answer says, or as the listing does.
        exact: whether it has just so many.
        format: its format; as its name ends where nothing else tells.
        size: width and height in pixels; None where nothing tells.
    """

    key: str
    most: int
    exact: bool
    format: str
    size: tuple[int, int] | None

    @property
    def job(self) -> str:
        """The job that it is of."""
        return self.key.rpartition("/")[0].rpartition("/")[2]

    def refusal(self, why: str, remedy: str = _ASK) -> ResultRefusedError:
        """Return the error that says why it is not taken, and what helps."""
        return ResultRefusedError(f"the result of the job {self.job} is not taken: {why}", remedy)


def key_of(entry: Entry) -> str:
    """Return the key of an answered job's result; empty where it has none."""
    key = entry.values.get("key")
    return key if isinstance(key, str) and printable(key) == key else ""


def facts_of_answer(entry: Entry, limits: Limits) -> Facts:
    """Return what an answer tells of its result.

    Raises:
        MissingResourceError: it names none.
        ResultRefusedError: what it names cannot be one.
    """
    key = key_of(entry)
    if not key:
        raise MissingResourceError(
            f"the answer to the job {entry.job} names no result", "Send the picture again."
        )
    size = foreign.count(entry.values.get("bytes"))
    wide, tall = (foreign.count(entry.values.get(name)) for name in ("width", "height"))
    told = Facts(key, size, True, foreign.text(entry.values.get("format")), (wide, tall))
    return _checked(told, entry.job, result_folders(entry.client, entry.job), limits)


def facts_of_object(
    entry: objects.Entry, facts: Mapping[str, str], job: str, folder: str, limits: Limits
) -> Facts:
    """Return what the listing of a job's folder, and what is noted with an object, tell of it.

    Raises:
        ResultRefusedError: it cannot be one.
    """
    wide, tall = (whole_number(facts.get(name, "")) for name in ("width", "height"))
    format = facts.get("format") or _format_of(entry.key)
    told = Facts(entry.key, entry.size, False, format, (wide, tall) if wide and tall else None)
    return _checked(told, job, (folder,), limits)


def _checked(told: Facts, job: str, folders: Sequence[str], limits: Limits) -> Facts:
    """Return what is told of a job's result, if it lies in a folder of the job and is possible."""
    within = [one for one in folders if told.key.startswith(one)]
    name = told.key.removeprefix(within[0]) if within else told.key
    plain = printable(name) == name and not any(sign in name for sign in "/\\:")
    if told.key == name or not plain or not name.strip("."):
        raise ResultRefusedError(
            f"the result of the job {job} is not taken: {quoted(told.key, _QUOTED)} is not its key",
            _ASK,
        )
    if told.format not in limits.formats or _format_of(told.key) != told.format:
        ending, format = PurePosixPath(told.key).suffix, told.format or "no format"
        raise told.refusal(f"its name ends in {ending!r}, and it is said to be {format}")
    most = _most_bytes(limits)
    if not 0 < told.most <= most:
        why = f"it is said to have {told.most:,} bytes; 1 to {most:,} are taken"
        raise told.refusal(why, _RAISE if told.most else _ASK)
    return told


def _most_bytes(limits: Limits) -> int:
    """Return the bytes of the largest result: one that has as many as it may is marked besides."""
    return limits.result_bytes + ROOM


def _format_of(key: str) -> str:
    """Return the format that a key's ending tells; empty where it tells none."""
    ending = PurePosixPath(key).suffix.lower()
    with contextlib.suppress(RefusedError):
        return known_format(ending) if ending in ENDINGS else ""
    return ""


def whole_number(text: str) -> int:
    """Return a number noted with a result; 0 for what is none, which anybody may have noted."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONG else 0


def check_picture(path: Path, told: Facts, limits: Limits) -> None:
    """See to it that a file is the picture that is told of.

    Raises:
        ResultRefusedError: it is not.
        JobFailedError: it could not be looked at.
    """
    from labapp.pictures.looks import header_of

    size = path.stat().st_size
    if told.exact and size != told.most:
        raise told.refusal(f"it has {size:,} bytes, and {told.most:,} were told")
    try:
        header = header_of(path, replace(limits, source_bytes=_most_bytes(limits)))
    except RefusedError as error:
        raise told.refusal(error.message.replace(path.name, "it")) from error
    if header.format != told.format:
        raise told.refusal(f"it is a picture in {header.format}, and {told.format} was told")
    if told.size and (header.width, header.height) != told.size:
        raise told.refusal(
            f"it has {header.width} x {header.height} pixels, and {told.size[0]} x {told.size[1]}"
            " were told"
        )
