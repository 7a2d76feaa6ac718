"""The kind of job that processes a picture: it travels as a key, and so does its result."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from urllib.parse import unquote_plus

from labapp.jobs.kind import JobKind
from labapp.visible import printable

#: Where pictures are put to be processed, where results come, and below which a picture is
#: processed as it arrives: `drop/<operation>/`.
INBOX, OUTBOX, DROP = "inbox/", "outbox/", "drop/"

#: Where a probe of the doctor is dropped: workers remove it, and do nothing else of it. What
#: people drop there has another name, and is refused as below any folder that names no operation.
PROBES = f"{DROP}doctor/"

#: The attributes of its requests: the steps as JSON, the result's format and its quality.
PIPELINE, FORMAT, QUALITY = "pipeline", "format", "quality"

#: What is put behind steps that are done as they are defined.
_EXACTLY = " (exact)"

#: The key in S3's own message about an object; the message is cut in a log, so it is no JSON there.
_DROPPED = re.compile(r'"key"\s*:\s*"([^"]+)"')

#: The name of each step of a pipeline as sent, which may be cut as well; and what says there that a
#: step is done as it is defined.
_STEP, _EXACT = re.compile(r'"op"\s*:\s*"([^"]+)"'), re.compile(r'"exact"\s*:\s*true')

#: How a worker refuses a step that is to be exact where it knows no such thing.
_OLDER = re.compile(r"step [0-9]+: [a-z_]+ has no parameter 'exact'\.[^\n]*")

#: What that means.
TOO_OLD = "the worker is older than --exact. Update it, or send the picture without --exact."


def _title(body: str, notes: Mapping[str, str]) -> str:
    """Return the picture's name and what is done to it."""
    if not notes:
        return body
    done = f"{notes.get('label', '')}{_EXACTLY if notes.get('exact') else ''}"
    return f"{PurePath(notes.get('path', body)).name}  {done}".rstrip()


def _logged_title(request: str) -> str:
    """Return the same of a log; of a dropped picture, its key."""
    body, _, steps = request.partition("' '[")
    body = body.removeprefix("'").removesuffix("'")
    if body.startswith("{") and (key := _DROPPED.search(body)):
        return printable(unquote_plus(key[1]))
    exactly = _EXACTLY if _EXACT.search(steps) else ""
    return f"{body.rpartition('/')[2]}  {'-'.join(_STEP.findall(steps))}{exactly}".rstrip()


def _answer(status: str, text: str) -> str:
    """Return the result's name, or why there is none."""
    return text.rpartition("/")[2] if status == "done" else text


def _text(text: str) -> str:
    """Return an answer's text in the words of today, where an older worker has none."""
    return TOO_OLD if _OLDER.fullmatch(text) else text


PICTURES = JobKind(
    "pictures",
    request_queue="image_inbox",
    plain_replies="image_outbox",
    handler="labapp.worker.picture_handler:PictureHandler",
    attributes=(PIPELINE, FORMAT, QUALITY),
    logged=(PIPELINE,),
    drops=DROP,
    title_of=_title,
    logged_title_of=_logged_title,
    answer_of=_answer,
    text_of=_text,
)
