"""Write the labels to disk in a format of `labels.export`; all of it, or nothing.

What is written appears under its name only when it is whole: files are written beside it and then
renamed, and the folder of `imagefolder`, pictures included, is built under another name first.
"""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket
from labapp.dataset.parallel import never, side_by_side
from labapp.dataset.retry import patiently
from labapp.dataset.statistics import DatasetSnapshot
from labapp.errors import LabappError, MissingResourceError, RefusedError, TooLargeError
from labapp.files.replacing import beside, clear_away, move, remove, replacing
from labapp.labels.export import CARD_END, export_files, imagefolder_files
from labapp.labels.object_keys import IMAGES, hash_part

#: Formats of which PATH is the file itself; of the others it is a folder.
SINGLE_FILE = frozenset({"jsonl", "manifest", "label-studio"})
#: The format that has the pictures too, and the file of it that must come last.
IMAGEFOLDER, METADATA = "imagefolder", "metadata.csv"
#: The card that tells `datasets` the names of the classes.
CARD_FILE = "README.md"
#: Formats of decided pictures only, for which a least number of answers may be asked.
DECIDED = frozenset({"manifest", IMAGEFOLDER})
#: Formats that carry the SHA-256 of each picture.
HASHED = frozenset({"csv", "jsonl"})

