"""What the model of annotators says, beside the consensus: on demand, in commands and on pages."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from labapp.console.figures import count, plural
from labapp.labels import dawid_skene
from labapp.labels.dawid_skene import ENOUGH_A_PICTURE, ENOUGH_AN_ANNOTATOR
from labapp.programs.shell.table import Document, Field, Table
from labapp.programs.statistics.annotators_table import annotators
from labapp.programs.statistics.table import in_percent, pictures, shown_name, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.dataset.statistics import DatasetSnapshot
    from labapp.labels.annotators import AnnotatorReport
    from labapp.labels.classes import Scheme
    from labapp.labels.dawid_skene import Model
    from labapp.labels.tally import Tally

#: The models that there are, as flags have them.
NAMES = ("dawid-skene",)

#: Annotators that are named where they have too few answers.
_NAMED = 3

HELP = """Model: Dawid and Skene's, of 1979. Each annotator has error rates of their own, which \
are estimated together with the pictures' classes, so that who errs often weighs less. A picture's \
probability is that of the class which the model takes it for; an annotator's model % is the \
share of their answers that it takes for right. It wants about three answers a picture and twenty \
an annotator."""


class Estimated(NamedTuple):
    """A model and the look that it was estimated by."""

    model: Model
    look: DatasetSnapshot
    tallies: Sequence[Tally]

    @property
    def differing(self) -> int:
        """How many pictures the model takes for another class than their consensus."""
        return sum(
            one.decision is not None and one.decision.code != self.model.of(one.key)
            for one in self.tallies
            if one.answers
        )

    def of(self, key: str) -> str:
        """Return what the model says of a picture, in words; empty without answers."""
        chances = self.model.probability(key)
        if not chances:
            return ""
        code = max(chances, key=lambda one: chances[one])
        return f"by the model {100 * chances[code]:.0f} % {self.look.scheme.by_code[code].name}"

    def document(self, key: str) -> dict[str, Any]:
        """Return what JSON has of one picture: its likeliest class, and how probable each is."""
        chances, code = self.model.probability(key), self.model.of(key)
        classes = self.look.scheme.by_code
        return {
            "model": None if code is None else classes[code].name,
            "probability": round(max(chances.values()), 4) if chances else None,
            "probabilities": {classes[one].name: round(p, 4) for one, p in chances.items()},
        }


def estimate(look: DatasetSnapshot, tallies: Sequence[Tally]) -> Estimated:
    """Estimate the model by all that counts."""
    codes = [each.code for each in look.scheme.classes]
    return Estimated(dawid_skene.of(look.pictures, codes), look, tallies)


def pictures_table(scheme: Scheme, found: Estimated | None) -> Table[Tally]:
    """Return what is listed of pictures, with what the model says of each, if there is one."""
    table = pictures(scheme)
    if found is None:
        return table
    model = found.model

    def likeliest(each: Tally) -> str:
        code = model.of(each.key)
        return "" if code is None else scheme.by_code[code].name

    def probability(each: Tally) -> float | None:
        highest = max(model.probability(each.key).values(), default=None)
        return None if highest is None else round(highest, 4)

    def sign(each: Tally) -> str | None:
        said = each.decision
        return "warn" if said and likeliest(each) != said.name else None

    more: tuple[Field[Tally], ...] = (
        Field("model", likeliest, look="word", sign=sign),  # type: ignore[arg-type]
        Field(
            "probability",
            probability,
            shown=lambda each: in_percent(probability(each)),
            look="number",
            drop=2,
            short="prob.",
        ),
    )
    names = tuple(field.name for field in more)
    return replace(
        table,
        fields=(*table.fields, *more),
        columns=(*table.columns, *names),
        page=(*(name for name in table.page if name != "bar"), *names),
    )


def annotators_table(look: DatasetSnapshot, found: Estimated | None) -> Table[AnnotatorReport]:
    """Return what is listed of annotators, with their accuracy by the model, if there is one."""
    table = annotators(look.scheme)
    if found is None:
        return table
    by_model = found.model.accuracy

    def accuracy(each: AnnotatorReport) -> float | None:
        share = by_model.get(each.annotator)
        return None if share is None else round(share, 4)

    def percent(each: AnnotatorReport) -> str:
        share = accuracy(each)
        return "" if share is None else whole(100 * share)

    own: Field[AnnotatorReport] = Field(
        "model_accuracy",
        accuracy,
        "model %",
        shown=percent,
        piped=lambda each: percent(each) or None,
        look="number",
        drop=1,
    )

    def with_own(names: tuple[str, ...]) -> tuple[str, ...]:
        before = names.index("last_at")
        return (*names[:before], own.name, *names[before:])

    return replace(
        table,
        fields=(*table.fields, own),
        columns=with_own(table.columns),
        piped=with_own(table.piped),
        details=(*table.details, own.name),
    )


def shares(found: Estimated) -> dict[str, float]:
    """Return the classes' shares by the model, by name."""
    classes = found.look.scheme.by_code
    return {classes[code].name: round(share, 4) for code, share in found.model.shares.items()}


