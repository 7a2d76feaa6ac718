"""How many of S3's partitions the keys of a lab use at once.

S3 serves at least 3,500 writes and 5,500 reads a second from each partition of a bucket, and splits
a busy one by the beginnings of its keys, some half an hour after it has become busy. What it learns
is where the keys were until then. So here the borders are laid through the keys of an hour, and the
keys of the minute after it are counted between them: keys that open with a hash fall everywhere,
keys that open with the time all fall behind the last border, however often it is moved.
"""

from __future__ import annotations

import bisect
import functools
import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ulid import ULID

from labapp.jobs import log_batches, logbook, picture_keys
from labapp.jobs.wire import Reply, Request
from labapp.labels.layout import Layout
from labapp.labels.object_keys import content_name
from labapp.settings import Settings
from labapp.worker.reports import PREFIX as REPORTS

#: Partitions that S3 has made of the keys by then.
PARTITIONS = 16

#: When it begins, in seconds since 1970: some Saturday. Seconds until the borders are laid, and for
#: which keys are counted then.
BEGINS, LEARNT, COUNTED = 1_795_860_000.0, 3_600, 60

#: Keys of the hour, and of the minute.
KEYS = 400

#: People who ask, and workers.
CLIENTS, WORKERS = 100, 1_000


@dataclass(frozen=True)
class Keys:
    """One kind of object.

    Attributes:
        what: it is.
        key: makes the key of one that is written at a time.
        most: jobs in one object.
    """

    what: str
    key: Callable[[Maker, float], str]
    most: int = 1


class Maker:
    """Makes what keys are made of, by chance that is the same each time."""

    def __init__(self) -> None:
        self.chance = random.Random(18)
        self.clients = [f"user{n}-{self.chance.randbytes(6).hex()}" for n in range(CLIENTS)]
        self.workers = [f"host-{self.chance.randbytes(4).hex()}" for _ in range(WORKERS)]

    def job(self, at: float) -> str:
        """Return the id of a job that is asked for at a time."""
        return str(ULID.from_bytes(int(1000 * at).to_bytes(6) + self.chance.randbytes(10)))

    def request(self, at: float, client: str = "") -> Request:
        """Return a job for a picture that its client has put where its own lie."""
        job, asks = self.job(at), client or self.chance.choice(self.clients)
        return Request(picture_keys.source_folder(asks, job) + "cat.jpg", job, asks, sent_at=at)

    def picture(self) -> str:
        """Return the key of a picture to be labelled."""
        digest = hashlib.sha256(self.chance.randbytes(8)).hexdigest()
        return Layout().images + content_name(digest, "cat.jpg")


def _together(maker: Maker, at: float) -> str:
    done = Reply("done", "", "done")
    records = [
        log_batches.Record(maker.request(at + n / 100), done, "numbers")
        for n in range(log_batches.MOST)
    ]
    (batch,) = log_batches.batches(records)
    return batch.key


def _plain_result(maker: Maker, at: float) -> str:
    return picture_keys.plain_result(Settings(), "inbox/cat.jpg", maker.job(at), "gray", ".jpg")


#: What a lab writes, and reads again.
LAYOUTS = (
    Keys("logs of jobs, one each", lambda maker, at: logbook.key_of(maker.request(at))),
    Keys("logs of jobs, ten together", _together, log_batches.MOST),
    Keys("one client's pictures", lambda maker, at: maker.request(at, maker.clients[0]).body),
    Keys("a hundred clients' pictures", lambda maker, at: maker.request(at).body),
    Keys(
        "a hundred clients' results",
        lambda maker, at: picture_keys.result_folder(maker.request(at)) + "cat-gray.jpg",
    ),
    Keys("plain clients' results", _plain_result),
    Keys(
        "workers' reports", lambda maker, _: f"{REPORTS}{maker.chance.choice(maker.workers)}.json"
    ),
    Keys("pictures to label", lambda maker, _: maker.picture()),
    Keys("label files", lambda maker, _: Layout().label_key(maker.picture())),
)


@functools.cache
def used_at_once(keys: Keys) -> float:
    """Return how many partitions' worth of requests is borne: all, by the share of the busiest."""
    maker = Maker()
    past = sorted(keys.key(maker, at) for at in _times(BEGINS, LEARNT))
    borders = [past[n * len(past) // PARTITIONS] for n in range(1, PARTITIONS)]
    return shared(borders, [keys.key(maker, at) for at in _times(BEGINS + LEARNT, COUNTED)])


def shared(borders: Sequence[str], keys: Sequence[str]) -> float:
    """Return how many times the requests of the busiest partition there are in all."""
    places = Counter(bisect.bisect_right(borders, key) for key in keys)
    return len(keys) / max(places.values())


def _times(begins: float, seconds: float) -> Iterator[float]:
    return (begins + n * seconds / KEYS for n in range(KEYS))
