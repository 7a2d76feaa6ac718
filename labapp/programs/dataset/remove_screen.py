"""Take pictures out of the dataset: which, how many that are, and doing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console import figures, prompts
from labapp.dataset import removal
from labapp.programs.dataset import actions
from labapp.programs.menus import progress_page
from labapp.programs.menus.work import Work

if TYPE_CHECKING:
    from labapp.programs.menus.session import MenuSession

TITLE = "Remove pictures"


def run(menu: MenuSession) -> None:
    """Ask for keys or patterns, say how many pictures these are, and take them out."""
    from labapp.cloud.bucket import Bucket

    question = "Pictures, such as *.gif:"
    words = prompts.text(question, title=TITLE, frame=menu.frame).split()
    if not words:
        return
    bucket = Bucket(menu.cloud())
    found = menu.wait("looking for them", lambda: removal.removals(bucket, words), TITLE)
    if not prompts.confirm(actions.removal_question(found), title=TITLE, frame=menu.frame):
        return
    work = Work(f"removing {figures.plural(len(found), 'picture')}", 0)

    def action() -> None:
        for _ in actions.remove(bucket, found, work):
            pass

    progress_page.run(menu, work, action, again="stopped; what is removed stays so")
