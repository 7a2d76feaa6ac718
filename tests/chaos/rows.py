"""Each promise by itself: `python -m tests.chaos --rows [--only NAMES] [--full]`."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

from tests.chaos import rows_jobs, rows_labels, rows_load, rows_stop, rows_worker
from tests.chaos.figures import Figure, Row, Size

#: Every row of the table of promises, by its name there.
ROWS: dict[str, Row] = {
    "nothing lost": rows_jobs.nothing_lost,
    "cloud killed": rows_jobs.cloud_killed,
    "right client": rows_jobs.right_client,
    "shown once": rows_jobs.shown_once,
    "poison apart": rows_jobs.poison_apart,
    "long jobs": rows_worker.long_jobs,
    "crash recovery": rows_worker.crash_recovery,
    "clean stop": rows_stop.clean_stop,
    "bounded jobs": rows_worker.bounded_jobs,
    "outages": rows_load.outages,
    "fair": rows_load.fair,
    "labels": rows_labels.labels,
    "labelling": rows_labels.labelling,
    "health": rows_worker.health,
    "refused": rows_worker.refused,
}


def run(only: str, *, full: bool, seed: int) -> int:
    """Run rows and print each one's figure beside its promise.

    Args:
        only: names, with commas between; empty for all.
        full: whether at the sizes of the promises, which takes half an hour.
        seed: what faults and kills are drawn from.

    Returns:
        1 where a promise was broken.
    """
    wanted = [name.strip() for name in only.split(",") if name.strip()] or list(ROWS)
    broken = 0
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
            try:
                figure = ROWS[name](Size(Path(folder), full, seed))
            except Exception as error:  # noqa: BLE001 - the other rows are still to be run
                traceback.print_exc()
                figure = Figure("", f"the row could not be run: {error}", False)
        broken += not figure.kept
        print(f"\n{name}: {'kept' if figure.kept else 'BROKEN'}")
        print(f"  promise   {figure.promise}\n  measured  {figure.measured}", flush=True)
    return 1 if broken else 0
