"""The hand-tuned loop: what boto3 can do when nothing but speed is asked for."""

from __future__ import annotations

from tests.benchmarks.worker import job as the_job
from tests.benchmarks.worker.baselines import lanes

if __name__ == "__main__":
    lanes.main(
        the_job.client("s3", lanes.PUTS + lanes.LANES + 2, lean=True),
        the_job.client("sqs", lanes.LANES * 2 + 2, lean=True),
        __spec__.name,
    )
