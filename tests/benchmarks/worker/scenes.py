"""Which workers are compared in which scene: on which emulator, with how many clients."""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.worker import variants
from tests.benchmarks.worker.harness import FAKE, FAR, MINISTACK
from tests.benchmarks.worker.variants import Variant

#: The scenes by name.
ONE, TEN, HUNDRED = "one client", "ten clients", "a hundred clients"
LIGHT, DISTANT, LAB = "lighter emulator", "10 ms added", "a lab's client"


@dataclass(frozen=True)
class Scene:
    """One scene."""

    emulator: str
    clients: int
    workers: tuple[Variant, ...]


#: With logs in batches, of which MiniStack itself bounds most: hence both.
_BATCHES = (*variants.RAW_BATCHED, variants.BATCHED)

_MANY = (
    variants.CELERY,
    *variants.TUNED,
    *variants.RAW,
    variants.LABAPP,
    *variants.TUNED_2,
    *variants.RAW_2,
    variants.LABAPP_2,
)

SCENES: dict[str, Scene] = {
    ONE: Scene(MINISTACK, 1, (variants.NAIVE, *_MANY, *_BATCHES)),
    TEN: Scene(MINISTACK, 10, _MANY),
    HUNDRED: Scene(
        MINISTACK,
        100,
        (
            variants.CELERY,
            variants.TUNED[0],
            variants.RAW[0],
            variants.LABAPP,
            variants.LABAPP_2,
        ),
    ),
    # What MiniStack bounds shows here: the least of an emulator, driven by events.
    LIGHT: Scene(
        FAKE,
        1,
        (
            *variants.TUNED,
            *variants.RAW,
            variants.LABAPP,
            *variants.RAW_2,
            variants.LABAPP_2,
            *_BATCHES,
        ),
    ),
    DISTANT: Scene(
        FAR, 1, (variants.CELERY, *variants.TUNED_FAR, *variants.RAW_FAR, variants.LABAPP)
    ),
    LAB: Scene(MINISTACK, 1, (variants.PLAIN, variants.SPOKEN)),
}


def words() -> list[str]:
    """Return what a worker may be asked for by, in the order of the scenes."""
    return list(dict.fromkeys(w.word for scene in SCENES.values() for w in scene.workers))