#: Pictures fetched at once.
THREADS = 16


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        files: the tables and lists, whole paths.
        pictures: how many pictures were saved beside them.
        is_complete: false if the caller stopped it; then nothing was written.
    """

    files: tuple[Path, ...]
    pictures: int = 0
    is_complete: bool = True


def picture_bytes(look: DatasetSnapshot, min_answers: int = 1) -> int:
    """Return the bytes of the pictures that `imagefolder` fetches, for a progress bar."""
    files = imagefolder_files(look.pictures, min_answers=min_answers)
    return sum(look.images[key].size for key, _ in files)


def check_target(
    name: str, out: Path, *, into: bool = False, force: bool = False, excel: bool = False
) -> None:
    """See to it that an export would overwrite nothing, before anything is read.

    Raises:
        UsageError: there is no such format, or it is none for Excel.
        RefusedError: `out` is in the way, and `force` is false; or it can never be written.
    """
    files = export_files(name, (), bucket="", target=1, now=datetime.min, excel=excel)
    paths = _targets(name, out, files, into=into)
    folder = paths[0].parent
    if folder.exists() and not folder.is_dir():
        raise RefusedError(f"{folder} is a file", "Name a folder to write into.")
    if taken := next((path for path in paths if path.is_dir()), None):
        raise RefusedError(f"{taken} is a folder", "Name another.")
    if force:
        return
    if name == IMAGEFOLDER and folder.is_dir() and any(folder.iterdir()):
        raise RefusedError(
            f"the folder {folder} is not empty", "Name another, or replace its export with --force."
        )
    if taken := next((path for path in paths if path.exists()), None):
        raise RefusedError(f"{taken} exists already", "Name another, or replace it with --force.")


def export(
    bucket: Bucket,
    look: DatasetSnapshot,
    name: str,
    out: Path,
    *,
    target: int,
    min_answers: int = 1,
    into: bool = False,
    excel: bool = False,
    force: bool = False,
    dry: bool = False,
    moved: Callable[[int], None] | None = None,
    stop: Callable[[], bool] = never,
) -> Exported:
    """Write the labels.

    Args:
        bucket: where pictures are fetched from.
        look: what is written, from `Statistics.look`; for `HASHED` formats `with_hashes`.
        name: one of `labels.export.FORMATS`.
        out: the file for a `SINGLE_FILE` format, or a folder that is there; else the folder.
        target: answers wanted for each picture, which its status depends on.
        min_answers: answers that a picture needs in a format of decided pictures only.
        into: whether `out` is a folder also where it is not there yet.
        excel: begin tables with a mark that Excel needs.
        force: replace what an earlier export wrote; other files in the folder stay.
        dry: only say what would be written.
        moved: told of the pictures' bytes as they come, in threads.
        stop: whether to give it up; asked before each picture.

    Raises:
        UsageError: there is no such format.
        RefusedError: `out` is in the way.
        CloudError: a picture cannot be fetched.
        LabappError: the disk cannot be written.
    """
    check_target(name, out, into=into, force=force, excel=excel)
    files = export_files(
        name,
        look.pictures,
        bucket=bucket.name,
        target=target,
        now=look.at,
        min_answers=min_answers,
        excel=excel,
    )
    targets = _targets(name, out, files, into=into)
    pictures: list[tuple[str, str]] = []
    if name == IMAGEFOLDER:
        pictures += imagefolder_files(look.pictures, min_answers=min_answers)
    if dry:
        return Exported(tuple(targets), len(pictures))
    with _writing(out):
        if name != IMAGEFOLDER:
            _write_all(dict(zip(targets, files.values(), strict=True)))
            return Exported(tuple(targets))
        if not _write_folder(bucket, pictures, files, targets[0].parent, moved, stop):
            return Exported((), 0, is_complete=False)
    return Exported(tuple(targets), len(pictures))


def _write_folder(
    bucket: Bucket,
    pictures: Sequence[tuple[str, str]],
    files: Mapping[str, Iterable[str]],
    folder: Path,
    moved: Callable[[int], None] | None,
    stop: Callable[[], bool],
) -> bool:
    """Build a folder with pictures under another name first; return whether it was not stopped."""
    staging = beside(folder)
    try:
        staging.mkdir(parents=True)
        if _fetch(bucket, pictures, staging, moved, stop) < len(pictures):
            return False
        _write_all({staging / file: text for file, text in files.items()})
        _put_in_place(staging, folder)
    finally:
        clear_away(staging)
    return True


def _targets(name: str, out: Path, files: Mapping[str, object], *, into: bool) -> list[Path]:
    """Return where each file of a format goes."""
    # Absolute, so that '.' and 'labels/..' have a name, beside which to write.
    with _writing(out):  # the working folder may be gone
        place = Path(os.path.abspath(out))  # noqa: PTH100 - resolve() would follow links
    if name in SINGLE_FILE and not into and not place.is_dir():
        return [place, *(_beside(place, Path(file).suffix) for file in list(files)[1:])]
    return [place / file for file in files]


def _beside(place: Path, suffix: str) -> Path:
    """Name what comes beside a single file after it, so that several exports lie in one folder."""
    stem = place.name if place.suffix == suffix else place.stem
    return place.with_name(stem + suffix)


def _write_all(files: Mapping[Path, Iterable[str]]) -> None:
    """Write every file beside its target, then rename them all."""
    with contextlib.ExitStack() as renamed:
        parts = [renamed.enter_context(replacing(path)) for path in files]
        for part, chunks in zip(parts, files.values(), strict=True):
            with part.open("w", encoding="utf-8", newline="") as out:
                out.writelines(chunks)


def _fetch(
    bucket: Bucket,
    pictures: Iterable[tuple[str, str]],
    folder: Path,
    moved: Callable[[int], None] | None,
    stop: Callable[[], bool],
) -> int:
    """Download pictures side by side; return how many."""

    def one(picture: tuple[str, str]) -> None:
        key, name = picture
        try:
            patiently(lambda: bucket.download(key, folder / name, moved, bounds.PICTURE))
        except MissingResourceError:
            raise MissingResourceError(
                f"the picture {key} was removed meanwhile", "Export again."
            ) from None
        except TooLargeError as error:
            raise TooLargeError(
                error.message, f"'admin.py images remove {key}' takes it out of the dataset."
            ) from None

    return sum(1 for _ in side_by_side(one, pictures, THREADS, stop))


def _put_in_place(staging: Path, folder: Path) -> None:
    """Give the folder its name; one that exists gets the new files, its table last."""
    if not folder.exists():
        move(staging, folder)
        return
    fresh = sorted(path.name for path in staging.iterdir() if path.name != METADATA)
    stale = set(_named_before(folder)) - set(fresh)
    # Without the table it is no export for a moment; with the old one it would be a wrong one.
    remove(folder / METADATA, missing_ok=True)
    for name in fresh:
        if name != CARD_FILE or not _is_the_users(folder / name):
            move(staging / name, folder / name)
    for name in stale:
        remove(folder / name, missing_ok=True)
    move(staging / METADATA, folder / METADATA)


def _is_the_users(card: Path) -> bool:
    """Tell whether there is a card that is none of an earlier export."""
    try:
        return CARD_END not in card.read_text("utf-8")
    except FileNotFoundError:
        return False
    except UnicodeDecodeError:
        return True


def _named_before(folder: Path) -> Iterator[str]:
    """Yield the pictures that an earlier export put into this folder, by its table.

    The table may be the user's own, so only names that an export gives are taken from it.
    """
    try:
        text = (folder / METADATA).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    with contextlib.suppress(csv.Error):  # no table of ours from there on
        for row in csv.DictReader(text.splitlines()):
            name = row.get("file_name") or ""
            if hash_part(IMAGES + name) and (folder / name).is_file():
                yield name


@contextlib.contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LabappError(
            f"cannot write {out}: {error.strerror or error}",
            "Name a place that can be written, on a disk with room.",
        ) from error
