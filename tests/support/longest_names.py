"""Labs whose things have the longest names that they may have, for what has a limit."""

from __future__ import annotations

import dataclasses

from labapp.cloud.roles import Names

ACCOUNT = "123456789012"

#: The longest that everything may be called.
LONGEST = Names(
    partition="aws-us-gov",
    region="ap-southeast-7",
    account=ACCOUNT,
    bucket="b" * 63,
    requests=("a" * 80, "c" * 80, "d" * 80),
    plain_answers=("e" * 80, "f" * 80, "g" * 80),
    answers="h" * 40,
    plain_sources="i" * 200,
    plain_results="j" * 200,
    taken=("a" * 80, "c" * 80, "d" * 80),
    told=("e" * 80, "f" * 80, "g" * 80),
    taken_dead=("a" * 84, "c" * 84, "d" * 84),
    told_dead=("e" * 84, "f" * 84, "g" * 84),
    pictures=("k" * 100 + "/*",),
    labels=("l" * 100 + "/*",),
    kept_pictures=("k" * 100 + "/*",),
    kept_labels=("l" * 100 + "/*",),
    label_files=("l" * 100 + "/*",),
    light=("a" * 80,),
)

#: Queues of a dialect beside those.
_TAKEN, _TOLD = (tuple(f"{word}-of-a-lab-{n}" for n in range(4)) for word in ("asks", "tells"))
WITH_A_DIALECT = dataclasses.replace(
    LONGEST,
    taken=LONGEST.taken + _TAKEN,
    told=LONGEST.told + _TOLD,
    taken_dead=LONGEST.taken_dead + tuple(f"{name}-dlq" for name in _TAKEN),
    told_dead=LONGEST.told_dead + tuple(f"{name}-dlq" for name in _TOLD),
    other_buckets=("c" * 63, "d" * 63),
    read=(f"{'c' * 63}/",),
    written=(f"{'d' * 63}/",),
)
