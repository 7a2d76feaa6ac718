"""Acting from the statistics' pages: on a picture that is in sight, and on an annotator.

What is done to a picture is done at once, since the next key takes it back. What is done to an
annotator changes many pictures: a page says what, and asks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from labapp.console import Back, lists, tables
from labapp.console.figures import cut
from labapp.console.key import Key
from labapp.console.page import show
from labapp.dataset import acting, annotator
from labapp.labels.acts import dismissed_flags
from labapp.labels.people import LABS_OWN
from labapp.labels.remarks import Decided, remarks
from labapp.labels.tokens import annotator_name, person
from labapp.programs.deciding import actions
from labapp.programs.deciding.actions import Crowd
from labapp.programs.deciding.proposal import Proposal, called
from labapp.programs.deciding.table import PEOPLE, remarks_table
from labapp.programs.menus import progress_page
from labapp.programs.menus.actions import attempt
from labapp.programs.menus.progress_page import Work

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.dataset.acting import Settled
    from labapp.dataset.statistics import DatasetSnapshot, Statistics
    from labapp.labels.classes import LabelClass
    from labapp.labels.effective import PictureLabels
    from labapp.labels.people import Person
    from labapp.programs.menus.session import MenuSession

ASK_HELP = """What would change, counted on the labels as they were read last. Nothing is deleted \
by it, and it can be taken back."""

LABS_HELP = """Answers of labs' own programs are bare codes: nothing says who gave them, or when. \
They are all left out, or none is."""

MERGE_HELP = """What this name has answered counts as the other's from then on; of two answers to \
one picture the later counts."""

#: Cells of a class's name in the line of keys, where others want room.
MOST_WORDS = 14


class Known(Protocol):
    """What the statistics' pages draw from."""

    menu: MenuSession
    statistics: Statistics
    look: DatasetSnapshot

    def look_again(self) -> None:
        """Take another look."""

    def take(self, picture: PictureLabels) -> None:
        """Take what one picture's labels have become."""


def picture_keys(known: Known, key: str) -> list[Key]:
    """Return what can be decided of a picture: none where its layout cannot hold it."""
    look = known.look
    if not look.layout.is_own or look.layout.why_read_only:
        return []
    written = look.as_written(key)

    def done(words: str, act: Callable[..., Settled], *what: LabelClass) -> Callable[[], None]:
        return partial(_decide, known, key, words, act, *what)

    keys = [
        Key(each.key, cut(each.name, MOST_WORDS),
            done(f"settled as {each.name}", acting.settle, each),
            f"settles it by your verdict: {each.title}")
        for each in look.scheme.classes
    ]  # fmt: skip
    if written.verdict:
        keys.append(Key("u", "undo verdict", done("the verdict is taken back", acting.unsettle),
                        "takes the verdict back", first=True))  # fmt: skip
    if written.broken:
        keys.append(Key("b", "not broken", done("not broken, then", acting.dismiss),
                        "dismisses what was said, that it is broken", first=True))  # fmt: skip
    elif dismissed_flags(written.file):
        keys.append(Key("b", "broken", done("broken, then", acting.bring_back),
                        "brings back that it is broken, which was dismissed"))  # fmt: skip
    return keys


def _decide(
    known: Known, key: str, words: str, act: Callable[..., Settled], *what: LabelClass
) -> None:
    """Do something to a picture, and say so."""
    menu, look = known.menu, known.look
    admin = annotator.admin(menu.context.settings)
    bucket = known.statistics.bucket
    done = menu.wait("keeping it", lambda: act(bucket, key, *what, admin, look.counting))
    known.take(done.after)
    name = look.layout.picture_name(key)
    menu.announce(f"{name}: {words}" if done.lines else f"{name}: so it is already", "done", name)


def decided_on_page(known: Known, key: str) -> tuple[RenderableType, int]:
    """Return what was decided of a picture and holds, in how many rows; 0 where nothing was."""
    told = remarks(known.look.as_written(key))
    found = [one for one in told if one.decided is not Decided.VERDICT_BACK]
    return remarks_table(known.look.scheme).on_page(found), len(found) + 2 if found else 0


def status_in_words(known: Known, key: str) -> str:
    """Return by whom a picture is settled, or why it is broken; empty where neither is."""
    picture = known.look.as_written(key)
    if picture.verdict:
        return f"settled by {called(picture.verdict.annotator)}"
    why = ", ".join(dict.fromkeys(annotator_name(one.says) for one in picture.broken))
    return f"broken: {why}" if why else ""


def crowd_of(known: Known) -> Crowd:
    """Return who labels, behind a spinner; errors as of `MenuSession.wait`."""
    menu = known.menu
    admin = annotator.admin(menu.context.settings)
    look, bucket = known.look, known.statistics.bucket
    return menu.wait("reading what was decided", partial(Crowd.of, bucket, look, admin))


