"""The question on a page: four random pictures, one key for each answer, undo, and a summary."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, figures, lists, prompts, tables
from labapp.console.key import Key
from labapp.console.page import show
from labapp.dataset import annotator as names
from labapp.dataset import answers, layouts
from labapp.dataset.sampler import Sampler
from labapp.dataset.stored_pictures import Prefetcher
from labapp.errors import LabappError, TooLargeError
from labapp.labels.classes import ASKED, CLASSES, QUESTION
from labapp.labels.label_file import Entry, Label, annotator_name, annotator_token
from labapp.programs.dataset.actions import no_pictures
from labapp.programs.dataset.screens import sample_keys
from labapp.programs.labelling import ROUND, replaced_note
from labapp.programs.menus import history, picture_page
from labapp.programs.menus.actions import attempt, refusal_of
from labapp.programs.menus.picture_page import Seen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import RenderableType

    from labapp.cloud.bucket import Bucket
    from labapp.programs.jobs.client_session import ClientMenuSession
    from labapp.programs.shell.context import Context

#: What stands for the time of an answer without one.
EARLIEST = datetime.min.replace(tzinfo=UTC)

#: What the answers are called on the screen.
WORDS = {**{Label.of(each): each.name for each in CLASSES}, Label.SKIP: "skipped"}

HELP = """You are not shown what others have said. Esc ends the round; what you answered is kept."""

#: Offered where something can be tried again.
TRY_AGAIN = Key("r", "try again", enter=True)


@dataclass
class Round:
    """One round: the pictures drawn, what was said of them so far, and in earlier rounds."""

    keys: tuple[str, ...]
    said: list[tuple[str, Entry]] = field(default_factory=list)
    earlier: list[tuple[str, Entry]] = field(default_factory=list)

    def pass_over(self, key: str) -> None:
        """Leave a picture out that nobody can answer; the next one takes its place."""
        self.keys = tuple(one for one in self.keys if one != key)

    @property
    def last(self) -> tuple[str, Entry] | None:
        """What was said last, in this round or an earlier one; None: nothing yet."""
        return next(iter(self.said[-1:] or self.earlier[-1:]), None)

    def take_back(self) -> None:
        """Forget what was said last; its picture is the next one, also of an earlier round."""
        if self.said:
            self.said.pop()
        else:
            key, _ = self.earlier.pop()
            self.keys = key, *(one for one in self.keys if one != key)

    @property
    def place(self) -> int:
        """The number of the picture that is next, from 0."""
        return len(self.said)


def open_round(context: Context, count: int) -> None:
    """Show rounds outside the menu: `client.py label` on a terminal."""
    from labapp.programs.jobs.client_session import ClientMenuSession

    menu = ClientMenuSession(context)
    with menu.frame:
        menu.start()
        with contextlib.closing(menu):
            attempt("Label pictures", partial(run, menu, count), menu.frame)


def run(menu: ClientMenuSession, count: int = ROUND) -> None:
    """Show rounds of pictures until the user has had enough."""
    layouts.layout_of(menu.context.settings).check_writable()
    who = ask_name(menu)
    bucket = menu.bucket()
    this = Round(())
    with contextlib.closing(Sampler(bucket)) as sampler:
        while True:
            draw = menu.wait("choosing pictures", partial(sampler.draw, who, count), QUESTION)
            this = Round(draw.keys, earlier=[*this.earlier, *this.said])
            if not draw.keys and not _none_left(menu, bucket, who, this):
                return
            if not this.keys:  # now there are pictures
                continue
            if draw.keys and draw.is_short:
                left = figures.plural(len(draw.keys), "picture")
                menu.announce(f"{left} left that you have not answered", "info")
            if not _round(menu, bucket, who, this):
                return


def rename(menu: ClientMenuSession) -> None:
    """Ask anew who labels."""
    ask_name(menu, anew=True)


def ask_name(menu: ClientMenuSession, *, anew: bool = False) -> str:
    """Return the annotator's token; the name is asked for once, or anew, and kept."""
    known = names.annotator(menu.context.settings)
    if known and not anew:
        return known
    name = prompts.text(
        "Your name:", default=annotator_name(known) if known else "",
        check=lambda text: refusal_of(partial(annotator_token, text)),
        hint="(kept with each of your answers)", title="Who labels?", frame=menu.frame,
        history=history.ANNOTATORS,
    )  # fmt: skip
    return names.keep_annotator(name)


def _round(menu: ClientMenuSession, bucket: Bucket, who: str, this: Round) -> bool:
    """Label the pictures of a round; return whether the user wants another one."""
    while True:
        while _label(menu, bucket, who, this):
            pass
        undo = _undo_key(menu, bucket, this)
        pressed = _summary(menu, this, undo)
        if pressed is not undo:
            return pressed is not None
        attempt(QUESTION, undo.act, menu.frame)


def _undo_key(menu: ClientMenuSession, bucket: Bucket, this: Round) -> Key:
    """Return the key that leads back into a round: undoing an answer, where there is any."""
    if this.last is None:
        return Key("u", "back to the round")
    return Key("u", "undo the last answer", partial(_undo, menu, bucket, this),
               "takes the last answer back, and shows its picture again")  # fmt: skip


