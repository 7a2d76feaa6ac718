"""What bounds a lab of many workers, and of many pictures: a model, and the tables of a page.

    python -m tests.load.scale

Prints the tables of labapp/help/scale.md, which a test holds to be these. Figures of ours are from
the benchmarks, of Amazon's from its documentation, each named where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labapp.cloud import bounds
from labapp.cloud.time_limits import CONNECTIONS
from labapp.dataset import listing_ranges
from labapp.jobs import log_batches
from labapp.settings import Settings
from labapp.worker.poller import HELPERS, LANES
from tests.load import layouts

#: Writes and reads a second of one partition of a bucket (S3, "Best practices design patterns").
WRITES, READS = 3_500, 5_500

#: Messages in flight of a standard queue (SQS, "Amazon SQS standard queue quotas").
IN_FLIGHT = 120_000

#: Messages of one request, and the requests of a number job in full batches: received, answered and
#: deleted by ten.
BATCH, REQUESTS = 10, 0.3

#: Seconds of CPU time of a number job, and of a JPEG of 12 megapixels that is blurred
#: (labapp/help/benchmarks.md); bytes of such a file, and of what comes of it.
NUMBER_CPU, PICTURE_CPU, PICTURE_BYTES = 0.0004, 0.145, 4_000_000

#: Seconds of a request to SQS and of a small PUT to S3, within a region. S3 speaks of 100 to 200 ms
#: at worst ("Performance design patterns"), and takes less most of the time.
SQS_SECONDS, PUT_SECONDS = 0.015, 0.030

#: Seconds of one page of a listing, as labapp/help/labelling.md has it.
PAGE_SECONDS = 0.150

#: Dollars, list prices of us-east-1: a request of each kind, an hour of one core (half a
#: c7i-flex.large), a gigabyte through a NAT gateway, a gigabyte kept for a month.
SQS, PUT, GET, CORE, NAT, KEPT = 0.4e-6, 5e-6, 0.4e-6, 0.0424, 0.045, 0.023

#: Seconds of a month of 30 days.
MONTH = 30 * 24 * 3600

SIZES = (10, 100, 1_000)
MODES = ("job", "batch", "none")


@dataclass(frozen=True)
class Fleet:
    """So many workers, each one process on a core of its own, that never wait for jobs.

    Attributes:
        workers: how many.
        log: as the setting has it.
    """

    workers: int
    log: str

    @property
    def number_logs(self) -> float:
        """PUTs of logs for one number job."""
        return {"job": 1.0, "batch": 1 / log_batches.MOST, "none": 0.0}[self.log]

    @property
    def numbers_asked(self) -> float:
        """Number jobs a second that the workers could do.

        Each has so many batches in hand, until they are logged, answered and deleted.
        """
        held = 2 * SQS_SECONDS + (PUT_SECONDS if self.log != "none" else 0.0)
        return self.workers * min(1 / NUMBER_CPU, LANES * BATCH / held)

    @property
    def numbers(self) -> tuple[float, str]:
        """Number jobs a second, and what bounds them."""
        return _least(
            (self.numbers_asked, "the workers"),
            (WRITES / self.number_logs if self.number_logs else float("inf"), "`logs/`"),
        )

    @property
    def pictures(self) -> tuple[float, str]:
        """Pictures of 12 megapixels a second of a hundred clients, and what bounds them.

        They come one by one, so that a log that is shared is as many objects.
        """
        spread = next(one for one in layouts.LAYOUTS if "hundred clients' results" in one.what)
        return _least(
            (self.workers / PICTURE_CPU, "the workers"),
            (float("inf") if self.log == "none" else WRITES, "`logs/`"),
            (WRITES * layouts.used_at_once(spread), "`outbox/`"),
        )


def _least(*limits: tuple[float, str]) -> tuple[float, str]:
    return min(limits, key=lambda limit: limit[0])


def fleets() -> Iterable[Sequence[str]]:
    """Yield the rows of what so many workers do, and what bounds them."""
    yield "workers", "log", "numbers/s", "bound by", "SQS requests/s", "pictures/s", "bound by"
    for workers in SIZES:
        for log in MODES:
            fleet = Fleet(workers, log)
            (numbers, why), (pictures, what) = fleet.numbers, fleet.pictures
            yield (
                *(_count(workers), f"`{log}`", _count(numbers), why),
                *(_count(REQUESTS * numbers), _count(pictures), what),
            )


def keeping() -> Iterable[Sequence[str]]:
    """Yield the rows of what so many workers hold, and what they cost while nothing is asked."""
    yield "", *(f"{_count(workers)} workers" for workers in SIZES)
    held, every = (LANES + 1 + HELPERS) * BATCH, Settings().report_seconds
    polls = 2 * MONTH / Settings().wait_seconds * SQS
    yield (
        f"number jobs in flight, of {IN_FLIGHT:,}",
        *(_count(workers * held) for workers in SIZES),
    )
    yield (
        "connections to SQS and S3, at most",
        *(_count(2 * workers * CONNECTIONS) for workers in SIZES),
    )
    yield "reports written a second", *(f"{workers / every:.1f}" for workers in SIZES)
    yield "reports that a look reads", *(_count(min(workers, bounds.REPORTS)) for workers in SIZES)
    yield "a month of polls of two queues", *(_dollars(workers * polls) for workers in SIZES)
    for seconds in (int(every), 300):
        row = (_dollars(workers * MONTH / seconds * PUT) for workers in SIZES)
        yield f"a month of reports, one each {seconds} s", *row


def keys() -> Iterable[Sequence[str]]:
    """Yield the rows of how many requests each layout of keys bears."""
    yield "keys", f"partitions at once, of {layouts.PARTITIONS}", "writes/s", "that is"
    for one in layouts.LAYOUTS:
        used = layouts.used_at_once(one)
        jobs = f"{_count(WRITES * used * one.most)} jobs/s" if one.most > 1 else ""
        yield one.what, f"{used:.0f}", _count(WRITES * used), jobs


def processed(pictures: int = 10_000_000) -> Iterable[Sequence[str]]:
    """Yield the rows of what it takes to process so many pictures."""
    yield f"{pictures:,} pictures of 12 megapixels", *(f"{_count(n)} workers" for n in SIZES)
    for log in ("job", "none"):
        times = (pictures / Fleet(workers, log).pictures[0] / 3600 for workers in SIZES)
        yield f'hours with `log = "{log}"`', *(f"{hours:.1f}" for hours in times)
    same = (
        ("cores", pictures * PICTURE_CPU / 3600 * CORE),
        ("requests of workers and clients, no logs", pictures * (2 * PUT + 2 * GET + 3.6 * SQS)),
        ("logs", pictures * PUT),
        ("through a NAT gateway, else nothing", 2 * pictures * PICTURE_BYTES / 1e9 * NAT),
        ("kept for 30 days, sources and results", 2 * pictures * PICTURE_BYTES / 1e9 * KEPT),
    )
    for what, dollars in same:
        yield what, *(_dollars(dollars) for _ in SIZES)


def labelled() -> Iterable[Sequence[str]]:
    """Yield the rows of what so many pictures to label take."""
    sizes = (100_000, 1_000_000, 10_000_000)
    yield "pictures to label", *(f"{size:,}" for size in sizes)
    pages = [2 * size / listing_ranges.PAGE for size in sizes]
    yield "pages of the two listings", *(_count(each) for each in pages)
    yield (
        f"seconds, {listing_ranges.MOST} side by side",
        *(_count(each * PAGE_SECONDS / listing_ranges.MOST) for each in pages),
    )
    yield "label files read the first time", *(_dollars(size * GET) for size in sizes)
    known = (_count(100 * min(size, bounds.DATASET) / size) + " %" for size in sizes)
    yield "pictures that statistics know", *known
    yield "requests until the first picture is shown", *("26 to 66" for _ in sizes)
    rate = WRITES * layouts.used_at_once(layouts.LAYOUTS[-1])
    yield "answers a second that label files bear", *(_count(rate) for _ in sizes)


def million() -> Iterable[Sequence[str]]:
    """Yield the rows of what a million number jobs cost."""
    yield "a million number jobs", *(f'`log = "{mode}"`' for mode in MODES)
    for what, client in (("asked for one by one", 3.0), ("as a stream, ten a request", 0.3)):
        row = (
            1e6 * ((client + 2 * REQUESTS) * SQS + Fleet(1, mode).number_logs * PUT)
            for mode in MODES
        )
        yield what, *(_dollars(dollars) for dollars in row)


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as Markdown has them, the first of them the head."""
    head, *rest = [f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows]
    return "\n".join([head, "|" + " --- |" * (head.count("|") - 1), *rest]) + "\n"


def tables() -> list[str]:
    """Return the page's tables, in its order."""
    return [table(rows()) for rows in (fleets, keeping, keys, processed, labelled, million)]


def _count(value: float) -> str:
    """Return a number with two digits that count, as no more is meant."""
    digits = len(str(int(value))) - 2
    return f"{round(value, -digits) if digits > 0 else round(value):,.0f}"


def _dollars(value: float) -> str:
    return f"${value:,.2f}" if value < 100 else f"${_count(value)}"


if __name__ == "__main__":
    print("\n".join(tables()))
