"""Choose which pictures to show next: at random, the least answered first.

`shuffled` is exact for any set it is given. For a bucket too large to list, `random_pool` draws
that set with a few listing calls: the keys begin with a hash, so they lie in random order, and a
page of them that starts at a random point is a random set.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from labapp.labels.layout import IMAGES
from labapp.labels.object_keys import HASH_DIGITS

#: Bytes of a usual line, for guessing answers from a label file's size: a name of 8 characters and
#: an id of 26 (ULID) make 59, one of 36 (UUID) makes 69.
LINE_BYTES = 64

#: Bytes of a bare line, which is all that there is in a lab's own layout.
BARE_BYTES = 2

#: Unseen keys in a pool, unless there are not as many. A run of keys from a random point on takes
#: each key with a chance that varies, from key to key, by 1 in sqrt(keys in the run): 4.5 % here,
#: where the first key alone would vary by 100 %. Half of a listing's page of 1,000, so that one
#: call serves also an annotator who has answered many.
POOL = 500


def estimated_answers(size: int, line: int = LINE_BYTES) -> int:
    """Guess how many answers a label file has from its bytes, which come with a listing.

    At least 1 for a file that is not empty. Bare lines among usual ones, of `line` bytes, are taken
    to be fewer than they are; a guess decides only who is asked first.
    """
    return max(1, round(size / line)) if size > 0 else 0


def shuffled(
    keys: Iterable[str], rng: random.Random, answers: Mapping[str, int] = MappingProxyType({})
) -> list[str]:
    """Put pictures in a random order, the least answered first; one named twice counts once.

    Among pictures with equally many answers every order is equally likely. `answers` are those of
    each picture where they are known; 0 for a picture that is missing.
    """
    # A random number breaks ties, and a key in the very rare tie of these.
    drawn = [(answers.get(key, 0), rng.random(), key) for key in dict.fromkeys(keys)]
    return [key for *_, key in sorted(drawn)]


def random_pool(
    list_after: Callable[[str], Sequence[str]],
    rng: random.Random,
    *,
    answered: Collection[str] = frozenset(),
    pool: int = POOL,
    start: str = "",
) -> list[str]:
    """Draw unseen pictures out of a bucket of any size, for `shuffled` to draw from.

    Takes the keys from a random point of the hashes on, past the end from the beginning, always
    the same number of them: with fewer near the end, the last keys would be drawn more often.
    Usually one call; only an annotator who has answered nearly everything costs more.

    Keys that other programs put below `images/` without a hash lie together, and in a bucket of
    many pages are drawn more rarely than the rest.

    Args:
        list_after: lists the page of keys under `images/` that come after the one given, in the
            bucket's order (ListObjectsV2 with StartAfter); empty when none is left.
        rng: where chance comes from.
        answered: pictures that are left out.
        pool: unseen keys wanted.
        start: the key to begin behind, at random too, where keys hold no hash; else empty.

    Returns:
        Keys in the order of the bucket from the random point on, each once; fewer than `pool` are
        all the unseen ones there are. Choose among them at random: the first of them is likely to
        stand behind a wide gap.
    """
    done = frozenset(answered)
    start = start or f"{IMAGES}{rng.getrandbits(4 * HASH_DIGITS):0{HASH_DIGITS}x}"
    found: dict[str, None] = {}  # a listing that stands still names a key again
    for page in _pages_round(list_after, start):
        found |= dict.fromkeys(key for key in page if key not in done)
        if len(found) >= pool:
            break
    return list(found)[:pool]


def _pages_round(list_after: Callable[[str], Sequence[str]], start: str) -> Iterator[Sequence[str]]:
    """Yield all keys page by page, once round from `start`."""
    yield from _pages(list_after, start)
    for page in _pages(list_after, ""):
        yield [key for key in page if key <= start]
        if page[-1] > start:
            return


def _pages(list_after: Callable[[str], Sequence[str]], after: str) -> Iterator[Sequence[str]]:
    """Yield the pages after a key, up to the last; a listing that does not move on ends it."""
    while page := list_after(after):
        yield page
        if page[-1] <= after:
            return
        after = page[-1]
