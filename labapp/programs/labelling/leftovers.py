"""What an earlier run of a program could not send: sent now, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console.figures import plural
from labapp.dataset import layouts
from labapp.errors import LabappError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from labapp.cloud.bucket import Bucket
    from labapp.console.stage import Kind
    from labapp.programs.menus.session import MenuSession
    from labapp.programs.shell.context import Context

#: The folder of it, on this machine: who has none loads nothing more.
_FOLDER = "unsent"


def send(bucket: Bucket) -> Iterator[tuple[str, Kind]]:
    """Send what is left over; yield what to tell of it, each with its kind. Raises nothing."""
    if not (bucket.cloud.home / _FOLDER).is_dir():
        return
    from labapp.dataset import unsent

    try:
        found = unsent.send_leftovers(bucket)
    except LabappError as error:
        yield _why_not(bucket, error), "warning"
        return
    if found.sent:
        yield f"{plural(found.sent, 'answer')} that an earlier run had kept here: sent now", "info"
    layout = layouts.of(bucket)
    for one in found.refused:
        name = layout.name_of(one.key)
        yield f"what an earlier run had kept here of {name} is not taken: {one.error}", "failed"


def _why_not(bucket: Bucket, error: LabappError) -> str:
    from labapp.dataset import unsent

    try:
        return f"{waiting_line(unsent.count_left(bucket))}: {error}"
    except LabappError:
        return str(error)


def waiting_line(left: int) -> str:
    """Say that answers are not sent, and when they will be."""
    they, are = ("it is", "is") if left == 1 else ("they are", "are")
    answers = plural(left, "answer")
    return f"{answers} {are} not sent yet: {they} kept here, and sent at the next start"


def tell(context: Context, bucket: Bucket) -> None:
    """Send what is left over, for a command."""
    for text, _ in send(bucket):
        context.say(text)


def announce(menu: MenuSession) -> None:
    """Send what is left over, for a menu; in its thread."""
    from labapp.cloud.bucket import Bucket

    for text, kind in send(Bucket(menu.running_cloud())):
        menu.announce(text, kind, text)
