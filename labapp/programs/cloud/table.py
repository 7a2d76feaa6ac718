"""What is told of the cloud: its status, and each resource that is made there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labapp.programs.shell.table import Document, Field, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from labapp.cloud.provision import Resource

#: What a status tells of every cloud, and of the local one besides.
FIELDS = (
    *("cloud", "state", "region", "endpoint", "s3_endpoint", "sqs_endpoint", "bucket", "missing"),
    *("awaited", "trouble"),
)
LOCAL_FIELDS = ("folder", "workers", "pid", "shared")

#: What is told of addresses only where they differ, as JSON has them all.
_EACH = {"s3_endpoint": "S3 at", "sqs_endpoint": "SQS at"}

#: What is said of a queue that is not there, as a lab's own client is to make it.
AWAITED = "waits for the lab's client"

STATUS = Document(
    FIELDS,
    notes={
        "endpoint": "of S3 and SQS; null: Amazon's, or they differ",
        "awaited": "queues that a lab's client is to make; null: none",
    },
    parts=(Document(LOCAL_FIELDS, "of the local cloud also"),),
)


def as_words(status: Mapping[str, Any]) -> dict[str, str]:
    """Return a cloud's status as people read it, less what is not known."""
    known = {name: value for name, value in status.items() if value is not None}
    if "endpoint" in known:
        known = {name: value for name, value in known.items() if name not in _EACH}
    called = {**_EACH, "awaited": AWAITED}
    return {called.get(name, name): _words(value) for name, value in known.items()}


def resources(outcome: Callable[[str], str] = str) -> Table[Resource]:
    """Return the table of what is there now; `outcome` says what became of it, as of `Context`."""

    def state(resource: Resource) -> str:
        if resource.lacking:
            return "not on this store"
        if resource.awaited:
            return AWAITED
        if not resource.made:
            return "there already"
        return outcome("changed" if resource.anew else "made")

    return Table(
        fields=(
            Field("kind", title="what", drop=1),
            Field("name", least=16),
            Field("state", state),
        ),
        empty="",
        columns=("kind", "name", "state"),
    )


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return str(value)
