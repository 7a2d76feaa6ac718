"""What the desk's panels share: the menu's session, the page, the pictures read, what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console.split import Split
from labapp.dataset.sample_set import SAMPLE
from labapp.jobs.picture_request import limits_of
from labapp.pictures import looks
from labapp.programs.desk import sending
from labapp.programs.desk.file_list import FileList
from labapp.programs.desk.folder_watch import FolderWatch
from labapp.programs.desk.made import Made
from labapp.programs.desk.picture_cache import PictureCache
from labapp.programs.desk.sending import Sending
from labapp.programs.menus import picture_page
from labapp.programs.menus.actions import attempt
from labapp.programs.processing import folder as kept_folder
from labapp.programs.processing import recipes

if TYPE_CHECKING:
    from labapp.console.panel import Sides
    from labapp.jobs.picture_request import ProcessingRequest
    from labapp.pictures.recipes import Recipe
    from labapp.programs.jobs.client_session import ClientMenuSession
    from labapp.programs.menus.picture_page import Seen


class Desk:
    """The desk as its panels see it.

    Attributes:
        menu: the menu's session.
        sides: the page.
        files: the list of files.
        pictures: those that were read.
        made: what the ledger tells of results.
        sending: the pictures that were sent last.
        last: what was done to pictures last; None if nothing was.
    """

    def __init__(self, menu: ClientMenuSession, folder: Path | None = None) -> None:
        self.menu = menu
        self.split = Split(menu.frame, lambda title, action: attempt(title, action, menu.frame))
        self.sides: Sides = self.split
        kept = kept_folder.folder()
        self.files = FileList(folder or kept, deep=not folder and kept_folder.is_deep())
        self.pictures = PictureCache(partial(picture_page.see, menu), menu.frame.changed)
        self.sending: Sending | None = None
        self.last: Recipe | None = None
        self.made = Made(lambda: menu.opened)
        self.watch = FolderWatch(self.files, self._look, self.made.source_of, menu.frame.changed)

    def _look(self) -> bool:
        """Look from behind at what the folder's names do not tell."""
        if (pointed := self.files.pointed) is not None and not pointed.is_folder:
            self.pictures.check(pointed.path)
        self.broken()  # one may have been replaced by a picture
        return self.made.look()

    def seen(self, path: Path) -> Seen:
        """Return a picture's header and copy, from memory or read now; blocks, raises nothing."""
        return self.pictures.seen(path)

    def broken(self) -> set[Path]:
        """Return the files of the list that are known to be no pictures, as they are now."""
        known = {one.path for one in self.files.rows if self.pictures.problem(one.path)}
        for path in known:
            self.pictures.check(path)
        return {path for path in known if self.pictures.problem(path)}

    def known(self, path: Path) -> Seen | None:
        """Return the same if it is in memory."""
        return self.pictures.known(path)

    def start(self) -> None:
        """Begin to look into the folder."""
        looks.prepare(limits_of(self.menu.context.settings))
        self.last = recipes.last()
        self.watch.start()

    def close(self) -> None:
        """End the threads."""
        self.watch.stop()
        self.pictures.stop()

    def open_folder(self, folder: Path, *, deep: bool, keep: bool = True) -> None:
        """List another folder, or the same with the pictures of the folders in it.

        With `keep` it is the one that is open the next time.
        """
        self.files.open(folder, deep=deep)
        if keep:
            kept_folder.change(folder, deep=deep)
        self.watch.again()

    def results_folder(self, paths: Sequence[Path]) -> Path | None:
        """Return where results of pictures are saved; None: beside each.

        Those of the sample set are the working folder's, unless the user has named one.
        """
        samples = any(path.parent == SAMPLE for path in paths)
        return kept_folder.results_folder() or (kept_folder.working() if samples else None)

    def process(self, paths: Sequence[Path]) -> None:
        """Open the steps for pictures."""
        from labapp.programs.desk.operations_panel import open_steps

        if paths:
            open_steps(self, paths, self.results_folder(paths))

    def again(self, paths: Sequence[Path]) -> None:
        """Open for pictures the steps that were sent last, if any were."""
        from labapp.programs.desk.recipes_panel import open_again

        if paths and self.last:
            open_again(self, paths, self.results_folder(paths), self.last)

    def take_recipe(self, paths: Sequence[Path]) -> None:
        """Let a recipe be taken for pictures."""
        from labapp.programs.desk.recipes_panel import open_recipes

        if paths:
            open_recipes(self, paths, self.results_folder(paths))

    def send(self, paths: Sequence[Path], request: ProcessingRequest) -> None:
        """Send pictures behind the page: their results appear in the list as they come."""
        if request.folder is None:
            request = replace(request, folder=self.results_folder(paths))
        self.files.unmark_all()
        self.last = recipes.last()
        self.sending = sending.begin(self.menu, paths, request, self.came)

    def came(self, source: Path, saved: Path) -> None:
        """Show a result that has just been saved; any thread may say so."""
        self.files.arrived(saved, source)
        self.sides.changed()
