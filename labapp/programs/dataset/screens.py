"""Pages for the dataset: pictures are uploaded and removed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import figures, prompts
from labapp.console.key import Key
from labapp.dataset import removal
from labapp.dataset.sample_set import SAMPLE, sample_set
from labapp.dataset.upload import Outcome, State
from labapp.jobs.saving import saved_here
from labapp.pictures.files import ENDINGS, gather, has_folders, select
from labapp.programs.dataset import actions, upload_title, why_read_only
from labapp.programs.menus import history, progress_page
from labapp.programs.menus.progress_page import Work
from labapp.programs.shell.output import with_name

if TYPE_CHECKING:
    from pathlib import Path

    from labapp.programs.menus.session import MenuSession

REMOVE = "Remove pictures"


def upload(menu: MenuSession, default: str = "") -> None:
    """Ask which pictures, and upload them."""
    title = upload_title(menu)
    path = prompts.path("File or folder:", endings=ENDINGS, default=default, title=title,
                        frame=menu.frame, history=history.UPLOADS)  # fmt: skip
    if path == SAMPLE:
        upload_sample(menu)
        return
    recursive, results = _wants_all(menu, path), False
    if left := gather([str(path)], recursive=recursive).results_line:
        question = f"{left}. Upload them, too?"
        results = prompts.confirm(question, title=upload_title(menu), frame=menu.frame)
    upload_files(menu, [str(path)], recursive=recursive, results=results)


def _wants_all(menu: MenuSession, path: Path) -> bool:
    """Ask whether pictures of folders in a folder are meant, too, where there are such folders."""
    if not has_folders(path):
        return False
    question = f"Upload the pictures of the folders in {path.name or path}, too?"
    return prompts.confirm(question, title=upload_title(menu), frame=menu.frame)


def sample_keys(menu: MenuSession) -> list[Key]:
    """Return the keys that a page offers where there are no pictures yet."""
    if why_read_only(menu):
        return []
    return [Key("u", "upload the sample set", partial(upload_sample, menu))]


def upload_sample(menu: MenuSession) -> None:
    """Upload the dataset that comes with labapp."""
    upload_files(menu, sample_set())


def upload_files(
    menu: MenuSession, paths: Sequence[str], *, recursive: bool = False, results: bool = False
) -> None:
    """Upload files and folders of pictures, showing what becomes of each."""
    chosen = select(paths, recursive=recursive, results=results)
    bucket = menu.bucket()
    if not results:
        chosen = chosen.without(saved_here(bucket.cloud))
    work = Work(f"uploading {figures.plural(len(chosen.files), 'picture')}", chosen.size)

    def action() -> None:
        _, error = actions.upload(bucket, chosen, work, _uploaded)
        if error is not None:
            raise error
        for line in filter(None, (chosen.others_line, chosen.results_line)):
            work.done(line, "left out", good=False)

    again = "stopped; upload again, and it does only what is missing"
    progress_page.run(menu, work, action, again=again)


def _uploaded(one: Outcome) -> str:
    """Return what is said of a file that was uploaded, or was not."""
    if one.state is State.REFUSED:
        return with_name(one.path, one.reason)
    back = f", with {figures.plural(one.labels, 'line')} of labels" if one.labels else ""
    return f"{one.path.name} {one.state.value}{back}"


def remove(menu: MenuSession) -> None:
    """Ask for keys or patterns, say how many pictures these are, and take them out."""
    words = prompts.text("Pictures, such as *.gif:", title=REMOVE, frame=menu.frame,
                         history=history.REMOVALS).split()  # fmt: skip
    if not words:
        return
    bucket = menu.bucket()
    found = menu.wait("looking for them", partial(removal.removals, bucket, words), REMOVE)
    if not prompts.confirm(actions.removal_question(found), title=REMOVE, frame=menu.frame):
        return
    work = Work(f"removing {figures.plural(len(found), 'picture')}", 0)

    def action() -> None:
        for _ in actions.remove(bucket, found, work):
            pass

    progress_page.run(menu, work, action, again="stopped; what is removed stays so")
