"""What is listed of workers, and of what one of them did last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from labapp import utc
from labapp.console import figures
from labapp.jobs import kinds
from labapp.programs.shell.table import Field, Table

if TYPE_CHECKING:
    from labapp.worker.in_hand import JobInHand
    from labapp.worker.reports import WorkerRow
    from labapp.worker.stats import Finished


#: What the manual says of the jobs in hand.
HANDS_NOTE = "the jobs that are in hand for longest: `job`, `kind`, `client`, `queue`, `receives`, \
`waited`, `step`, `since`"


def _sign_of(row: WorkerRow) -> Literal["good", "warn", "bad"]:
    return "good" if row.state == "running" else "bad" if row.state == "gone" else "warn"


def hands_fields(hands: Sequence[JobInHand]) -> list[dict[str, Any]]:
    """Return what JSON tells of the jobs that a worker has in hand."""
    return [{**job.fields(), "since": utc.stamp(job.since)} for job in hands]


WORKERS: Table[WorkerRow] = Table(
    fields=(
        Field("worker", look="id", least=14),
        Field("host"),
        Field("pid", shown=lambda row: str(row.pid), look="number", drop=7),
        Field("state", sign=_sign_of, look="word", drop=1),
        Field("trouble"),
        Field("done", look="number", drop=3),
        Field("refused", look="number", drop=6),
        Field("failed", look="number", drop=5),
        Field("in_hand", title="in hand", look="number", drop=4),
        Field("started"),
        Field("age", title="seen", shown=lambda row: figures.age(row.age), look="word", drop=2),
        Field("rate", note="jobs per second, of late"),
        Field("hands", lambda row: hands_fields(row.hands), note=HANDS_NOTE),
    ),
    empty="No worker has reported. Start one: python server.py",
    columns=("worker", "state", "done", "refused", "failed", "in_hand", "pid", "age"),
    piped=("worker", "state", "pid", "done", "refused", "failed", "in_hand", "age"),
    page=("worker", "state", "done", "refused", "failed", "in_hand", "age"),
)

HANDS: Table[JobInHand] = Table(
    fields=(
        Field("job", title="in hand", shown=lambda job: job.job[-8:], look="word"),
        Field("client", title="from", drop=2),
        Field("step", look="word"),
        Field(
            "since",
            title="for",
            shown=lambda job: figures.duration(int(max(0.0, utc.seconds() - job.since))),
            look="number",
        ),
        Field("receives", title="received", look="number", drop=1),
    ),
    empty="Nothing in hand.",
    columns=("job", "client", "step", "since", "receives"),
)

LAST_JOBS: Table[Finished] = Table(
    fields=(
        Field("job", title="last jobs", shown=lambda job: job.job[-8:], look="word", drop=3),
        Field("client", title="from", drop=2),
        Field("status", look="word"),
        Field(
            "seconds",
            title="took",
            shown=lambda job: figures.duration(job.seconds),
            look="number",
            drop=1,
        ),
        Field(
            "text",
            title="answer",
            shown=lambda job: kinds.kind_of(job.kind).answer_of(job.status, job.text),
            least=16,
        ),
    ),
    empty="No job yet. Send one: python client.py numbers 1,2",
    columns=("job", "client", "status", "seconds", "text"),
)
