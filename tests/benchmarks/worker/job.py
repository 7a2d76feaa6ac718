"""The job that every worker of the benchmark does, and the boto3 clients that the baselines use.

labapp's worker does its own, with the same input and the same values in its answer: summarise a
list of integers, write one log object to S3, send one reply to SQS, delete the message.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import time
from dataclasses import dataclass
from typing import Any

#: The bucket that holds one log object for each job.
BUCKET = "bench-logs"

#: The region and the keys with which everybody signs; the emulators take any.
REGION = "us-east-1"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

#: The account in the addresses of queues, on both emulators.
ACCOUNT = "000000000000"

#: The user agent of the benchmark itself, whose requests are not counted.
HARNESS = "bench-harness"


@dataclass(frozen=True)
class Job:
    """One job: its id, its integers, the name of the queue on which it is answered.

    The nonce is what labapp's own clients prove with that the id is theirs; others have none.
    """

    id: str
    integers: tuple[int, ...]
    reply: str
    nonce: str


def encode(job: Job) -> str:
    """Return the body by which the baselines know a job."""
    reply = queue_url(job.reply)
    return json.dumps({"id": job.id, "integers": job.integers, "reply": reply})


def summary(integers: list[int] | tuple[int, ...]) -> dict[str, float]:
    """Return the values that every worker must answer with."""
    return {
        "min": min(integers),
        "max": max(integers),
        "mean": statistics.fmean(integers),
        "median": statistics.median(integers),
        "sum": sum(integers),
    }


def same(values: dict[str, float], expected: dict[str, float]) -> bool:
    """Return whether an answer is right; labapp shows ten decimals of a mean."""
    return values.keys() == expected.keys() and all(
        math.isclose(values[name], expected[name], rel_tol=1e-9) for name in expected
    )


def log_object(job: dict[str, Any], result: dict[str, float]) -> tuple[str, bytes]:
    """Return key and bytes of a job's log object."""
    log = {"id": job["id"], "integers": job["integers"], "result": result, "at": time.time()}
    return f"logs/{job['id']}.json", json.dumps(log).encode()


def answer(job: dict[str, Any], result: dict[str, float]) -> str:
    """Return the body of a job's reply."""
    return json.dumps({"id": job["id"], "result": result})


def endpoint() -> str:
    """Return the address of the emulator."""
    return os.environ["AWS_ENDPOINT_URL"]


def queue_url(name: str) -> str:
    """Return the address of a queue."""
    return f"{endpoint()}/{ACCOUNT}/{name}"


def client(service: str, connections: int = 16, *, lean: bool = False, agent: str = "") -> Any:
    """Make a boto3 client as a careful user would.

    Args:
        service: `s3` or `sqs`.
        connections: kept open; at least as many as there are threads.
        lean: also do what halves the CPU time of a call: a constant user agent (botocore builds it
            anew for each request otherwise), and no `Expect: 100-continue` before each PUT.
        agent: a word in the user agent.
    """
    import boto3  # not at the top: the loop without it would carry its memory
    from botocore.config import Config
    from botocore.handlers import add_expect_header

    constant: Any = {"user_agent": "bench/1"} if lean else {}
    made = boto3.client(
        service,  # type: ignore[call-overload] # a plain str, not one of its literals
        endpoint_url=endpoint(),
        region_name=REGION,
        config=Config(
            s3={"addressing_style": "path"},
            max_pool_connections=connections,
            parameter_validation=False,
            tcp_keepalive=True,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"mode": "standard", "total_max_attempts": 5},
            user_agent_extra=agent or None,
            **constant,
        ),
    )
    if lean and service == "s3":
        made.meta.events.unregister("before-call.s3", add_expect_header)
    return made
