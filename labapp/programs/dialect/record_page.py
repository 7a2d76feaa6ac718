"""The page that records: requests of other programs as they come, then a proposal to be saved."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from labapp.console import Back, prompts, tables
from labapp.console.figures import plural
from labapp.console.key import Key
from labapp.console.menu import MenuItem, choose
from labapp.console.page import show
from labapp.dialects import loading
from labapp.errors import LabappError, RefusedError, UsageError, to_tell
from labapp.programs.dialect import recording
from labapp.programs.dialect.recording import COST, NOTHING, SECONDS, Record
from labapp.programs.dialect.table import REQUESTS
from labapp.programs.menus import history
from labapp.programs.menus.actions import attempt
from labapp.visible import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from labapp.cloud.session import Cloud
    from labapp.programs.menus.session import MenuSession

TITLE, PROPOSED = "Record requests", "A first dialect"

HELP = f"""Each request of another program is shown as it comes, with its attributes; labapp's \
own, and events of S3, are only counted. At the end a first dialect is proposed, to be saved and \
edited.

{COST[0].upper()}{COST[1:]}, however the page is left. Workers take requests before they are \
seen here; what is seen where they are is let go at once."""

PROPOSED_HELP = """A first file for what was seen: look through it, and check and try it before \
it is used. It is chosen by the setting dialect."""

#: What keeps the file, and what ends the watch before its time.
SAVE = Key("s", "save", help="writes it to a file")
NOW = Key("p", "propose now", help="ends the watch and proposes a file, as Esc does")

#: Seconds that leaving the page waits for the messages to be shown again.
LEAVE_SECONDS = 10.0


def run(menu: MenuSession) -> None:
    """Watch the queues that are chosen, then show what is proposed for what was seen."""
    cloud = menu.cloud()
    names = _names(menu)
    live = Live(names, menu.frame.changed)
    is_left = _watch(menu, cloud, live)
    if live.error and not live.found.requests:
        raise live.error
    told = recording.warnings(live.found)
    menu.announce(recording.summary(live.found), "info", TITLE)
    if text := recording.proposal(live.found, menu.context.settings):
        _propose(menu, text, told)
        if live.error:
            raise live.error
    elif not is_left:
        raise LabappError(NOTHING, "Send one with the lab's own client, and record again.")


def _names(menu: MenuSession) -> list[str]:
    """Ask which queues are watched.

    Raises:
        Back: none.
    """
    lab = recording.queue_names(menu.context.settings)
    items: list[MenuItem[list[str]]] = [
        MenuItem("1", "All request queues", lab, note=", ".join(lab)),
        MenuItem("2", "Another queue", [], note="any of the account"),
    ]
    chosen = choose(TITLE, items, frame=menu.frame, help=HELP)
    if chosen is None:
        raise Back
    if chosen.value:
        return chosen.value
    name = prompts.text("Name of the queue:", title=TITLE, frame=menu.frame, check=_wrong_name,
                        history=history.QUEUES)  # fmt: skip
    return [name.strip()]


def _wrong_name(name: str) -> str:
    """Return why no queue is called so; empty where one may be."""
    try:
        recording.check_name(name.strip())
    except UsageError as error:
        return error.message
    return ""


class Live:
    """What the page shows while a thread watches: a `Progress` for it, read from memory.

    Args:
        names: the queues.
        changed: called when there is something new to be shown.
    """

    def __init__(self, names: Sequence[str], changed: Callable[[], None]) -> None:
        self.names = names
        self.found = Record()
        self.notes: list[str] = []
        self.error: LabappError | None = None
        self.stop, self.ended = threading.Event(), threading.Event()
        self.changes = 0
        self._passed = 0
        self._changed = changed

    def watch(self, cloud: Cloud) -> None:
        """Watch until the time is over or `stop` is set; keep what went wrong."""
        try:
            recording.run(cloud, self.names, SECONDS, self, self.found, self.done, self._note)
        except Exception as error:  # noqa: BLE001 - the page waits for its end
            self.error = to_tell(error)
        self.ended.set()
        self.moved(0)

    def moved(self, amount: int, /) -> None:
        """Count seconds."""
        self._passed += amount
        self.changes += 1
        self._changed()

    def done(self, *_: object, **__: object) -> None:
        """Show what is new."""
        self.moved(0)

    def stopped(self) -> bool:
        """Return whether the page was left."""
        return self.stop.is_set()

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self.moved(0)

    def draw(self, _columns: int, _rows: int) -> RenderableType:
        """Return what was seen so far, the newest first."""
        left = plural(max(SECONDS - self._passed, 0), "second")
        told = f"watching {', '.join(map(printable, self.names))}: {left} left"
        counts = recording.summary(self.found)
        seen = list(reversed(self.found.requests))
        return REQUESTS.on_page(seen, told, counts, *self.notes)


def _watch(menu: MenuSession, cloud: Cloud, live: Live) -> bool:
    """Show the page until the time is over; return whether it was left before, by Esc."""
    thread = threading.Thread(target=live.watch, args=(cloud,), name="record")
    thread.start()
    pressed: Key | None = None
    try:
        pressed = show(TITLE, live.draw, frame=menu.frame, keys=[NOW], until=live.ended.is_set,
                       watch=lambda: live.changes, help=HELP)  # fmt: skip
    finally:
        is_left = pressed is None and not live.ended.is_set()
        live.stop.set()
        thread.join(LEAVE_SECONDS)
    return is_left


def _propose(menu: MenuSession, text: str, told: Sequence[str]) -> None:
    """Show what is proposed until it is saved, or nobody wants it; above it, warnings."""
    from rich.console import Group
    from rich.text import Text

    warned = [tables.told("warn", one) for one in told]
    body = Group(*warned, *([Text("")] if told else []), Text(text, overflow="fold"))
    saved: list[Path] = []

    def save() -> None:
        path = _path(menu)
        recording.write(path, text)
        saved.append(path)

    # What cannot be written there is still proposed: it may be another file.
    while not saved and show(PROPOSED, body, frame=menu.frame, keys=[SAVE], help=PROPOSED_HELP):
        attempt(PROPOSED, save, menu.frame)
    for path in saved:
        menu.announce(f"wrote {path}", "done")


def _path(menu: MenuSession) -> Path:
    """Ask where the file is to be; over one that is there it is written only when that is said."""
    path = prompts.path("Write to:", kind="new", endings=(loading.ENDING,), default="mylab.toml",
                        title=PROPOSED, frame=menu.frame,
                        history=history.DIALECT_FILES)  # fmt: skip
    try:
        recording.check_free(path, force=False)
    except RefusedError as error:
        recording.check_free(path, force=True)
        if not prompts.confirm(f"{error.message}. Replace it?", frame=menu.frame):
            raise Back from error
    return path
