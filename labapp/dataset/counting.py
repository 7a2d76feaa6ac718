"""How answers count in a bucket: its scheme, and what was decided of annotators, as it has them.

Two small objects, read anew wherever a look or a round of labelling begins.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from labapp.cloud.bucket import Bucket
from labapp.dataset import decisions
from labapp.labels import annotator_file, scheme_file
from labapp.labels.annotator_file import Annotators
from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.labels.effective import AS_WRITTEN, Counting

#: Where it is kept.
KEYS = (scheme_file.KEY, annotator_file.KEY)


def of(bucket: Bucket, there: Collection[str] = KEYS) -> Counting:
    """Return how answers count in a bucket.

    Args:
        bucket: the bucket.
        there: which of `KEYS` may be there, where a listing has told: others are not asked for.

    Raises:
        RefusedError: what is kept there cannot be read.
        CloudError: the bucket cannot be read.
    """
    if not there:
        return AS_WRITTEN
    with ThreadPoolExecutor(1) as pool:
        decided = pool.submit(annotators, bucket)
        scheme = scheme_of(bucket)
        return Counting(scheme, decided.result().people, decided.result().people_left_out)


def scheme_of(bucket: Bucket) -> Scheme:
    """Return what is asked in a bucket; errors as of `of`."""
    text = decisions.text_of(bucket, scheme_file.KEY)
    return scheme_file.of_text(text) if text else DEFAULT_SCHEME


def annotators(bucket: Bucket) -> Annotators:
    """Return what was decided of annotators in a bucket; errors as of `of`."""
    text = decisions.text_of(bucket, annotator_file.KEY)
    return annotator_file.of_text(text) if text else Annotators()
