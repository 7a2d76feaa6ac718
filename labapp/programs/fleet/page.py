"""The fleet's page: how it is, its instances, and keys for all that is done with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.cloud.fleet.model import Wishes
from labapp.console import Back, figures, prompts, tables
from labapp.console.key import REFRESH, Key
from labapp.console.lists import Option, search_list
from labapp.console.page import show
from labapp.programs.fleet import ending, instances, looking, plan_page, progress, removal, table
from labapp.programs.menus import progress_page
from labapp.programs.menus.actions import attempt
from labapp.programs.menus.refresher import Refresher

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from labapp.cloud.session import Cloud
    from labapp.programs.fleet.looking import Found
    from labapp.programs.menus.progress_page import Work
    from labapp.programs.menus.session import MenuSession

#: Seconds between two looks.
EVERY = 10.0

TITLE = "Fleet on AWS"

HELP = """Workers on EC2, which come when something waits, and go when nothing does; one that is \
ill is replaced. Nobody needs to log in: no port of theirs is open.

It is one CloudFormation stack without any data: the bucket and the queues stay when it goes. When \
nothing runs it costs some cents for alarms. Parked, it stays so until it is woken: do that before \
a session of AWS Academy ends. It refreshes by itself. 'help fleet' tells all of it."""

PLAN = Key("1", "plan and make", help="shows what would change and cost, and makes it", first=True)
PROGRESS = Key("1", "progress", help="shows how far AWS is", first=True)
PARK = Key("2", "park", help="lets all instances finish what they have in hand, and go")
WAKE = Key("2", "wake", help="starts a fleet that is parked or asleep")
LOGS = Key("3", "logs", help="shows why a boot failed, or what a worker says")
BACKWARD = Key("4", "roll back", help="has the instances run the code before this one")
REMOVE = Key("5", "remove", help="removes the fleet; the bucket and the queues stay")


def run(menu: MenuSession) -> None:
    """Show the fleet, live, until the admin goes back."""
    context = menu.context
    looking.only_on_aws(context.settings)
    cloud = menu.wait("opening the cloud", partial(context.cloud, require=False), TITLE)
    with Refresher(partial(looking.look, cloud), EVERY, menu.frame.changed, _shows) as found:
        page = partial(found.on_page, "asking AWS", body)
        while key := show(
            TITLE, lambda _c, _r: page(), frame=menu.frame, help=HELP,
            watch=lambda: 2 * found.changes + bool(_under_way(menu)),  # 0: nothing is known yet
            keys=lambda: keys_of(found.value, is_busy=bool(_under_way(menu))),
        ):  # fmt: skip
            if key != REFRESH:
                attempt(TITLE, _acts(menu, cloud, found.value)[key], menu.frame)
            found.again()


def keys_of(found: Found | None, *, is_busy: bool = False) -> list[Key]:
    """Return what can be done with the fleet as it is.

    Args:
        found: the fleet; None while it is not known.
        is_busy: whether this menu has something done with it just now.
    """
    if is_busy:
        return [PROGRESS, LOGS, REFRESH]
    if found is None or not found.fleet.is_there:
        return [PLAN, *([LOGS] if found and found.fleet.boot_logs else []), REFRESH]
    is_asleep = found.fleet.is_parked or not (found.fleet.desired or found.fleet.instances)
    return [PLAN, WAKE if is_asleep else PARK, LOGS, BACKWARD, REMOVE, REFRESH]


def body(found: Found) -> RenderableType:
    """Return the page of a fleet."""
    from rich.console import Group
    from rich.text import Text

    fleet = found.fleet
    parts: list[RenderableType] = [Text(table.headline(fleet, found.own))]
    if state := table.state_of(fleet):
        parts.append(tables.told("warn" if fleet.is_busy else "bad", state))
    if found.events:
        parts.append(
            Text(
                "\n".join(figures.one_line(table.event_line(one)) for one in found.events),
                style="muted",
            )
        )
    if fleet.is_there:
        parts += [Text(""), table.INSTANCES.on_page(fleet.instances)]
    if remarks := table.remarks(fleet):
        parts += [Text(""), Text("\n".join(remarks), style="muted")]
    return Group(*parts)


def _shows(found: Found) -> object:
    return found.fleet, [one.id for one in found.events]


def _acts(menu: MenuSession, cloud: Cloud, found: Found | None) -> dict[Key, Callable[[], None]]:
    return {
        PROGRESS: partial(_progress, menu),
        PLAN: partial(_plan, menu, cloud),
        PARK: partial(_park, menu, cloud),
        WAKE: partial(_wake, menu, cloud),
        LOGS: partial(_logs, menu, cloud, found),
        BACKWARD: partial(_roll_back, menu, cloud),
        REMOVE: partial(_remove, menu, cloud),
    }


def _under_way(menu: MenuSession) -> list[Work]:
    """Return what this menu has done with the fleet just now."""
    return [work for work in menu.busy if isinstance(work, progress.FleetWork)]


def _progress(menu: MenuSession) -> None:
    for work in _under_way(menu):
        progress_page.show_again(menu, work)


def _plan(menu: MenuSession, cloud: Cloud) -> None:
    from labapp.programs.fleet.rollout import Rollout

    plan_page.run(menu, Rollout(cloud, Wishes()))


def _roll_back(menu: MenuSession, cloud: Cloud) -> None:
    from labapp.programs.fleet.rollout import Rollout

    code, said = menu.wait(
        "looking for the code before", lambda: looking.code_before(cloud, looking.existing(cloud))
    )
    plan_page.run(menu, Rollout(cloud, Wishes(), code=code), said[0].upper() + said[1:])


def _park(menu: MenuSession, cloud: Cloud) -> None:
    from labapp.cloud.fleet import group

    found = menu.wait("parking the fleet", partial(group.park, cloud), TITLE)
    menu.announce(ending.parked_text(found), "done", "fleet")


def _wake(menu: MenuSession, cloud: Cloud) -> None:
    from labapp.cloud.fleet import group

    found = menu.wait("waking the fleet", partial(group.wake, cloud), TITLE)
    menu.announce(ending.woken_text(found), "done", "fleet")


def _logs(menu: MenuSession, cloud: Cloud, found: Found | None) -> None:
    """Let the admin choose a boot that failed or an instance, and read what it says."""
    from rich.text import Text

    from labapp.cloud.fleet import boot_logs

    fleet = found.fleet if found else looking.existing(cloud)
    failed = [boot_logs.instance_of(key) for key in fleet.boot_logs]
    options = [Option(one, one, "its boot failed") for one in failed]
    options += [
        Option(one.id, one.id, one.state) for one in fleet.instances if one.id not in failed
    ]
    if not options:
        instances.newest(fleet)  # says that there is none
    while True:
        try:
            chosen = search_list("Whose log?", options, frame=menu.frame, help=HELP)
        except Back:
            return
        log = menu.wait(
            f"asking for the log of {chosen}", partial(instances.read_log, cloud, chosen)
        )
        text = Text(figures.in_lines(log.text), overflow="fold")
        show(f"{log.instance}, {log.source}", text, frame=menu.frame, help="What it says.")


def _remove(menu: MenuSession, cloud: Cloud) -> None:
    """Remove the fleet, once that is agreed to, on a page that can be left."""
    what = menu.wait("looking at the fleet", partial(removal.look, cloud, with_data=False), TITLE)
    if not prompts.confirm(what.question, title="Remove", frame=menu.frame):
        return
    work = progress.FleetWork("removing the fleet", [removal.FLEET])
    progress.run(menu, work, lambda: removal.steps(cloud, what, work.pause))
