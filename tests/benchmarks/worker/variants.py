"""The workers that are compared: how each is started, asked, and understood."""

from __future__ import annotations

import base64
import json
import re
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.benchmarks.worker.job import BUCKET, Job, encode

#: The folder that holds server.py.
ROOT = Path(__file__).resolve().parents[3]

Entry = dict[str, Any]

_BASELINES = "tests.benchmarks.worker.baselines"


def _reply_of_baseline(message: Entry) -> tuple[str, dict[str, float]]:
    found = json.loads(message["Body"])
    return found["id"], found["result"]


@dataclass(frozen=True)
class Variant:
    """One worker.

    Attributes:
        name: what the tables call it.
        command: how it is started.
        environment: what it is told, for a queue of requests and a prefix of reply queues.
        entry: turns a job on a queue into what SendMessage takes.
        reply: turns a received reply into the job's id and its values; without an id where it
            has none, as labs' own clients are answered.
        shared: whether all are answered on one queue, called like the prefix.
        word: what `--only` knows it by.
        log_each: whether each job's log is an object of its own.
    """

    name: str
    command: tuple[str, ...]
    environment: Callable[[str, str], dict[str, str]]
    entry: Callable[[Job, str], Entry]
    reply: Callable[[Entry], tuple[str, dict[str, float]]] = field(default=_reply_of_baseline)
    shared: bool = False
    word: str = ""
    log_each: bool = True


def _plain_entry(job: Job, _queue: str) -> Entry:
    return {"MessageBody": encode(job)}


def _loop(name: str, module: str, word: str = "", **settings: str) -> Variant:
    def environment(queue: str, _replies: str) -> dict[str, str]:
        return {"BENCH_QUEUE": queue, **settings}

    command = (sys.executable, "-m", f"{_BASELINES}.{module}")
    return Variant(name, command, environment, _plain_entry, word=word or module)


def _lanes(
    name: str, module: str, processors: int, puts: int, processes: int = 1, **more: str
) -> Variant:
    """Return a loop of `baselines.lanes`, by boto3 (`tuned`) or without (`raw`)."""
    sizes = {"BENCH_LANES": str(processors), "BENCH_PUTS": str(puts)}
    settings = sizes | {"BENCH_PROCESSES": str(processes)} | more
    return _loop(name, module, _word(module, processes), **settings)


def _together(variant: Variant, word: str) -> Variant:
    """Return a worker as one that logs jobs together."""
    return replace(variant, word=word, log_each=False)


def _word(base: str, processes: int) -> str:
    return base if processes == 1 else f"{base}-{processes}"


def _celery_entry(job: Job, queue: str) -> Entry:
    """Return a task's message, as `numbers.delay(job)` sends it on SQS."""
    nothing = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    body = base64.b64encode(json.dumps([[json.loads(encode(job))], {}, nothing]).encode()).decode()
    headers: Entry = {
        "lang": "py", "task": "numbers", "id": job.id, "root_id": job.id, "parent_id": None,
        "group": None, "retries": 0, "timelimit": [None, None], "argsrepr": "()",
        "kwargsrepr": "{}", "origin": "bench", "eta": None, "expires": None, "shadow": None,
        "ignore_result": True, "stamped_headers": None, "stamps": {},
    }  # fmt: skip
    properties = {
        "correlation_id": job.id, "reply_to": "x", "delivery_mode": 2, "priority": 0,
        "body_encoding": "base64", "delivery_info": {"exchange": "", "routing_key": queue},
        "delivery_tag": str(uuid.uuid4()),
    }  # fmt: skip
    message = {
        "body": body,
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": headers,
        "properties": properties,
    }
    return {"MessageBody": base64.b64encode(json.dumps(message).encode()).decode()}


def _celery_environment(queue: str, _replies: str) -> dict[str, str]:
    return {"BENCH_QUEUE": queue}


def _celery(name: str, processes: int) -> Variant:
    command = (
        sys.executable, "-m", "celery", "-A", f"{_BASELINES}.celery_app", "worker",
        "-P", "prefork", "-c", str(processes), "-l", "WARNING",
        "--without-gossip", "--without-mingle", "--without-heartbeat",
    )  # fmt: skip
    return Variant(name, command, _celery_environment, _celery_entry, word="celery")


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


def _labapp_entry(job: Job, _queue: str) -> Entry:
    """Return a request as labapp's client sends it; its id ends the reply queue's name."""
    client = job.reply.rpartition("-")[2]
    named = {"labapp": "1", "job": job.id, "client": client, "nonce": job.nonce}
    attributes = {name: _text(value) for name, value in named.items()}
    body = ",".join(map(str, job.integers))
    return {"MessageBody": body, "MessageAttributes": attributes}


