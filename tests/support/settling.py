"""One answer written into a ledger."""

from __future__ import annotations

from labapp.jobs.entry import Entry
from labapp.jobs.ledger import Ledger
from labapp.jobs.wire import Reply


def settle(ledger: Ledger, reply: Reply, client: str) -> Entry | None:
    """Note the answer to a job; return the job as it is then, None where it changes nothing."""
    entries, _ = ledger.settle_all([reply], client)
    return entries[0] if entries else None
