"""The pictures of `client.py image`, and how each ended: one line for what is alike."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from labapp import foreign
from labapp.console.figures import one_line
from labapp.errors import CloudError, LabappError, TimedOutError
from labapp.programs.jobs.tally import tally
from labapp.programs.jobs.waiting import LeftError
from labapp.programs.processing.table import PICTURE_JOBS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from labapp.jobs.entry import Entry
    from labapp.programs.shell.context import Context

#: Names of pictures that the line of those not sent repeats.
_NAMED = 5

#: Things that a format cannot hold which are repeated of one answer; there are not as many.
_LOST = 20

#: What is said of pictures that the user left; each is true of one and of many.
_UNSENT = "not sent, as you stopped it"
_AWAY = "not back yet when you left"


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


def tell_of_the_rest(sent: Sequence[PictureJob]) -> None:
    """Say of pictures whose results are not saved how to get them, or that they were not sent."""
    for one in sent:
        if one.saved or one.error:
            continue
        if one.job:
            one.error = LeftError(_AWAY, way_back([one]))
        else:
            one.error = LeftError(_UNSENT, "Send it again.")


def size_of(path: Path) -> int:
    """Return a file's bytes; 0 where it cannot be asked, since sending it will tell why."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def tell_unsent(context: Context, error: LabappError) -> None:
    """With --json write the document of what an error kept from being sent, as it was typed."""
    if context.arguments.json:
        context.json(
            [
                PICTURE_JOBS.document(PictureJob(Path(text), error=error))
                for text in context.arguments.path
            ]
        )


def blame(sent: Sequence[PictureJob], error: LabappError) -> None:
    """Note why those without an end have none; each that was sent with the way to its result."""
    for one in sent:
        if not (one.saved or one.error):
            remedy = f"{error.remedy} {way_back([one])}" if one.job else error.remedy
            one.error = type(error)(error.message, remedy.strip())


def way_back(ones: Sequence[PictureJob]) -> str:
    """Return how to get the results of pictures that were sent, in the folder they were meant for.

    `fetch` by itself saves in the present folder.
    """
    folders = {one.folder or one.path.parent for one in ones}
    out = " --out DIR"
    if len(folders) == 1:
        (folder,) = folders
        name = str(folder)
        name = name if shlex.quote(name) == name else f'"{name}"'
        out = "" if _is_here(folder) else f" --out {name}"
    if len(ones) == 1:
        return f"The job goes on: 'client.py fetch {ones[0].job}{out}' gets its result."
    return (
        f"The jobs go on: 'client.py results' lists them, 'client.py fetch JOB{out}' gets a result."
    )


def _is_here(folder: Path) -> bool:
    try:
        return folder.samefile(".")
    except OSError:  # either of them is gone
        return False


def show(context: Context, sent: Sequence[PictureJob]) -> int:
    """Write a line for each picture, and one for all that ended alike; return the exit code.

    Returns:
        That of the worst.
    """
    if context.arguments.json:
        context.json([PICTURE_JOBS.document(one) for one in sent])
    say_lost(context, [(one, one.lost_since) for one in sent if not one.error])
    alike: dict[str, list[PictureJob]] = {}
    for one in sent:
        waited = one.job and not one.entry
        if one.error and (waited or isinstance(one.error, LeftError | TimedOutError)):
            alike.setdefault(one.error.message, []).append(one)
        elif one.error:
            context.say(line_of(one))
        elif not context.arguments.json:
            context.row(str(one.path), str(one.saved or one.job))
    for message, ones in alike.items():
        context.say(one_line(_line_of_all(message, ones, len(sent))))
    if len(sent) > 1 and not context.on_terminal:  # there the bar has counted them
        context.say(tally(Counter(one.status for one in sent), "picture"))
    return max((one.error.exit_code for one in sent if one.error), default=0)


def line_of(failed: PictureJob) -> str:
    """Return one line on a picture that failed: it names the file once, by its whole path."""
    path, name, why = map(one_line, (str(failed.path), failed.path.name, str(failed.error)))
    if why.startswith(f"{name} "):
        return path + why.removeprefix(name)
    return why if path in why else f"{path}: {why}"


def say_lost(context: Context, found: Sequence[tuple[PictureJob, Iterable[str]]]) -> None:
    """Say what formats do not hold, a line for each, with the pictures that lose by it."""
    losers: dict[str, list[PictureJob]] = {}
    for one, sentences in found:
        for sentence in sentences:
            losers.setdefault(sentence, []).append(one)
    for sentence, ones in losers.items():
        who = str(ones[0].path) if len(ones) == 1 else f"{len(ones)} pictures ({_names(ones)})"
        context.say(one_line(f"{who}: {sentence}"))


def _line_of_all(message: str, ones: Sequence[PictureJob], total: int) -> str:
    """Return one line on pictures that ended alike."""
    if len(ones) == 1:
        return line_of(ones[0])
    head = f"{len(ones)} of {total} pictures: {message}"
    if ones[0].job:
        return f"{head}. {way_back(ones)}"
    return f"{head} ({_names(ones)}). Send them again."


def _names(ones: Sequence[PictureJob]) -> str:
    more = len(ones) - _NAMED
    names = ", ".join(one.path.name for one in ones[:_NAMED])
    return names + (f" and {more:,} more" if more > 0 else "")
