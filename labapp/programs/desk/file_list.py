"""The list of files on the desk: what is pointed at, marked, searched for and new.

The pointer stays on its file, whatever comes or goes around it. A thread that looks into the folder
may change the list at any time; each of its rows is whole.
"""

from __future__ import annotations

import threading
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from labapp.programs.desk.folder_listing import Contents, Facts, Item, facts_of, source_by_name


class FileList:
    """What the files panel shows.

    Attributes:
        contents: what lies in the folder.
        rows: the items that match the search, results that lie elsewhere below their sources.
        marked: the files that are marked.
        new: the files that came while the folder was open, and were not looked at yet.
        typed: the search.
        facts: of the files that were asked.
        sources: of results, the picture that each was made from.
        step: which way the pointer went last, 1 or -1.
    """

    def __init__(self, folder: Path, *, deep: bool = False) -> None:
        self.contents = Contents(folder, deep)
        self.is_read = False
        self.rows: tuple[Item, ...] = ()
        self.marked: set[Path] = set()
        self.new: set[Path] = set()
        self.typed = ""
        self.facts: dict[Path, Facts] = {}
        self.sources: dict[Path, Path] = {}
        self.step = 1
        self._results: dict[Path, list[Path]] = {}
        #: Results that lie elsewhere, or were not seen in the folder yet, with their sources.
        self._elsewhere: dict[Path, Path] = {}
        self._pointed: Path | None = None
        self._index = 0
        #: Where the pointer was in folders that were left.
        self._left: dict[Path, Path] = {}
        self._lock = threading.RLock()

    @property
    def folder(self) -> Path:
        """The folder that is listed."""
        return self.contents.folder

    # The pointer.

    @property
    def index(self) -> int:
        """The row that the pointer is on; 0 if there are none."""
        return max(0, min(self._index, len(self.rows) - 1))

    @index.setter
    def index(self, value: int) -> None:
        with self._lock:
            if value != self._index:
                self.step = 1 if value > self._index else -1
            self._index = value
            pointed = self.pointed
            self._pointed = pointed.path if pointed else None
            if self._pointed is not None:
                self.new.discard(self._pointed)

    @property
    def pointed(self) -> Item | None:
        """The item that the pointer is on."""
        rows = self.rows
        return rows[max(0, min(self._index, len(rows) - 1))] if rows else None

    def near(self, ahead: int, behind: int) -> list[Path]:
        """Return the pictures that may be pointed at next, the likeliest first."""
        rows, at, step = self.rows, self.index, self.step
        places = [at + step * n for n in range(1, ahead + 1)]
        places += [at - step * n for n in range(1, behind + 1)]
        return [rows[n].path for n in places if 0 <= n < len(rows) and not rows[n].is_folder]

    # What lies in the folder.

    def open(self, folder: Path, *, deep: bool) -> None:
        """Have another folder listed; what lies in it is not known yet."""
        with self._lock:
            if self._pointed is not None:
                self._left[self.folder] = self._pointed
            came_from, self.contents = self.folder, Contents(folder, deep)
            self.is_read = False
            self.rows, self.typed, self._index = (), "", 0
            self.marked, self.new = set(), set()
            self.facts, self.sources, self._results = {}, {}, {}
            inner = came_from if came_from.parent == folder else None
            self._pointed = inner or self._left.get(folder)

    def take(self, contents: Contents) -> None:
        """Show what a look into the folder found; what was not there before is new."""
        with self._lock:
            if (contents.folder, contents.deep) != (self.folder, self.contents.deep):
                return  # another folder was opened meanwhile
            if self.is_read:
                before = {item.path for item in self.contents.items} | set(self._elsewhere)
                came = {item.path for item in contents.items if not item.is_folder} - before
                self.new |= came - {self._pointed}
            self.contents, self.is_read = contents, True
            listed = {item.path for item in contents.items}
            for path in [path for path in self._elsewhere if path.parent == self.folder]:
                if path in listed or not path.exists():
                    del self._elsewhere[path]
            there = listed | set(self._elsewhere)
            self.marked &= there
            self.new &= there
            self._link()
            self._list()

    def learn(self, facts: Mapping[Path, Facts], sources: Mapping[Path, Path]) -> None:
        """Take what files were asked, and the sources of results that are known otherwise."""
        with self._lock:
            self.facts.update(facts)
            self.sources.update(sources)
            self._link()
            if self._elsewhere:
                self._list()

    def arrived(self, path: Path, source: Path) -> None:
        """Show a result that has just been saved below its source, as new, wherever it lies.

        One that lies in the folder stands where it belongs from the next look into that on.
        """
        with self._lock:
            self.sources[path] = source
            if all(item.path != path for item in self.contents.items):
                self._elsewhere[path] = source
                self.new.add(path)
            self._link()
            self._list()

    def _link(self) -> None:
        """Find the sources of results by their names where nobody knows better."""
        pictures = {(item.path.parent, item.path.stem): item.path for item in self.contents.items}
        for path, facts in self.facts.items():
            known = not facts.is_result or path in self.sources
            if not known and (source := source_by_name(path, pictures)):
                self.sources[path] = source
        results: dict[Path, list[Path]] = {}
        for path, source in self.sources.items():
            results.setdefault(source, []).append(path)
        self._results = results  # whole: the page reads it at any time

    def is_result(self, path: Path) -> bool:
        """Tell whether a file is known for a result of labapp."""
        facts = self.facts.get(path)
        return path in self.sources or bool(facts and facts.is_result)

    def results_of(self, path: Path) -> list[Path]:
        """Return the results of a picture that are known, the latest saved last."""
        found = self._results.get(path, [])
        return sorted(found, key=lambda one: f.modified if (f := self.facts.get(one)) else 0.0)

    # The rows.

    @property
    def has_pictures(self) -> bool:
        """Whether any row is a picture; folders come first."""
        rows = self.rows
        return bool(rows) and not rows[-1].is_folder

    def search(self, typed: str) -> None:
        """Show only what has these words in its name; the pointer stays if its file does.

        If not, it is on the first that does, and back where it was once the search is cleared.
        """
        with self._lock:
            self.typed = typed
            self._index = 0
            self._list()

    def found(self) -> None:
        """Have the pointer stay where a search has put it."""
        self.index = self.index

    def _list(self) -> None:
        words = self.typed.lower().split()
        rows = [item for item in self._whole() if all(w in item.name.lower() for w in words)]
        self.rows = tuple(rows)
        self._find_pointed()

    def _whole(self) -> Iterable[Item]:
        below: dict[Path, list[Item]] = {}
        for path, source in self._elsewhere.items():
            below.setdefault(source, []).append(Item(path, path.name))
        for item in self.contents.items:
            yield item
            yield from below.get(item.path, ())

    def _find_pointed(self) -> None:
        """Put the pointer where its file is now; where it is gone, it stays at its row."""
        if self._pointed is None:
            return
        for number, item in enumerate(self.rows):
            if item.path == self._pointed:
                self._index = number
                self.new.discard(item.path)
                return
        self._index = self.index

    # Marks.

    def mark(self, path: Path) -> None:
        """Mark a picture, or no longer."""
        with self._lock:  # a look into the folder drops marks of what is gone
            self.marked ^= {path}

    def unmark_all(self) -> None:
        """Mark nothing any longer."""
        with self._lock:
            self.marked = set()

    def mark_all(self, broken: Container[Path] = ()) -> int:
        """Mark all pictures that are shown but results, or none where they are.

        Where there is nothing but results, those are marked; return how many are left out.

        Args:
            broken: files that are known to be no pictures, which are not marked.
        """
        shown = [item.path for item in self.rows if not item.is_folder and item.path not in broken]
        # Which are results is asked behind, and may not be known of all yet: 20 ms for a thousand.
        asked = {path: facts_of(path) for path in shown if path not in self.facts}
        self.learn({path: facts for path, facts in asked.items() if facts is not None}, {})
        sources = [path for path in shown if not self.is_result(path)]
        every = set(sources or shown)
        with self._lock:
            self.marked = self.marked - every if every <= self.marked else self.marked | every
        return len(shown) - len(every)

    def chosen(self) -> list[Path]:
        """Return the marked pictures in the order of the list; without any, the one pointed at."""
        if self.marked:
            with self._lock:  # a result may arrive meanwhile
                return [item.path for item in self._whole() if item.path in self.marked]
        pointed = self.pointed
        return [pointed.path] if pointed and not pointed.is_folder else []
