"""Looks at all labels that take their time: with a bar, and stopped by Esc."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from labapp.console import progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from labapp.console.progress import Transfer
    from labapp.dataset.label_reader import ReadProgress
    from labapp.dataset.statistics import DatasetSnapshot, Statistics


#: What a look gives.
Look = TypeVar("Look")


def look_with_progress(statistics: Statistics) -> DatasetSnapshot:
    """Look at all labels, with a bar while label files are read from S3; Esc stops it."""
    return with_bar("reading labels", "label files", statistics.look)


def hashes_with_progress(statistics: Statistics, look: DatasetSnapshot) -> DatasetSnapshot:
    """Add the pictures' hashes, with a bar while the bucket is asked for them; Esc stops it."""
    return with_bar("reading hashes", "pictures", partial(statistics.with_hashes, look))


def with_bar(
    what: str, unit: str, read: Callable[[ReadProgress, Callable[[], bool]], Look]
) -> Look:
    """Read many things of the bucket, with a bar while it is asked for them; Esc stops it."""
    bar: Transfer | None = None
    done_before = 0
    with contextlib.ExitStack() as shown:

        def tell(done: int, total: int) -> None:
            nonlocal bar, done_before
            if bar is None:  # not before something is to be read
                bar = shown.enter_context(progress.transfer(what, total, unit))
            bar.moved(done - done_before)
            done_before = done

        return read(tell, lambda: bar is not None and bar.stopped())
