"""The fleet on AWS: made, changed, parked, woken, looked at and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.programs.shell.command import Command, Line

if TYPE_CHECKING:
    from labapp.programs.menus.session import MenuSession

#: The menu that has its line.
MENU = "Cloud"

#: Why what the page does has no line of its own.
ON_PAGE = "a key on the page of the fleet"

#: What `deploy --help` says below its summary.
NOTES = """The fleet is EC2 instances in an Auto Scaling group, each with a worker, made by
one CloudFormation stack. It holds no data: bucket and queues are made by 'cloud
up', and stay when the fleet goes. 'help fleet' tells what it makes, what it
costs, and how to be rid of it.

The local cloud has none: say --cloud aws, or set LABAPP_CLOUD=aws once."""

#: What `deploy up --help` says below its summary.
UP_NOTES = """What would change and what it costs is shown, and asked, before anything is
made; then the bucket, the queues and the zip of the code come first. Ctrl-C
leaves AWS at it: 'PROGRAM deploy' tells how far it is.

What is not said stays as it is; a new fleet has 1 to 3 of t3.micro. In an
account of AWS Academy it takes LabInstanceProfile unless --instance-profile
names another."""

#: What `deploy down --help` says below its summary.
DOWN_NOTES = """The bucket and its queues stay, unless --with-data removes them too: then all
pictures, labels and results are deleted for good, and the bucket's name has to
be typed. Scripts name it too: --with-data --yes --bucket-name NAME. --dry-run
tells what would go, and that name."""


def _why_not_aws(session: MenuSession) -> str:
    """Return why there can be no fleet; empty if there can."""
    return "only on AWS" if session.context.settings.cloud == "local" else ""


COMMANDS = (
    Command(
        "deploy",
        "show the fleet on AWS: what there is of it, and how it is",
        "fleet.commands:show_status",
        "fleet.arguments:status_arguments",
        ("deploy --cloud aws", "deploy up --cloud aws"),
        notes=NOTES,
        lines=(
            Line("Fleet on AWS", "fleet.page:run", menu=MENU, key="f",
                 note="workers that come and go by what waits", disabled=_why_not_aws),
        ),
        writes=("fleet.table:STATUS",),
    ),
    Command(
        "deploy status",
        "show the fleet on AWS: what there is of it, and how it is",
        "fleet.commands:show_status",
        "fleet.arguments:status_arguments",
        ("deploy status --cloud aws --json", "deploy status --cloud aws --drift"),
        unlisted="the page of the fleet shows it",
        writes=("fleet.table:STATUS",),
    ),
    Command(
        "deploy plan",
        "show what 'deploy up' would change, and what it would cost; change nothing",
        "fleet.commands:show_plan",
        "fleet.arguments:plan_arguments",
        ("deploy plan --cloud aws", "deploy plan --cloud aws --max 9"),
        unlisted=ON_PAGE,
        writes=("fleet.table:PLAN",),
    ),
    Command(
        "deploy up",
        "make the fleet, or change it, and see that it answers; asks before",
        "fleet.commands:make",
        "fleet.arguments:up_arguments",
        (
            "deploy up --cloud aws",
            "deploy up --min 0 --max 5 --type t4g.small",
            "deploy up --dry-run",
        ),
        notes=UP_NOTES,
        unlisted=ON_PAGE,
        writes=("fleet.table:MADE",),
    ),
    Command(
        "deploy park",
        "let all instances drain and go until the fleet is woken",
        "fleet.ending:park",
        "shell.arguments:changing_arguments",
        ("deploy park --cloud aws",),
        unlisted=ON_PAGE,
        writes=("fleet.table:PARKED",),
    ),
    Command(
        "deploy wake",
        "start a fleet that was parked, or that is asleep",
        "fleet.ending:wake",
        "shell.arguments:changing_arguments",
        ("deploy wake --cloud aws",),
        unlisted=ON_PAGE,
        writes=("fleet.table:PARKED",),
    ),
    Command(
        "deploy rollback",
        "have the instances run the code before this one; asks before",
        "fleet.commands:roll_back",
        "shell.arguments:deleting_arguments",
        ("deploy rollback --cloud aws",),
        unlisted=ON_PAGE,
        writes=("fleet.table:MADE",),
    ),
    Command(
        "deploy logs",
        "show the log of a boot that failed, else a worker's journal",
        "fleet.instances:show_logs",
        "fleet.arguments:logs_arguments",
        ("deploy logs --cloud aws", "deploy logs i-0123456789abcdef0"),
        unlisted=ON_PAGE,
        writes=("fleet.table:LOGS",),
    ),
    Command(
        "deploy shell",
        "open a shell on an instance, through Session Manager",
        "fleet.instances:open_shell",
        "fleet.arguments:shell_arguments",
        ("deploy shell --cloud aws", "deploy shell i-0123456789abcdef0"),
        unlisted="a shell wants a terminal of its own",
        writes=("fleet.table:SHELL",),
    ),
    Command(
        "deploy down",
        "remove the fleet; the bucket and its queues stay, unless asked for",
        "fleet.ending:remove",
        "fleet.arguments:down_arguments",
        ("deploy down --cloud aws", "deploy down --with-data --dry-run"),
        notes=DOWN_NOTES,
        unlisted=ON_PAGE,
        writes=("fleet.table:REMOVED",),
    ),
)  # fmt: skip
