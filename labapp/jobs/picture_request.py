"""What is asked of pictures, and within which limits: for all who ask, also before a cloud is.

Nothing of a cloud is imported here: a page that shows pictures is there before its library is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labapp.errors import UsageError
from labapp.files import replacing
from labapp.pictures.limits import Limits
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


def check_folder(folder: Path) -> None:
    """See to it that results can be saved in a folder, which is made if it is not there.

    Raises:
        UsageError: they cannot; says why.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Permissions alone say nothing of a full disk. Not by tempfile: on Windows its file is no
        # hidden one, and where none may be made it tries names for hours (gh-66305, to 3.12).
        probe = replacing.within(folder)
        probe.touch(exist_ok=False)
        replacing.remove(probe)
    except OSError as error:
        why = "it is a file" if folder.is_file() else error.strerror or str(error)
        raise UsageError(
            f"cannot save in {folder}: {why}", "Name a folder that can be written with --out."
        ) from error
