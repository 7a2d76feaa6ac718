"""What one annotator said of pictures, so that it can be listed, changed and taken back.

The label files have it all. What was said last is known on this machine too, nearly always, so that
nobody reads 300,000 answers to take back one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from labapp.cloud.bucket import Bucket
from labapp.dataset import counting, layouts
from labapp.dataset.calls import with_retries
from labapp.dataset.label_parts import read_whole
from labapp.dataset.own_answers import OwnAnswers
from labapp.dataset.statistics import DatasetSnapshot
from labapp.errors import TooLargeError
from labapp.labels.effective import Counting, labels_of, stands
from labapp.labels.label_file import ANY_CODE, Entry, LabelFile, parse_label_file

#: What stands for the time of a line that has none.
_EARLIEST = datetime.min.replace(tzinfo=UTC)


def said(look: DatasetSnapshot, bucket: Bucket, annotator: str) -> list[tuple[str, Entry]]:
    """Return what an annotator (a token) said and stands, with each picture's key, latest first.

    In a lab's own layout that is what this machine remembers.
    """
    if look.layout.is_own:
        own = [(one.key, entry) for one in look.pictures for entry in one.said_by(annotator)]
    else:
        own = [one for one in OwnAnswers(bucket).said_by(annotator) if one[0] in look.listed]
    return sorted(own, key=lambda pair: (pair[1].at or _EARLIEST, pair[1].answer_id), reverse=True)


def said_of(bucket: Bucket, key: str, annotator: str) -> list[Entry]:
    """Return what an annotator (a token) said of one picture and stands, in its order.

    Raises:
        TooLargeError: its label file is too large to be read.
        CloudError: it cannot be read.
    """
    if not layouts.of(bucket).is_own:
        known = OwnAnswers(bucket).of(key)
        return known.said_by(annotator) if known else []
    rules = counting.of(bucket)
    return labels_of(key, _file_of(bucket, key), counting=rules).said_by(annotator)


def latest(
    bucket: Bucket, annotator: str, look: Callable[[], DatasetSnapshot]
) -> Iterator[tuple[str, Entry]]:
    """Yield what an annotator (a token) said and was not taken back, the latest first.

    First what this machine remembers, of which a label file each is read when it is asked for; only
    behind that all are looked at.

    Raises:
        CloudError: the bucket cannot be read.
    """
    own = OwnAnswers(bucket).latest(annotator)
    if not layouts.of(bucket).is_own:
        yield from own
        return
    rules = counting.of(bucket)
    for key, entry in own:
        if _stands(bucket, key, entry, rules):
            yield key, entry
    known = {entry.answer_id for _, entry in own}
    for key, entry in said(look(), bucket, annotator):
        if entry.answer_id not in known:
            yield key, entry


def _stands(bucket: Bucket, key: str, entry: Entry, rules: Counting) -> bool:
    try:
        return stands(_file_of(bucket, key), entry, rules)
    except TooLargeError:  # nothing can be added to it, so nothing is taken back
        return False


def _file_of(bucket: Bucket, key: str) -> LabelFile:
    place = layouts.of(bucket).label_key(key)
    return parse_label_file(with_retries(lambda: read_whole(bucket, place)), ANY_CODE)
