"""The page of a plan: what would change, what it costs, and keys that change what is asked."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from labapp.cloud.fleet import parameters
from labapp.cloud.fleet.model import MOST_INSTANCES, TYPES, Wishes
from labapp.cloud.fleet.prices import HOURLY, hourly
from labapp.console import Back, prompts, tables, waiting
from labapp.console.key import Key
from labapp.console.lists import Option, search_list
from labapp.console.page import show
from labapp.errors import UsageError
from labapp.programs.fleet import progress, table
from labapp.programs.fleet.plan import told_of_changes
from labapp.programs.fleet.rollout import BEHIND, Rollout
from labapp.programs.fleet.steps import Step

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.programs.fleet.plan import Plan
    from labapp.programs.menus.session import MenuSession

HELP = """Nothing of this is made yet: AWS alone was asked what it would do. With y the bucket, \
the queues and the zip of the code are made first, where they are missing.

The fleet is one CloudFormation stack, which holds no data: 'help fleet' tells what each part is \
for, what it costs when nothing runs, and how to be rid of it."""

YES = Key("y", "make it", help="has AWS do it; it takes about four minutes", first=True)
LEAST = Key("m", "min", help="changes how many instances run at least; 0: none while idle")
MOST = Key("x", "max", help=f"changes how many run at most, {MOST_INSTANCES} or fewer")
TYPE = Key("t", "type", help="changes the type of instance")
MAIL = Key("e", "e-mail", help="changes whom alarms are told")
PROFILE = Key("i", "identity", help="has roles made for the instances, or takes Academy's profile")

#: Rows of a change or cost that a page has room for beside what stands around them.
_AROUND = 6


def run(menu: MenuSession, rollout: Rollout, title: str = "Plan") -> None:
    """Show what would change until it is done or left; what is asked can be changed before."""
    begun = False
    try:
        plan = planned(menu, rollout, title)
        while key := _show(menu, rollout, plan, title):
            if key == YES:
                begun = True
                _carry_out(menu, rollout, plan)
                return
            with contextlib.suppress(Back):
                wishes = changed(menu, rollout.wishes, plan, key)
                if wishes != rollout.wishes:
                    rollout.wishes = wishes
                    plan = planned(menu, rollout, title)
    finally:
        if rollout.plan is not None and not begun:
            discard = partial(rollout.discard)
            threading.Thread(target=discard, name="discard", daemon=True).start()


def planned(menu: MenuSession, rollout: Rollout, title: str) -> Plan:
    """Plan behind a spinner that tells the step; what is left half way is thrown away.

    Raises:
        LabappError: it cannot be planned.
        Back: it was left.
    """
    doing, left = ["asking AWS"], threading.Event()

    def act() -> Plan | None:
        for told in rollout.prepare():
            if isinstance(told, Step):
                doing[0] = told.name
        if left.is_set():
            rollout.discard()
        return rollout.plan

    plan = waiting.wait_for(
        lambda: doing[0], act, leave="leave", title=title, frame=menu.frame, stop=left
    )
    if plan is None:
        raise Back
    return plan


def _show(menu: MenuSession, rollout: Rollout, plan: Plan, title: str) -> Key | None:
    return show(
        title,
        lambda _columns, rows: body(plan, rows),
        frame=menu.frame,
        keys=keys_of(rollout, plan),
        help=HELP,
    )


def keys_of(rollout: Rollout, plan: Plan) -> list[Key]:
    """Return what can be done with a plan: of earlier code only that it is made."""
    found = [] if plan.change_set.is_empty else [YES]
    if rollout.is_back:
        return found
    return [*found, LEAST, MOST, TYPE, MAIL, *([PROFILE] if plan.account.is_academy else [])]


def body(plan: Plan, rows: int) -> RenderableType:
    """Return the question, what would change and what it costs; where it is low, the cost first."""
    from rich.console import Group
    from rich.text import Text

    empty = plan.change_set.is_empty
    asked = Text(f"{table.CHANGES.empty}: {plan.cost.sentence}" if empty else plan.question)
    changes = [] if empty else [table.CHANGES.on_page(plan.changes)]
    costs = table.COSTS.on_page(table.cost_rows(plan.cost))
    notes = [tables.told("warn", note) for note in plan.notes]
    more = Text("\n".join(plan.cost.notes), style="muted")
    cost_rows = len(plan.cost.lines) + 1
    if len(plan.changes) + cost_rows + _AROUND + len(notes) <= rows:
        return Group(asked, *notes, Text(""), *changes, Text(""), costs, Text(""), more)
    counts = Text(f"{told_of_changes(plan.changes)}; all of it stands below", style="muted")
    parts = [asked, *notes, *([] if empty else [counts]), costs, Text(""), *changes, Text(""), more]
    return Group(*parts)


def changed(menu: MenuSession, wishes: Wishes, plan: Plan, key: Key) -> Wishes:
    """Ask for what a key changes; return the wishes with it.

    Raises:
        Back: nothing was changed.
    """
    now, frame = plan.wishes, menu.frame
    if key == LEAST:
        most = now.most or MOST_INSTANCES
        count = prompts.integer("How many instances at least?", minimum=0, maximum=MOST_INSTANCES,
                                default=now.least or 0, title="Plan", frame=frame)  # fmt: skip
        return replace(wishes, least=count, most=max(most, count))
    if key == MOST:
        count = prompts.integer("How many at most?", minimum=1, maximum=MOST_INSTANCES,
                                default=now.most or 1, title="Plan", frame=frame)  # fmt: skip
        return replace(wishes, most=count, least=min(now.least or 0, count))
    if key == TYPE:
        return replace(wishes, type=_type(menu))
    if key == MAIL:
        address = prompts.text(
            "Whom are alarms told?", default=now.email or "", check=_wrong_mail,
            hint="(an e-mail address; empty: nobody)", title="Plan", frame=frame,
        )  # fmt: skip
        return replace(wishes, email=address.strip())
    return replace(wishes, profile="" if now.profile else plan.account.profile)


def _type(menu: MenuSession) -> str:
    options = [
        Option(one, one, f"{hourly(HOURLY[one])} an hour{', ARM' if 'g.' in one else ''}")
        for one in TYPES
    ]
    return search_list("Which type?", options, frame=menu.frame, help=HELP)


def _wrong_mail(text: str) -> str:
    try:
        parameters.whole(Wishes(email=text.strip()), Wishes())
    except UsageError as error:
        return error.message
    return ""


def _carry_out(menu: MenuSession, rollout: Rollout, plan: Plan) -> None:
    """Do what was planned, on a page that can be left."""
    title = "making the fleet" if plan.change_set.is_new else "changing the fleet"
    work = progress.FleetWork(title, BEHIND, plan.cost.sentence)
    rollout.stop, rollout.tick = work.stop, work.tick
    progress.run(menu, work, rollout.carry_out)
