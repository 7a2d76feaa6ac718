"""The tables of a dialect's file while they are read, and what is wrong in them, with its line.

What is wrong is kept, and reading goes on, so that whoever writes a file learns of all at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from labapp.dialects import lines
from labapp.dialects.lines import Where
from labapp.dialects.rules import Fault
from labapp.visible import printable

#: Characters of what a file says that an error repeats.
MOST_SHOWN = 60

#: Bits of an integer that is written out; Python writes none of more than 4,300 digits.
MOST_BITS = 128


@dataclass(frozen=True)
class Table:
    """One table of a file, or the file itself.

    Attributes:
        name: what an error calls it.
        said: what it says, by key.
        where: its place in the file.
        lines: on which line each thing of the file stands.
        faults: what was found wrong in the file so far; all its tables share them.
    """

    name: str
    said: Mapping[str, object]
    where: Where
    lines: Mapping[Where, int]
    faults: list[Fault]

    def line(self, *where: str | int) -> int:
        """Return the line of something in it; of the table itself where nothing is named."""
        return lines.nearest(self.lines, (*self.where, *where))

    def fault(self, what: str, remedy: str, *where: str | int) -> None:
        """Keep that something in it is wrong."""
        self.faults.append(Fault(self.line(*where), what, remedy))

    def check_keys(self, known: Collection[str], hints: Mapping[str, str] | None = None) -> None:
        """Find fault with keys that there are not.

        Args:
            known: those that there are.
            hints: what to do about some that there are not, by key; else the nearest is told.
        """
        for key in self.said:
            if key not in known:
                remedy = (hints or {}).get(key) or meant(key, known)
                self.fault(f"{self.name} has the unknown key {shown(key)}", remedy, key)

    def text(self, key: str) -> str:
        """Return a text; empty where there is none, and where it is found wrong."""
        value = self.said.get(key, "")
        if isinstance(value, str):
            if key in self.said and not value.strip():
                self.fault(
                    f"{key} of {self.name} is empty", "Write something, or leave it out.", key
                )
            return value
        self.fault(f"{key} of {self.name} is {shown(value)}", f'Write a text: {key} = "...".', key)
        return ""

    def table(self, key: str, name: str, example: str) -> Table | None:
        """Return a table in it; None where there is none, and where it is found wrong.

        Args:
            key: its key.
            name: what errors call it.
            example: how it could be written.
        """
        value = self.said.get(key, {})
        if isinstance(value, dict):
            return self._inner(name, value, key) if key in self.said else None
        self.fault(f"{key} of {self.name} is no table", f"Write {example}.", key)
        return None

    def tables(self, key: str, behind: str = "", remedy: str = "") -> list[Table]:
        """Return the tables of a list in it, `[[key]]`.

        Args:
            key: its key.
            behind: what errors call each of them by, behind the key and its place.
            remedy: what to do about a list that is none; else how to begin each.
        """
        value = self.said.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            header = ".".join(part for part in (*self.where, key) if isinstance(part, str))
            what = f"{key} of {self.name} is no list of tables"
            self.fault(what, remedy or f"Begin each with [[{header}]], in two brackets.", key)
            return []
        return [
            self._inner(f"{key} {place}{behind}", one, key, place - 1)
            for place, one in enumerate(value, start=1)
        ]

    def named_tables(self, key: str, header: str) -> list[tuple[str, Table]]:
        """Return the tables of a table in it, `[key.NAME]`, each with its name."""
        outer = self.table(key, key, header)
        found = []
        for name, value in (outer.said if outer else {}).items():
            if isinstance(value, dict):
                found.append((name, self._inner(f'[{key}."{name}"]', value, key, name)))
            else:
                what = f"{key} has {shown(name)}, which is no table"
                self.fault(what, f"Begin each {key} with {header}.", key, name)
        return found

    def _inner(self, name: str, said: Mapping[str, object], *where: str | int) -> Table:
        return Table(name, said, (*self.where, *where), self.lines, self.faults)


def meant(word: str, known: Collection[str]) -> str:
    """Return the remedy for a word that there is not: the nearest that there is, or all."""
    lowered = {one.lower(): one for one in known}
    near = difflib.get_close_matches(word.lower()[:40], lowered, 1)
    return f"Did you mean {lowered[near[0]]}?" if near else f"There are {', '.join(known)}."


def shown(value: object) -> str:
    """Return a value as an error repeats it: on one line, and not too long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return "a number of many digits"
    text = str(value)
    text = printable(text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "...")
    return f'"{text}"' if isinstance(value, str) else text
