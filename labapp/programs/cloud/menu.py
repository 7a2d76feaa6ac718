"""The cloud: what it is, making what is missing, and the local one's start, stop and reset."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import prompts, tables
from labapp.console.key import Key
from labapp.console.menu import MenuItem, choose
from labapp.console.page import show
from labapp.programs import dialect, doctor, fleet
from labapp.programs.cloud import COMMANDS, MENU, env, policies, status
from labapp.programs.cloud.commands import RESET
from labapp.programs.cloud.table import as_words, resources
from labapp.programs.menus.actions import items_of, run_menu
from labapp.programs.shell.command import lines_of

if TYPE_CHECKING:
    from labapp.cloud.patience import Patience
    from labapp.cloud.provision import Resource
    from labapp.cloud.roles import Names, Role
    from labapp.programs.menus.session import MenuSession

HELP = """The local cloud runs on this machine and keeps everything in one folder.

Make what is missing: creates the bucket and the queues that are not there; what is there stays \
as it is. On AWS nothing is created before this is asked for. From then on, pictures that were \
sent, results and logs expire after 30 days, or as the setting keep_days says; labels never do.
Share: lets everybody on this machine use the local cloud with any key, until it is stopped.
Permissions: the policies of IAM that let each role do on AWS what it needs, and no more.
Fleet on AWS: workers on EC2 that come and go by what waits; it asks before it makes anything.
Dialects: small files that say how labs' own clients ask and are answered.
For other programs: the address and the key that the local cloud takes, to be put into a shell.
Stop: ends the local cloud and the workers started in the background; everything is kept.
Reset: deletes everything in the local cloud."""

#: What each way to write the variables is for.
FORMS = {env.BASH: "for bash", env.POWERSHELL: "for PowerShell", env.DOTENV: "as a file"}


def run(menu: MenuSession) -> None:
    """Show the menu until the admin goes back."""
    run_menu(
        MENU,
        partial(
            items_of,
            menu,
            lines_of((*COMMANDS, *fleet.COMMANDS, *dialect.COMMANDS, doctor.ADMIN), MENU),
        ),
        menu.frame,
        help_text=HELP,
    )


def show_status(menu: MenuSession) -> None:
    """Show which cloud this is and what is missing there."""
    found = menu.wait("asking the cloud", partial(status.status, menu.context.settings), "Status")
    show(
        "Status",
        tables.key_values(as_words(found)),
        frame=menu.frame,
        help="Which cloud this is and what is missing there; nothing was started or made for this.",
    )


def make_missing(menu: MenuSession) -> None:
    """Make the bucket and the queues that are missing, and show what is there now."""
    from labapp.jobs import lab

    def make(patience: Patience) -> list[Resource]:
        return list(lab.set_up(menu.context.cloud(require=False), patience=patience))

    made = menu.wait_patiently("making what is missing", make, "Make what is missing")
    show("Made", resources().on_page(made), frame=menu.frame, help=HELP)


def start(menu: MenuSession) -> None:
    """Start the local cloud."""
    running, _ = menu.wait("starting the local cloud", partial(status.start, menu.context.settings))
    menu.open_cloud()
    menu.announce(f"the local cloud runs at {running.endpoint_url}", "done", "cloud")
    if warning := status.warning_of(running):
        menu.announce(warning, "warning")


def share(menu: MenuSession) -> None:
    """Let everybody on this machine use the local cloud, once that is confirmed."""
    if prompts.confirm("Let everybody on this machine read and delete everything in it?",
                       title="Share", frame=menu.frame):  # fmt: skip
        start_shared = partial(status.start, menu.context.settings, share=True)
        menu.wait("sharing the local cloud", start_shared)
        menu.open_cloud()
        menu.announce("the local cloud is shared until it is stopped", "done", "cloud")


def show_env(menu: MenuSession) -> None:
    """Show what other programs need for the local cloud, as the shell wants it that is chosen."""
    from rich.text import Text

    found, form = env.variables(menu.cloud()), env.DEFAULT
    text = "What 'admin.py cloud env' prints. Whoever has the key may do anything in this cloud."
    keys = {one: Key(one[0], words) for one, words in FORMS.items()}
    while True:
        lines = Text("\n".join(env.lines(found, form)), overflow="fold")
        others = [key for one, key in keys.items() if one != form]
        key = show("For other programs", lines, frame=menu.frame, keys=others, help=text)
        if key is None:
            return
        form = next(one for one, other in keys.items() if other == key)


def show_policies(menu: MenuSession) -> None:
    """Show the policy of the role that is chosen, as often as wanted."""
    from labapp.cloud.roles import ROLES

    lines = [MenuItem(str(n), one.name, one, note=one.does) for n, one in enumerate(ROLES, 1)]
    known = partial(policies.names_known, menu.context.settings)
    names, lacking = menu.wait("asking whose account this is", known, "Permissions")
    chosen, intro = "", lacking and f"{lacking[0].upper()}{lacking[1:]}."
    while item := choose("Whose permissions?", lines, frame=menu.frame, help=HELP, start=chosen,
                         intro=intro):  # fmt: skip
        chosen = item.key
        _show_policy(menu, names, item.value)


def _show_policy(menu: MenuSession, names: Names, role: Role) -> None:
    from rich.text import Text

    (document,) = policies.documents(names, policies.person(None, None), role.name).values()
    told = f"What 'admin.py cloud policies --role {role.name}' prints, to be pasted into IAM."
    body = Text(json.dumps(document, indent=2), overflow="fold")
    show(f"Permissions: {role.name}", body, frame=menu.frame, help=told)


def stop(menu: MenuSession) -> None:
    """Stop the local cloud and its workers, once that is confirmed."""
    if prompts.confirm("Stop the local cloud and its workers?", title="Stop", frame=menu.frame):
        menu.wait("stopping", partial(status.stop, menu.context.settings))
        menu.forget()
        menu.announce("the local cloud is stopped; everything is kept", "done", "cloud")


def reset(menu: MenuSession) -> None:
    """Delete everything in the local cloud, once its word is typed."""
    prompts.confirm_by_name(
        "Delete everything in the local cloud?", RESET,
        title="Reset", frame=menu.frame,
    )  # fmt: skip
    _, note = menu.wait("deleting", partial(status.reset, menu.context.settings))
    menu.forget()
    more = f"; {note}" if note else ""
    menu.announce(f"the local cloud is empty{more}", "done", "cloud")