def labs_keys(known: Known) -> list[Key]:
    """Return the key that shows the answers without a name, where there are some."""
    said = (one for picture in known.look.written for one in (*picture.answers, *picture.left_out))
    if not any(one.is_bare for one in said):
        return []
    return [Key("l", "labs' programs", partial(show_labs, known),
                "shows what labs' own programs have answered, who give no names")]  # fmt: skip


def show_labs(known: Known) -> None:
    """Show how many answers have no name, and let the admin leave them out or take them back."""
    while True:
        crowd = crowd_of(known)
        one = crowd.called("")
        body = PEOPLE.details_of(one)
        keys = annotator_keys(known, crowd, one)
        pressed = show(LABS_OWN, body, frame=known.menu.frame, keys=keys, help=LABS_HELP)
        if pressed is None:
            return
        attempt(LABS_OWN, pressed.act, known.menu.frame)


def annotator_keys(known: Known, crowd: Crowd, one: Person) -> list[Key]:
    """Return what can be done to an annotator; each act tells whether it was done."""
    look, name = known.look, one.name
    if look.layout.why_read_only:
        return []

    def of(propose: Callable[[], Proposal]) -> Callable[[], bool]:
        return lambda: ask(known, propose)

    keys = [
        Key("o", "take back", of(lambda: actions.take_back(crowd, name)),
            "has their answers count again")
        if one.is_left_out
        else Key("o", "leave out", of(lambda: actions.leave_out(crowd, name)),
                 "leaves them out of statistics and exports")
    ]  # fmt: skip
    if name and look.layout.is_own and (one.answers or one.left_out):
        keys.append(Key("w", "withdraw", of(lambda: actions.withdraw(crowd, name)),
                        "withdraws all their answers"))  # fmt: skip
    if one.withdrawn:
        keys.append(Key("e", "restore", of(lambda: actions.restore(crowd, name)),
                        "restores what was withdrawn"))  # fmt: skip
    if name:
        keys.append(Key("g", "merge", lambda: _merge(known, crowd, one),
                        "makes this name and another one person, or parts them"))  # fmt: skip
    return keys


def ask(known: Known, propose: Callable[[], Proposal]) -> bool:
    """Show what an act would change, and do it if the admin says so; tell whether it was done.

    Raises:
        LabappError: it cannot be done.
        Back: the admin went back.
    """
    menu = known.menu
    proposal = menu.wait("counting what would change", propose)
    if proposal.nothing:
        menu.announce(proposal.nothing, "info")
        return False
    told = {"what": proposal.does}
    told |= dict(line.split(": ", 1) for line in proposal.changes)
    told |= {"stays": proposal.note} if proposal.note else {}
    title = f"{proposal.act.replace('-', ' ').capitalize()}?"
    body = tables.key_values({**told, "the reverse": f"admin.py {proposal.reverse}"})
    yes = Key("y", "do it", help="does it")
    if show(title, body, frame=menu.frame, keys=[yes], help=ASK_HELP) is not yes:
        return False
    done = _carry_out(menu, proposal)
    if done:
        menu.announce(f"{proposal.did}; {proposal.back}", "done")
    known.look_again()  # some of it may be done in any case
    return done


def _carry_out(menu: MenuSession, proposal: Proposal) -> bool:
    """Do it; return whether all of it was done while its page was open."""
    work = Work(proposal.doing, 0)
    if not proposal.pictures:
        menu.wait("deciding", lambda: proposal.carry_out(work))
        return True

    def action() -> None:
        proposal.carry_out(work)

    again = f"stopped; {proposal.act} again, and it does only what is missing"
    return progress_page.run(menu, work, action, again=again) and work.error is None


def _merge(known: Known, crowd: Crowd, one: Person) -> bool:
    """Let the admin choose the other name, and merge or split them."""
    options = [
        lists.Option(
            crowd.shown(each.name),
            partial(actions.merge, crowd, one.name, each.name),
            f"{crowd.shown(one.name)} counts as this one then",
        )
        for each in sorted(crowd.people, key=lambda each: each.name not in one.looks_like)
        if each.name and person(each.name) != person(one.name)
    ]
    splits = [
        lists.Option(
            crowd.shown(each), partial(actions.split, crowd, each), "counts by itself then"
        )
        for each in one.others
    ]
    if not (options or splits):
        known.menu.announce("there is no other name to merge it with", "info")
        return False
    title = f"{crowd.shown(one.name)} is the same person as"
    try:
        propose = lists.search_list(
            title, [*splits, *options], frame=known.menu.frame, help=MERGE_HELP
        )
    except Back:
        return False
    return ask(known, propose)