TOTALS: Table[Estimated] = Table(
    fields=(
        Field("name", lambda _: NAMES[0]),
        *(Field(name, attrgetter(f"model.basis.{name}"))
          for name in ("pictures", "answers", "annotators", "per_picture", "per_annotator")),
        Field("too_few", attrgetter("model.basis.too_few")),
        Field("short_pictures", lambda one: len(one.model.basis.short_pictures)),
        Field("short_annotators", lambda one: [*one.model.basis.short_annotators]),
        Field("differing"),
        Field("shares", shares),
        Field("log_likelihood", lambda one: round(one.model.log_likelihood, 4)),
        Field("rounds", attrgetter("model.rounds")),
        Field("converged", attrgetter("model.has_converged")),
    ),
)  # fmt: skip


def told(found: Estimated) -> list[str]:
    """Return in lines what the model says of all pictures, and what it rests on."""
    basis = found.model.basis
    if not basis.answers:
        return ["model: no answers yet to estimate it by"]
    parts = ", ".join(f"{100 * share:.0f} % {name}" for name, share in shares(found).items())
    by = plural(basis.annotators, "annotator")
    lines = [
        f"model: {parts}; differs from the consensus on {plural(found.differing, 'picture')}",
        f"it rests on {plural(basis.answers, 'answer')} by {by}: {basis.per_picture:g} a picture"
        f" and {basis.per_annotator:g} an annotator, by the median",
    ]
    if not found.model.has_converged:
        lines.append(f"it has not converged after {found.model.rounds} rounds")
    return [*lines, *filter(None, [too_few(found)])]


def on_page(found: Estimated) -> str:
    """Return in a few words what the model says of all pictures."""
    basis = found.model.basis
    if not basis.answers:
        return "no answers yet"
    differing = f"differs from the consensus on {plural(found.differing, 'picture')}"
    return f"too few answers; {differing}" if basis.too_few else differing


def too_few(found: Estimated) -> str:
    """Return what is said where a model rests on too few answers; empty where it does not."""
    basis = found.model.basis
    if not basis.too_few:
        return ""
    lacking = []
    if short := len(basis.short_pictures):
        lacking.append(
            f"{count(short)} of {plural(basis.pictures, 'picture')} have fewer than"
            f" {ENOUGH_A_PICTURE} answers"
        )
    if people := basis.short_annotators:
        names = [shown_name(one) for one in people[:_NAMED]]
        rest = len(people) - len(names)
        named = ", ".join([*names, *([f"{count(rest)} more"] if rest else [])])
        lacking.append(f"{named} gave fewer than {ENOUGH_AN_ANNOTATOR}")
    return f"too few answers to rely on it: {'; '.join(lacking)}"


#: What `stats --model` writes with --json, besides what it writes without.
DOCUMENT = Document(
    ("model", "probability"),
    lead="rows have in addition",
    flag=f"--model {NAMES[0]}",
    parts=(
        replace(TOTALS.listing, lead="`totals` has `model`:"),
        Document(("model_accuracy",), lead="with --annotators each has in addition"),
    ),
)
