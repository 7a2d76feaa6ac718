"""Nothing lost, nothing doubled: a worker with a dialect is killed, and another goes on."""

from __future__ import annotations

import signal

from tests.end_to_end import dialect_clients as clients
from tests.end_to_end.dialect_rows import Said
from tests.end_to_end.lab import Lab

#: Lists, of three groups.
LISTS = 60


def test_each_list_of_a_fifo_queue_is_answered_once(local_lab: Lab) -> None:
    first = local_lab.server(dialect="fifo", visibility_timeout=3)
    cloud = local_lab.cloud
    for number in range(LISTS):
        clients.send(cloud, "requests.fifo", Said(str(number), group=f"group-{number % 3}"))

    heard = clients.hear(cloud, "responses.fifo", 1)
    first.process.send_signal(signal.SIGKILL)
    assert first.end() == -signal.SIGKILL
    local_lab.server(dialect="fifo", visibility_timeout=3)
    heard += clients.hear(cloud, "responses.fifo", LISTS - len(heard))

    wanted = {(f"{n} {n} {n} {n}", f"group-{n % 3}") for n in range(LISTS)}
    assert {(said.body, said.group) for said in heard} == wanted
    local_lab.wait_until_empty("requests.fifo")
    assert not local_lab.queue("responses.fifo").counts().all
    assert len(heard) == LISTS
