"""Take the labels out: which format, where to, and the pictures too where the format has them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, prompts
from labapp.console.menu import MenuItem, choose
from labapp.dataset import export
from labapp.dataset.statistics import Statistics
from labapp.errors import LabappError, RefusedError
from labapp.labels.export import FORMATS
from labapp.programs.menus import progress_page
from labapp.programs.menus.work import Work

if TYPE_CHECKING:
    from labapp.programs.menus.session import MenuSession

HELP = """Labels are written as they are now; the bucket stays as it is.

csv and imagefolder are folders, the others are single files; beside Label Studio's lies the \
configuration that its project needs. An earlier export is only replaced \
when you say so."""


def run(menu: MenuSession) -> None:
    """Ask for format and place, and write."""
    from labapp.cloud.bucket import Bucket

    name, excel = _format(menu)
    out = prompts.path(
        "Write to:", kind="new", default=f"export-{name}", title=f"Export {name}", frame=menu.frame
    )
    # What could not be written even by replacing something is an error, and no question.
    export.check_target(name, out, force=True)
    force = False
    try:
        export.check_target(name, out)
    except RefusedError as error:
        if not prompts.confirm(f"{error.message}. Replace it?", frame=menu.frame):
            raise Back from error
        force = True
    least = 1
    if name in export.DECIDED:
        least = prompts.integer("Least answers of a picture:", minimum=1, default=1,
                                title=f"Export {name}", frame=menu.frame)  # fmt: skip
    bucket = Bucket(menu.cloud())
    statistics = Statistics(bucket)
    try:
        look = menu.wait("reading the labels", statistics.look, "Export")
        if look.left_out_line:
            menu.announce(look.left_out_line, "warning")
        if name in export.HASHED:
            look = menu.wait("reading the hashes", partial(statistics.with_hashes, look), "Export")
    finally:
        statistics.close()
    if not look.pictures:
        raise LabappError(
            "there is no picture yet, and so no label to export",
            "Upload pictures first: 2 in the first menu.",
        )
    total = export.picture_bytes(look, least) if name == export.IMAGEFOLDER else 0
    work = Work(f"exporting {name}", total)

    def action() -> None:
        written = export.export(
            bucket, look, name, out, min_answers=least, excel=excel, force=force,
            moved=work.moved, stop=work.stopped, target=menu.context.settings.target_answers,
        )  # fmt: skip
        for path in written.files:
            work.done(f"wrote {path}", "files")
        if written.pictures:
            work.done(f"saved {written.pictures} pictures", "folder of pictures")

    progress_page.run(menu, work, action, again="stopped; nothing was written")


def _format(menu: MenuSession) -> tuple[str, bool]:
    """Return the format chosen, and whether it is for Excel."""
    notes = [(name, note, (name, False)) for name, note in FORMATS.items()]
    notes.append(("csv for Excel", "the tables with a mark that Excel needs", ("csv", True)))
    items = [
        MenuItem(str(number), title, value, note=note)
        for number, (title, note, value) in enumerate(notes, start=1)
    ]
    chosen = choose("Export the labels", items, frame=menu.frame, help=HELP)
    if chosen is None:
        raise Back
    return chosen.value
