"""Put exported labels back: which file, what would become of its answers, and doing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console import figures, prompts
from labapp.dataset import importing
from labapp.dataset.importing import State
from labapp.errors import RefusedError
from labapp.programs.dataset import actions
from labapp.programs.dataset.import_commands import summary
from labapp.programs.menus import progress_page
from labapp.programs.menus.work import Work

if TYPE_CHECKING:
    from labapp.programs.menus.session import MenuSession


def run(menu: MenuSession) -> None:
    """Ask for a file, say what would become of its answers, and put them in."""
    from labapp.cloud.bucket import Bucket

    path = prompts.path("File, or folder of an export:", title="Import labels", frame=menu.frame)
    rows, _ = menu.wait(
        "reading the answers", lambda: importing.rows_of(importing.files_of([str(path)])), "Import"
    )
    bucket = Bucket(menu.cloud())
    dry = menu.wait(
        "looking at the answers", lambda: list(importing.put_in(bucket, rows, dry=True)), "Import"
    )
    if not any(one.state in (State.ADDED, State.KEPT) for one in dry):
        if refused := next((one for one in dry if one.state is State.REFUSED), None):
            raise RefusedError(f"nothing to add: {actions.refusal(refused)}", "Mend the file.")
        menu.announce("nothing to add: every answer is there already", "info")
        return
    question = f"Import {figures.plural(len(rows), 'answer')} ({summary(dry)})?"
    if not prompts.confirm(question, title="Import labels", frame=menu.frame):
        return
    work = Work(f"importing {figures.plural(len(rows), 'answer')}", 0)

    def action() -> None:
        for _ in actions.put_in(bucket, rows, work):
            pass

    progress_page.run(
        menu, work, action, again="stopped; import again, and it does only what is missing"
    )
