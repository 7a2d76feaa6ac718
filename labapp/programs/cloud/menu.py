"""The cloud: what it is, making what is missing, and the local one's start, stop and reset."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.cloud.address import shared_at
from labapp.console import prompts, tables
from labapp.console.menu import MenuItem
from labapp.console.page import show
from labapp.programs.cloud import status
from labapp.programs.menus.actions import Action, run_menu

if TYPE_CHECKING:
    from labapp.cloud.provision import Resource
    from labapp.programs.menus.session import MenuSession

HELP = """The local cloud runs on this machine and keeps everything in one folder.

Make what is missing: creates the bucket and the queues that are not there; what is there stays \
as it is. On AWS nothing is created before this is asked for.
Share: lets everybody on this machine use the local cloud with any key, until it is stopped.
For other programs: the address and the key that the local cloud takes, to be put into a shell.
Stop: ends the local cloud and the workers started in the background; everything is kept.
Reset: deletes everything in the local cloud."""


def run(menu: MenuSession) -> None:
    """Show the menu until the admin goes back."""
    run_menu("Cloud", partial(items, menu), menu.frame, help_text=HELP)


def items(menu: MenuSession) -> list[MenuItem[Action]]:
    """Return the lines of the menu."""
    local = menu.context.settings.cloud == "local"
    shared = shared_at(menu.context.settings)
    why = "" if local else "its teacher does this" if shared else "only for the local cloud"
    return [
        MenuItem("1", "Status", partial(_status, menu), note="what exists, what is missing"),
        MenuItem("2", "Make what is missing", partial(_up, menu), note="bucket and queues"),
        MenuItem("3", "Start", partial(_start, menu),
                 disabled=why or ("it is running" if menu.runs else "")),
        MenuItem("4", "Stop", partial(_stop, menu), note="everything is kept",
                 disabled=why or ("it is stopped" if menu.runs is False else "")),
        MenuItem("5", "Reset", partial(_reset, menu), disabled=why, note="deletes everything"),
        MenuItem("6", "Share", partial(_share, menu), note="with everybody on this machine",
                 disabled=why or ("it is shared" if not local or status.is_shared() else "")),
        MenuItem("7", "For other programs", partial(_env, menu), disabled=why,
                 note="the cloud's address and key"),
    ]  # fmt: skip


def _status(menu: MenuSession) -> None:
    found = menu.wait("asking the cloud", partial(status.status, menu.context.settings), "Status")
    show(
        "Status",
        tables.key_values(status.told(found)),
        frame=menu.frame,
        help="Which cloud this is and what is missing there; nothing was started or made for this.",
    )


def _up(menu: MenuSession) -> None:
    from labapp.jobs import lab

    def make() -> list[Resource]:
        return list(lab.up(menu.context.cloud(require=False)))

    made = menu.wait("making what is missing", make, "Make what is missing")
    rows = [(r.kind, r.name, "made" if r.made else "there already") for r in made]
    columns = [tables.line("what", drop=1), tables.line("name", least=16), tables.line("")]
    show("Made", tables.table(columns, rows), frame=menu.frame, help=HELP)


def _start(menu: MenuSession) -> None:
    running, _ = menu.wait("starting the local cloud", partial(status.start, menu.context.settings))
    menu.opened()
    menu.announce(f"the local cloud runs at {running.endpoint_url}", "done", "cloud")


def _share(menu: MenuSession) -> None:
    if prompts.confirm("Let everybody on this machine read and delete everything in it?",
                       title="Share", frame=menu.frame):  # fmt: skip
        start = partial(status.start, menu.context.settings, share=True)
        menu.wait("sharing the local cloud", start)
        menu.opened()
        menu.announce("the local cloud is shared until it is stopped", "done", "cloud")


def _env(menu: MenuSession) -> None:
    from rich.text import Text

    from labapp.programs.cloud import env

    found = env.variables(menu.cloud())
    lines = "\n".join(env.lines(found, env.DEFAULT))
    told = "What 'admin.py cloud env' prints. Whoever has the key may do anything in this cloud."
    show("For other programs", Text(lines, overflow="fold"), frame=menu.frame, help=told)


def _stop(menu: MenuSession) -> None:
    if prompts.confirm("Stop the local cloud and its workers?", title="Stop", frame=menu.frame):
        menu.wait("stopping", partial(status.stop, menu.context.settings))
        menu.forget()
        menu.announce("the local cloud is stopped; everything is kept", "done", "cloud")


def _reset(menu: MenuSession) -> None:
    prompts.confirm_by_name(
        "Delete everything in the local cloud?", "reset",
        title="Reset", frame=menu.frame,
    )  # fmt: skip
    more = f"; {status.SHARED_NO_MORE}" if status.is_shared() else ""
    menu.wait("deleting", partial(status.reset, menu.context.settings))
    menu.forget()
    menu.announce(f"the local cloud is empty{more}", "done", "cloud")
