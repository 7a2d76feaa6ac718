"""What the desk's panels share: the menu's session, the page, the pictures read, what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from labapp.console.panel import Sides
    from labapp.jobs.picture_client import ProcessingRequest
    from labapp.programs.jobs.client_session import ClientMenuSession
    from labapp.programs.menus.picture_page import Seen


class Desk(Protocol):
    """The desk as its panels see it."""

    menu: ClientMenuSession
    sides: Sides

    def seen(self, path: Path) -> Seen:
        """Return a picture's header and copy, from memory or read now; blocks, raises nothing."""

    def known(self, path: Path) -> Seen | None:
        """Return the same if it is in memory, and have it read behind if not."""

    def send(self, paths: Sequence[Path], request: ProcessingRequest) -> None:
        """Send pictures behind the page: their results appear in the list as they come."""
