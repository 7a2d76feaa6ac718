"""A dataset of any size in memory: pictures, three classes, ten people's answers over weeks.

The same numbers give the same dataset. A request takes the time that a network takes, and is
counted as S3 bills it.
"""

from __future__ import annotations

import hashlib
import random
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from labapp.cloud.bucket import Entry
from labapp.labels import gold, predictions, scheme_file
from labapp.labels.classes import LabelClass, Scheme
from labapp.labels.gold import Gold
from labapp.labels.label_file import Label, answer, format_line
from labapp.labels.layout import OWN
from labapp.labels.predictions import Prediction, Predictions
from tests.dataset.dataset_kit import START, MemoryBucket, picture_bytes

#: What is asked there.
SCHEME = Scheme(
    question="Which animal?",
    classes=(
        LabelClass(0, "c", "cat", "a cat"),
        LabelClass(1, "d", "dog", "a dog"),
        LabelClass(2, "h", "horse", "a horse or a pony"),
    ),
)

#: Who answers, and the share of answers that are right.
PEOPLE: Mapping[str, float] = {
    **{"ana": 0.97, "bo": 0.95, "cy": 0.93, "dee": 0.92, "eve": 0.9},
    **{"fay": 0.88, "gus": 0.85, "hal": 0.8, "ida": 0.75, "jo": 0.4},
}

#: Keys in a page of a listing.
PAGE = 1_000


@dataclass(frozen=True)
class Network:
    """Seconds that requests take: those of one region, from a machine outside AWS.

    Attributes:
        get: a GET or a HEAD of a small object.
        listing: a page of 1,000 keys.
        put: a write.
    """

    get: float = 0.02
    listing: float = 0.15
    put: float = 0.03


class LargeBucket(MemoryBucket):
    """A bucket whose keys are kept in order, and whose requests take a network's time."""

    def __init__(self, home: Path, network: Network | None = None) -> None:
        super().__init__(home)
        self.network = network or Network(0, 0, 0)
        self.before_get = lambda key: time.sleep(self.network.get)
        self.before_put = lambda key, body: time.sleep(self.network.put)
        self._sorted: list[str] = []

    def list(self, prefix: str, after: str = "") -> Iterator[Entry]:
        if len(self._sorted) != len(self.objects):
            self._sorted = sorted(self.objects)
        keys = self._sorted
        first = max(bisect_left(keys, prefix), bisect_right(keys, after))
        if first == len(keys) or not keys[first].startswith(prefix):
            self._page()  # an empty page is one too
        for number in range(first, len(keys)):
            key = keys[number]
            if not key.startswith(prefix):
                return
            if (number - first) % PAGE == 0:
                self._page()
            body, etag, at, _ = self.objects[key]
            yield Entry(key, len(body), etag, at)

    def head(self, key: str) -> Any:
        time.sleep(self.network.get)
        return super().head(key)

    def download(self, key: str, path: Path, *how: Any, **named: Any) -> None:
        time.sleep(self.network.get)
        self.calls["get"] += 1
        super().download(key, path, *how, **named)

    def _page(self) -> None:
        self.calls["list"] += 1
        time.sleep(self.network.listing)


def billed(calls: Counter[str]) -> dict[str, int]:
    """Return how many requests of each kind there were, as S3 bills them."""
    kinds = {"list": "LIST", "get": "GET", "head": "HEAD", "put": "PUT", "copy": "PUT"}
    found = Counter[str]()
    for name, count in calls.items():
        if kind := kinds.get(name.split()[0]):
            found[kind] += count
    return {kind: found[kind] for kind in ("LIST", "GET", "HEAD", "PUT")}


def fill(bucket: MemoryBucket, pictures: int, answers: int = 3) -> list[str]:
    """Fill a bucket with pictures, answers, gold and predictions; return the pictures' keys."""
    body, keys = picture_bytes(1), []
    for number in range(pictures):
        digest = hashlib.sha256(b"%d" % number).hexdigest()
        keys.append(f"images/{digest[:16]}-{number:06}.png")
        bucket.write(keys[-1], body, {"sha256": digest})
    known = Gold({key: truth_of(key) for key in keys[: pictures // 200]})
    guessed = {key: Prediction(truth_of(key), 0.8) for key in keys}
    bucket.write(scheme_file.KEY, scheme_file.to_text(SCHEME).encode())
    bucket.write(gold.KEY, gold.to_text(known).encode())
    bucket.write(predictions.KEY, predictions.to_text(Predictions(guessed)).encode())
    for key, text in lines_of(keys, answers).items():
        bucket.write(OWN.label_key(key), text)
    return sorted(keys)


def truth_of(key: str) -> int:
    """Return the code of the class that a picture is truly of."""
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % 3


def lines_of(keys: Sequence[str], answers: int = 3, first: int = 0) -> dict[str, bytes]:
    """Return label files: of each picture so many answers, of people in turns, at a fair pace.

    Args:
        keys: the pictures.
        answers: to each.
        first: what tells their ids from those of another call.
    """
    chance, people = random.Random(first), list(PEOPLE)
    clocks = {name: START + timedelta(hours=place) for place, name in enumerate(people)}
    files: dict[str, bytes] = {}
    for number, key in enumerate(keys):
        truth = truth_of(key)
        lines = []
        for turn in range(answers):
            who = people[(number + 3 * turn + first) % len(people)]
            clocks[who] = _later(clocks[who], chance)
            code = truth if chance.random() < PEOPLE[who] else (truth + chance.choice((1, 2))) % 3
            told = f"01M{first:05}{number:012}{turn:06}"
            lines.append(format_line(answer(Label(str(code)), clocks[who], who, told)))
        files[key] = b"".join(lines)
    return files


def _later(at: datetime, chance: random.Random) -> datetime:
    """Return when somebody answers next: seconds later, or on the next day after a while."""
    if chance.random() < 1 / 1_000:
        return at + timedelta(hours=22)
    return at + timedelta(seconds=chance.choice((1, 2, 2, 3, 5, 9)))
