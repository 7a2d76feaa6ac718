"""What is told of each class: its share, its answers, and how far people agree on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from labapp.console.page import show
from labapp.labels.class_reports import ClassReport
from labapp.programs.shell.table import Field, Table
from labapp.programs.statistics.table import bar, in_percent

if TYPE_CHECKING:
    from labapp.programs.statistics.known import Known

#: Cells of a class's bar.
BAR = 10

HELP = """Pictures: those that are taken for the class, by majority or verdict, with their share. \
Agree: of two answers to one picture of which one says the class, how often the other does too. \
alpha: Krippendorff's, of this class against all others together."""


def _alpha(one: ClassReport) -> str:
    if one.too_few:
        return "too few"
    return "n/a" if one.alpha is None else f"{one.alpha:.2f}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


#: What is listed of classes.
CLASSES: Table[ClassReport] = Table(
    fields=(
        Field("code", lambda one: one.label_class.code),
        Field("name", lambda one: one.label_class.name, "class", least=8),
        Field("pictures", look="number"),
        Field(
            "share",
            lambda one: _rounded(one.share),
            shown=lambda one: in_percent(one.share),
            look="number",
            drop=1,
        ),
        Field("bar", lambda one: bar(one.share or 0, BAR), " ", look="word", drop=5),
        Field("answers", look="number", drop=3),
        Field("said", lambda one: _rounded(one.said)),
        Field(
            "agreement",
            lambda one: _rounded(one.agreement),
            "agree",
            shown=lambda one: in_percent(one.agreement),
            look="number",
            drop=2,
        ),
        Field(
            "alpha", lambda one: _rounded(one.alpha), shown=_alpha, look="number", drop=4
        ),
        Field("pairs"),
    ),
    empty="There is no class.",
    columns=("name", "pictures", "share", "answers", "agreement", "alpha"),
    piped=("code", "name", "pictures", "share", "answers", "agreement", "alpha"),
    page=("name", "pictures", "share", "bar", "answers", "agreement", "alpha"),
    hidden=frozenset({"bar"}),
)  # fmt: skip

#: What `stats --classes` writes with --json.
DOCUMENT = replace(CLASSES.listing, flag="--classes")


def show_classes(known: Known) -> None:
    """Show what is told of each class."""
    show("Classes", CLASSES.on_page(known.classes), frame=known.menu.frame, help=HELP)
