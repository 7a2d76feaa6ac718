"""Upload pictures to be labelled: a file or a folder, each file's fate, and a summary."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import figures, prompts
from labapp.console.key import Key
from labapp.dataset.sample_set import SAMPLE, sample_set
from labapp.dataset.upload import State, Uploader
from labapp.errors import LabappError
from labapp.jobs.picture_client import limits_of
from labapp.jobs.saved import saved_here
from labapp.labels.classes import POSITIVE
from labapp.pictures.files import has_folders, select
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
    else:
        upload(menu, [str(path)], recursive=_wants_all(menu, path))


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


def upload(menu: MenuSession, paths: Sequence[str], *, recursive: bool = False) -> None:
    """Upload files and folders of pictures, showing what becomes of each."""
    from labapp.cloud.bucket import Bucket

    chosen = select(paths, recursive=recursive)
    cloud = menu.cloud()
    chosen = chosen.without(saved_here(cloud))
    bucket = Bucket(cloud)
    work = Work(f"uploading {figures.plural(len(chosen.files), 'picture')}", chosen.size)
    uploader = Uploader(bucket, limits_of(menu.context.settings), work.moved)

    through: set[Path] = set()

    def one_by_one() -> None:
        for one in uploader.upload(chosen.files, work.stopped):
            through.add(one.path)
            good = one.state is not State.REFUSED
            back = f", with {figures.plural(one.labels, 'line')} of labels" if one.labels else ""
            told = f"{one.path.name} {one.state.value}{back}"
            work.done(told if good else with_name(one.path, one.reason), one.state.value, good=good)
        for line in filter(None, (chosen.others_line, chosen.results_line)):
            work.done(line, "left out", good=False)

    def action() -> None:
        try:
            one_by_one()
        except LabappError:
            for path in chosen.files:
                if path not in through:
                    work.done(f"{path.name} {State.LEFT.value}", State.LEFT.value, good=False)
            raise

    progress_page.run(
        menu, work, action, again="stopped; upload again, and it does only what is missing"
    )
