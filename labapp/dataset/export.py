"""Write the labels to disk in a format of `labels.export`; all of it, or nothing.

What is written appears under its name only when it is whole: files are written beside it and then
renamed, and so is the folder of a format that has the pictures too, see `picture_folder`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from labapp.cloud.bucket import Bucket
from labapp.cloud.bucket import Entry as Listed
from labapp.dataset import picture_folder, picture_size
from labapp.dataset.statistics import DatasetSnapshot
from labapp.errors import LabappError, RefusedError, os_errors_as
from labapp.files.replacing import replacing
from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.labels.export import export_files
from labapp.labels.export.choice import Choice
from labapp.labels.export.format import Format, Labels
from labapp.progress import Progress

#: Adds the pictures' hashes to a look.
Hashes = Callable[[DatasetSnapshot], DatasetSnapshot]

#: What is said where a model has few answers to rest on.
THIN = (
    "the model has few answers to rest on: from about three to a picture and twenty of an annotator"
    " on its probabilities mean something"
)


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
        choice: which answers and pictures are wanted.
        has_model: whether the model of Dawid and Skene decides, and its probabilities are written.
        split: the shares of the parts of a format that has some, in percent.
        scheme: the classes there are, which a file may be called by; the dataset's, once known.
    """

    format: Format
    out: Path
    into: bool = False
    target: int = 1
    min_answers: int = 1
    excel: bool = False
    force: bool = False
    choice: Choice = field(default_factory=Choice)
    has_model: bool = False
    split: tuple[int, ...] = (80, 20)
    scheme: Scheme = DEFAULT_SCHEME

    def check(self) -> None:
        """See to it that the export would overwrite nothing, before anything is read.

        Raises:
            RefusedError: `out` is in the way, and `force` is false; or it can never be written.
            UsageError: nothing can be meant by the choice.
        """
        self.choice.check()
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
        names = list(self.format.files(Labels(scheme=self.scheme)))
        if self.format.is_folder or self.into or place.is_dir():
            return [place / name for name in names]
        return [place, *(_beside(place, Path(name).suffix) for name in names[1:])]

    def plan(self, look: DatasetSnapshot, bucket: str = "") -> Plan:
        """Return what is to be written of a dataset.

        Args:
            look: the dataset, from `Statistics.look`.
            bucket: its bucket's name.

        Raises:
            RefusedError: as of `check`, now that the classes are known; or as of `Choice`.
            UsageError: as of `Choice`.
        """
        request = replace(self, scheme=look.scheme)
        request.check()
        pictures, model = self.choice.answers_of(look.pictures), None
        if self.has_model or self.choice.min_probability:
            from labapp.labels import dawid_skene  # which has numpy

            model = dawid_skene.of(pictures, [each.code for each in look.scheme.classes])
        labels = Labels(
            pictures, bucket, self.target, look.at, self.min_answers, look.layout, look.scheme,
            model, self.split,
        )  # fmt: skip
        chosen = replace(labels, pictures=self.choice.pictures_of(labels))
        is_thin = model is not None and model.basis.too_few
        return Plan(request, chosen, look.listed, THIN if is_thin else "")


@dataclass(frozen=True)
class Plan:
    """What is to be written.

    Attributes:
        request: in which format, and where.
        labels: the chosen pictures and answers.
        listed: what the listing says of each picture, by key.
        warning: what is to be known of the model; empty where nothing is.
    """

    request: ExportRequest
    labels: Labels
    listed: Mapping[str, Listed]
    warning: str = ""

    def hashed(self, look: DatasetSnapshot, read: Hashes) -> Plan | None:
        """Return the plan with the SHA-256 of each picture, if its format has them.

        Only chosen pictures are asked for.

        Args:
            look: the dataset that it was made of.
            read: adds hashes to a look, as `Statistics.with_hashes` does.

        Returns:
            None where that was stopped.
        """
        if not self.request.format.is_hashed:
            return self
        found = read(replace(look, pictures=tuple(self.labels.pictures)))
        if found.unread:
            return None
        return replace(self, labels=replace(self.labels, pictures=found.pictures))

    @cached_property
    def pictures(self) -> list[picture_folder.Wanted]:
        """The pictures that are fetched; none where the format has none."""
        has = self.request.format.pictures
        if has is None:
            return []
        digits = self.labels.layout.hash_part
        return [
            picture_folder.Wanted(self.listed[key], name, digits(key))
            for key, name in has.of(self.labels)
        ]

    @property
    def growing(self) -> Path:
        """Where the folder of a format with pictures grows until it is whole."""
        return picture_folder.growing(self.request.paths[0].parent)

    @property
    def picture_bytes(self) -> int:
        """The bytes of these."""
        return sum(one.listed.size for one in self.pictures)

    @cached_property
    def rows(self) -> int:
        """How many pictures are exported."""
        if self.request.format.decided_only:
            return sum(1 for _ in self.labels.decided())
        return len(self.labels.pictures)

    @cached_property
    def answers(self) -> int:
        """How many answers these have."""
        if self.request.format.decided_only:
            return sum(len(picture.answers) for picture, _, _ in self.labels.decided())
        return sum(len(picture.answers) for picture in self.labels.pictures)


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        files: the tables and lists, whole paths.
        pictures: how many pictures were saved beside them.
        is_complete: whether it was not stopped; else nothing is at its place, and `pictures` is how
            many are kept for the next time.
        had: how many of the pictures were there already, and were not fetched.
    """

    files: tuple[Path, ...]
    pictures: int
    is_complete: bool = True
    had: int = 0


def export(bucket: Bucket, plan: Plan, progress: Progress, *, dry: bool = False) -> Exported:
    """Write the labels.

    Args:
        bucket: where pictures are fetched from.
        plan: what is written; of a hashed format from `Plan.hashed`.
        progress: told of the pictures' bytes as they come, in threads; asked before each picture.
        dry: only say what would be written.

    Raises:
        RefusedError: `plan.request.out` is in the way.
        CloudError: a picture cannot be fetched.
        LabappError: the disk cannot be written.
    """
    request, has = plan.request, plan.request.format.pictures
    request.check()
    targets = tuple(request.paths)
    if dry:
        return Exported(targets, len(plan.pictures))
    with _writing(request.out):
        if has is None:
            texts = export_files(request.format, plan.labels, excel=request.excel).values()
            _write_all(dict(zip(targets, texts, strict=True)))
            return Exported(targets, 0)

        def files(path_of: Callable[[str], Path]) -> Mapping[str, Iterable[str]]:
            labels = replace(plan.labels, size_of=lambda name: picture_size.of(path_of(name)))
            return export_files(request.format, labels)

        fetched = picture_folder.write(bucket, plan.pictures, files, targets[0], has, progress)
    if not fetched.is_complete:
        return Exported((), fetched.pictures, is_complete=False)
    return Exported(targets, fetched.pictures, had=fetched.had)


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


def _writing(out: Path) -> AbstractContextManager[None]:
    remedy = "Name a place that can be written, on a disk with room."
    return os_errors_as(LabappError, f"cannot write {out}", remedy)
