"""What is listed of queues."""

from __future__ import annotations

from operator import attrgetter

from labapp.console import figures
from labapp.programs.queues.overview import QueueRow
from labapp.programs.shell.table import Field, Table

QUEUES: Table[QueueRow] = Table(
    fields=(
        Field("name", attrgetter("name"), "queue", look="id", least=32),
        Field("visible", attrgetter("visible"), "waiting", look="number"),
        Field("in_flight", attrgetter("in_flight"), "in flight", look="number", drop=3),
        Field("delayed", attrgetter("delayed"), look="number", drop=4),
        Field("dead", attrgetter("dead"), "dead letters", look="number", short="dead"),
        Field(
            "oldest",
            attrgetter("oldest"),
            shown=lambda row: None if row.oldest is None else figures.duration(row.oldest),
            look="number",
            drop=2,
        ),
    ),
    empty="No queues.",
    columns=("name", "visible", "oldest", "in_flight", "delayed", "dead"),
    piped=("name", "visible", "in_flight", "delayed", "dead", "oldest"),
)
