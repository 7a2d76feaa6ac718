"""The cloud: what it is, made, started, stopped, reset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.programs.shell.arguments import json_argument
from labapp.programs.shell.command import Command, Line

if TYPE_CHECKING:
    import argparse

    from labapp.programs.menus.session import MenuSession

#: The title of the cloud's own menu.
MENU = "Cloud"

#: What `cloud env --help` says below its summary.
ENV_NOTES = """A local cloud that is not running is started. The key stays until 'cloud reset'.

bash:        eval "$(python admin.py cloud env)"
PowerShell:  python admin.py cloud env --format powershell | Invoke-Expression
a file:      python admin.py cloud env --format dotenv > .env
             (Windows PowerShell: | Set-Content .env -Encoding ascii)

labapp's own programs do not need it on this machine; elsewhere, through a
tunnel, they want LABAPP_CLOUD=aws beside it. Whoever has the key may do
anything in this cloud. Version 1 of 'aws' asks Amazon for SQS all the same,
unless its --endpoint-url says what AWS_ENDPOINT_URL says."""


#: What `cloud policies --help` says below its summary.
POLICIES_NOTES = """Each is JSON for IAM, and nothing else is on standard output:

python admin.py cloud policies --role worker > worker.json
           (Windows PowerShell: | Set-Content worker.json -Encoding ascii)
aws iam create-policy --policy-name worker --policy-document file://worker.json

The client's policy lets a person read their own answers and pictures alone. It
is the same for everybody who has the tag labapp-client with their name as its
value; --client writes one for a single name. On that person's machine the
setting user (LABAPP_USER) has to be this name: ids of clients begin with it."""


#: What `cloud up --help` says below its summary.
UP_NOTES = """Its own bucket is also kept from growing for ever: parts of unfinished uploads
end after a day, old versions after 7, and pictures that were sent, results and
logs after keep_days (30; --keep-days 0 keeps them). Labels and the pictures to
be labelled never expire. 'help operators' tells more."""


def _why_not_local(session: MenuSession) -> str:
    """Return why a menu cannot do what is for the local cloud only; empty if it can."""
    if session.context.settings.cloud == "local":
        return ""
    return "its teacher does this" if session.endpoints.are_loopback else "only for the local cloud"


def _why_no_start(session: MenuSession) -> str:
    return _why_not_local(session) or ("it is running" if session.runs else "")


def _why_no_stop(session: MenuSession) -> str:
    return _why_not_local(session) or ("it is stopped" if session.runs is False else "")


def _why_no_share(session: MenuSession) -> str:
    from labapp.programs.cloud import status

    return _why_not_local(session) or ("it is shared" if status.is_shared() else "")


def start_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `cloud start` takes."""
    json_argument(parser)
    parser.add_argument(
        "--share",
        action="store_true",
        help="let everybody on this machine use it, with any key, until 'cloud stop'",
    )


def policies_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `cloud policies` takes."""
    from labapp.cloud.roles import ROLES, TAG

    json_argument(parser)
    names = [role.name for role in ROLES]
    parser.add_argument(
        "--role", choices=names, metavar="ROLE", help=f"that one's alone: {', '.join(names)}"
    )
    who = parser.add_mutually_exclusive_group()
    who.add_argument(
        "--client", metavar="NAME", help="the person that the client's policy is for, as a setting"
        " user names it (default: by a tag)",
    )  # fmt: skip
    who.add_argument(
        "--tag", metavar="KEY", help=f"the tag of users or sessions that names it (default: {TAG})"
    )
    parser.add_argument(
        "--account", metavar="ID", help="the account's 12 digits (default: those of AWS's answer)"
    )


def variables_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `cloud env` takes."""
    from labapp.programs.cloud.env import DEFAULT, FORMATS

    json_argument(parser)
    parser.add_argument(
        "--format", choices=FORMATS, help=f"for which shell, or a file (default: {DEFAULT})"
    )


COMMANDS = (
    Command(
        "cloud",
        "show which cloud this is, and what is missing there",
        "cloud.commands:show_status",
        "shell.arguments:json_argument",
        ("cloud", "cloud up --cloud aws"),
        lines=(Line("Cloud", "cloud.menu:run", key="7"),),
        writes=("cloud.table:STATUS",),
    ),
    Command(
        "cloud status",
        "show which cloud this is, and what is missing there",
        "cloud.commands:show_status",
        "shell.arguments:json_argument",
        ("cloud status --json",),
        lines=(
            Line("Status", "cloud.menu:show_status", menu=MENU, key="1",
                 note="what exists, what is missing"),
        ),
        writes=("cloud.table:STATUS",),
    ),
    Command(
        "cloud up",
        "make the bucket and the queues that are missing; what is there stays as it is",
        "cloud.commands:make_missing",
        "shell.arguments:changing_arguments",
        ("cloud up --dry-run", "cloud up --cloud aws --profile lab"),
        notes=UP_NOTES,
        lines=(
            Line("Make what is missing", "cloud.menu:make_missing", menu=MENU, key="2",
                 note="bucket and queues"),
        ),
        writes=("cloud.commands:MADE",),
    ),
    Command(
        "cloud start",
        "start the local cloud",
        "cloud.commands:start",
        "cloud:start_arguments",
        ("cloud start", "cloud start --share"),
        lines=(
            Line("Start", "cloud.menu:start", menu=MENU, key="3", disabled=_why_no_start),
            Line("Share", "cloud.menu:share", menu=MENU, key="6", flag="--share",
                 note="with everybody on this machine", disabled=_why_no_share),
        ),
        writes=("cloud.commands:STARTED",),
    ),
    Command(
        "cloud policies",
        "print the IAM policy of each role, with this lab's names",
        "cloud.policies:show",
        "cloud:policies_arguments",
        ("cloud policies --role worker", "cloud policies --role client --client anna"),
        notes=POLICIES_NOTES,
        lines=(
            Line("Permissions", "cloud.menu:show_policies", menu=MENU, key="8",
                 note="who may do what, as policies of IAM"),
        ),
        writes=("cloud.policies:POLICIES",),
    ),
    Command(
        "cloud env",
        "print what other programs need for the local cloud: its address and its key",
        "cloud.commands:show_variables",
        "cloud:variables_arguments",
        ("cloud env", "cloud env --format dotenv"),
        notes=ENV_NOTES,
        lines=(
            Line("For other programs", "cloud.menu:show_env", menu=MENU, key="7", flag="--format",
                 note="the cloud's address and key", disabled=_why_not_local),
        ),
        writes=("cloud.commands:VARIABLES",),
    ),
    Command(
        "cloud stop",
        "stop the local cloud and the workers started in the background; all is kept",
        "cloud.commands:stop",
        "shell.arguments:json_argument",
        ("cloud stop",),
        lines=(
            Line("Stop", "cloud.menu:stop", menu=MENU, key="4", note="everything is kept",
                 disabled=_why_no_stop),
        ),
        writes=("cloud.commands:STOPPED",),
    ),
    Command(
        "cloud reset",
        "stop the local cloud and delete everything in it; asks for a word to be typed",
        "cloud.commands:reset",
        "shell.arguments:deleting_arguments",
        ("cloud reset --yes", "cloud reset --dry-run"),
        lines=(
            Line("Reset", "cloud.menu:reset", menu=MENU, key="5", note="deletes everything",
                 disabled=_why_not_local),
        ),
        writes=("cloud.commands:EMPTIED",),
    ),
)  # fmt: skip
