"""Keys of pictures that are processed: each client has a folder, and each of its jobs one in it.

`inbox/<client>/<job>/<name>` is asked for, `outbox/<client>/<job>/<name>` comes back. So whoever
gives permissions can give each person what is theirs alone. Clients from before that have their
sources below `inbox/<job>/`, and their results, like those of workers from before it and of
pictures that nobody sent, below `outbox/<job>/`.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote

from labapp.errors import RefusedError
from labapp.jobs.picture_kind import INBOX, OUTBOX
from labapp.jobs.proof import ULID_FORM
from labapp.jobs.wire import Request, is_client_id, quoted
from labapp.labels.object_keys import safe_name
from labapp.settings import Settings
from labapp.visible import printable

#: Below which labapp keeps what no client is to read: others' answers, what they asked, and when.
CLOSED = ("labels/", "logs/", "workers/", "removed/")


def check_asked(key: str) -> None:
    """Refuse the key of what no lab's client is to ask for in the lab's own bucket."""
    if key.startswith(CLOSED):
        raise RefusedError(
            f"the key {quoted(key, 80)} is one of labapp's own", "Send that of your own object."
        )
    check_owner(key)


def check_owner(key: str, client: str = "") -> None:
    """Refuse a picture in the folder of another client, who alone may have it processed."""
    if (found := owner(key)) and found != client:
        raise RefusedError(
            f"the key {quoted(key, 80)} is below the folder of another client",
            "Send the key of a picture that you put there yourself.",
        )


def source_folder(client: str, job: str) -> str:
    """Return the folder below which a client puts what one of its jobs needs."""
    return f"{INBOX}{client}/{job}/"


def owner(key: str) -> str:
    """Return the client whose folder a source or a result lies in; empty where it is nobody's."""
    box, _, rest = key.partition("/")
    client, *deeper = rest.split("/")
    if f"{box}/" not in (INBOX, OUTBOX) or len(deeper) < 2 or not is_client_id(client):
        return ""
    # A lab may have folders of its own; none has one within it that is called like a job of ours.
    return client if ULID_FORM.fullmatch(deeper[0]) else ""


def result_folder(request: Request) -> str:
    """Return the folder of a job's results: the client's own, if its source lies in such a one."""
    return result_folders(request.client, request.job)[0 if owner(request.body) else 1]


def result_folders(client: str, job: str) -> tuple[str, str]:
    """Return the two folders in which a job's results may be: its client's, and that of before."""
    return f"{OUTBOX}{client}/{job}/", f"{OUTBOX}{job}/"


def made_name(key: str, label: str, extension: str) -> str:
    """Return the name of a result that is made of its picture's key and what was done to it.

    Args:
        key: the picture's; a client encodes what a store may not take in one.
        label: the short name of the steps.
        extension: that of the result, with its dot.
    """
    name = printable(unquote(key.rpartition("/")[2]))
    return f"{safe_name(PurePosixPath(name).stem)}-{label}{extension}"


def plain_result(settings: Settings, key: str, job: str, label: str, extension: str) -> str:
    """Return the key of the result of a plain client's picture; the rest as of `made_name`."""
    folder, name = plain_place(settings, key, job)
    return folder + (name or made_name(key, label, extension))


def plain_place(settings: Settings, key: str, job: str) -> tuple[str, str]:
    """Return the folder of the result of a plain client's picture, and its name there.

    The name is empty where it is made of the picture's own and what was done: a lab that names its
    own folder expects its pictures' own names there.
    """
    folder = settings.plain_result_prefix.replace("{job}", job)
    is_named = folder == settings.plain_result_prefix
    return folder, key.removeprefix(settings.plain_source_prefix) if is_named else ""
