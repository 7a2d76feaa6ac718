"""What of the labels is exported: a page of what is wanted, which says how much that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, figures, prompts
from labapp.console.menu import MenuItem, choose
from labapp.errors import LabappError
from labapp.labels.export.choice import STATUSES, Choice, code_of, moment
from labapp.labels.export.yolo import shares_of
from labapp.programs.menus import history
from labapp.utc import format_time

if TYPE_CHECKING:
    from datetime import datetime

    from labapp.dataset.export import ExportRequest, Plan
    from labapp.dataset.statistics import DatasetSnapshot
    from labapp.programs.menus.session import MenuSession

HELP = """Time and annotators choose answers. Pictures are counted by these alone, as if there \
were no others; one without any is left out.

Classes, status and probability then choose pictures, each with all its chosen answers. Pictures \
that somebody says are broken are left out unless that status is asked for.

With the model of Dawid and Skene the class that is likeliest, by how far each annotator can be \
trusted, stands in place of the majority's, and its probability beside it. A verdict stays."""

#: The key that writes.
WRITE = "w"

#: What is shown, and may be typed, where nothing is left out; of statuses, what is usual.
ALL, ANY, USUAL = "all", "any", "all but broken"


@dataclass(frozen=True)
class _Line:
    """A line of the page.

    Attributes:
        title: what it is about.
        note: what is wanted now.
        change: asks anew, and gives the request that comes of it.
    """

    title: str
    note: str
    change: Callable[[], ExportRequest]


def ask(menu: MenuSession, request: ExportRequest, look: DatasetSnapshot, bucket: str) -> Plan:
    """Return what is to be written, once nothing more is to be changed about it.

    Args:
        menu: the program's.
        request: what is asked for so far.
        look: the dataset.
        bucket: its bucket's name.

    Raises:
        Back: nothing is to be written.
        RefusedError: something is in the way, now that the classes are known.
    """
    page, pressed = _Page(menu, look), WRITE
    while True:
        plan = menu.wait("counting", partial(request.plan, look, bucket), page.title(request))
        lines = {str(number): one for number, one in enumerate(page.lines(request), start=1)}
        told = [figures.plural(plan.rows, "picture"), figures.plural(plan.answers, "answer")]
        none = "" if plan.rows else "nothing is like that"
        items: list[MenuItem[_Line | None]] = [
            MenuItem(WRITE, "Write it", None, none, ", ".join(told))
        ]
        items += (MenuItem(key, one.title, one, note=one.note) for key, one in lines.items())
        chosen = choose(
            page.title(request), items, frame=menu.frame, help=HELP, start=pressed,
            intro=_intro(plan),
        )  # fmt: skip
        if chosen is None:
            raise Back
        if chosen.value is None:
            return plan
        pressed = chosen.key
        try:
            request = chosen.value.change()
        except Back:
            continue


def _intro(plan: Plan) -> str:
    told = [plan.warning, plan.request.format.remark(plan.labels)]
    return "; ".join(filter(None, told))


