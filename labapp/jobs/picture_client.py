"""A client's picture job: check, upload, send. A picture travels as a key, never in a message.

What becomes of its result is the business of `saving`.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from labapp.cloud.bucket import Bucket
from labapp.errors import LabappError, UsageError
from labapp.jobs.picture_keys import source_folder
from labapp.jobs.picture_kind import FORMAT, PICTURES, PIPELINE, QUALITY
from labapp.jobs.proof import Identity
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import Request
from labapp.labels.object_keys import safe_name
from labapp.pictures import pipeline, sources
from labapp.pictures.limits import Limits, losses_of
from labapp.pictures.pipeline import Step
from labapp.settings import Settings


@dataclass(frozen=True)
class ProcessingRequest:
    """What is to be done to pictures, and where the results go.

    Attributes:
        steps: the operations, in order.
        format: the results' format; empty for each picture's own.
        folder: where results are saved; None: beside each picture.
        quality: of results in JPEG or WebP, 1 to 100; None: that of each picture.
        exact: whether they are done as the operations are defined, and not by the fast kernels.
        together: what is noted of pictures whose answers are told in one notice; empty: in none.
    """

    steps: tuple[Step, ...]
    format: str = ""
    folder: Path | None = None
    quality: int | None = None
    exact: bool = False
    together: str = ""


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


def losses(path: Path, wanted: ProcessingRequest, limits: Limits) -> list[str]:
    """Say what a picture will lose by the format that is wanted, as its header tells.

    Returns:
        a sentence each, without a full stop; nothing where the file cannot be read, which sending
        it tells.
    """
    from labapp.pictures.looks import header_in

    try:
        header = header_in(_read(path, limits), path.name, limits)
        return losses_of(header, wanted.format, wanted.quality)
    except LabappError:
        return []


def _read(path: Path, limits: Limits) -> bytes:
    """Read a picture's file, once for the look at its header and for the upload."""
    from labapp.pictures.looks import whole

    return sources.read(whole(path), limits, path)


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
    wanted: ProcessingRequest,
    moved: Callable[[int], None] | None = None,
    new: Identity | None = None,
) -> str:
    """Upload one picture and ask for it to be processed.

    Args:
        session: who is answered.
        bucket: where the picture goes.
        path: its file.
        wanted: what is to be done.
        moved: told of bytes as they go; what it raises ends the upload, and nothing is asked for.
        new: the job's id and proof, from `session.identity`; new ones unless given.

    Returns:
        The job's id.

    Raises:
        RefusedError: the file is no picture, or beyond the limits.
        CloudError: it could not be sent.
    """
    from labapp.pictures.looks import header_in

    limits = limits_of(session.cloud.settings)
    data = _read(path, limits)
    header_in(data, path.name, limits)  # its header alone is looked at
    new = new or session.identity()
    steps = pipeline.exactly(wanted.steps) if wanted.exact else wanted.steps
    key = source_folder(session.client, new.job) + (safe_name(path.name) or "picture")
    bucket.upload(data, key, "application/octet-stream", moved=moved)
    how = {PIPELINE: pipeline.to_wire(steps), FORMAT: wanted.format}
    how[QUALITY] = str(wanted.quality or "")
    request = Request(key, new.job, session.client, how, nonce=new.nonce)
    folder = wanted.folder or path.parent
    note = {"path": str(path.absolute()), "folder": str(folder.absolute())}
    note["label"] = pipeline.label(steps)
    note |= {"exact": "yes"} if wanted.exact else {}
    note |= {"sending": wanted.together} if wanted.together else {}
    session.send(PICTURES, [request], json.dumps(note))
    return new.job