def _labapp_reply(message: Entry) -> tuple[str, dict[str, float]]:
    attributes = {
        name: value["StringValue"] for name, value in message["MessageAttributes"].items()
    }
    if attributes["status"] != "done":
        raise SystemExit(f"labapp answered {attributes['status']}: {message['Body']}")
    result = json.loads(attributes["result"])
    return attributes["job"], {k: result[k] for k in ("min", "max", "mean", "median", "sum")}


def _labapp_environment(queue: str, replies: str) -> dict[str, str]:
    return {
        "LABAPP_REQUEST_QUEUE": queue,
        "LABAPP_RESPONSE_QUEUE": replies,
        "LABAPP_BUCKET": BUCKET,
    }


def _labapp(name: str, processes: int, **settings: str) -> Variant:
    """Return the worker as shipped: server.py, each setting that is not given at its default."""
    command = (
        sys.executable, str(ROOT / "server.py"),
        "--plain", "--cloud", "aws", "--processes", str(processes),
    )  # fmt: skip

    def environment(queue: str, replies: str) -> dict[str, str]:
        return _labapp_environment(queue, replies) | settings

    word = _word("labapp", processes)
    return Variant(name, command, environment, _labapp_entry, _labapp_reply, word=word)


def _lab_entry(job: Job, _queue: str) -> Entry:
    """Return a request as a lab's own client sends it."""
    body = ",".join(map(str, job.integers))
    return {"MessageBody": body, "MessageAttributes": {"RequestType": _text("Average")}}


def _lab_reply(message: Entry) -> tuple[str, dict[str, float]]:
    names = ("min", "max", "mean", "median", "sum")
    values = map(float, re.findall(r"[0-9.]+", message["Body"]))
    return "", dict(zip(names, values, strict=True))


def _lab(name: str, dialect: str = "") -> Variant:
    """Return the worker that serves a lab's own client: one process, with a dialect or without."""

    def environment(queue: str, replies: str) -> dict[str, str]:
        return _labapp_environment(queue, replies) | {"LABAPP_DIALECT": dialect}

    return Variant(
        name, LABAPP.command, environment, _lab_entry, _lab_reply, shared=True, word="lab"
    )


NAIVE = _loop("naive loop", "naive")
CELERY = _celery("Celery prefork 2", 2)
LABAPP = _labapp("labapp", 1)
LABAPP_2 = _labapp("labapp, 2 processes", 2)

#: The worker that logs together what was settled together.
BATCHED = _together(_labapp("labapp, logs in batches", 1, LABAPP_LOG="batch"), "batch")

#: The worker asked by a lab's own client: in the ordinary way, and by a dialect.
PLAIN = _lab("labapp, a lab's client")
SPOKEN = _lab("labapp, by a dialect", str(Path(__file__).parent / "lab.toml"))

#: The loops on loopback, where threads lose to switching, with and without them.
TUNED = (
    _lanes("hand-tuned, 1 thread", "tuned", 1, 1),
    _lanes("hand-tuned, 3+8 threads", "tuned", 3, 8),
)
TUNED_2 = (
    _lanes("hand-tuned, 2 processes of 1 thread", "tuned", 1, 1, 2),
    _lanes("hand-tuned, 2 processes of 2+4 threads", "tuned", 2, 4, 2),
)
RAW = (
    _lanes("raw HTTP, 1 thread", "raw", 1, 1),
    _lanes("raw HTTP, 3+8 threads", "raw", 3, 8),
)
RAW_2 = (
    _lanes("raw HTTP, 2 processes of 1 thread", "raw", 1, 1, 2),
    _lanes("raw HTTP, 2 processes of 2+4 threads", "raw", 2, 4, 2),
)
RAW_BATCHED = tuple(
    _together(one, "raw-batch")
    for one in (
        _lanes("raw HTTP, logs in batches, 1 thread", "raw", 1, 1, BENCH_LOGS_TOGETHER="1"),
        _lanes("raw HTTP, logs in batches, 3 threads", "raw", 3, 1, BENCH_LOGS_TOGETHER="1"),
    )
)

#: The loops on a network with latency, where threads win.
TUNED_FAR = (
    _lanes("hand-tuned, 6+32 threads", "tuned", 6, 32),
    _lanes("hand-tuned, 8+64 threads", "tuned", 8, 64),
)
RAW_FAR = (_lanes("raw HTTP, 8+64 threads", "raw", 8, 64),)
