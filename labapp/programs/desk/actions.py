"""What keys of the desk do besides moving in the list: folders, samples, the viewer, results."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import Back, figures, lists, prompts, tables
from labapp.console.key import Key
from labapp.console.menu import MenuItem, choose
from labapp.console.page import show
from labapp.dataset.sample_set import SAMPLE
from labapp.errors import LabappError
from labapp.files import private
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.picture_request import check_folder
from labapp.programs.desk.sending import show_failures
from labapp.programs.jobs.waiting import save_result
from labapp.programs.menus import history, picture_page
from labapp.programs.processing.folder import folder as kept_folder
from labapp.programs.processing.folder import is_deep, results_folder, save_results_in
from labapp.settings import data_dir

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.programs.desk.desk import Desk
    from labapp.programs.jobs.client_session import ClientMenuSession

#: Where the copies that the system's viewer is given are kept, in the data folder.
VIEWING = "viewing"

FOLDER_HELP = """Where results are saved that come from now on: each beside its picture, or all of \
them in one folder. Nothing is overwritten."""

RESULTS_HELP = """Results of earlier jobs. They stay in the bucket and can be looked at, and saved \
again under a new name."""


def sending_keys(desk: Desk) -> list[Key]:
    """Return the keys of what is being sent; to stop it is told first while it goes on."""
    found: list[Key] = []
    if (sent := desk.sending) is None:
        return found
    if not sent.ended.is_set():
        told = "sends no more; what was sent comes back all the same"
        found.append(Key("k", "stop sending", sent.stop.set, told, stays=True,
                         first=True))  # fmt: skip
    if sent.failures:
        found.append(Key("e", "what failed", partial(show_failures, desk.menu, sent),
                         "tells which pictures that were sent failed, and why"))  # fmt: skip
    return found


def keys(desk: Desk) -> list[Key]:
    """Return the keys that are not the list's own, as things stand."""
    item = desk.files.pointed
    found = []
    if item is not None and not item.is_folder:
        found.append(Key("x", "viewer", partial(open_viewer, desk, item.path),
                         "opens the picture in this system's own viewer"))  # fmt: skip
    if chosen := desk.files.chosen():
        if desk.last:
            told = "opens the steps that were sent last, for these: Enter sends them"
            found.append(Key("r", "again", partial(desk.again, chosen), told, stays=True))
        told = "lists the recipes, to be taken for these or removed"
        found.append(Key("w", "recipes", partial(desk.take_recipe, chosen), told, stays=True))
    deep, is_samples = desk.files.contents.deep, desk.files.folder == SAMPLE
    told = "shows the pictures of the folders in this one, too, or no longer"
    return [
        *found,
        Key("f", "folder", partial(change_folder, desk), "lets you type the name of a folder"),
        Key("s", "this folder alone" if deep else "folders in it", partial(turn_deep, desk), told,
            stays=True),
        Key("t", "own pictures" if is_samples else "samples", partial(try_samples, desk),
            "shows sample pictures, whose results are saved in the working folder, and your own"
            " again", stays=True),
        Key("d", "results' folder", partial(choose_results_folder, desk.menu),
            "says where results are saved"),
        Key("j", "earlier results", partial(show_results, desk),
            "lists the results of earlier jobs, to be looked at and saved again"),
    ]  # fmt: skip


def change_folder(desk: Desk) -> None:
    """Ask for the folder whose pictures are shown."""
    place = prompts.path("Folder:", kind="folder", default=str(desk.files.folder),
                         title="Another folder", frame=desk.menu.frame,
                         history=history.PICTURE_FOLDERS)  # fmt: skip
    desk.open_folder(place.absolute(), deep=False)


def turn_deep(desk: Desk) -> None:
    """Show the pictures of the folders in the folder, too, or no longer."""
    desk.open_folder(desk.files.folder, deep=not desk.files.contents.deep)


def try_samples(desk: Desk) -> None:
    """Show the sample set, or what was shown before it."""
    if desk.files.folder == SAMPLE:
        desk.open_folder(kept_folder(), deep=is_deep())
    else:
        desk.open_folder(SAMPLE, deep=False, keep=False)


def choose_results_folder(menu: ClientMenuSession) -> None:
    """Ask where results are saved; a folder that cannot be written is not taken."""
    title, now = "Folder of the results", results_folder()
    places = [MenuItem("1", "Beside each picture", False, note="" if now else "as now"),
              MenuItem("2", "One for all", True, note=f"now {now}" if now else "")]  # fmt: skip
    item = choose(title, places, frame=menu.frame, start="2" if now else "1", help=FOLDER_HELP)
    if item is None:
        return
    place = None
    if item.value:
        place = prompts.path("Save in:", kind="folder", default=str(now or ""), title=title,
                             frame=menu.frame, history=history.RESULT_FOLDERS)  # fmt: skip
        check_folder(place)
    save_results_in(place)
    told = f"results are saved in {place}" if place else "results are saved beside each picture"
    menu.announce(told, "done", about=title)


def open_viewer(desk: Desk, path: Path) -> None:
    """Open a picture in the program that the system has for it."""
    menu = desk.menu
    seen = menu.wait(f"reading {path.name}", lambda: desk.seen(path))
    if seen.header is None:
        raise seen.problem or LabappError(f"cannot read {path}")
    folder = data_dir() / VIEWING
    private.folder(folder)
    picture_page.show_picture(path, seen.header.format, folder)
    menu.announce(f"{path.name} was given to this system's viewer", "info", about=VIEWING)


def show_results(desk: Desk) -> None:
    """Let earlier results be looked at and saved again."""
    menu = desk.menu
    session = menu.session()
    done = [one for one in session.ledger.newest(kind=PICTURES.name) if one.status == "done"]
    title = "Earlier results"
    if not done:
        text = "None yet: they come from pictures that you send."
        show(title, tables.told("warn", text), frame=menu.frame, help=RESULTS_HELP)
        return
    options = [lists.Option(one.title, one, figures.moment(one.sent_at)) for one in done]
    place = lists.Place()
    while True:
        entry = lists.search_list(title, options, frame=menu.frame, help=RESULTS_HELP, place=place)
        with private.temporary() as seen:
            source = Path(entry.notes.get("path", ""))
            fetch = partial(_save, menu, entry, seen, to_stay=False)
            keys = [Key("s", "save it again", partial(_save_again, desk, entry), enter=True)]
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


def _save_again(desk: Desk, entry: Entry) -> None:
    place = prompts.path(
        "Save it in the folder:",
        kind="folder",
        default=entry.notes.get("folder") or str(desk.files.folder),
        title=entry.title,
        frame=desk.menu.frame,
        history=history.RESULT_FOLDERS,
    )
    saved = desk.menu.wait("saving the result", partial(_save, desk.menu, entry, place))
    desk.came(Path(entry.notes.get("path", "")), saved)
    desk.menu.announce(f"saved as {saved}", "done")
