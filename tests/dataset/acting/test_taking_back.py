"""Acts in any order, taken back in turn."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labapp.dataset import acting
from labapp.errors import RefusedError
from labapp.labels import label_file
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.effective import AS_WRITTEN
from labapp.labels.layout import OWN
from tests.dataset.acting.acting_kit import SCRIPTS, carried, counted, look_at, made
from tests.dataset.dataset_kit import MemoryBucket, stock
from tests.labels.builders import entries

#: Numbers of homes.
HOMES = itertools.count()

HOT_DOG, OTHER = DEFAULT_SCHEME.classes


def lines_of(plan: Any, bucket: MemoryBucket) -> bool:
    planned = plan(look_at(bucket), "ana")
    carried(bucket, planned)
    return bool(planned.total)


def decision_of(bucket: MemoryBucket, what: str, *names: str) -> bool:
    try:
        planned = made(bucket, look_at(bucket), what, *names)
    except RefusedError:
        return False
    acting.keep(bucket, planned.edit)
    return planned.is_new


def first(bucket: MemoryBucket) -> str:
    return min(key for key in bucket.objects if key.startswith("images/"))


#: Acts that tell whether anything was to be done, each with its reverse.
UNDOABLE: dict[str, tuple[Any, Any]] = {
    "withdraw": (
        lambda bucket: lines_of(acting.withdrawal, bucket),
        lambda bucket: lines_of(acting.restoration, bucket),
    ),
    "leave out": (
        lambda bucket: decision_of(bucket, "leave_out", "bo"),
        lambda bucket: decision_of(bucket, "take_back", "bo"),
    ),
    "merge": (
        lambda bucket: decision_of(bucket, "merge", "ana_k", "ana"),
        lambda bucket: decision_of(bucket, "split", "ana_k"),
    ),
    "merge more": (
        lambda bucket: decision_of(bucket, "merge", "bo", "ana"),
        lambda bucket: decision_of(bucket, "split", "bo"),
    ),
    "settle": (
        lambda bucket: acting.settle(bucket, first(bucket), HOT_DOG, "eve", AS_WRITTEN).lines,
        lambda bucket: acting.unsettle(bucket, first(bucket), "eve", AS_WRITTEN).lines,
    ),
    "settle otherwise": (
        lambda bucket: acting.settle(bucket, first(bucket), OTHER, "bob", AS_WRITTEN).lines,
        lambda bucket: acting.unsettle(bucket, first(bucket), "eve", AS_WRITTEN).lines,
    ),
    "dismiss": (
        lambda bucket: acting.dismiss(bucket, first(bucket), "eve", AS_WRITTEN).lines,
        lambda bucket: acting.bring_back(bucket, first(bucket), "eve", AS_WRITTEN).lines,
    ),
}


@given(
    script=SCRIPTS,
    flagged=st.booleans(),
    acts=st.lists(st.sampled_from(sorted(UNDOABLE)), min_size=1, max_size=5),
)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_acts_taken_back_in_turn_leave_the_counting_as_it_was(
    tmp_path: Path, script: str, flagged: bool, acts: list[str]
) -> None:
    bucket = MemoryBucket(tmp_path / str(next(HOMES)))
    (key,) = stock(bucket, 1)
    said = [one for one in entries(script + " cy~dark" * flagged) if not one.is_bare]
    bucket.write(OWN.label_key(key), b"".join(map(label_file.format_line, said)))
    before = counted(look_at(bucket))
    done = [name for name in acts if UNDOABLE[name][0](bucket)]
    for name in reversed(done):
        UNDOABLE[name][1](bucket)
    assert counted(look_at(bucket)) == before
