"""admin.py's commands that stop the fleet for a while, start it again, and remove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console.figures import plural
from labapp.errors import LabappError
from labapp.programs.fleet import saying
from labapp.programs.fleet.commands import left_at_it, opened, tell_steps
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from labapp.cloud.fleet.group import Group

#: What is said once a fleet is parked, and woken; and where it was so already.
PARKED = "parked: {}; nothing runs, and nothing costs but alarms and the bucket"
WOKEN = "woken: {}, ready in about 3 minutes"
IS_PARKED = "it is parked already"
IS_AWAKE = "it is awake: {} at work or on the way"
IS_BOOTING = "it is awake: {} wanted, none there yet; 'deploy' tells how it is"


def park(context: Context) -> None:
    """Let all instances drain and go."""
    from labapp.cloud.fleet import group

    found = group.park(opened(context), dry=context.dry)
    state = "already parked" if found.is_parked else context.outcome("parked")
    _tell(context, state, 0 if found.is_parked else len(found.instances), parked_text(found))


def wake(context: Context) -> None:
    """Start a fleet that was parked or is asleep."""
    from labapp.cloud.fleet import group

    found = group.wake(opened(context), dry=context.dry)
    is_awake = is_awake_(found)
    state = "already awake" if is_awake else context.outcome("woken")
    _tell(context, state, 0 if is_awake else found.woken.desired, woken_text(found))


def _tell(context: Context, state: str, count: int, said: str) -> None:
    from labapp.cloud.fleet.model import LAB

    if context.arguments.json:
        context.json({"stack": LAB, "state": state, "instances": count})
    else:
        saying.line(
            context, f"would be {said}" if context.dry and state.startswith("would") else said
        )


def is_awake_(found: Group) -> bool:
    """Tell whether a wake changes nothing of a group as it was found."""
    return found.sizes == found.woken and found.kept is None


def parked_text(found: Group) -> str:
    """Return what is said of a group that was parked, as it was found."""
    if found.is_parked:
        return IS_PARKED
    count = len(found.instances)
    gone = f"{plural(count, 'instance')} {'drains and goes' if count == 1 else 'drain and go'}"
    return PARKED.format(gone)


def woken_text(found: Group) -> str:
    """Return what is said of a group that was woken, as it was found."""
    if is_awake_(found):
        if not found.instances:
            return IS_BOOTING.format(plural(found.sizes.desired, "instance"))
        return IS_AWAKE.format(plural(found.sizes.desired, "instance"))
    count = found.woken.desired
    return WOKEN.format(f"{count} {'starts' if count == 1 else 'start'}")


def remove(context: Context) -> None:
    """Remove the fleet, and what is asked for besides, once that is agreed to."""
    from labapp.cloud.fleet.model import LAB
    from labapp.programs.fleet import removal
    from labapp.programs.fleet.steps import patient

    cloud = opened(context)
    what = removal.look(cloud, with_data=context.arguments.with_data)
    is_asked = context.dry or not context.arguments.yes
    what.check_name(context.arguments.bucket_name, is_asked=is_asked)
    if not context.dry:
        if not context.confirm(what.question, what.word, what.scripted):
            how = "Type the bucket's name" if what.word else "Say y"
            raise LabappError("nothing was removed", f"{how}, or say {what.scripted}, to do it.")
        with left_at_it(context):
            tell_steps(context, removal.steps(cloud, what, patient))
    state = context.outcome("removed")
    if context.arguments.json:
        data = {"bucket": what.bucket if what.queues is not None else None}
        context.json({"stack": LAB, "state": state, **data, "queues": what.queues or []})
        return
    parts = [f"the fleet {LAB}"] if what.resources else []
    if what.queues is not None:
        parts += [f"the bucket {what.bucket}", plural(len(what.queues), "queue")]
    verb = "would remove" if context.dry else "removed"
    saying.line(context, f"{verb} {', '.join(parts)}")
    if what.queues is None:
        saying.say(context, f"the bucket {what.bucket} and its queues stay")
