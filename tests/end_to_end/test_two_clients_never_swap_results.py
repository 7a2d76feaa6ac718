"""The right client: forty jobs of two clients at once, and each hears of its own alone."""

from __future__ import annotations

import json

from tests.end_to_end.lab import Lab


def test_forty_interleaved_jobs_of_two_clients_each_come_to_who_asked(lab: Lab) -> None:
    worker = lab.server()
    clients = [lab.spawn("tests/support/many_lists.py", "20", str(first)) for first in (1000, 5000)]

    ended = [client.end() for client in clients]

    assert ended == [0, 0], [client.lines for client in clients]
    for first, client in zip((1000, 5000), clients, strict=True):
        expected = {f"{first + n},1": first + n + 1 for n in range(20)}
        assert json.loads(client.lines[-1]) == expected
    by_client: dict[str, set[str]] = {}
    for event in worker.jobs(40):
        by_client.setdefault(event["client"], set()).add(event["job"])
    assert [len(jobs) for jobs in by_client.values()] == [20, 20]
    assert len(lab.logs()) == 40
