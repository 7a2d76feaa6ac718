"""A client's picture job: check, upload, send. A picture travels as a key, never in a message.

What becomes of its result is the business of `saving`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from labapp.cloud.bucket import Bucket
from labapp.errors import LabappError
from labapp.jobs.joint_sending import JointSending
from labapp.jobs.picture_keys import source_folder
from labapp.jobs.picture_kind import FORMAT, PICTURES, PIPELINE, QUALITY
from labapp.jobs.picture_request import ProcessingRequest, limits_of
from labapp.jobs.proof import Identity
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import Request
from labapp.labels.object_keys import safe_name
from labapp.pictures import pipeline, sources
from labapp.pictures.arrivals import stamp_of
from labapp.pictures.limits import Limits, losses_of
from labapp.pictures.pipeline import Step

#: The type of a source: its bytes tell, and nobody is to open it in a browser.
_ANYTHING = "application/octet-stream"

#: The names in a job's note: of what is asked for; of the file's size and time.
ASKED, STAMP = "asked", "stamp"


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


def send(
    session: ClientSession,
    bucket: Bucket,
    path: Path,
    wanted: ProcessingRequest,
    moved: Callable[[int], None] | None = None,
    new: Identity | None = None,
    jointly: JointSending | None = None,
) -> str:
    """Upload one picture and ask for it to be processed.

    Args:
        session: who is answered.
        bucket: where the picture goes.
        path: its file.
        wanted: what is to be done.
        moved: told of bytes as they go; what it raises ends the upload, and nothing is asked for.
        new: the job's id and proof, from `session.identity`; new ones unless given.
        jointly: sends it together with others; alone unless given.

    Returns:
        The job's id.

    Raises:
        RefusedError: the file is no picture, or beyond the limits.
        CloudError: it could not be sent.
    """
    from labapp.pictures.looks import header_in

    limits = limits_of(session.cloud.settings)
    stamp = stamp_of(path)
    data = _read(path, limits)
    header_in(data, path.name, limits)  # its header alone is looked at
    new = new or session.identity()
    request = request_of(session.client, new, path, wanted)
    bucket.upload(data, request.body, _ANYTHING, moved=moved)
    note = json.dumps(note_of(path, wanted) | {ASKED: asked(wanted), STAMP: stamp})
    if jointly:
        jointly.send(request, note)
    else:
        session.send(PICTURES, [request], note)
    return new.job


def send_once(
    session: ClientSession,
    bucket: Bucket,
    path: Path,
    data: bytes,
    wanted: ProcessingRequest,
    new: Identity,
    notes: Mapping[str, str],
) -> None:
    """Upload a picture that was checked, and ask for it, as often as need be under one job.

    Whatever of that was done before, and by whichever program: the job is written down once, and
    has one result.

    Args:
        session: who is answered.
        bucket: where the picture goes.
        path: its file.
        data: the bytes of it.
        wanted: what is to be done.
        new: the job.
        notes: what is noted with it, besides what `send` notes.

    Raises:
        CloudError: it could not be sent, as far as can be told.
    """
    known = session.ledger.get(new.job)
    request = request_of(known.client if known else session.client, new, path, wanted)
    bucket.upload(data, request.body, _ANYTHING)
    if known is None:
        session.send(PICTURES, [request], json.dumps(note_of(path, wanted) | dict(notes)))
    else:
        session.ask_again(PICTURES, request)


def request_of(client: str, new: Identity, path: Path, wanted: ProcessingRequest) -> Request:
    """Return the request for a picture, whose body is the key of its source."""
    key = source_folder(client, new.job) + (safe_name(path.name) or "picture")
    how = {PIPELINE: pipeline.to_wire(_steps(wanted)), FORMAT: wanted.format}
    how[QUALITY] = str(wanted.quality or "")
    return Request(key, new.job, client, how, nonce=new.nonce)


def note_of(path: Path, wanted: ProcessingRequest) -> dict[str, str]:
    """Return what is noted of a picture when it is sent."""
    folder = wanted.folder or path.parent
    note = {"path": str(path.absolute()), "folder": str(folder.absolute())}
    note["label"] = pipeline.label(_steps(wanted))
    note |= {"exact": "yes"} if wanted.exact else {}
    return note | ({"sending": wanted.together} if wanted.together else {})


def asked(wanted: ProcessingRequest) -> str:
    """Return what stands for what is to be done, and where results go."""
    return digest_of(wanted, wanted.folder and wanted.folder.absolute())


def digest_of(wanted: ProcessingRequest, *folders: Path | None) -> str:
    """Return what stands for what is to be done to the pictures of folders."""
    parts = (*folders, pipeline.to_wire(wanted.steps), wanted.format, wanted.quality, wanted.exact)
    text = "\0".join(map(str, parts))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:20]


def _steps(wanted: ProcessingRequest) -> tuple[Step, ...]:
    return tuple(pipeline.exactly(wanted.steps)) if wanted.exact else wanted.steps
