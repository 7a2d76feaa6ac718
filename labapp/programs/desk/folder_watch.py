"""A look into the open folder from behind, each second: what came, what went, what a file is."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from labapp.errors import to_tell
from labapp.programs.desk.file_list import FileList
from labapp.programs.desk.folder_listing import Facts, contents_of, facts_of

#: Seconds between two looks: one call of the system, as long as nothing changes.
EVERY = 1.0

#: Seconds after which the folder is listed whatever it tells of its last change: Windows tells
#: nothing of folders on FAT and exFAT, which cards and sticks have. And how many times as long as
#: the listing took, so that it takes little of a large folder's time.
ANYWAY, SHARE = 5.0, 50

#: Files that are asked before what was found is shown, at first: those on the screen. Then more and
#: more, as each time the whole list is gone through.
_BATCH = 64

#: Seconds that opening a folder waits for its files, which a disk of this machine has at once.
_AT_ONCE = 0.15


class FolderWatch:
    """Keeps a list of files true.

    Args:
        files: the list.
        look: called at each look, for what else may have changed; tells whether something has.
        source_of: gives the source of a result that is known from elsewhere than by its name.
        changed: called when the list is another.
    """

    def __init__(
        self,
        files: FileList,
        look: Callable[[], bool],
        source_of: Callable[[Path], Path | None],
        changed: Callable[[], None],
    ) -> None:
        self._files = files
        self._look = look
        self._source_of = source_of
        self._changed = changed
        self._asked = threading.Event()
        self._listed = threading.Event()
        self._stopped = False
        self._next_listing = 0.0

    def start(self) -> None:
        """Begin to look; returns once the files are listed, or after a moment."""
        threading.Thread(target=self._run, name="folder", daemon=True).start()
        self._listed.wait(_AT_ONCE)

    def stop(self) -> None:
        """End the thread."""
        self._stopped = True
        self._asked.set()

    def again(self) -> None:
        """Look now, as another folder was opened; returns as `start` does."""
        self._listed.clear()
        self._asked.set()
        self._listed.wait(_AT_ONCE)

    def _run(self) -> None:
        while not self._stopped:
            self._asked.clear()
            try:
                self._list()
                self._learn(anew=self._look())
            except Exception as error:  # noqa: BLE001 - the next look may do
                to_tell(error)
            self._asked.wait(EVERY)

    def _list(self) -> None:
        """List the folder if it is another, something came or went, or that is not sure."""
        before, begun = self._files.contents, time.monotonic()
        if self._files.is_read and begun < self._next_listing and before.is_as_now():
            return
        found = contents_of(before.folder, deep=before.deep, stopped=self._asked.is_set)
        if self._asked.is_set():
            return
        now = time.monotonic()
        self._next_listing = now + max(ANYWAY, (now - begun) * SHARE)
        is_new = not self._files.is_read or found.items != before.items
        self._files.take(found)
        self._listed.set()
        if is_new:
            self._changed()

    def _learn(self, *, anew: bool) -> None:
        """Ask the files that were not asked yet, and the one that is pointed at again.

        With `anew`, look for the sources of all.
        """
        files = self._files
        pointed = files.pointed
        if pointed is not None and not pointed.is_folder:
            self._ask([pointed.path])
        if anew:
            # A copy: to mark all asks files meanwhile.
            asked = list(files.facts)
            known = {path: source for path in asked if (source := self._source_of(path))}
            files.learn({}, known)
            self._changed()
        unknown = (path for path in self._nearest() if path not in files.facts)
        at_once = _BATCH
        while batch := list(itertools.islice(unknown, at_once)):
            if self._asked.is_set():
                return
            self._ask(batch)
            at_once *= 2

    def _nearest(self) -> Iterator[Path]:
        """Yield the files of the list, from the pointer on, and then those before it."""
        rows, at = self._files.rows, self._files.index
        before = max(at - _BATCH // 2, 0)
        yield from (one.path for one in (*rows[before:], *rows[:before]) if not one.is_folder)

    def _ask(self, paths: list[Path]) -> None:
        files = self._files
        facts: dict[Path, Facts] = {}
        for path in paths:
            if (found := facts_of(path)) is not None and files.facts.get(path) != found:
                facts[path] = found
        if facts:
            sources = {path: source for path in facts if (source := self._source_of(path))}
            files.learn(facts, sources)
            self._changed()