def _label(menu: ClientMenuSession, bucket: Bucket, who: str, this: Round) -> bool:
    """Show one picture after another, the next one fetched meanwhile.

    What goes wrong is shown, and then the same picture again: the round outlives a stopped cloud.

    Returns:
        Whether a picture of an earlier round is the next one now, which is not fetched ahead.
    """
    drawn = this.keys
    with Prefetcher(bucket, drawn, partial(picture_page.see, menu)) as ahead:
        while this.place < len(this.keys):
            key = this.keys[this.place]
            if key not in drawn:
                return True
            try:
                seen = _fetch(menu, ahead, key)
            except Back:
                break
            except TooLargeError as error:
                menu.announce(str(error), "warning")
                this.pass_over(key)
                continue
            except LabappError as error:
                if not _wants_again(menu, error):
                    break
                continue
            title = f"Picture {this.place + 1} of {len(this.keys)}: {ASKED}"
            body, keys = _body(seen, key, ahead), answer_keys(menu, bucket, who, this, seen)
            pressed = show(title, body, frame=menu.frame, keys=keys, behind=True, help=HELP)
            if pressed is None:
                break
            attempt(QUESTION, pressed.act, menu.frame)
    return False


def _body(seen: Seen, key: str, ahead: Prefetcher[Seen]) -> Callable[[int, int], RenderableType]:
    """Return what draws a picture, and has the next one drawn ahead, now that the size is known."""

    def drawn(columns: int, rows: int) -> RenderableType:
        drawing = seen.draw(columns, rows)
        ahead.finish_next(key, lambda following: following.draw_ahead(columns, rows))
        return drawing

    return drawn


def _wants_again(menu: ClientMenuSession, error: LabappError) -> bool:
    """Show why a picture does not come; return whether to try again."""
    body = tables.problem(error)
    return show(QUESTION, body, frame=menu.frame, keys=[TRY_AGAIN], help=HELP) is not None


def _fetch(menu: ClientMenuSession, ahead: Prefetcher[Seen], key: str) -> Seen:
    """Return a picture and its copy, behind a spinner where they are not there yet."""

    def fetch() -> Seen:
        menu.open_cloud()  # it may have been stopped meanwhile
        return ahead.get(key)

    return menu.wait("fetching the picture", fetch, QUESTION)


def _keep(
    menu: ClientMenuSession,
    bucket: Bucket,
    who: str,
    key: str,
    label: Label,
    before: Entry | None = None,
) -> Entry:
    """Keep an answer, behind a spinner; `before` is the one that it is known to change."""

    def twice(found: Entry) -> None:
        when = figures.clock(found.at) if found.at else ""
        told = f"{_name(menu, key)}: {replaced_note(found, when)}"
        menu.announce(f"{told} n in the first menu changes yours.", "warning")

    def keep() -> Entry:
        menu.open_cloud()  # it may have been stopped while the picture was looked at
        if before is not None:
            return answers.revise(bucket, key, label, before, twice)
        return answers.answer(bucket, key, label, who, twice)

    return menu.wait("keeping the answer", keep)


def _label_keys(answer: Callable[[Label], object]) -> list[Key]:
    """Return the keys that say what is in a picture."""
    return [
        Key(each.key, each.name, partial(answer, Label.of(each)),
            f"says that there is {each.title} in the picture")
        for each in CLASSES
    ]  # fmt: skip


def answer_keys(
    menu: ClientMenuSession, bucket: Bucket, who: str, this: Round, seen: Seen
) -> list[Key]:
    """Return what can be done about the picture that is shown."""
    answer = partial(_answer, menu, bucket, who, this)
    keys = [
        *_label_keys(answer),
        Key("s", "skip", partial(answer, Label.SKIP),
            "skips a picture that you cannot tell; it comes back after all others"),
        Key("u", "undo", partial(_undo, menu, bucket, this),
            "takes the last answer back, also after the last picture and of an earlier round"),
    ]  # fmt: skip
    if seen.header:  # a file whose bytes are no picture is left unopened, whatever it is called
        view = partial(_view, menu, seen.path, seen.header.format, bucket.cloud.home / "viewing")
        viewed = "opens the picture in your system's viewer"
        keys.append(Key("o", "open in viewer", view, viewed))
    return keys


def _view(menu: ClientMenuSession, path: Path, kind: str, folder: Path) -> None:
    try:
        picture_page.show_picture(path, kind, folder)
    except LabappError as error:
        menu.announce(str(error), "warning")
    else:
        menu.announce("the picture was given to this system's viewer", about="viewing")


def _answer(menu: ClientMenuSession, bucket: Bucket, who: str, this: Round, label: Label) -> None:
    """Keep what is said of the picture that is shown."""
    key = this.keys[this.place]
    try:
        entry = _keep(menu, bucket, who, key, label)
    except TooLargeError as error:  # its label file: no answer to this picture is taken
        menu.announce(str(error), "warning")
        this.pass_over(key)
        return
    this.said.append((key, entry))


