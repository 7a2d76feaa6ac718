"""The result of a picture job on its way to a file: looked at before the file has its name.

It is saved beside its source (or in a folder that the user names), under a name that says what was
done, and never over a file that exists. A file that is such a result is known again by what the
ledger knows, also without a mark (see `pictures.mark`), which older workers gave none.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path, PurePosixPath

from labapp import utc
from labapp.cloud import bucket as objects
from labapp.cloud import lifecycle
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.errors import (
    CloudError,
    JobFailedError,
    LabappError,
    MissingResourceError,
    RefusedError,
    TimedOutError,
    TooLargeError,
    UsageError,
    os_errors_as,
)
from labapp.files import replacing
from labapp.jobs import marks, result_search
from labapp.jobs.entry import PENDING, Entry
from labapp.jobs.file_names import LEAST_NAME, MOST_NAME, fitting, harmless, room_in
from labapp.jobs.ledger import Ledger
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.picture_request import limits_of
from labapp.jobs.results import (
    MOST_RESULTS,
    Facts,
    ResultRefusedError,
    check_picture,
    facts_of_answer,
    facts_of_object,
    key_of,
)
from labapp.jobs.session import has_ledger, open_ledger
from labapp.jobs.wire import FAILED, REFUSED, time_of
from labapp.pictures.limits import Limits
from labapp.pictures.mark import is_marked

#: Bytes of a result that is read whole, and then written.
SMALL = 1_048_576

#: What is put behind a name that is taken.
_NUMBER = re.compile(r"-[0-9]+$", re.ASCII)


def save(
    bucket: Bucket, entry: Entry, folder: Path | None = None, ledger: Ledger | None = None
) -> Path:
    """Fetch the result of an answered job and save it under a new name; return the file.

    Args:
        bucket: where the result lies.
        entry: the job, `done`.
        folder: where it is saved; None: where its sender wanted it.
        ledger: told of a result that is not taken, so that the job is no longer `done` there.

    Raises:
        MissingResourceError: the result is no longer there, or the answer names none.
        ResultRefusedError: what is there is no such result as the answer tells of.
        LabappError: it cannot be written.
    """
    place = folder or Path(entry.notes.get("folder") or ".")
    try:
        told = facts_of_answer(entry, limits_of(bucket.cloud.settings))
        try:
            return _fetch(bucket, told, place, stem_of(entry))
        except MissingResourceError as error:
            raise _no_result(bucket, entry.job, entry) from error
    except ResultRefusedError as error:
        if ledger is not None:
            ledger.refuse_result(entry.job, error.message)
        raise


def stem_of(entry: Entry) -> str:
    """Return the name of a job's result without its ending: the source's, and what was done."""
    note = entry.notes
    named = harmless(PurePosixPath(key_of(entry)).stem.rpartition("-")[0])
    name = Path(note.get("path", "")).stem or named
    return f"{name or 'result'}-{note.get('label') or 'result'}"


def fetch(
    bucket: Bucket,
    name: str,
    folder: Path,
    known: Callable[[str], Entry | None] = lambda job: None,
    say: Callable[[str], None] = lambda text: None,
) -> list[Path]:
    """Fetch the results of any job by its id into a folder, also of one of another machine.

    Args:
        bucket: where they lie.
        name: its id; with `CLIENT/` before it, that of a job of this client.
        folder: where they are saved.
        known: gives what this machine knows of a job.
        say: told of what is left out while another result is saved.

    Raises:
        UsageError: that cannot be a job's id.
        MissingResourceError: the bucket holds no result of it, or no more.
        ResultRefusedError: nothing that is there is a result.
        ForbiddenError: it is of another machine, and those of all clients may not be listed.
        LabappError: there is none, as the job is pending, was refused or failed.
    """
    client, job = result_search.client_and_job(name)
    if not job:  # no other names a folder below outbox/
        raise UsageError(f"{name!r} is not the id of a job", "'client.py results' lists them.")
    entry, unknown = _known(known, job)
    client = client or (entry.client if entry else "")
    place, found = result_search.find(bucket, job, client, MOST_RESULTS + 1)
    if not found:
        raise unknown or _no_result(bucket, job, entry)
    if len(found) > MOST_RESULTS:
        say(f"only the first {MOST_RESULTS} objects below {place} are looked at")
    saved: list[Path] = []
    refused: list[LabappError] = []
    for one, facts in _proved_first(bucket, found[:MOST_RESULTS]):
        try:
            told = facts_of_object(one, facts, job, place, limits_of(bucket.cloud.settings))
            stem = harmless(PurePosixPath(told.key).stem) or "result"
            saved.append(_fetch(bucket, told, folder, stem))
        except ResultRefusedError as error:
            refused.append(error)
    if not saved:
        raise refused[0] if refused else unknown or _no_result(bucket, job, entry)
    for refusal in refused:
        say(refusal.message)
    return saved


def _known(
    known: Callable[[str], Entry | None], job: str
) -> tuple[Entry | None, LabappError | None]:
    """Return what this machine knows of a job; or why it cannot tell, as its ledger is damaged."""
    try:
        return known(job), None
    except LabappError as error:
        return None, error


def _proved_first(
    bucket: Bucket, found: Iterable[objects.Entry]
) -> list[tuple[objects.Entry, Mapping[str, str]]]:
    """Return objects with what is noted of each; those of the proved request alone, if any are."""
    noted = []
    for entry in found:
        with contextlib.suppress(MissingResourceError):  # deleted since it was listed
            noted.append((entry, bucket.head(entry.key).metadata))
    proved = [one for one in noted if marks.is_proved(marks.mark_in(one[1]))]
    return proved or noted


def _no_result(bucket: Bucket, job: str, entry: Entry | None) -> LabappError:
    """Return why there is no result of a job, as far as this machine knows."""
    if entry is None or entry.kind != PICTURES.name:
        return (entry is None and _expired_error(bucket, job, None)) or MissingResourceError(
            f"there is no result of the job {job}", "'client.py results' lists what there is."
        )
    if entry.status == PENDING:
        return TimedOutError(
            f"the job {job} is still pending", "'client.py results' tells when it is done."
        )
    if entry.status == "done":
        return _expired_error(bucket, job, entry) or MissingResourceError(
            f"the result of the job {job} was deleted from the bucket since",
            "Send the picture again.",
        )
    if entry.status in {REFUSED, FAILED}:
        error = RefusedError if entry.status == REFUSED else JobFailedError
        return error(f"there is no result of the job {job}. {entry.status}: {entry.reply}")
    return MissingResourceError(
        f"there is no result of the job {job}: it is {entry.status}", "Send the picture again."
    )


def _expired_error(bucket: Bucket, job: str, entry: Entry | None) -> LabappError | None:
    """Return the error for a result that S3 has deleted by age; None for one that is not so old."""
    cloud = bucket.cloud
    days = cloud.settings.keep_days
    sent = time_of(job, entry.sent_at if entry else 0.0)
    age = utc.now() - sent
    # Without a time, the job is of 1970.
    if not days or not sent.timestamp() or age < timedelta(days=days):
        return None
    with contextlib.suppress(CloudError):  # who may not see the rules takes them for set
        if not lifecycle.has_ours(cloud):  # a bucket that was not set up so keeps all
            return None
    kept = "1 day" if days == 1 else f"{days} days"
    why = f"the result of the job {job} has expired: it was kept {kept}, and is {age.days} days old"
    return MissingResourceError(why, "Send the picture again.")


def _fetch(bucket: Bucket, told: Facts, folder: Path, stem: str) -> Path:
    """Download into a hidden file, look at it, then give it the first free name, in one step."""
    ending = PurePosixPath(told.key).suffix
    hidden = replacing.within(folder)
    what = f"cannot save {stem}{ending} in {folder}"
    remedy = f"'client.py fetch {told.job} --out DIR' saves it in a folder that can be written."
    try:
        with os_errors_as(LabappError, what, remedy):
            folder.mkdir(parents=True, exist_ok=True)
            _swept(folder)
            if told.most <= SMALL:
                hidden.write_bytes(bucket.get(told.key, told.most).body)
            else:
                bucket.download(told.key, hidden, most=told.most)
            check_picture(hidden, told, limits_of(bucket.cloud.settings))
            return _give_name(hidden, folder, stem, ending)
    except TooLargeError as error:
        raise told.refusal(f"it has more than the {told.most:,} bytes told") from error
    except LabappError as error:
        if isinstance(cause := error.__cause__, OSError):  # of whom knows the hidden file alone
            raise LabappError(f"{what}: {cause.strerror or cause}", remedy) from cause
        raise
    finally:
        with contextlib.suppress(OSError):  # the folder may be none
            replacing.remove(hidden)


@functools.cache
def _swept(folder: Path) -> None:
    """Clear a folder, once, of what programs that were killed have left there."""
    replacing.sweep(folder)


def _give_name(hidden: Path, folder: Path, stem: str, ending: str) -> Path:
    """Give a file its name; one that every platform has where this disk does not take it.

    A stick or a share may hold to the rules of Windows, where Linux gave the source its name.
    """
    try:
        return _first_free(hidden, _names(folder, stem, ending))
    except OSError:
        plain, room = harmless(stem) or "result", room_in(folder)
        if room < LEAST_NAME or fitting(plain, ending, room) == fitting(stem, ending):
            raise
        return _first_free(hidden, _names(folder, plain, ending, room))


def _names(folder: Path, stem: str, ending: str, most: int = MOST_NAME) -> Iterable[Path]:
    yield folder / fitting(stem, ending, most)
    for number in itertools.count(2):
        yield folder / fitting(f"{stem}-{number}", ending, most)


def _first_free(hidden: Path, names: Iterable[Path]) -> Path:
    """Give a file the first name that is free; a link fails where the name is taken meanwhile."""
    for path in names:
        try:
            os.link(hidden, path)
        except FileExistsError:
            continue
        except OSError:  # a file system without links, such as exFAT
            if path.exists():
                continue
            replacing.move(hidden, path)
        return path
    raise AssertionError("names never end")


def saved_here(cloud: Cloud) -> Callable[[Path], bool]:
    """Return `saved_for` of all picture jobs that this machine sent to a cloud.

    Raises:
        LabappError: the ledger cannot be read.
    """
    if not has_ledger(cloud):
        return lambda path: False
    with contextlib.closing(open_ledger(cloud)) as ledger:
        return saved_for(ledger.newest(kind=PICTURES.name))


def saved_for(entries: Iterable[Entry]) -> Callable[[Path], bool]:
    """Return what tells whether a file is the result of one of these jobs: by place, name, time."""
    made = made_by(entries)
    return lambda path: made(path) is not None


def made_by(entries: Iterable[Entry]) -> Callable[[Path], Entry | None]:
    """Return what gives the job of these that a file is the result of, the latest that may be."""
    known: dict[tuple[Path, str], list[Entry]] = {}
    for entry in entries:
        if entry.is_picture_done:
            folder, stem = Path(entry.notes.get("folder") or ".").absolute(), stem_of(entry)
            for key in {(folder, stem), (folder, harmless(stem))}:  # as a stick may want it
                known.setdefault(key, []).append(entry)

    def job_of(path: Path) -> Entry | None:
        for stem in (path.stem, _NUMBER.sub("", path.stem)):
            found = known.get((path.parent.absolute(), stem))
            with contextlib.suppress(OSError):  # none that can be looked at is one
                # Another's file of that name was there before: the result got a number then.
                saved_at = path.stat().st_mtime if found else 0.0
                before = [entry for entry in found or () if entry.sent_at <= saved_at]
                if before:
                    return max(before, key=lambda entry: entry.sent_at)
        return None

    return job_of


def saved_in(
    folder: Path, entries: Iterable[Entry], limits: Limits
) -> Iterator[tuple[Entry, Path]]:
    """Yield the files of a folder that are results of answered jobs, each with its job.

    They are known by place, name, mark and size, whether or not anybody noted that they were saved.
    """
    made = made_by(entries)
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if (entry := made(path)) and _is_result(path, entry, limits):
                yield entry, path


def _is_result(path: Path, entry: Entry, limits: Limits) -> bool:
    try:
        told = facts_of_answer(entry, limits)
        return is_marked(path) and path.stat().st_size == told.most
    except (LabappError, OSError):
        return False
