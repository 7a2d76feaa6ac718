"""How labelling does with many pictures: time, memory, and requests as S3 bills them.

    python -m tests.benchmarks.labels_at_size [--pictures 100000] [--only look,export] [--get 20]

The bucket is in memory, and its requests take a network's time. Each step is a process of its own,
forked from the one that holds the bucket, so that what a step has in memory is its own, and what it
knows of the bucket is what the files of its machine say.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from labapp.dataset import acting, counting
from labapp.dataset.export import ExportRequest, export
from labapp.dataset.importing import put_in, rows_of
from labapp.dataset.statistics import DatasetSnapshot, Statistics
from labapp.dataset.stored_pictures import fetch
from labapp.dataset.upcoming import Upcoming
from labapp.labels import dawid_skene
from labapp.labels.classes import Order
from labapp.labels.export import FORMATS
from labapp.labels.layout import OWN
from tests.benchmarks.large_dataset import LargeBucket, Network, billed, fill, lines_of

#: Answers that come between two looks.
NEW = 1_000

#: Seconds that are labelled for.
SECONDS = 90


class Quiet:
    """A progress that nobody watches, but that counts how often it was told of."""

    def __init__(self) -> None:
        self.told = 0

    def moved(self, amount: int, /) -> None:
        """Count."""
        self.told += 1

    def done(self, line: str, state: str, *, good: bool = True) -> None:
        """Count."""
        self.told += 1

    def stopped(self) -> bool:
        """Return False."""
        return False


class Steps:
    """The steps, each to be run in a process of its own; what they return is printed."""

    def __init__(self, bucket: LargeBucket, folder: Path) -> None:
        self.bucket = bucket
        self.folder = folder

    def start(self, order: Order) -> str:
        """Fetch the first picture for somebody who has answered a third of them."""
        with Upcoming(self.bucket, "ana", order=order) as upcoming:
            first = upcoming.take()
            assert first is not None
            fetch(self.bucket, first.key, self.folder)
        return ""

    def label(self, order: Order) -> str:
        """Label a picture each second for a while, and tell how long a key has waited at most."""
        waits = []
        with Upcoming(self.bucket, "ana", order=order) as upcoming:
            upcoming.take()
            for _ in range(SECONDS):
                time.sleep(1)
                begun = time.perf_counter()
                upcoming.take()
                waits.append(time.perf_counter() - begun)
            known = upcoming.progress
        least = "" if known.is_exact else "at least "
        told = f"yours: {least}{known.mine:,} of {known.of or 0:,}"
        return f"{told}, a key waits {1000 * max(waits):.0f} ms"

    def look(self) -> str:
        """Look at all labels and draw up the figures."""
        progress: list[int] = []
        look, statistics = self._look(lambda done, total: progress.append(done))
        summary = look.summary(3)
        statistics.close()
        answers = sum(one.answers for one in summary.annotators)
        return f"{answers:,} answers, {len(progress):,} times told how far"

    def model(self) -> str:
        """Estimate classes and error rates, after a look."""
        look, statistics = self._look()
        begun = time.perf_counter()
        dawid_skene.of(look.pictures, sorted(look.scheme.codes))
        statistics.close()
        return f"of it the model {time.perf_counter() - begun:.1f} s"

    def export(self, name: str) -> str:
        """Export in one format, after a look."""
        look, statistics = self._look()
        begun = time.perf_counter()
        form = FORMATS[name]
        if form.is_hashed:
            look = statistics.with_hashes(look)
        out = self.folder / f"export-{name}"
        plan = ExportRequest(form, out, into=True).plan(look, self.bucket.name)
        written = export(self.bucket, plan, Quiet())
        statistics.close()
        size = sum(path.stat().st_size for path in written.files)
        seconds = time.perf_counter() - begun
        return f"after the look {seconds:.1f} s, {size / 1e6:.0f} MB, {written.pictures} pictures"

    def withdraw(self) -> str:
        """Withdraw all that one of ten people said, after a look."""
        look, statistics = self._look()
        begun = time.perf_counter()
        plan = acting.withdrawal(look, "jo")
        lines = sum(count for _, count in acting.carry_out(self.bucket, plan, "admin"))
        statistics.close()
        return f"after the look {time.perf_counter() - begun:.1f} s, {lines:,} lines"

    def put_in(self) -> str:
        """Import what was exported as CSV into a bucket whose answers are all gone."""
        for key in [one for one in self.bucket.objects if one.endswith(".txt")]:
            del self.bucket.objects[key]
        rows, _ = rows_of(
            [self.folder / "export-csv" / "answers.csv"], counting.scheme_of(self.bucket)
        )
        states = [outcome.state for outcome in put_in(self.bucket, rows)]
        again = len(self.bucket.objects)
        return f"{len(states):,} rows, {len(set(states))} outcome, {again:,} objects"

    def _look(self, progress: Any = None) -> tuple[DatasetSnapshot, Statistics]:
        statistics = Statistics(self.bucket)
        return statistics.look(progress), statistics


def measure(name: str, bucket: LargeBucket, step: Callable[[], str]) -> None:
    """Run a step in a process of its own, and print what it took."""
    receiving, sending = multiprocessing.Pipe(duplex=False)

    def work() -> None:
        bucket.calls.clear()
        before, peak = _memory("VmRSS"), _PeakMemory()
        begun, used = time.perf_counter(), time.process_time()
        told = step()
        seconds = (time.perf_counter() - begun, time.process_time() - used)
        sending.send((*seconds, peak.stop() - before, billed(bucket.calls), told))

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    sending.close()
    try:
        seconds, used, memory, calls, told = receiving.recv()
    except EOFError:
        print(f"{name:40} failed")
        return
    finally:
        process.join()
    requests = "".join(f"{count:9,}" for count in calls.values())
    print(f"{name:40}{seconds:8.1f}{used:8.1f}{memory:8.0f}{requests}  {told}", flush=True)


class _PeakMemory:
    """The most memory that this process has, asked for often."""

    def __init__(self) -> None:
        self._most = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Return it, in MB."""
        self._ended.set()
        self._thread.join()
        return max(self._most, _memory("VmRSS"))

    def _work(self) -> None:
        while not self._ended.wait(0.05):
            self._most = max(self._most, _memory("VmRSS"))


