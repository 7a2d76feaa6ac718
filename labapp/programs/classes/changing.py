"""A scheme while its pages are open: each change is said, asked for, made, and can be undone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, figures, prompts
from labapp.console.menu import MenuItem, choose
from labapp.dataset import schemes
from labapp.errors import RefusedError
from labapp.labels import scheme_edits
from labapp.labels.scheme_change import counted_as, is_look_needed, plan
from labapp.programs.classes import TITLE
from labapp.programs.menus.actions import refusal_of
from labapp.programs.statistics.known import look_behind_spinner

if TYPE_CHECKING:
    from labapp.dataset.schemes import Kept
    from labapp.labels.classes import LabelClass, Scheme
    from labapp.labels.scheme_change import Change, Mapped, Uses
    from labapp.programs.menus.session import MenuSession


class Editing:
    """What a bucket asks, as its pages show and change it.

    Args:
        menu: the program's.

    Raises:
        LabappError: the bucket cannot be read, or what it keeps.
    """

    def __init__(self, menu: MenuSession) -> None:
        self.menu = menu
        self._known = self._read()
        #: What there was before each change that was made here, and what the change was.
        self._before: list[tuple[Scheme, str]] = []

    @property
    def scheme(self) -> Scheme:
        """What is asked now."""
        return self._known.scheme

    @property
    def last(self) -> str:
        """What the last change was, that can be taken back; empty where there is none."""
        return self._before[-1][1] if self._before else ""

    def check(self, edit: Callable[[str], Scheme]) -> Callable[[str], str]:
        """Return what says of a typed text why the scheme that it would make cannot be."""

        def wrong(text: str) -> str:
            return refusal_of(lambda: scheme_edits.checked(edit(text.strip())))

        return wrong

    def make(self, wanted: Scheme, said: Mapped | None = None) -> None:
        """Make a change once the admin has agreed to what it does.

        Args:
            wanted: what is asked from then on.
            said: what answers of some codes count as; of others that go it is asked.

        Raises:
            Back: the admin does not want it.
            RefusedError: answers would be turned round by it, or another changed the classes.
            CloudError: the bucket cannot be read or written.
        """
        if done := self._change(wanted, said or {}):
            self._before.append((done.before, "; ".join(done.told)))

    def take_back(self) -> None:
        """Take the last change back; errors as of `make`."""
        before, _ = self._before[-1]
        if self._change(before, _same(self.scheme, before)):
            self._before.pop()

    def _change(self, wanted: Scheme, said: Mapped) -> Change | None:
        """Change the scheme; return how, or None where there was nothing to change."""
        before, used = self.scheme, self._uses(wanted)
        gone = [
            each for each in before.classes if each.code not in {c.code for c in wanted.classes}
        ]
        whole = counted_as(before, used, {*said, *wanted.retired})
        asked = {
            each.code: self._ask_what_counts(each, whole[each.code], wanted)
            for each in gone
            if each.code in whole
            and whole[each.code].has_any
            and each.code not in {**wanted.retired, **said}
        }
        planned = plan(before, wanted, {**said, **asked}, used)
        if not planned.told:
            self.menu.announce("nothing to change", "info", TITLE)
            return None
        question = f"{'; '.join(planned.told)}. Make this change?"
        if not prompts.confirm(question, title=TITLE, frame=self.menu.frame):
            raise Back
        self._keep(planned)
        if planned.unmapped:
            late = partial(schemes.answered_meanwhile, self.menu.bucket(), planned)
            if told := self.menu.wait("looking for late answers", late, TITLE):
                self.menu.announce(told, "warning")
        return planned

    def _keep(self, planned: Change) -> None:
        keep = partial(schemes.keep, self.menu.bucket(), self._known, planned)
        try:
            self._known = self.menu.wait("keeping the classes", keep, TITLE)
        except RefusedError:  # another changed them: from now on these are shown
            self._known, self._before = self._read(), []
            raise
        self.menu.announce("changed", "done", TITLE)

    def _read(self) -> Kept:
        reading = partial(schemes.read, self.menu.bucket())
        return self.menu.wait("reading the classes", reading, TITLE)

    def _uses(self, wanted: Scheme) -> dict[int, Uses]:
        if not is_look_needed(self.scheme, wanted):
            return {}
        look = look_behind_spinner(self.menu, TITLE, partial(schemes.look, self.menu.bucket()))
        if look.unread:
            unread = figures.plural(look.unread, "label file")
            self.menu.announce(f"{unread} too large to be looked at", "warning", TITLE)
        return look.uses

    def _ask_what_counts(self, gone: LabelClass, uses: Uses, wanted: Scheme) -> int | None:
        """Ask what the answers of a class that goes count as; None: no answer."""
        lines: list[MenuItem[int | None]] = [
            MenuItem(str(number), each.name, each.code)
            for number, each in enumerate(wanted.classes, start=1)
        ]
        none: MenuItem[int | None] = MenuItem("n", "No answer", None, note="they are kept")
        item = choose(
            f"What do answers of {gone.name} count as? It has {uses.told}.",
            [*lines, none],
            frame=self.menu.frame,
            help="Nothing is rewritten: the lines stay as they are, and count as what you say.",
        )
        if item is None:
            raise Back
        return item.value


def _same(now: Scheme, then: Scheme) -> Mapped:
    """Return that codes which both have, or had, are of the same classes in both."""
    return {each.code: each.code for each in then.classes if each.code in now.codes}
