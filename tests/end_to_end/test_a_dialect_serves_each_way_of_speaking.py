"""Labs' clients, each with its own way to ask, are answered as they read, by one worker."""

from __future__ import annotations

import numpy as np

from tests.end_to_end import dialect_clients as clients
from tests.end_to_end.dialect_rows import LIST, ROWS
from tests.end_to_end.lab import Lab


def test_every_client_hears_what_it_reads_and_our_own_is_served_beside(lab: Lab) -> None:
    clients.lay_out(lab.cloud, {"lab-pictures", "lab-results"})
    dialect = lab.folder / "lab.toml"
    dialect.write_text("\n".join(row.text for row in ROWS), "utf-8")
    clients.make_queues(lab.cloud, [row for row in ROWS if row.comes_first])
    if not lab.cloud.is_local:  # where whichever program comes first does it
        lab.run("admin.py", "cloud", "up", dialect=dialect)
    lab.server(dialect=dialect)
    clients.make_queues(lab.cloud, ROWS)

    ids = {row.name: clients.ask(lab.cloud, row) for row in ROWS}
    own = lab.json("client.py", "numbers", LIST)

    assert own["result"]["sum"] == 72
    for row in ROWS:
        wanted = clients.wanted(row, ids[row.name])
        assert clients.heard(lab.cloud, row, wanted) == wanted, row.name
        for key, content in clients.stored(lab.cloud, row).items():
            np.testing.assert_array_equal(content, row.stored[key], f"{row.name}: {key}")
