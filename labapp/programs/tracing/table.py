"""What is shown of one job's way: a row for each step, and how it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

from labapp import utc
from labapp.console import figures
from labapp.programs.shell.table import Document, Field, Table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.jobs.tracing import Step, Trace


def _sign(step: Step) -> Literal["good", "warn", "bad"] | None:
    if step.state in ("unknown", "unseen"):
        return None
    return "good" if step.state == "done" else "warn" if step.state == "missing" else "bad"


def _name(step: Step) -> str:
    """Return a step's name, where those stand that have a sign before them."""
    return step.name if _sign(step) else f"  {step.name}"


def clock(seconds: float) -> str:
    """Return a moment on this machine's clock to the millisecond, with its day if not today's."""
    thousandths = round(seconds * 1000)
    at = datetime.fromtimestamp(thousandths / 1000, UTC).astimezone()
    time = f"{at:%H:%M:%S}.{thousandths % 1000:03}"
    return time if at.date() == datetime.now().astimezone().date() else f"{at:%Y-%m-%d} {time}"


def _after(step: Step) -> str:
    return "" if step.after is None else f"+{_span(step.after)}"


def _span(seconds: float) -> str:
    return f"{round(seconds * 1000):,} ms" if seconds < 10 else figures.duration(seconds)


STEPS: Table[Step] = Table(
    fields=(
        Field("step", attrgetter("name"), shown=_name, sign=_sign, look="word"),
        Field(
            "at",
            lambda step: None if step.at is None else utc.stamp_ms(step.at),
            shown=lambda step: "" if step.at is None else clock(step.at),
            look="word",
            drop=1,
        ),
        Field(
            "after_ms",
            lambda step: None if step.after is None else round(step.after * 1000),
            title="after",
            shown=_after,
            look="number",
            drop=2,
            note="since the step before, where one clock tells",
        ),
        Field("state", note="`done`, `missing`, `bad`, `unknown`, `unseen`: not seen by this role"),
        Field("text", title="what", look="text", least=16),
    ),
    columns=("step", "at", "after_ms", "text"),
    piped=("step", "at", "after_ms", "state", "text"),
)

#: What `trace` writes with --json.
TRACE = Document(
    (
        *("job", "kind", "client", "request", "status", "outcome", "verdict", "remedy"),
        *("worker", "host", "receives", "wait", "unseen"),
    ),
    notes={
        "outcome": "of the verdict: `good`, `warn`, `bad`",
        "status": "of the answer; null: none yet",
        "wait": "seconds in the queue",
        "unseen": "list of what this role may not look at",
    },
    parts=(Document(STEPS.listing.names, "`steps`: list of", STEPS.listing.notes),),
)


def document(trace: Trace) -> dict[str, Any]:
    """Return a job's way as JSON has it."""
    entry, log, letter = trace.facts.entry, trace.facts.log, trace.facts.letter
    known: Any = entry or log
    status = log.status if log else entry.status if trace.facts.is_answered and entry else None
    return {
        "job": trace.facts.job,
        "kind": known.kind if known else None,
        "client": known.client if known else letter.client if letter else None,
        "request": title(trace),
        "status": status,
        "outcome": trace.verdict.outcome,
        "verdict": trace.verdict.text,
        "remedy": trace.verdict.remedy,
        "worker": log.worker if log else None,
        "host": log.host if log else None,
        "receives": log.receives if log else letter.receives if letter else None,
        "wait": log.wait if log else None,
        "unseen": sorted(trace.facts.unseen),
        "steps": [STEPS.document(step) for step in trace.steps],
    }


def title(trace: Trace) -> str:
    """Return what was asked, as people call it; empty where that is not known."""
    entry, log, letter = trace.facts.entry, trace.facts.log, trace.facts.letter
    return entry.title if entry else log.title if log else letter.body if letter else ""


def parts(trace: Trace) -> tuple[RenderableType, RenderableType, RenderableType]:
    """Return a job's way for people: whose it is, its steps, and how it stands."""
    from labapp.console import tables

    shown = document(trace)
    head = {name: shown[name] for name in ("job", "kind", "client", "request") if shown[name]}
    head |= {"request": figures.cut(head["request"], 200)} if "request" in head else {}
    steps = tables.table(STEPS.heads(page=True), STEPS.cells(trace.steps, page=True))
    verdict = trace.verdict
    told = tables.told(verdict.outcome, f"{verdict.text}.", *filter(None, [verdict.remedy]))
    return tables.key_values(head), steps, told


def on_terminal(trace: Trace) -> RenderableType:
    """Return it for a terminal, where what is told last is read first."""
    from rich.console import Group
    from rich.text import Text

    head, steps, told = parts(trace)
    return Group(head, Text(), steps, Text(), told)


def on_page(trace: Trace) -> RenderableType:
    """Return it for a page, of which a small window shows the beginning."""
    from rich.console import Group
    from rich.text import Text

    head, steps, told = parts(trace)
    return Group(told, Text(), steps, Text(), head)
