"""Upload pictures to be labelled: a file or a folder, each file's fate, and a summary."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import figures, prompts
from labapp.console.key import Key
from labapp.dataset.sample_set import SAMPLE, sample_set
from labapp.dataset.upload import Outcome, State
from labapp.jobs.saving import saved_here
from labapp.labels.classes import POSITIVE
from labapp.pictures.files import gather, has_folders, select
from labapp.programs.dataset import actions
from labapp.programs.menus import progress_page
from labapp.programs.menus.work import Work, with_name

if TYPE_CHECKING:
    from labapp.programs.menus.session import MenuSession


TITLE = f"Upload {POSITIVE.word} pictures"


def run(menu: MenuSession, default: str = "") -> None:
    """Ask which pictures, and upload them."""
    path = prompts.path("File or folder:", default=default, title=TITLE, frame=menu.frame)
    if path == SAMPLE:
        upload_sample(menu)
        return
    recursive, results = _wants_all(menu, path), False
    if left := gather([str(path)], recursive=recursive).results_line:
        question = f"{left}. Upload them, too?"
        results = prompts.confirm(question, title=TITLE, frame=menu.frame)
    upload(menu, [str(path)], recursive=recursive, results=results)


def _wants_all(menu: MenuSession, path: Path) -> bool:
    """Ask whether pictures of folders in a folder are meant, too, where there are such folders."""
    if not has_folders(path):
        return False
    question = f"Upload the pictures of the folders in {path.name or path}, too?"
    return prompts.confirm(question, title=TITLE, frame=menu.frame)


def sample_key(menu: MenuSession) -> Key:
    """Return the key that a page offers where there are no pictures yet."""
    return Key("u", "upload the sample set", partial(upload_sample, menu))


def upload_sample(menu: MenuSession) -> None:
    """Upload the dataset that comes with labapp."""
    upload(menu, sample_set())


def upload(
    menu: MenuSession, paths: Sequence[str], *, recursive: bool = False, results: bool = False
) -> None:
    """Upload files and folders of pictures, showing what becomes of each."""
    from labapp.cloud.bucket import Bucket

    chosen = select(paths, recursive=recursive, results=results)
    cloud = menu.cloud()
    if not results:
        chosen = chosen.without(saved_here(cloud))
    work = Work(f"uploading {figures.plural(len(chosen.files), 'picture')}", chosen.size)

    def action() -> None:
        _, error = actions.upload(Bucket(cloud), chosen, work, _line)
        if error is not None:
            raise error
        for line in filter(None, (chosen.others_line, chosen.results_line)):
            work.done(line, "left out", good=False)

    progress_page.run(
        menu, work, action, again="stopped; upload again, and it does only what is missing"
    )


def _line(one: Outcome) -> str:
    if one.state is State.REFUSED:
        return with_name(one.path, one.reason)
    back = f", with {figures.plural(one.labels, 'line')} of labels" if one.labels else ""
    return f"{one.path.name} {one.state.value}{back}"