def _undo(menu: ClientMenuSession, bucket: Bucket, this: Round) -> None:
    """Take the last answer of a round back; its picture is the next one again."""
    if this.last is None:
        menu.announce("there is nothing to undo yet", "info")
        return
    key, entry = this.last

    def undo() -> None:
        menu.open_cloud()
        answers.undo(bucket, key, entry)

    menu.wait("taking it back", undo)
    this.take_back()
    menu.announce(f"{WORDS[entry.label]} taken back", "info")


def _summary(menu: ClientMenuSession, this: Round, undo: Key) -> Key | None:
    """Show what was said in a round; return `undo`, or the key for the next pictures."""
    from rich.console import Group
    from rich.text import Text

    rows = [
        (str(number), _name(menu, key), WORDS[entry.label])
        for number, (key, entry) in enumerate(this.said, start=1)
    ]
    answered = sum(entry.label is not Label.SKIP for _, entry in this.said)
    thanks = f"Thank you: {figures.plural(answered, 'answer')} kept."
    body = Group(
        tables.table(["", "picture", "you said"], rows, empty="Nothing was answered."),
        Text(""),
        Text(thanks if answered else "", style="good"),
    )
    # With nothing to undo and no picture left to answer, there is nothing to go back to.
    leads_back = this.last or this.place < len(this.keys)
    keys = [Key("n", "next pictures", enter=True), *([undo] if leads_back else [])]
    return show("This round", body, frame=menu.frame, keys=keys, help=HELP)


def _none_left(menu: ClientMenuSession, bucket: Bucket, who: str, this: Round) -> bool:
    """Thank the annotator of every picture, and offer to revise; return whether a round goes on.

    It does once an answer of an earlier round was taken back, or pictures were uploaded.
    """
    from labapp.dataset.statistics import Statistics

    with contextlib.closing(Statistics(bucket)) as statistics:
        look = menu.wait("looking at your answers", statistics.look, QUESTION)
    own = answers.given(look, bucket, who)
    if not own:
        return _no_pictures(menu)
    thanks = tables.told("good", f"You have answered all {figures.count(len(own))}. Thank you!")
    undo = _undo_key(menu, bucket, this)
    revise = partial(_revise, menu, bucket, who, own)
    keys = [Key("r", "revise an answer", revise, enter=True), *([undo] if this.last else [])]
    while key := show(QUESTION, thanks, frame=menu.frame, keys=keys, help=HELP):
        attempt(QUESTION, key.act, menu.frame)
        if this.keys:
            return True
    return False


def _no_pictures(menu: ClientMenuSession) -> bool:
    """Say that there is nothing to label, and offer to change that; return whether it was."""
    each = ", ".join(f"10 {one.plural}" for one in CLASSES)
    layout = layouts.layout_of(menu.context.settings)
    none = f"There are no pictures to label yet. u uploads the sample set: {each}."
    text, keys = no_pictures(layout) or none, sample_keys(menu)
    if key := show(QUESTION, tables.told("warn", text), frame=menu.frame, keys=keys, help=HELP):
        key.act()
    return key is not None


def _name(menu: ClientMenuSession, key: str) -> str:
    """Return what a picture is called."""
    return layouts.layout_of(menu.context.settings).picture_name(key)


def _answer_in_words(entry: Entry) -> str:
    """Return what somebody said, and when."""
    when = f", {figures.clock(entry.at)}" if entry.at else ""
    return f"you said {WORDS[entry.label]}{when}"


def _revise(
    menu: ClientMenuSession, bucket: Bucket, who: str, own: list[tuple[str, Entry]]
) -> None:
    """Let the annotator answer one picture anew; the latest answer is the one that counts."""
    newest = sorted(own, key=lambda pair: pair[1].at or EARLIEST, reverse=True)
    place = lists.Place()
    while True:
        said = dict(own)
        options = [
            lists.Option(_name(menu, key), key, _answer_in_words(said[key])) for key, _ in newest
        ]
        key = lists.search_list("Which one? The latest first", options, frame=menu.frame,
                                help=HELP, place=place)  # fmt: skip
        with contextlib.suppress(Back):
            _revise_one(menu, bucket, who, own, key)


def _revise_one(
    menu: ClientMenuSession, bucket: Bucket, who: str, own: list[tuple[str, Entry]], key: str
) -> None:
    with Prefetcher(bucket, [key], partial(picture_page.see, menu)) as ahead:
        seen = _fetch(menu, ahead, key)
    before = dict(own)[key]
    title = f"{_name(menu, key)}: {_answer_in_words(before)}"
    keys = _label_keys(lambda label: _keep(menu, bucket, who, key, label, before))
    pressed = show(title, seen.draw, frame=menu.frame, keys=keys, behind=True, help=HELP)
    if pressed is None:
        return
    entry = pressed.act()
    own[:] = [(key, entry) if one == key else (one, said) for one, said in own]
    menu.announce(f"{_name(menu, key)} is now: {WORDS[entry.label]}", "done")
