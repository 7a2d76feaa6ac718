"""What an admin decides of annotators and pictures; each decision can be taken back."""

from __future__ import annotations

from labapp.programs.shell.command import Command

#: Where menus have it.
_ON_PAGE = "on the page of an annotator {}"

ANNOTATORS_NOTES = """\
NAME is a name of an annotator in any spelling; anonymous stands for the
answers of labs' own programs, which have no names. Whose answers are
withdrawn, left out or merged may label on: new answers count, unless the name
is left out."""

WITHDRAW_NOTES = """\
Nothing is deleted: a line is added for each answer and skip. What was stopped
half way is finished by the same command, and nothing is withdrawn twice. What
was said of pictures that are taken out is not looked at: when one comes back,
the same command withdraws it."""

VERDICT_NOTES = """\
A verdict settles a picture whatever its answers say. It has your name, that of
the setting user, and the time. --undo takes back the one that counts; one that
was given before it counts again."""

COMMANDS = (
    Command(
        "annotators",
        "list who labels: what counts of theirs, who is left out, withdrawn or merged",
        "deciding.annotators:list_annotators",
        "shell.arguments:json_argument",
        ("annotators", "annotators leave-out ana --dry-run", "annotators merge ana_k ana"),
        unlisted="the statistics list them",
        writes=("deciding.table:PEOPLE.listing",),
    ),
    Command(
        "annotators list",
        "list who labels, as 'annotators' does",
        "deciding.annotators:list_annotators",
        "shell.arguments:json_argument",
        ("annotators list --json",),
        unlisted="the statistics list them",
        writes=("deciding.table:PEOPLE.listing",),
    ),
    Command(
        "annotators leave-out",
        "leave an annotator out of statistics and exports",
        "deciding.annotators:leave_out",
        "deciding.arguments:of_annotator",
        ("annotators leave-out ana --dry-run", "annotators leave-out anonymous"),
        ANNOTATORS_NOTES,
        unlisted=_ON_PAGE.format("o leaves out, and takes back"),
        writes=("deciding.table:ANNOTATOR_ACTS",),
    ),
    Command(
        "annotators take-back",
        "have an annotator count again who was left out",
        "deciding.annotators:take_back",
        "deciding.arguments:of_annotator",
        ("annotators take-back ana",),
        unlisted=_ON_PAGE.format("o leaves out, and takes back"),
        writes=("deciding.table:ANNOTATOR_ACTS",),
    ),
    Command(
        "annotators withdraw",
        "withdraw an annotator's answers, all or those of a time",
        "deciding.annotators:withdraw",
        "deciding.arguments:to_withdraw",
        (
            "annotators withdraw ana --dry-run",
            "annotators withdraw ana --since 2026-11-21T14:00 --yes",
        ),
        WITHDRAW_NOTES,
        unlisted=_ON_PAGE.format("w withdraws them"),
        writes=("deciding.table:ANNOTATOR_ACTS",),
    ),
    Command(
        "annotators restore",
        "restore answers of an annotator that were withdrawn",
        "deciding.annotators:restore",
        "deciding.arguments:to_restore",
        ("annotators restore ana", "annotators restore ana --since 2026-11-21 --dry-run"),
        unlisted=_ON_PAGE.format("e restores them"),
        writes=("deciding.table:ANNOTATOR_ACTS",),
    ),
    Command(
        "annotators merge",
        "have what one name has answered count as another's: two names of one person",
        "deciding.annotators:merge",
        "deciding.arguments:to_merge",
        ("annotators merge ana_k ana", "annotators merge ana_k ana --dry-run"),
        unlisted=_ON_PAGE.format("g merges it with another, and splits it"),
        writes=("deciding.table:ANNOTATOR_ACTS",),
    ),
    Command(
        "annotators split",
        "have a name count by itself again that was merged",
        "deciding.annotators:split",
        "deciding.arguments:to_split",
        ("annotators split ana_k",),
        unlisted=_ON_PAGE.format("g merges it with another, and splits it"),
        writes=("deciding.table:ANNOTATOR_ACTS",),
    ),
    Command(
        "verdict",
        "settle a picture by a verdict of your own, or take it back",
        "deciding.pictures:verdict",
        "deciding.arguments:to_settle",
        (
            "verdict images/0a1b2c3d4e5f6071-lunch.jpg 1",
            "verdict images/0a1b2c3d4e5f6071-lunch.jpg --undo",
        ),
        VERDICT_NOTES,
        unlisted="the keys of the classes on a picture's page settle it, and u takes that back",
        writes=("deciding.table:PICTURE_ACTS",),
    ),
    Command(
        "broken",
        "list the pictures that annotators say are broken, and why",
        "deciding.pictures:list_broken",
        "shell.arguments:json_argument",
        ("broken", "broken --json", "broken dismiss KEY"),
        unlisted="b in the statistics shows them",
        writes=("deciding.table:FLAGS.listing",),
    ),
    Command(
        "broken list",
        "list them, as 'broken' does",
        "deciding.pictures:list_broken",
        "shell.arguments:json_argument",
        ("broken list --json",),
        unlisted="b in the statistics shows them",
        writes=("deciding.table:FLAGS.listing",),
    ),
    Command(
        "broken dismiss",
        "dismiss what annotators say: the pictures are not broken",
        "deciding.pictures:dismiss",
        "deciding.arguments:of_pictures",
        ("broken dismiss images/0a1b2c3d4e5f6071-lunch.jpg", 'broken dismiss "*.png" --dry-run'),
        unlisted="b on a picture's page dismisses its flags, and brings them back",
        writes=("deciding.table:BROKEN_ACTS",),
    ),
    Command(
        "broken bring-back",
        "bring dismissed flags back",
        "deciding.pictures:bring_back",
        "deciding.arguments:of_pictures",
        ("broken bring-back images/0a1b2c3d4e5f6071-lunch.jpg",),
        unlisted="b on a picture's page dismisses its flags, and brings them back",
        writes=("deciding.table:BROKEN_ACTS",),
    ),
)
