"""A file of ours in the data folder, that programs keep a JSON object in for the user's comfort.

Losing it costs nothing but a question asked again, so one that cannot be read or written is passed
over in silence. What other programs, and other versions of labapp, keep there meanwhile stays.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labapp import foreign, settings
from labapp.files import private, replacing

#: Seconds to wait while another program keeps something.
BUSY_TIMEOUT = 5.0


@dataclass(frozen=True)
class KeptFile:
    """The file.

    Args:
        name: its name, in the data folder.
        most: bytes that it may have; a larger one is begun anew.
    """

    name: str
    most: int

    @property
    def path(self) -> Path:
        """Where it is."""
        return settings.data_dir() / self.name

    def read(self) -> dict[str, Any]:
        """Return all that it holds; nothing where it is not there or damaged."""
        try:
            return foreign.object_or_empty(replacing.read(self.path), self.most, halves=True)
        except OSError:
            return {}

    def change(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Have it hold what `change` makes of all that it holds now."""
        from filelock import Timeout  # not for a menu that only recalls

        path = self.path
        with contextlib.suppress(OSError, Timeout):
            private.folder(path.parent)
            with private.lock(path.with_name(path.name + ".lock"), BUSY_TIMEOUT):
                private.write_text(path, json.dumps(change(self.read()), indent=1))
