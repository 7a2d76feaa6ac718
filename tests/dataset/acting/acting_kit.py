"""What tests of acting share: a look, and acts carried out and counted."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from labapp.dataset import acting, counting
from labapp.dataset.acting import Decision, Plan
from labapp.dataset.statistics import DatasetSnapshot, Statistics
from tests.dataset.dataset_kit import MemoryBucket

#: What is said of a picture, as `builders` has it.
SCRIPTS = st.lists(
    st.sampled_from(["ana1", "ana0", "ana_k1", "ana_k0", "bo0", "bo1", "cys", "ANA1", "1"]),
    max_size=8,
).map(" ".join)


def look_at(bucket: MemoryBucket) -> DatasetSnapshot:
    statistics = Statistics(bucket)
    try:
        return statistics.look()
    finally:
        statistics.close()


def carried(bucket: MemoryBucket, plan: Plan) -> dict[str, int]:
    return dict(acting.carry_out(bucket, plan, "eve"))


def made(bucket: MemoryBucket, look: DatasetSnapshot, what: str, *names: str) -> Decision:
    def edit(decided: Any) -> Any:
        return getattr(decided, what)(*names)

    return acting.decide(look, counting.annotators(bucket), edit)


def counted(look: DatasetSnapshot) -> list[Any]:
    return [(one.answers, one.skips, one.broken, one.verdict) for one in look.pictures]
