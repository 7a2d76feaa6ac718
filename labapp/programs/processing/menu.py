"""What is done to pictures once they are chosen: asked, sent, shown when it is back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.jobs.round_trip import answer_to
from labapp.programs.jobs.waiting import failure, save_result
from labapp.programs.menus import picture_page, progress_page
from labapp.programs.menus.progress_page import Work
from labapp.programs.processing import operations_screen
from labapp.programs.processing.folder import results_folder
from labapp.programs.processing.outcomes import PictureJob, size_of
from labapp.programs.processing.sending import send, send_all

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.jobs.picture_client import ProcessingRequest
    from labapp.jobs.session import ClientSession


def process(menu: ClientMenuSession, paths: list[Path], folder: Path | None = None) -> None:
    """Ask what is to be done, send, and show the result of a single picture when it is back.

    `folder` is where results are saved, unless the user has chosen one; None: beside each picture.
    """
    request = operations_screen.ask(paths, menu, results_folder() or folder)
    session = menu.session()
    menu.wait("looking for a worker", partial(menu.ensure_worker, session.cloud))
    size = sum(map(size_of, paths))
    if len(paths) > 1:
        work = Work(f"sending {figures.plural(len(paths), 'picture')}", size)
        jobs = [PictureJob(path, request.folder) for path in paths]
        send = partial(send_all, session, jobs, request, work, menu.expect)
        progress_page.run(menu, work, send, again="stopped; what was sent is told when it is back")
    else:
        _process_one(menu, session, paths[0], request, Work(f"uploading {paths[0].name}", size))


def _process_one(
    menu: ClientMenuSession,
    session: ClientSession,
    path: Path,
    request: ProcessingRequest,
    work: Work,
) -> None:
    with menu.claim_job() as claim:

        def act() -> None:
            send(session, path, request, work, claim.identity(session))
            menu.expect()

        if not progress_page.run(menu, work, act, again="stopped; nothing was sent", brief=True):
            return
        entry = answer_to(menu, claim, title=f"Processing {path.name}")
    if entry is not None:
        _show_result(menu, entry)


def _show_result(menu: ClientMenuSession, entry: Entry) -> None:
    if entry.status != "done":
        raise failure(entry)
    source = Path(entry.notes.get("path", ""))
    title = f"{{name}}, back in {figures.duration(entry.seconds or 0)}"
    picture_page.compare(menu, source, partial(_save, menu, entry), title, saved=True)


def _save(menu: ClientMenuSession, entry: Entry, folder: Path | None = None) -> Path:
    """Fetch and save the result of a picture; blocks."""
    return save_result(menu.open_session(), entry, folder)
