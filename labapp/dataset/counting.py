"""How answers count in a bucket: its scheme, and what was decided of annotators, as it has them.

Small objects, read anew wherever a look or a round of labelling begins.
"""

from __future__ import annotations

from collections.abc import Collection

from labapp.cloud import bounds
from labapp.cloud.bucket import Bucket
from labapp.dataset import decisions
from labapp.dataset.calls import Threads
from labapp.labels import annotator_file, gold, scheme_file
from labapp.labels.annotator_file import Annotators
from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.labels.effective import AS_WRITTEN, Counting
from labapp.labels.gold import Gold

#: Where it is kept, and all else that an admin has decided and statistics want to know.
KEYS = (scheme_file.KEY, annotator_file.KEY)
DECISIONS = (*KEYS, gold.KEY)


def of(bucket: Bucket, there: Collection[str] = KEYS) -> Counting:
    """Return how answers count in a bucket.

    Args:
        bucket: the bucket.
        there: which of `DECISIONS` may be there, where a listing has told: where none of `KEYS` is,
            nothing is asked for.

    Raises:
        RefusedError: what is kept there cannot be read.
        CloudError: the bucket cannot be read.
    """
    if not any(key in there for key in KEYS):
        return AS_WRITTEN
    with Threads(1) as pool:
        decided = pool.submit(annotators, bucket)
        scheme = scheme_of(bucket)
        return Counting(scheme, decided.result().people, decided.result().people_left_out)


def scheme_of(bucket: Bucket) -> Scheme:
    """Return what is asked in a bucket; errors as of `of`."""
    return scheme_in(decisions.text_of(bucket, scheme_file.KEY))


def scheme_in(text: str) -> Scheme:
    """Return what is asked by the text that a bucket keeps, empty where it keeps none.

    Raises:
        RefusedError: it cannot be read.
    """
    if not text:
        return DEFAULT_SCHEME
    remedy = "'admin.py classes set FILE' puts another there."
    return decisions.said(scheme_file.KEY, text, scheme_file.of_text, remedy)


def gold_of(bucket: Bucket, there: Collection[str] = DECISIONS) -> Gold:
    """Return the gold pictures of a bucket; arguments and errors as of `of`."""
    text = decisions.read(bucket, gold.KEY, bounds.GOLD)[0] if gold.KEY in there else ""
    return decisions.said(gold.KEY, text, gold.of_text) if text else Gold()


def annotators(bucket: Bucket) -> Annotators:
    """Return what was decided of annotators in a bucket; errors as of `of`."""
    text = decisions.text_of(bucket, annotator_file.KEY)
    return annotators_in(text)


def annotators_in(text: str) -> Annotators:
    """Return what was decided of annotators by the text that a bucket keeps; as `scheme_in`."""
    return decisions.said(annotator_file.KEY, text, annotator_file.of_text)
