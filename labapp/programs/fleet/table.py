"""What is told of a fleet: how it is, its instances, what would be changed, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from labapp import utc
from labapp.cloud.fleet.prices import Cost, CostLine, dollars
from labapp.console import figures
from labapp.programs.shell.table import Document, Field, Table, list_of

if TYPE_CHECKING:
    from labapp.cloud.fleet.model import Change, Event, Fleet, Instance
    from labapp.programs.fleet.steps import Told

#: The step in which an instance boots, and nothing is heard of it.
WORKER = "first worker"

#: Events that are shown, the last ones.
LAST = 5


def _sign_of(one: Instance) -> Literal["good", "warn", "bad"]:
    if one.health != "Healthy":
        return "bad"
    return "good" if one.state == "InService" else "warn"


def _since(one: Instance) -> str:
    return utc.stamp(one.since) if one.since else ""


INSTANCES: Table[Instance] = Table(
    fields=(
        Field("id", title="instance", look="id", least=19),  # whole, to be named elsewhere
        Field("zone", look="word", drop=2),
        Field("type", look="word", drop=3),
        Field("state", sign=_sign_of, look="word"),
        Field("health", look="word", drop=5),
        Field(
            "since",
            lambda one: _since(one) or None,
            shown=lambda one: figures.moment(one.since) if one.since else "",
            look="word",
            drop=1,
        ),
        Field("code", look="word", drop=4),
    ),
    empty="No instance runs.",
    columns=("id", "zone", "type", "state", "since", "code"),
    piped=("id", "zone", "type", "state", "health", "since", "code"),
    page=("id", "zone", "type", "state", "since", "code"),
)

CHANGES: Table[Change] = Table(
    fields=(
        Field("action", title="what", look="word"),
        Field("name", least=14),
        Field("kind", drop=1, least=14),
    ),
    empty="nothing would change",
    columns=("action", "name", "kind"),
)

COSTS: Table[CostLine] = Table(
    fields=(
        Field("what", title="a month", least=14),
        Field(
            "least",
            lambda line: round(line.least, 2),
            shown=lambda line: dollars(line.least),
            look="number",
        ),
        Field(
            "most",
            lambda line: round(line.most, 2),
            shown=lambda line: dollars(line.most),
            look="number",
        ),
    ),
    columns=("what", "least", "most"),
)

#: What `deploy status` writes with --json, less the lists in it.
STATUS_FIELDS = (
    *("stack", "status", "region", "reason", "code", "this_checkout", "min", "max", "desired"),
    *("parked", "backlog", "alarms", "boot_logs", "launch_failure", "events", "drift"),
)
_INSTANCE_FIELDS = tuple(field.name for field in INSTANCES.fields)
STATUS = Document(
    STATUS_FIELDS,
    notes={
        "status": "in AWS's words; null: there is none",
        "this_checkout": "whether the code is this checkout's",
        "backlog": "pictures for each instance; null: not known",
        "launch_failure": "why an instance that is wanted could not be launched; null: none failed",
        "events": "those of a change under way",
        "drift": "with --drift, what was changed by hand",
    },
    parts=(Document(_INSTANCE_FIELDS, "`instances`, list of"),),
)

#: What `deploy plan` and, with more behind it, `deploy up` and `rollback` write with --json.
_COST_FIELDS = ("least", "most", "least_instances", "most_instances", "listed", "lines")
PLAN_FIELDS = ("stack", "region", "account", "state", "code")
PLAN = Document(
    PLAN_FIELDS,
    parts=(
        Document(tuple(field.name for field in CHANGES.fields), "`changes`, list of"),
        Document(_COST_FIELDS, "`cost`, in dollars a month, of"),
    ),
)
MADE = Document(
    (*PLAN_FIELDS, "worker", "answer", "seconds"),
    notes={"answer": "to the list that was sent; null: none was"},
    parts=PLAN.parts,
)
PARKED = Document(("stack", "state", "instances"), notes={"instances": "that drain, or start"})
REMOVED = Document(("stack", "state", "bucket", "queues"), notes={"queues": "removed with it"})
LOGS = list_of("instance", "source", "text", source="the key of a boot's log, or `journal`")
SHELL = Document(("instance", "command", "address"))


def headline(fleet: Fleet, own: str = "") -> str:
    """Return how a fleet is, in one sentence.

    Args:
        fleet: as it was found.
        own: the key of this checkout's code; empty where that is not known.
    """
    named = f"{fleet.stack} in {fleet.region}"
    if fleet.status in _NEVER_MADE:
        return f"the fleet {named} could not be made"
    if fleet.is_planned:
        return f"no fleet {named} yet, only a plan of one: 'deploy up' makes it"
    if not fleet.is_there:
        return f"no fleet {named}: 'deploy up' makes one"
    here = fleet.code is not None and fleet.code.key == own
    code = (
        f"code {fleet.code.short}{' (this checkout)' if here else ''}" if fleet.code else "no code"
    )
    parts = [
        f"{figures.count(fleet.at_work)} of {fleet.least} to {fleet.most} at work",
        code,
        f"parked: {'yes' if fleet.is_parked else 'no'}",
    ]
    return f"fleet {named}: {', '.join(parts)}"


def state_of(fleet: Fleet) -> str:
    """Return what else there is to say of a stack's state, as a sentence; empty if it is well."""
    if fleet.is_busy:
        return f"AWS is at it: {fleet.status}"
    if fleet.is_there and fleet.status not in _WELL:
        return f"{fleet.status}{f': {fleet.reason}' if fleet.reason else ''}"
    return ""


