"""A picture of a command on its way: its file, its job, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from labapp import foreign
from labapp.errors import CloudError, LabappError
from labapp.programs.jobs.waiting import LeftError

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry

#: Things that a format cannot hold which are repeated of one answer; there are not as many.
_LOST = 20


@dataclass
class PictureJob:
    """One picture on its way: its file, its job once sent, and how it ended.

    Its result is saved in `folder`, where one was named, and else beside it. `lost` is what was
    said before it was sent that its format cannot hold.
    """

    path: Path
    folder: Path | None = None
    job: str = ""
    entry: Entry | None = None
    saved: Path | None = None
    error: LabappError | None = None
    lost: set[str] = field(default_factory=set)

    @property
    def lost_since(self) -> list[str]:
        """What its format could not hold, as the worker saw and nobody knew before."""
        found = foreign.as_list(self.entry.values.get("lost")) if self.entry else []
        told = [foreign.text(one) for one in found[:_LOST] if isinstance(one, str)]
        return [one for one in told if one not in self.lost]

    @property
    def status(self) -> str:
        """What became of it in a word, as JSON has it."""
        left = isinstance(self.error, LeftError)
        unsent = "unsent" if left or isinstance(self.error, CloudError) else "refused"
        status = self.entry.status if self.entry else "pending" if self.job else unsent
        return "failed" if status == "done" and self.error and not left else status
