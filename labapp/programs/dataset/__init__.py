"""The pictures to be labelled: uploaded, listed, removed; answers imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.dataset.sample_set import SAMPLE
from labapp.errors import SettingError
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.programs.menus.asked import is_usual
from labapp.programs.shell.command import Command, Line

if TYPE_CHECKING:
    from labapp.programs.menus.session import MenuSession


def why_read_only(menu: MenuSession) -> str:
    """Return why nothing is written where pictures and answers lie; empty where it is."""
    settings = menu.context.settings
    if settings.have_own_layout:
        return ""
    from labapp.dataset import layouts

    try:
        return layouts.layout_of(settings).why_read_only
    except SettingError as error:
        return error.message


def upload_title(menu: MenuSession) -> str:
    """Return what uploading is called, by what is asked of the pictures."""
    first = menu.scheme.first
    return f"Upload {first.word} pictures" if is_usual(menu.scheme) else "Upload pictures"


COMMANDS = (
    Command(
        "upload",
        "add pictures to those that are to be labelled",
        "dataset.commands:upload",
        "dataset.arguments:to_upload",
        ("upload lunch.jpg", 'upload photos/ "*.png" --json'),
        lines=(
            Line(
                f"Upload {DEFAULT_SCHEME.first.word} pictures",
                "dataset.screens:upload",
                disabled=why_read_only,
                titled=upload_title,
            ),
        ),
        writes=("dataset.table:UPLOADED.listing",),
    ),
)

ADMIN_COMMANDS = (
    Command(
        "upload",
        "upload the dataset; what is there already is not sent again",
        "dataset.commands:upload",
        "dataset.arguments:to_upload_or_sample",
        ("upload", "upload photos/ lunch.jpg --json"),
        lines=(
            Line(
                "Upload pictures",
                "dataset.screens:upload",
                (str(SAMPLE),),
                key="2",
                note="the sample set, or your own",
                disabled=why_read_only,
            ),
        ),
        writes=("dataset.table:UPLOADED.listing",),
    ),
    Command(
        "images",
        "list the pictures that are to be labelled",
        "dataset.commands:list_pictures",
        "shell.arguments:json_argument",
        ("images", "images --json", "images remove KEY --yes"),
        unlisted="the statistics' table of pictures has them",
        writes=("dataset.table:PICTURES.listing",),
    ),
    Command(
        "images remove",
        "take pictures out of the dataset; their label files are kept aside",
        "dataset.commands:remove_pictures",
        "dataset.arguments:to_remove",
        (
            "images remove images/0a1b2c3d4e5f6071-lunch.jpg --yes",
            'images remove "*.gif" "0a*" --dry-run',
        ),
        lines=(
            Line(
                "Remove pictures",
                "dataset.screens:remove",
                key="9",
                note="their labels are kept",
                disabled=why_read_only,
            ),
        ),
        writes=("dataset.table:REMOVED.listing",),
    ),
)

IMPORT = Command(
    "import",
    "put answers in, or a model's predictions; what is there is not added again",
    "dataset.import_commands:run",
    "dataset.arguments:to_import",
    (
        "import labels/",
        "import tasks.json --dry-run",
        "import answers.csv answers.jsonl --json",
        "import old-labels.csv --annotator eve",
        "import --predictions model.csv",
        "import --predictions --remove",
    ),
    lines=(
        Line(
            "Import labels",
            "dataset.import_screen:run",
            key="8",
            note="answers, or a model's predictions",
            disabled=why_read_only,
        ),
    ),
    writes=("dataset.table:IMPORTED.listing", "dataset.table:PREDICTED_DOCUMENT"),
)
