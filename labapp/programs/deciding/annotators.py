"""admin.py's commands for annotators: left out, withdrawn, merged, and all of that taken back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from labapp.console import progress
from labapp.console.figures import plural
from labapp.dataset import annotator, layouts
from labapp.errors import LabappError, UsageError
from labapp.labels.acts import Span
from labapp.labels.look_alikes import spelled_out
from labapp.labels.tokens import annotator_name
from labapp.programs.dataset.looking import look_with_progress
from labapp.programs.deciding import actions
from labapp.programs.deciding.actions import Crowd
from labapp.programs.deciding.proposal import Proposal, word
from labapp.programs.deciding.table import PEOPLE, act_document
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from labapp.labels.people import Person


def list_annotators(context: Context) -> None:
    """List who labels, and what was decided of them."""
    crowd = crowd_of(context)
    context.show(PEOPLE, crowd.people)
    if not context.arguments.json:
        for line in suggestions(crowd.people):
            context.say(line)


def suggestions(among: tuple[Person, ...]) -> list[str]:
    """Return what is said of names that look alike: merge them if they are one person."""
    told = []
    met: set[str] = set()
    for one in among:
        for other in one.looks_like:
            if other not in met:
                names = (
                    f"{spelled_out(annotator_name(other))} looks like {annotator_name(one.name)}"
                )
                merge = f"annotators merge {word(other)} {word(one.name)}"
                told.append(f"{names}: if they are one person, '{merge}'")
        met |= {one.name}
    return told


def crowd_of(context: Context) -> Crowd:
    """Look at all labels, with a bar; return who labels.

    Raises:
        LabappError: it was stopped half way, which says nothing.
    """
    from labapp.dataset.statistics import Statistics

    bucket = context.bucket()
    with contextlib.closing(Statistics(bucket)) as statistics:
        look = look_with_progress(statistics)
    if look.unread:
        unread = plural(look.unread, "label file")
        raise LabappError(f"stopped; {unread} not read yet", "Nothing was changed.")
    if look.left_out_line:
        context.say(look.left_out_line)
    return Crowd.of(bucket, look, annotator.admin(context.settings))


def leave_out(context: Context) -> int:
    """Leave an annotator out of statistics and exports."""
    return _act(context, lambda crowd: actions.leave_out(crowd, context.arguments.name))


def take_back(context: Context) -> int:
    """Have an annotator count again."""
    return _act(context, lambda crowd: actions.take_back(crowd, context.arguments.name))


def merge(context: Context) -> int:
    """Have what one name has answered count as another's."""
    asked = context.arguments
    return _act(context, lambda crowd: actions.merge(crowd, asked.other, asked.name))


def split(context: Context) -> int:
    """Have a name count by itself again."""
    return _act(context, lambda crowd: actions.split(crowd, context.arguments.name))


def withdraw(context: Context) -> int:
    """Withdraw an annotator's answers."""
    span = _span(context)
    return _act(context, lambda crowd: actions.withdraw(crowd, context.arguments.name, span))


def restore(context: Context) -> int:
    """Restore what was withdrawn."""
    span = _span(context)
    return _act(context, lambda crowd: actions.restore(crowd, context.arguments.name, span))


def _span(context: Context) -> Span:
    from labapp.labels.export.choice import moment

    asked = context.arguments
    span = Span(
        None if asked.since is None else moment(asked.since),
        None if asked.until is None else moment(asked.until, is_end=True),
    )
    if span.since and span.until and span.since >= span.until:
        raise UsageError("--since is not before --until", "Turn them round.")
    return span


def _act(context: Context, propose: Callable[[Crowd], Proposal]) -> int:
    """Do what is proposed, unless it is a dry run; return 130 where the user stopped it."""
    layouts.layout_of(context.settings).check_writable()
    proposal = propose(crowd_of(context))
    if proposal.nothing or context.dry:
        _tell(context, proposal)
        return 0
    if proposal.asks:
        if not (context.arguments.yes or context.arguments.json):
            for line in proposal.changes:
                context.say(line)
        if not context.confirm(f"{proposal.does[0].upper()}{proposal.does[1:]}?"):
            raise LabappError("nothing was withdrawn", "Say y, or --yes, to withdraw.")
    with progress.transfer(proposal.doing, proposal.pictures, "pictures", lines=False) as bar:
        through = proposal.carry_out(bar)
    if left := proposal.pictures - through:
        context.say(f"stopped; {plural(left, 'picture')} not begun: the same command does the rest")
        return 130
    _tell(context, proposal)
    return 0


def _tell(context: Context, proposal: Proposal) -> None:
    if context.arguments.json:
        already = f"already {proposal.state}"
        state = already if proposal.nothing else context.outcome(proposal.state)
        context.json(act_document(proposal, state))
        return
    if proposal.nothing:
        context.line(proposal.nothing)
        return
    context.line(f"would {proposal.does}" if context.dry else proposal.did)
    for line in proposal.changes:
        context.line(line)
    if proposal.note:
        context.say(proposal.note)
    context.say(proposal.back)
