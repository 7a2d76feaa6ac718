"""Files that are saved results of this machine's jobs, recognised by what the ledger knows.

So results are known that bear no mark (see `pictures.mark`): of workers of before there was one.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from labapp.cloud.session import Cloud
from labapp.jobs.entry import Entry
from labapp.jobs.file_names import harmless
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.saving import stem_of
from labapp.jobs.session import has_ledger, open_ledger

#: What is put behind a name that is taken.
_NUMBER = re.compile(r"-[0-9]+$", re.ASCII)


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
    first: dict[tuple[Path, str], float] = {}
    for entry in entries:
        if entry.is_picture_done:
            folder, stem = Path(entry.notes.get("folder") or ".").absolute(), stem_of(entry)
            for key in {(folder, stem), (folder, harmless(stem))}:  # as `saving` may name it
                first[key] = min(entry.sent_at, first.get(key, entry.sent_at))

    def is_result(path: Path) -> bool:
        for stem in (path.stem, _NUMBER.sub("", path.stem)):
            sent_at = first.get((path.parent.absolute(), stem))
            # Another's file of that name was there before: the result got a number then.
            if sent_at is not None and _changed_at(path) >= sent_at:
                return True
        return False

    return is_result


def _changed_at(path: Path) -> float:
    """Return when a file was last written; before all else where that cannot be told."""
    try:
        return path.stat().st_mtime
    except OSError:
        return -math.inf
