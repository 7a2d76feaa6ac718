"""Take the labels out: which format, where to, and the pictures too where the format has them."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import Back, figures, prompts
from labapp.console.menu import MenuItem, choose
from labapp.dataset.export import ExportRequest, export
from labapp.dataset.statistics import Statistics
from labapp.errors import LabappError, RefusedError
from labapp.labels.export import FORMATS
from labapp.programs.export import choice_page
from labapp.programs.export.commands import STOPPED
from labapp.programs.menus import history, progress_page
from labapp.programs.menus.progress_page import Work

if TYPE_CHECKING:
    from labapp.labels.export.format import Format
    from labapp.programs.menus.session import MenuSession


#: What is said where an export that has pictures was stopped.
KEPT = "stopped; what was fetched is kept beside its place: the same export goes on from there"


def help_text() -> str:
    """Return what `?` shows."""
    *some, last = (each.name for each in FORMATS.values() if each.is_folder)
    folders = f"{', '.join(some)} and {last}"
    return f"""Labels are written as they are now; the bucket stays as it is.

{folders} are folders, the others are single files; what such a file needs besides, as Label \
Studio's does, lies beside it. An earlier export is only replaced when you say so."""


def run(menu: MenuSession) -> None:
    """Ask for format and place, and write."""
    request = _request(menu)
    format, bucket = request.format, menu.bucket()
    with contextlib.closing(Statistics(bucket)) as statistics:
        look = menu.wait("reading the labels", statistics.look, "Export")
        if look.left_out_line:
            menu.announce(look.left_out_line, "warning")
        if not look.pictures:
            raise LabappError(
                "there is no picture yet, and so no label to export",
                "Upload pictures first: 2 in the first menu.",
            )
        chosen = choice_page.ask(menu, request, look, bucket.name)
        hashed = partial(chosen.hashed, look, statistics.with_hashes)
        plan = menu.wait("reading the hashes", hashed, "Export")
    if plan is None:  # the program ends
        return
    work = Work(f"exporting {format.name}", plan.picture_bytes)

    def action() -> None:
        done = export(bucket, plan, work)
        for path in done.files:
            is_last = format.advice and path == done.files[-1]
            work.done(f"wrote {path}" + (f", which {format.advice}" if is_last else ""), "written")
        if done.pictures:
            had = f", {done.had:,} of them there already" if done.had else ""
            saved = f"saved {figures.plural(done.pictures, 'picture')}{had}"
            work.done(saved, "folder of pictures")

    progress_page.run(menu, work, action, again=KEPT if format.pictures else STOPPED)


def _request(menu: MenuSession) -> ExportRequest:
    """Return which format is wanted, and where."""
    format, excel = _format(menu)
    title = f"Export {format.name}"
    out = prompts.path(
        "Write to:", kind="new", endings=_endings(format), default=f"export-{format.name}",
        title=title, frame=menu.frame, history=history.EXPORTS,
    )  # fmt: skip
    target = menu.context.settings.target_answers
    request = ExportRequest(format, out, target=target, excel=excel, force=True)
    # What could not be written even by replacing something is an error, and no question.
    request.check()
    try:
        request = replace(request, force=False)
        request.check()
    except RefusedError as error:
        if not prompts.confirm(f"{error.message}. Replace it?", frame=menu.frame):
            raise Back from error
        request = replace(request, force=True)
    return request


def _endings(format: Format) -> list[str] | None:
    """Return how files end that an export may be written to; none for one in a folder."""
    if format.is_folder:
        return []
    return [Path(format.answers).suffix] if format.answers else None


def _format(menu: MenuSession) -> tuple[Format, bool]:
    """Return the format chosen, and whether it is for Excel."""
    offered = [(each.name, each.note, (each, False)) for each in FORMATS.values()]
    offered += [
        (f"{each.name} for Excel", "the tables with a mark that Excel needs", (each, True))
        for each in FORMATS.values()
        if each.is_for_excel
    ]
    items = [
        MenuItem(str(number), title, value, note=note)
        for number, (title, note, value) in enumerate(offered, start=1)
    ]
    chosen = choose("Export the labels", items, frame=menu.frame, help=help_text())
    if chosen is None:
        raise Back
    return chosen.value