#: What is said of steps that take minutes when they begin.
BEGUN = {
    "stack": "AWS is at it, which takes some three minutes",
    "fleet": "AWS removes it, which takes some three minutes",
    WORKER: "waiting for its report, which takes some two minutes; Ctrl-C leaves it running, and"
    " 'admin.py deploy' tells how it is",
}

#: States of a stack in which there is no fleet, and what is left of one has to go.
_NEVER_MADE = frozenset({"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})

#: States of a stack that there is nothing to say of.
_WELL = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})


def remarks(fleet: Fleet) -> list[str]:
    """Return what there is to say of a fleet below its instances."""
    from labapp.cloud.fleet import failures

    if remedy := failures.remedy_of(fleet.status):
        return [remedy]
    told = []
    if (lacking := fleet.desired - len(fleet.instances)) > 0 and not fleet.launch_failure:
        told.append(f"wanted, and not there yet: {figures.plural(lacking, 'instance')}")
    if fleet.backlog is not None:
        told.append(f"backlog: {figures.count(round(fleet.backlog, 1))} pictures an instance")
    if fleet.is_there:
        told.append(f"alarms on: {', '.join(fleet.alarms) or 'none'}")
    if fleet.launch_failure:
        told.append(f"an instance could not be launched: {fleet.launch_failure}")
    if fleet.boot_logs:
        count = figures.plural(len(fleet.boot_logs), "boot")
        told.append(f"{count} failed: 'deploy logs' shows the last one's log")
    return told


def status_document(fleet: Fleet, own: str, events: list[Event], drift: object) -> dict[str, Any]:
    """Return a fleet as JSON has it."""
    code = fleet.code
    return {
        "stack": fleet.stack,
        "status": fleet.status if fleet.is_there else "",
        "region": fleet.region,
        "reason": fleet.reason,
        "code": code.key if code else None,
        "this_checkout": bool(code) and code is not None and code.key == own,
        "min": fleet.least,
        "max": fleet.most,
        "desired": fleet.desired,
        "parked": fleet.is_parked,
        "backlog": fleet.backlog,
        "alarms": list(fleet.alarms),
        "boot_logs": list(fleet.boot_logs),
        "launch_failure": fleet.launch_failure,
        "events": [event_line(event) for event in events],
        "drift": drift,
        "instances": [INSTANCES.document(one) for one in fleet.instances],
    }


def event_line(event: Event) -> str:
    """Return an event as one line: when, of what, how far, and why where that is told."""
    at = figures.moment(event.at)
    return f"{at} {event.name} {event.status}{f': {event.reason}' if event.reason else ''}"


def cost_document(cost: Cost) -> dict[str, Any]:
    """Return a cost as JSON has it."""
    from labapp.cloud.fleet.prices import LISTED

    return {
        "least": round(cost.least, 2),
        "most": round(cost.most, 2),
        "least_instances": cost.least_instances,
        "most_instances": cost.most_instances,
        "listed": LISTED,
        "lines": [COSTS.document(line) for line in cost.lines],
    }


def cost_rows(cost: Cost) -> list[CostLine]:
    """Return the lines of a cost, and their sum."""
    return [*cost.lines, CostLine("in all", cost.least, cost.most)]


def is_well(fleet: Fleet) -> bool:
    """Tell whether a stack is as it was wished, or AWS is at it."""
    return not fleet.is_there or fleet.is_busy or fleet.status in _WELL


def silent_wait(told: Told) -> str:
    """Return the step that has begun where nothing is heard until it ends; empty for others."""
    from labapp.programs.fleet.steps import Step

    return told.name if isinstance(told, Step) and told.told is None and told.name == WORKER else ""


def told_line(told: Told) -> str:
    """Return what is said of a rollout's news, as one line; empty where it is not worth one."""
    from labapp.cloud.fleet.model import Event
    from labapp.programs.fleet.steps import Step

    if isinstance(told, Event):
        return f"  {event_line(told)}"
    if isinstance(told, Step):
        said = BEGUN.get(told.name, "") if told.told is None else told.told
        return f"{told.name}: {said}" if said else ""
    return f"waiting: {told.text}" if told.text else "AWS can be asked again"