def _memory(name: str) -> float:
    """Return a figure of this process's memory in MB, which Linux tells."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def add_answers(bucket: LargeBucket, keys: Sequence[str], count: int) -> None:
    """Have others give answers meanwhile, to as many pictures."""
    for key, line in lines_of(keys[:count], 1, first=1).items():
        place = OWN.label_key(key)
        known = bucket.objects.get(place)
        bucket.write(place, (known[0] if known else b"") + line)


def main() -> None:
    """Read the options, fill the bucket and print a row for each step."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.labels_at_size")
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--get", type=float, default=20.0, help="milliseconds of a GET")
    parser.add_argument("--only", default="", help="steps, with commas between; others are not run")
    options = parser.parse_args()
    wanted = [name for name in options.only.split(",") if name]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        seconds = options.get / 1000
        bucket = LargeBucket(folder / "home", Network(seconds, 7.5 * seconds, 1.5 * seconds))
        keys = fill(bucket, options.pictures)
        steps = Steps(bucket, folder)
        print(f"{'':40}{'s':>8}{'CPU s':>8}{'MB':>8}{'LIST':>9}{'GET':>9}{'HEAD':>9}{'PUT':>9}")

        def run(name: str, step: Callable[[], str]) -> None:
            if not wanted or name.split()[0].strip(",") in wanted:
                measure(name, bucket, step)

        for order in Order:
            run(f"start, {order.told}", partial(steps.start, order))
        for order in (Order.FEWEST, Order.DISPUTED):
            run(f"label, {order.told}", partial(steps.label, order))
        run("look, the first", steps.look)
        run("look, the second", steps.look)
        add_answers(bucket, keys, NEW)
        run(f"look after {NEW:,} answers", steps.look)
        run("model", steps.model)
        run("withdraw", steps.withdraw)
        for name in FORMATS:
            run(f"export {name}", partial(steps.export, name))
        run("import answers.csv", steps.put_in)


if __name__ == "__main__":
    main()
