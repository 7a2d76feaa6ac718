"""admin.py's commands that look at the fleet and change it: status, plan, up, rollback.

Steps and events are told on standard error as they come; the plan and what there is at the end are
the result.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from labapp.errors import LabappError
from labapp.programs.fleet import saying, table
from labapp.programs.fleet.arguments import wishes
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud
    from labapp.programs.fleet.plan import Plan
    from labapp.programs.fleet.rollout import Rollout
    from labapp.programs.fleet.steps import Told

#: What a document has where nobody was asked.
_ANSWERED = {"worker": None, "answer": None, "seconds": None}


def opened(context: Context) -> Cloud:
    """Open the cloud, which must be AWS; bucket and queues need not be there.

    Raises:
        UsageError: it is the local one.
    """
    from labapp.programs.fleet.looking import only_on_aws

    only_on_aws(context.settings)
    return context.cloud(require=False)


def show_status(context: Context) -> None:
    """Show the fleet: how it is, its instances, what waits, what is wrong."""
    from labapp.programs.fleet import looking

    cloud = opened(context)
    found = looking.look(cloud)
    if context.arguments.follow and found.fleet.is_busy:
        with left_at_it(context):
            tell_steps(context, looking.follow(cloud))
        found = looking.look(cloud)
    wanted = context.arguments.drift and found.fleet.is_there
    drift = looking.drift(cloud, context.patience) if wanted else None
    if context.arguments.json:
        context.json(table.status_document(found.fleet, found.own, found.events, drift))
        return
    saying.line(context, table.headline(found.fleet, found.own))
    if state := table.state_of(found.fleet):
        saying.line(context, state)
    for event in found.events:
        saying.line(context, table.event_line(event))
    if found.fleet.is_there:
        context.show(table.INSTANCES, found.fleet.instances)
    for remark in table.remarks(found.fleet):
        saying.line(context, remark)
    if drift is not None:
        saying.line(context, f"changed by hand: {'; '.join(drift) or 'nothing'}")


def show_plan(context: Context) -> None:
    """Show what `deploy up` would change and cost."""
    from labapp.programs.fleet.rollout import Rollout

    rollout = Rollout(
        opened(context), wishes(context.arguments), patience=context.patience, dry=True
    )
    plan = planned(context, rollout)
    rollout.discard()
    if context.arguments.json:
        context.json(plan_document(plan, "planned"))
    else:
        tell_plan(context, plan)


def make(context: Context) -> None:
    """Make the fleet, or change it, once that is agreed to, and see that it answers."""
    from labapp.programs.fleet.rollout import Rollout

    rollout = Rollout(
        opened(context), wishes(context.arguments), patience=context.patience, dry=context.dry
    )
    _roll_out(context, rollout, "made")


def roll_back(context: Context) -> None:
    """Have the instances run the code before this one, once that is agreed to."""
    from labapp.cloud.fleet.model import Wishes
    from labapp.programs.fleet import looking
    from labapp.programs.fleet.rollout import Rollout

    cloud = opened(context)
    code, said = looking.code_before(cloud, looking.existing(cloud))
    saying.say(context, said)
    rollout = Rollout(cloud, Wishes(), code=code, patience=context.patience, dry=context.dry)
    _roll_out(context, rollout, "rolled back")


def _roll_out(context: Context, rollout: Rollout, done: str) -> None:
    """Plan, show it, ask, carry it out; the same for all that changes the stack."""
    plan = planned(context, rollout)
    if not context.arguments.json:
        tell_plan(context, plan)
    if context.dry or plan.change_set.is_empty:
        rollout.discard()
        if context.arguments.json:
            state = f"would be {done}" if not plan.change_set.is_empty else "already there"
            context.json({**plan_document(plan, state), **_ANSWERED})
        elif not context.dry:
            _tell_how_it_is(context, rollout.cloud)
        return
    try:
        agreed = context.confirm(plan.question)
    except BaseException:
        rollout.discard()
        raise
    if not agreed:
        rollout.discard()
        raise LabappError("nothing was changed", "Say y, or --yes, to do it.")
    document = plan_document(plan, done)
    seconds = carried_out(context, rollout)
    if context.arguments.json:
        context.json(
            {**document, "worker": rollout.worker, "answer": rollout.answer, "seconds": seconds}
        )
    else:
        _tell_how_it_is(context, rollout.cloud)
        if rollout.answer:
            saying.line(context, f"answered: {rollout.answer}")


def _tell_how_it_is(context: Context, cloud: Cloud) -> None:
    from labapp.programs.fleet import looking

    found = looking.look(cloud)
    saying.line(context, table.headline(found.fleet, found.own))


def planned(context: Context, rollout: Rollout) -> Plan:
    """Plan a rollout, telling its steps as they end."""
    tell_steps(context, rollout.prepare())
    assert rollout.plan is not None  # `prepare` ends with it
    for note in rollout.plan.notes:
        saying.say(context, note)
    return rollout.plan


def carried_out(context: Context, rollout: Rollout) -> int:
    """Carry a rollout out, telling steps and events; return the seconds that it took."""
    from labapp import utc

    began, clock = utc.seconds(), saying.Clock(partial(saying.say, context))
    rollout.tick = clock.tick
    with left_at_it(context):
        tell_steps(context, rollout.carry_out(), clock)
    return round(utc.seconds() - began)


@contextmanager
def left_at_it(context: Context) -> Iterator[None]:
    """Say, where Ctrl-C ends the block, that AWS goes on."""
    from labapp.programs.fleet.steps import GOES_ON

    try:
        yield
    except KeyboardInterrupt:
        saying.say(context, f"left: {GOES_ON}")
        raise


def tell_steps(context: Context, told: Iterator[Told], clock: saying.Clock | None = None) -> None:
    """Tell each step as it ends, and each event as it comes; `clock` is for those of no events."""
    for one in told:
        if clock:
            clock.waits(table.silent_wait(one))
        if line := table.told_line(one):
            saying.say(context, line)


def tell_plan(context: Context, plan: Plan) -> None:
    """Write what would change, and what it costs."""
    context.show(table.CHANGES, plan.changes)
    context.show(table.COSTS, table.cost_rows(plan.cost))
    for note in plan.cost.notes:
        saying.say(context, note)


def plan_document(plan: Plan, state: str) -> dict[str, Any]:
    """Return a plan as JSON has it; `state` is what became of it."""
    from labapp.cloud.fleet.model import LAB

    return {
        "stack": LAB,
        "region": plan.region,
        "account": plan.account.id,
        "state": state,
        "code": plan.code.key,
        "changes": [table.CHANGES.document(one) for one in plan.changes],
        "cost": table.cost_document(plan.cost),
    }
