"""Write the labels to disk in a format of `labels.export`; all of it, or nothing.

What is written appears under its name only when it is whole: files are written beside it and then
renamed, and the folder of `imagefolder`, pictures included, is built under another name first.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket
from labapp.dataset.calls import parallel_map, with_retries
from labapp.dataset.statistics import DatasetSnapshot
from labapp.errors import (
    LabappError,
    MissingResourceError,
    RefusedError,
    TooLargeError,
    os_errors_as,
)
from labapp.files.replacing import beside, clear_away, move, remove, replacing
from labapp.labels.export import export_files
from labapp.labels.export.format import Format, Labels, PictureFolder
from labapp.progress import Progress

#: Pictures fetched at once.
THREADS = 16


@dataclass(frozen=True)
class ExportRequest:
    """What is to be written, and where.

    Attributes:
        format: one of `labels.export.FORMATS`.
        out: the folder, for a format of one; else the main file, or a folder that is there.
        into: whether `out` is a folder also where it is not there yet.
        target: answers wanted for each picture, which its status depends on.
        min_answers: answers that a picture needs in a format of decided pictures only.
        excel: begin tables with a mark that Excel needs.
        force: replace what an earlier export wrote; other files in the folder stay.
    """

    format: Format
    out: Path
    into: bool = False
    target: int = 1
    min_answers: int = 1
    excel: bool = False
    force: bool = False

    def check(self) -> None:
        """See to it that the export would overwrite nothing, before anything is read.

        Raises:
            RefusedError: `out` is in the way, and `force` is false; or it can never be written.
        """
        paths = self.paths
        folder = paths[0].parent
        if folder.exists() and not folder.is_dir():
            raise RefusedError(f"{folder} is a file", "Name a folder to write into.")
        if taken := next((path for path in paths if path.is_dir()), None):
            raise RefusedError(f"{taken} is a folder", "Name another.")
        if self.force:
            return
        if self.format.pictures and folder.is_dir() and any(folder.iterdir()):
            raise RefusedError(
                f"the folder {folder} is not empty",
                "Name another, or replace its export with --force.",
            )
        if taken := next((path for path in paths if path.exists()), None):
            raise RefusedError(
                f"{taken} exists already", "Name another, or replace it with --force."
            )

    @property
    def paths(self) -> list[Path]:
        """Where each file of the format goes."""
        # Absolute, so that '.' and 'labels/..' have a name, beside which to write.
        with _writing(self.out):  # the working folder may be gone
            place = Path(os.path.abspath(self.out))  # noqa: PTH100 - resolve() would follow links
        names = list(self.format.files(Labels()))
        if self.format.is_folder or self.into or place.is_dir():
            return [place / name for name in names]
        return [place, *(_beside(place, Path(name).suffix) for name in names[1:])]

    def labels(self, look: DatasetSnapshot, bucket: str = "") -> Labels:
        """Return what is exported of a dataset."""
        return Labels(look.pictures, bucket, self.target, look.at, self.min_answers, look.layout,
                      look.scheme)  # fmt: skip

    def picture_bytes(self, look: DatasetSnapshot) -> int:
        """Return the bytes of the pictures that are fetched; 0 where the format has none."""
        if self.format.pictures is None:
            return 0
        return sum(look.listed[key].size for key, _ in self.format.pictures.of(self.labels(look)))


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


def export(
    bucket: Bucket,
    look: DatasetSnapshot,
    request: ExportRequest,
    progress: Progress,
    *,
    dry: bool = False,
) -> Exported:
    """Write the labels.

    Args:
        bucket: where pictures are fetched from.
        look: what is written, from `Statistics.look`; of a hashed format from `with_hashes`.
        request: in which format, and where.
        progress: told of the pictures' bytes as they come, in threads; asked before each picture.
        dry: only say what would be written.

    Raises:
        RefusedError: `request.out` is in the way.
        CloudError: a picture cannot be fetched.
        LabappError: the disk cannot be written.
    """
    request.check()
    labels, has = request.labels(look, bucket.name), request.format.pictures
    files = export_files(request.format, labels, excel=request.excel)
    targets = request.paths
    pictures = list(has.of(labels)) if has else []
    if dry:
        return Exported(tuple(targets), len(pictures))
    with _writing(request.out):
        if has is None:
            _write_all(dict(zip(targets, files.values(), strict=True)))
        elif not _write_folder(bucket, pictures, files, targets[0], has, progress):
            return Exported((), 0, is_complete=False)
    return Exported(tuple(targets), len(pictures))


def _write_folder(
    bucket: Bucket,
    pictures: Sequence[tuple[str, str]],
    files: Mapping[str, Iterable[str]],
    main: Path,
    has: PictureFolder,
    progress: Progress,
) -> bool:
    """Build a folder with pictures under another name first; return whether it was not stopped."""
    staging = beside(main.parent)
    try:
        staging.mkdir(parents=True)
        if _fetch(bucket, pictures, staging, progress) < len(pictures):
            return False
        _write_all({staging / file: text for file, text in files.items()})
        _put_in_place(staging, main, has)
    finally:
        clear_away(staging)
    return True


def _beside(place: Path, suffix: str) -> Path:
    """Name what comes beside a single file after it, so that several exports lie in one folder."""
    stem = place.name if place.suffix == suffix else place.stem
    return place.with_name(stem + suffix)


def _write_all(files: Mapping[Path, Iterable[str]]) -> None:
    """Write every file beside its target, then rename them all."""
    with ExitStack() as renamed:
        parts = [renamed.enter_context(replacing(path)) for path in files]
        for part, chunks in zip(parts, files.values(), strict=True):
            with part.open("w", encoding="utf-8", newline="") as out:
                out.writelines(chunks)


def _fetch(
    bucket: Bucket, pictures: Iterable[tuple[str, str]], folder: Path, progress: Progress
) -> int:
    """Download pictures side by side; return how many."""

    def one(picture: tuple[str, str]) -> None:
        key, name = picture
        try:
            with_retries(
                lambda: bucket.download(key, folder / name, progress.moved, bounds.PICTURE)
            )
        except MissingResourceError:
            raise MissingResourceError(
                f"the picture {key} was removed meanwhile", "Export again."
            ) from None
        except TooLargeError as error:
            raise TooLargeError(
                error.message, f"'admin.py images remove {key}' takes it out of the dataset."
            ) from None

    return sum(1 for _ in parallel_map(one, pictures, THREADS, progress.stopped))


def _put_in_place(staging: Path, main: Path, has: PictureFolder) -> None:
    """Give the folder its name; one that exists gets the new files, its main one last."""
    folder = main.parent
    if not folder.exists():
        move(staging, folder)
        return
    fresh = sorted(path.name for path in staging.iterdir() if path.name != main.name)
    stale = set(_named_before(main, has)) - set(fresh)
    # Without the table it is no export for a moment; with the old one it would be a wrong one.
    remove(main, missing_ok=True)
    for name in fresh:
        if not _is_the_users(folder / name, has):
            move(staging / name, folder / name)
    for name in stale:
        remove(folder / name, missing_ok=True)
    move(staging / main.name, main)


def _is_the_users(path: Path, has: PictureFolder) -> bool:
    """Tell whether there is a file that is none of an earlier export, though it has our name."""
    if path.name not in has.signed:
        return False
    try:
        return has.signed[path.name] not in path.read_text("utf-8")
    except FileNotFoundError:
        return False
    except UnicodeDecodeError:
        return True


def _named_before(main: Path, has: PictureFolder) -> Iterator[str]:
    """Yield the pictures that an earlier export put beside its main file, by what that says."""
    try:
        text = main.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    for name in has.named_in(text):
        if (main.parent / name).is_file():
            yield name


def _writing(out: Path) -> AbstractContextManager[None]:
    remedy = "Name a place that can be written, on a disk with room."
    return os_errors_as(LabappError, f"cannot write {out}", remedy)
