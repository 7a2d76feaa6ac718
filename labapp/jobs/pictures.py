"""A client's picture job: check, upload, send; and, once it is answered, fetch and save.

A picture travels as a key, never in a message. Its result is saved beside it (or in a folder that
the user names), under a name that says what was done, and never over a file that exists.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labapp import replacing
from labapp.cloud.bucket import Bucket
from labapp.errors import (
    JobFailedError,
    LabappError,
    MissingResourceError,
    RefusedError,
    TimedOutError,
    UsageError,
)
from labapp.jobs.client import ClientSession
from labapp.jobs.entry import PENDING, PICTURES, Entry
from labapp.jobs.file_names import fitting
from labapp.jobs.wire import FAILED, REFUSED, Request, is_job_id, new_job_id, printable
from labapp.labels.keys import safe_name
from labapp.pictures import pipeline
from labapp.pictures.limits import EXTENSIONS, Limits
from labapp.pictures.mark import is_marked
from labapp.pictures.pipeline import Step
from labapp.settings import Settings

#: What the ledger calls these jobs.
KIND = PICTURES

#: Where pictures are put to be processed, and where results come.
INBOX, OUTBOX = "inbox/", "outbox/"

#: Endings of files that are taken for pictures when a folder is given.
ENDINGS = frozenset(
    {".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp", ".apng", ".dib", ".tiff"}
    | set(EXTENSIONS.values())
)


@dataclass(frozen=True)
class Wish:
    """What is to be done to pictures, and where the results go.

    Attributes:
        steps: the operations, in order.
        format: the results' format; empty for each picture's own.
        folder: where results are saved; None: beside each picture.
        quality: of results in JPEG or WebP, 1 to 100; None: that of each picture.
    """

    steps: tuple[Step, ...]
    format: str = ""
    folder: Path | None = None
    quality: int | None = None


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the settings give."""
    return Limits(
        source_bytes=round(settings.max_source_mb * 1_000_000),
        result_bytes=round(settings.max_source_mb * 1_000_000),
        pixels=round(settings.max_megapixels * 1_000_000),
        side=settings.max_side,
        frames=settings.max_frames,
        seconds=settings.picture_seconds,
        memory=settings.picture_memory_mb * 1_000_000,
    )


def find(paths: Sequence[str]) -> list[Path]:
    """Return the pictures that paths, folders and patterns name, each once, in order.

    Of a folder, results of labapp are left out. `dataset.choosing` tells what else is.

    Raises:
        UsageError: something named is not there, or no picture is.
    """
    found: dict[Path, None] = {}
    for text in paths:
        path = Path(text).expanduser()
        if path.is_dir():
            found |= dict.fromkeys(one for one in pictures_in(path) if not is_marked(one))
        elif path.exists():
            found[path] = None
        else:
            found |= dict.fromkeys(_matching(path, text))
    if not found:
        raise UsageError(
            f"no picture in {', '.join(paths)}", "Name a picture, or a folder of some."
        )
    return list(found)


def pictures_in(folder: Path) -> list[Path]:
    """Return a folder's files whose names end like a picture's, by name: 2.jpg before 10.jpg."""
    try:
        found = [path for path in folder.iterdir() if is_picture_name(path)]
    except OSError as error:
        raise UsageError(
            f"cannot read the folder {folder}: {error.strerror or error}", "Name another."
        ) from error
    return sorted(found, key=_natural)


def is_picture_name(path: Path) -> bool:
    """Return whether a file's name ends like a picture's."""
    return path.suffix.lower() in ENDINGS and path.is_file()


def check(path: Path, limits: Limits) -> None:
    """See to it that a file is a picture within the limits, by its header alone.

    Raises:
        RefusedError: it is none, or beyond them; says why.
    """
    from labapp.pictures.looks import header_of

    header_of(path, limits)


def losses(path: Path, wish: Wish, limits: Limits) -> list[str]:
    """Say what a picture will lose by the format that is wished for, as its header tells.

    Returns:
        a sentence each, without a full stop; nothing where the file cannot be read, which sending
        it tells.
    """
    from labapp.pictures import losses
    from labapp.pictures.looks import header_of

    try:
        return losses.of(header_of(path, limits), wish.format, wish.quality)
    except LabappError:
        return []