class _Page:
    """Asks for each thing that can be wanted."""

    def __init__(self, menu: MenuSession, look: DatasetSnapshot) -> None:
        self._menu, self._look = menu, look

    @staticmethod
    def title(request: ExportRequest) -> str:
        """Return the page's title."""
        return f"Export {request.format.name}"

    def lines(self, request: ExportRequest) -> list[_Line]:
        """Return what can be wanted, as it is now."""
        choice = request.choice
        sure = f"{choice.min_probability:g} or more" if choice.min_probability else ANY
        model = "decides, with probabilities" if request.has_model else "none: the majority decides"
        lines = [
            _Line("Since", _time(choice.since), partial(self._since, request)),
            _Line("Until", _time(choice.until), partial(self._until, request)),
            _Line("Annotators", ", ".join(choice.annotators) or ALL,
                  partial(self._annotators, request)),
            _Line("Classes", ", ".join(choice.classes) or ALL, partial(self._classes, request)),
            _Line("Status", ", ".join(choice.statuses) or USUAL,
                  partial(self._statuses, request)),
            _Line("Model", model, partial(self._model, request)),
            _Line("Least probability", sure, partial(self._probability, request)),
        ]  # fmt: skip
        if request.format.decided_only:
            least = f"{request.min_answers:,} of a picture"
            lines.append(_Line("Least answers", least, partial(self._least, request)))
        if request.format.is_split:
            lines.append(_Line("Split", _shares(request), partial(self._split, request)))
        return lines

    def _since(self, request: ExportRequest) -> ExportRequest:
        said = self._text(request, "Answers since, in UTC, or all:", _time(request.choice.since),
                          moment)  # fmt: skip
        return _with(request, replace(request.choice, since=moment(said) if said else None))

    def _until(self, request: ExportRequest) -> ExportRequest:
        end = partial(moment, is_end=True)
        said = self._text(request, "Answers until, in UTC, or all:", _time(request.choice.until),
                          end)  # fmt: skip
        return _with(request, replace(request.choice, until=end(said) if said else None))

    def _annotators(self, request: ExportRequest) -> ExportRequest:
        def check(said: str) -> object:
            return Choice(annotators=_listed(said)).people(self._look.pictures)

        said = self._text(request, "Annotators, with commas between, or all:",
                          ", ".join(request.choice.annotators), check)  # fmt: skip
        return _with(request, replace(request.choice, annotators=_listed(said)))

    def _classes(self, request: ExportRequest) -> ExportRequest:
        scheme = self._look.scheme

        def check(said: str) -> object:
            return [code_of(one, scheme) for one in _listed(said)]

        question = f"Classes, with commas between, or all ({scheme.meanings}):"
        said = self._text(request, question, ", ".join(request.choice.classes), check)
        return _with(request, replace(request.choice, classes=_listed(said)))

    def _statuses(self, request: ExportRequest) -> ExportRequest:
        def check(said: str) -> None:
            Choice(statuses=_listed(said)).check()

        question = f"Status, with commas between, or all but broken ({', '.join(STATUSES)}):"
        said = self._text(request, question, ", ".join(request.choice.statuses), check)
        return _with(request, replace(request.choice, statuses=_listed(said)))

    def _model(self, request: ExportRequest) -> ExportRequest:
        if request.has_model:
            without = replace(request.choice, min_probability=0.0)
            return replace(request, choice=without, has_model=False)
        return replace(request, has_model=True)

    def _probability(self, request: ExportRequest) -> ExportRequest:
        def check(said: str) -> None:
            Choice(min_probability=_number(said)).check()

        now = request.choice.min_probability
        said = self._text(request, "Least probability, 0 to 1, or any:",
                          f"{now:g}" if now else "", check)  # fmt: skip
        least = _number(said) if said else 0.0
        changed = _with(request, replace(request.choice, min_probability=least))
        return replace(changed, has_model=request.has_model or bool(least))

    def _least(self, request: ExportRequest) -> ExportRequest:
        least = prompts.integer("Least answers of a picture:", minimum=1,
                                default=request.min_answers, title=self.title(request),
                                frame=self._menu.frame, history=history.LEAST_ANSWERS)  # fmt: skip
        return replace(request, min_answers=least)

    def _split(self, request: ExportRequest) -> ExportRequest:
        said = self._text(request, "Shares for train/val, or train/val/test:", _shares(request),
                          shares_of)  # fmt: skip
        return replace(request, split=shares_of(said)) if said else request

    def _text(
        self, request: ExportRequest, question: str, now: str, check: Callable[[str], object]
    ) -> str:
        """Ask for something that may be empty; `check` raises what is wrong with it."""

        def wrong(said: str) -> str:
            if not _meant(said):
                return ""
            try:
                check(said)
            except LabappError as error:
                return str(error)
            return ""

        said = prompts.text(question, default="" if now == ALL else now, check=wrong,
                            title=self.title(request), frame=self._menu.frame)  # fmt: skip
        return _meant(said)


def _with(request: ExportRequest, choice: Choice) -> ExportRequest:
    return replace(request, choice=choice)


def _meant(said: str) -> str:
    """Return what is typed; nothing for what means that all is wanted, as none could be."""
    return "" if said.strip().casefold() in (ALL, ANY, USUAL) else said.strip()


def _listed(said: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in said.split(",") if one.strip())


def _number(said: str) -> float:
    try:
        return float(said)
    except ValueError:
        return float("nan")


def _time(at: datetime | None) -> str:
    return ALL if at is None else format_time(at).removesuffix("Z").removesuffix(":00")


def _shares(request: ExportRequest) -> str:
    return "/".join(map(str, request.split))
