"""Pages that import answers and predictions: what would become of each row is shown first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import Back, figures, prompts
from labapp.console.menu import MenuItem, choose
from labapp.console.page import show
from labapp.dataset import counting, importing, layouts, predicting
from labapp.dataset.importing import State
from labapp.labels.importing import IMPORTED, NoAnswersError
from labapp.labels.tokens import token_of
from labapp.programs.dataset import import_actions
from labapp.programs.menus import history, progress_page
from labapp.programs.menus.progress_page import Work

if TYPE_CHECKING:
    from labapp.dataset.importing import Outcome
    from labapp.labels.classes import Scheme
    from labapp.labels.importing import Row
    from labapp.programs.menus.session import MenuSession

TITLE = "Import labels"

HELP = """Nothing is written before you have seen what would become of each row.

Answers are taken from exports of labapp and of Label Studio, and from any table of names and \
labels. None is added twice. Predictions are what a model says: they count as no answers, and tell \
which pictures it is least certain of."""

#: How files end that answers or predictions may stand in.
_ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".manifest")

#: What becomes of rows that change something.
_NEW = frozenset({State.ADDED, State.KEPT, State.REPLACED})

#: Refused rows that are shown one by one.
_MOST_SHOWN = 1_000


def run(menu: MenuSession) -> None:
    """Ask what is imported, show what would become of it, and do it."""
    items = [
        MenuItem("1", "Answers", _import_answers, note="of people: an export, or name and label"),
        MenuItem("2", "Predictions", _import_predictions, note="of a model, which are no answers"),
        MenuItem("3", "Remove the predictions", _remove_predictions),
    ]
    chosen = choose(TITLE, items, frame=menu.frame, help=HELP)
    if chosen is None:
        raise Back
    chosen.value(menu)


def _import_answers(menu: MenuSession) -> None:
    path = _path(menu)
    bucket = menu.bucket()
    scheme = menu.wait("reading the classes", partial(counting.scheme_of, bucket), TITLE)
    who = ""
    try:
        rows = _rows(menu, path, scheme)
        by_nobody = any(one.given and one.given.entry.annotator == IMPORTED for _, one in rows)
    except NoAnswersError as error:
        menu.announce(error.message, "info", TITLE)
        rows, by_nobody = [], True
    if by_nobody:
        who = prompts.text("Whose answers are those that do not say?", default=IMPORTED,
                           check=_wrong_name, title=TITLE, frame=menu.frame)  # fmt: skip
        rows = _rows(menu, path, scheme, who)
    dry = menu.wait(
        "looking at the answers", lambda: list(importing.put_in(bucket, rows, dry=True)), TITLE
    )
    answers = figures.plural(sum(one.state in _NEW for one in dry), "answer")
    if not _agrees(menu, dry, answers, scheme):
        return
    work = Work(f"importing {answers}", 0)

    def action() -> None:
        done = list(import_actions.put_in(bucket, rows, work))
        if line := import_actions.withdrawal_line(done, who, layouts.of(bucket)):
            menu.announce(line, "info", TITLE)

    again = "stopped; import again, and it does only what is missing"
    progress_page.run(menu, work, action, again=again)


def _import_predictions(menu: MenuSession) -> None:
    path = _path(menu)
    bucket = menu.bucket()
    scheme = menu.wait("reading the classes", partial(counting.scheme_of, bucket), TITLE)
    rows = _rows(menu, path, scheme, predicted=True)
    dry = menu.wait(
        "looking at the predictions", lambda: predicting.put_in(bucket, rows, dry=True), TITLE
    )
    predictions = figures.plural(sum(one.state in _NEW for one in dry), "prediction")
    if not _agrees(menu, dry, predictions, scheme):
        return
    done = menu.wait(f"importing {predictions}", lambda: predicting.put_in(bucket, rows), TITLE)
    menu.announce(f"predictions: {import_actions.counts_line(done)}", "done", TITLE)


def _remove_predictions(menu: MenuSession) -> None:
    bucket = menu.bucket()
    found = menu.wait("looking for them", lambda: predicting.remove(bucket, dry=True), TITLE)
    predictions = figures.plural(len(found), "prediction")
    if not prompts.confirm(f"Take {predictions} away?", title=TITLE, frame=menu.frame):
        return
    menu.wait("taking them away", lambda: predicting.remove(bucket), TITLE)
    menu.announce(f"{predictions} removed", "done", TITLE)


def _path(menu: MenuSession) -> Path:
    return prompts.path("File, or folder of an export:", endings=_ENDINGS, title=TITLE,
                        frame=menu.frame, history=history.IMPORTS)  # fmt: skip


def _rows(
    menu: MenuSession, path: Path, scheme: Scheme, who: str = "", *, predicted: bool = False
) -> list[tuple[Path, Row]]:
    def read() -> list[tuple[Path, Row]]:
        files = importing.files_of([str(path)])
        return importing.rows_of(files, scheme, who, predicted=predicted)[0]

    return menu.wait("reading the file", read, TITLE)


def _wrong_name(answer: str) -> str:
    return "" if token_of(answer) else "a name has a letter or a digit"


def _agrees(menu: MenuSession, dry: Sequence[Outcome], what: str, scheme: Scheme) -> bool:
    """Show what would become of a file's rows; return whether that is wanted."""
    refused = [one for one in dry if one.state is State.REFUSED]
    is_new = any(one.state in _NEW for one in dry)
    items = [
        MenuItem("1", f"Import {what}", True, "" if is_new else "nothing to add"),
        MenuItem("2", "Look at what is refused", False, "" if refused else "nothing is"),
    ]
    # The window may have twelve rows: what is wrong has a page of its own.
    intro = f"Dry run: {import_actions.counts_line(dry)}."
    if others := import_actions.other_names_line(dry, scheme):
        intro += f"\n{others[0].upper()}{others[1:]}."
    while True:
        chosen = choose(TITLE, items, frame=menu.frame, help=HELP, intro=intro)
        if chosen is None:
            raise Back
        if chosen.value:
            return True
        _show_refused(menu, refused, import_actions.fault_lines(dry, scheme))


def _show_refused(menu: MenuSession, refused: Sequence[Outcome], faults: Sequence[str]) -> None:
    from rich.text import Text

    lines = [f"{line[0].upper()}{line[1:]}." for line in faults]
    lines += [""] * bool(lines)
    lines += [f"line {one.line:,}: {one.reason}" for one in refused[:_MOST_SHOWN]]
    if len(refused) > _MOST_SHOWN:
        more = len(refused) - _MOST_SHOWN
        lines.append(f"and {more:,} more: admin.py import --dry-run tells of all")
    body = Text("\n".join(map(figures.one_line, lines)))
    show("What is refused", body, frame=menu.frame, help=HELP)
