"""Answers that are told together: what was sent together ends in one notice, not in one each.

What belongs together stands in the ledger with each job, so it is known after a restart as well.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from labapp.console.figures import plural
from labapp.console.stage import Kind
from labapp.errors import LabappError
from labapp.programs.shell.output import with_name

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry

#: The name in a job's note of what it was sent together with.
NOTE = "sending"

#: Failures that a notice tells with their reasons; of more it tells how many.
TOLD = 3

#: Who is told of each answer: the job, where its result was saved, and what went wrong.
Listener: TypeAlias = "Callable[[Entry, Path | None, LabappError | None], None]"


def is_together(entry: Entry) -> bool:
    """Return whether a job was sent together with others, or may have been."""
    return bool(entry.notes.get(NOTE))


@dataclass
class _Group:
    """What is known of pictures that were sent together, as far as nobody was told."""

    listener: Listener | None = None
    is_open: bool = False
    saved: list[Path] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    unsent: int = 0
    is_new: bool = False

    def text(self, waiting: int) -> str:
        """Return the notice: what is back and where, what is to come, what failed and why."""
        back, failed = len(self.saved), len(self.failures)
        folders = {path.parent for path in self.saved}
        where = f"saved in {folders.pop()}" if len(folders) == 1 else "each saved beside its source"
        parts = []
        if back == 1 and not (failed or self.unsent or waiting):
            parts.append(f"{self.saved[0].name} is back, {where}")
        elif back:
            whole = back + failed + self.unsent + waiting
            of_all = plural(back, "picture") if whole == back else f"{back} of {whole} pictures"
            parts.append(f"{of_all} {'is' if of_all == '1 picture' else 'are'} back, {where}")
        if waiting:
            parts.append(f"{waiting} to come")
        if failed:
            reasons = [with_name(Path(name), why) for name, why in self.failures[:TOLD]]
            told = "; ".join(one.removesuffix(".") for one in reasons)
            more = f"; and {failed - TOLD} more: see Jobs" if failed > TOLD else ""
            parts.append(f"{failed} failed: {told}{more}")
        if self.unsent:
            parts.append(f"{self.unsent} not sent, as you stopped it")
        return "; ".join(parts)


class Together:
    """The groups of jobs that are told together; used by all threads of a menu."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: dict[str, _Group] = {}

    def begin(self, listener: Listener) -> str:
        """Begin a group; return what is noted of each of its jobs.

        Args:
            listener: told of each answer, in the thread that took it in.
        """
        name = secrets.token_hex(8)
        with self._lock:
            self._groups[name] = _Group(listener, is_open=True)
        return name

    def close(self, name: str, failures: Sequence[tuple[str, str]], unsent: int) -> None:
        """Say that nothing more is sent of a group.

        Args:
            name: what `begin` gave.
            failures: name and reason of each that was not sent as something is wrong with it.
            unsent: how many were not sent as they were stopped.
        """
        with self._lock:
            group = self._groups[name]
            group.is_open, group.is_new = False, True
            group.failures += failures
            group.unsent = unsent

    def note(self, entry: Entry, saved: Path | None, error: LabappError | None) -> None:
        """Note what became of an answer."""
        with self._lock:
            group = self._groups.setdefault(entry.notes[NOTE], _Group())
            group.is_new = True
            if saved is not None:
                group.saved.append(saved)
            else:
                name = Path(entry.notes.get("path") or entry.body).name
                group.failures.append((name, str(error) if error else entry.reply))
        if group.listener is not None:
            group.listener(entry, saved, error)

    def told(
        self, pending: Callable[[], Collection[str]], *, early: bool = False
    ) -> Iterator[tuple[str, str, Kind]]:
        """Yield name, text and kind of a notice for each group that is at its end.

        Args:
            pending: gives the group of each job that waits for its answer; asked where needed.
            early: whether groups of which something is still to come are told of as well.
        """
        with self._lock:
            new = {name: group for name, group in self._groups.items() if group.is_new}
        if not new:
            return
        waiting = list(pending())
        for name, group in new.items():
            left = waiting.count(name)
            if group.is_open or (left and not early):
                continue
            with self._lock:
                if not group.is_new:  # another thread has told of it meanwhile
                    continue
                group.is_new = False
                text, bad = group.text(left), bool(group.failures)
                if not left:
                    self._groups.pop(name, None)
            if text:
                yield name, text, "failed" if bad else "done"