def check_folder(folder: Path) -> None:
    """See to it that results can be saved in a folder, which is made if it is not there.

    Raises:
        UsageError: they cannot; says why.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):  # permissions alone say nothing of a full disk
            pass
    except OSError as error:
        why = "it is a file" if folder.is_file() else error.strerror or str(error)
        raise UsageError(
            f"cannot save in {folder}: {why}", "Name a folder that can be written with --out."
        ) from error


def send(
    session: ClientSession,
    bucket: Bucket,
    path: Path,
    wish: Wish,
    moved: Callable[[int], None] | None = None,
    job: str = "",
) -> str:
    """Upload one picture and ask for it to be processed.

    Args:
        session: who is answered.
        bucket: where the picture goes.
        path: its file.
        wish: what is to be done.
        moved: told of bytes as they go; what it raises ends the upload, and nothing is asked for.
        job: the job's id, from `new_job_id`; a new one unless given.

    Returns:
        The job's id.

    Raises:
        RefusedError: the file is no picture, or beyond the limits.
        CloudError: it could not be sent.
    """
    check(path, limits_of(session.cloud.settings))
    job = job or new_job_id()
    key = f"{INBOX}{job}/{safe_name(path.name) or 'picture'}"
    bucket.upload(path, key, "application/octet-stream", moved=moved)
    request = Request(
        key,
        job,
        session.client,
        pipeline.to_wire(wish.steps),
        format=wish.format,
        quality=str(wish.quality or ""),
    )
    folder = wish.folder or path.parent
    note = {"path": str(path.absolute()), "folder": str(folder.absolute())}
    note["label"] = pipeline.label(wish.steps)
    session.send(KIND, session.cloud.settings.image_inbox, [request], json.dumps(note))
    return job


def save(bucket: Bucket, entry: Entry, folder: Path | None = None) -> Path:
    """Fetch the result of an answered job and save it under a new name.

    Args:
        bucket: where the result lies.
        entry: the job, `done`.
        folder: where it is saved; None: where its sender wanted it.

    Returns:
        The file.

    Raises:
        MissingResourceError: the result is no longer there, or the answer names none.
        LabappError: it cannot be written.
    """
    key = key_of(entry)
    if not key.startswith(OUTBOX):
        raise MissingResourceError(
            f"the answer to the job {entry.job} names no result", "Send the picture again."
        )
    place = folder or Path(noted(entry).get("folder") or ".")
    return _fetch(bucket, key, place, stem_of(entry))


def stem_of(entry: Entry) -> str:
    """Return the name of a job's result without its ending: the source's, and what was done."""
    note = noted(entry)
    name = Path(note.get("path", "")).stem or Path(key_of(entry)).stem.rpartition("-")[0]
    return f"{name or 'result'}-{note.get('label') or 'result'}"


def fetch(
    bucket: Bucket,
    job: str,
    folder: Path,
    known: Callable[[str], Entry | None] = lambda job: None,
) -> list[Path]:
    """Fetch the results of any job by its id, also of one sent from another machine.

    Args:
        bucket: where they lie.
        job: its id.
        folder: where they are saved.
        known: gives what this machine knows of a job; asked where the bucket holds no result.

    Raises:
        UsageError: that cannot be a job's id.
        MissingResourceError: the bucket holds no result of it, or no more.
        LabappError: there is none, as the job is pending, was refused or failed.
    """
    if not is_job_id(job):  # no other names a folder below outbox/
        raise UsageError(f"{job!r} is not the id of a job", "'client.py results' lists them.")
    keys = [entry.key for entry in bucket.list(f"{OUTBOX}{job}/")]
    if not keys:
        raise _no_result(job, known(job))
    return [_fetch(bucket, key, folder, Path(key).stem) for key in keys]


def _no_result(job: str, entry: Entry | None) -> LabappError:
    """Return why there is no result of a job, as far as this machine knows."""
    if entry is None or entry.kind != KIND:
        return MissingResourceError(
            f"there is no result of the job {job}", "'client.py results' lists what there is."
        )
    if entry.status == PENDING:
        return TimedOutError(
            f"the job {job} is still pending", "'client.py results' tells when it is done."
        )
    if entry.status == "done":
        return MissingResourceError(
            f"the result of the job {job} was deleted from the bucket since",
            "Send the picture again.",
        )
    if entry.status in {REFUSED, FAILED}:
        error = RefusedError if entry.status == REFUSED else JobFailedError
        return error(f"there is no result of the job {job}. {entry.status}: {entry.reply}")
    return MissingResourceError(
        f"there is no result of the job {job}: it is {entry.status}", "Send the picture again."
    )


def key_of(entry: Entry) -> str:
    """Return the key of an answered job's result; empty where it has none."""
    key = entry.values.get("key")
    return key if isinstance(key, str) and printable(key) == key else ""


def noted(entry: Entry) -> dict[str, str]:
    """Return what was noted when a job was sent: path, folder, label; empty where nothing was."""
    return entry.noted


def _fetch(bucket: Bucket, key: str, folder: Path, stem: str) -> Path:
    """Download into a hidden file, then give it the first free name, in one step."""
    ending = Path(key).suffix
    ending = ending if ending in ENDINGS else ""
    hidden = replacing.within(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        bucket.download(key, hidden)
        return _named(hidden, _names(folder, stem, ending))
    except OSError as error:
        job = key.removeprefix(OUTBOX).partition("/")[0]
        raise LabappError(
            f"cannot save {stem}{ending} in {folder}: {error.strerror or error}",
            f"'client.py fetch {job} --out DIR' saves it in a folder that can be written.",
        ) from error
    finally:
        with contextlib.suppress(OSError):  # the folder may be none
            hidden.unlink()


def _names(folder: Path, stem: str, ending: str) -> Iterable[Path]:
    yield folder / fitting(stem, ending)
    for number in itertools.count(2):
        yield folder / fitting(f"{stem}-{number}", ending)


def _named(hidden: Path, names: Iterable[Path]) -> Path:
    """Give a file the first name that is free; a link fails where the name is taken meanwhile."""
    for path in names:
        try:
            os.link(hidden, path)
        except FileExistsError:
            continue
        except OSError:  # a file system without links, such as exFAT
            if path.exists():
                continue
            hidden.replace(path)
        return path
    raise AssertionError("names never end")


def _natural(path: Path) -> list[tuple[bool, Any]]:
    """Return what sorts names as people count: by number where there are digits."""
    parts = re.split(r"([0-9]+)", path.name.lower())
    return [
        (not part.isdecimal(), int(part) if part.isdecimal() else part) for part in parts if part
    ]


def _matching(path: Path, text: str) -> list[Path]:
    """Return the files that a pattern names, for shells that leave patterns to us."""
    if any(sign in path.name for sign in "*?[") and path.parent.is_dir():
        return sorted(one for one in path.parent.glob(path.name) if one.is_file())
    raise UsageError(f"there is no file {text}", "Name a picture, or a folder of some.")
