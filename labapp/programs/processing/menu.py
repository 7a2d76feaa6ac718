"""Pictures: choose, see, say what is to be done, send; results come back by themselves."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import Back, figures, lists, prompts, tables
from labapp.console.key import Key
from labapp.console.menu import MenuItem, choose
from labapp.console.page import show
from labapp.dataset.sample_set import SAMPLE
from labapp.files import private
from labapp.jobs.picture_client import check_folder
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.saving import saved_here
from labapp.pictures import files
from labapp.pictures.mark import is_marked
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.jobs.round_trip import answer_to
from labapp.programs.jobs.waiting import failure, save_result
from labapp.programs.menus import picture_page, progress_page
from labapp.programs.menus.actions import items_of, run_menu
from labapp.programs.menus.progress_page import Work
from labapp.programs.processing import COMMANDS, MENU, operations_screen
from labapp.programs.processing.folder import (
    change,
    folder,
    is_deep,
    look_deeper,
    results_folder,
    save_results_in,
    takes_results,
    working,
)
from labapp.programs.processing.outcomes import PictureJob, size_of
from labapp.programs.processing.sending import send, send_all
from labapp.programs.shell.command import lines_of

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.jobs.picture_client import ProcessingRequest
    from labapp.jobs.session import ClientSession

HELP = """Choose pictures of a folder, say what is to be done to them, and send them. A worker \
does it, and the result is saved under a new name, beside each picture or in one folder for all; \
nothing is overwritten.

Results of labapp that lie there are shown where you choose one, and left out where you choose \
several, unless you say otherwise when you change the folder.

While pictures are processed you can go on: a line on top says when one is back.
Results lists earlier ones, which stay in the bucket and can be saved again."""


def run(menu: ClientMenuSession) -> None:
    """Show the menu until the user goes back."""
    run_menu(MENU, partial(items_of, menu, lines_of(COMMANDS, MENU)), menu.frame, help_text=HELP)


def try_sample(menu: ClientMenuSession) -> None:
    """Process a picture of the sample set; its result is saved in the working folder."""
    path = SAMPLE / "1.jpg"
    if picture_page.look(menu, path):
        _process(menu, [path], working())


def choose_one(menu: ClientMenuSession) -> None:
    """Choose a picture by its name, look at it, and process it."""
    while chosen := _find(menu, results=True):
        path = lists.search_list(_title(), _options(chosen), frame=menu.frame, help=HELP)
        try:
            if picture_page.look(menu, path):
                _process(menu, [path])
        except Back:
            continue


def choose_several(menu: ClientMenuSession) -> None:
    """Choose several pictures and process them."""
    chosen: list[Path] = []
    while found := _find(menu, results=takes_results()):
        chosen = lists.checklist(
            _title(), _options(found, chosen), look=partial(picture_page.view, menu),
            frame=menu.frame, help=HELP,
        )  # fmt: skip
        with contextlib.suppress(Back):
            _process(menu, chosen)
            return


def _title() -> str:
    return f"Pictures in {folder()}"


def _options(selection: files.Selection, checked: Sequence[Path] = ()) -> list[lists.Option[Path]]:
    top, kept = folder(), set(checked)
    return [
        lists.Option(
            path.relative_to(top).as_posix(),
            path,
            figures.size(size_of(path)) + (", a result" if is_marked(path) else ""),
            path in kept,
        )
        for path in selection.files
    ]


def _find(menu: ClientMenuSession, *, results: bool) -> files.Selection | None:
    """Return the pictures of the folder, and say what is left out; where none is, what helps.

    `results` says whether results of labapp are among them, for one is chosen by its name.
    """
    while True:
        found = files.gather([str(folder())], recursive=is_deep(), results=results)
        if found.files and not results:
            found = found.without(saved_here(menu.cloud()))
        left = "; ".join(filter(None, (found.others_line, found.results_line)))
        if found.files:
            if left:
                menu.announce(left, "info", about="left out")
            return found
        told = [f"There is no picture in {folder()}.", *([f"{left}."] if left else [])]
        keys = [
            Key("f", "another folder", partial(change_folder, menu)),
            Key("t", "try a sample", partial(try_sample, menu)),
        ]
        if not is_deep() and files.has_folders(folder()):
            keys.append(Key("d", "look deeper", look_deeper))
        text = "Press f to name another folder, or t to try a sample picture."
        text += " d looks into the folders in it." if len(keys) > 2 else ""
        body = tables.told("warn", *told, text)
        key = show("Pictures", body, frame=menu.frame, keys=keys, help=HELP)
        if key is None:
            return None
        with contextlib.suppress(Back):
            key.act()


def change_folder(menu: ClientMenuSession) -> None:
    """Ask for the folder whose pictures are shown, and which of them."""
    place = prompts.path(
        "Folder:", kind="folder", default=str(folder()), title="Change the folder", frame=menu.frame
    )
    deep = files.has_folders(place) and prompts.confirm(
        "Show the pictures of the folders in it, too?", title="Change the folder", frame=menu.frame
    )
    found = files.gather([str(place)], recursive=deep)
    change(place, deep=deep, results=bool(found.results) and _wants_results(menu))


def choose_results_folder(menu: ClientMenuSession) -> None:
    """Ask where results are saved; a folder that cannot be written is not taken."""
    title, now = "Folder of the results", results_folder()
    places = [MenuItem("1", "Beside each picture", False), MenuItem("2", "One for all", True)]
    item = choose(title, places, frame=menu.frame, help=HELP, start="2" if now else "1")
    if item is None:
        return
    place = None
    if item.value:
        place = prompts.path("Save in:", kind="folder", default=str(now or ""), title=title,
                             frame=menu.frame)  # fmt: skip
        check_folder(place)
    save_results_in(place)


def _wants_results(menu: ClientMenuSession) -> bool:
    question = "Take what labapp saved there, too, where several are chosen?"
    return prompts.confirm(question, title="Change the folder", frame=menu.frame)


def _process(menu: ClientMenuSession, paths: list[Path], folder: Path | None = None) -> None:
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


def show_results(menu: ClientMenuSession) -> None:
    """Let earlier results be looked at and saved again."""
    session = menu.session()
    done = [one for one in session.ledger.newest(kind=PICTURES.name) if one.status == "done"]
    if not done:
        text = "None yet. Press 1 for a picture of yours, or t for a sample."
        show("Results", tables.told("warn", text), frame=menu.frame, help=HELP)
        return
    options = [lists.Option(one.title, one, figures.moment(one.sent_at)) for one in done]
    while True:
        entry = lists.search_list("Results", options, frame=menu.frame, help=HELP)
        with private.temporary() as seen:
            source = Path(entry.notes.get("path", ""))
            fetch = partial(_save, menu, entry, seen, to_stay=False)
            keys = [Key("s", "save it again", partial(_save_again, menu, entry), enter=True)]
            with contextlib.suppress(Back):
                if key := picture_page.compare(
                    menu, source, fetch, "{name}", saved=False, keys=keys
                ):
                    key.act()


def _save(
    menu: ClientMenuSession, entry: Entry, folder: Path | None = None, *, to_stay: bool = True
) -> Path:
    """Fetch and save the result of a picture; blocks."""
    return save_result(menu.open_session(), entry, folder, to_stay=to_stay)


def _save_again(menu: ClientMenuSession, entry: Entry) -> None:
    place = prompts.path(
        "Save it in the folder:",
        kind="folder",
        default=entry.notes.get("folder") or str(folder()),
        title=entry.title,
        frame=menu.frame,
    )
    saved = menu.wait("saving the result", partial(_save, menu, entry, place))
    menu.announce(f"saved as {saved}", "done")
