"""Upload pictures to be labelled: a file or a folder, each file's fate, and a summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import figures, prompts
from labapp.dataset.choosing import select
from labapp.dataset.upload import State, Uploader
from labapp.jobs.pictures import limits_of
from labapp.programs.screens import progress_page
from labapp.programs.screens.progress_page import Work

if TYPE_CHECKING:
    from labapp.programs.screens.desk import Desk

#: The dataset that comes with labapp.
SAMPLE = Path(__file__).resolve().parents[3] / "images"


def run(desk: Desk, default: str = "") -> None:
    """Ask which pictures, and upload them."""
    path = prompts.path(
        "File or folder:", default=default, title="Upload hot-dog pictures", frame=desk.frame
    )
    upload(desk, path)


def upload(desk: Desk, path: Path) -> None:
    """Upload a file or a folder of pictures, showing what becomes of each."""
    from labapp.cloud.bucket import Bucket

    chosen = select([str(path)])
    bucket = Bucket(desk.cloud())
    work = Work(chosen.size)
    uploader = Uploader(bucket, limits_of(desk.context.settings), work.moved)

    def action() -> None:
        for one in uploader.upload(chosen.files, work.stop.is_set):
            good = one.state is not State.REFUSED
            line = (
                f"{one.path.name} {one.state.value}" if good else f"{one.path.name}: {one.reason}"
            )
            work.done(line, one.state.value, good=good)
        if chosen.others:
            work.done(chosen.others_line, "not pictures", good=False)

    title = f"Uploading {figures.plural(len(chosen.files), 'picture')}"
    progress_page.run(
        desk, title, work, action, again="stopped; upload again, and it does only what is missing"
    )
