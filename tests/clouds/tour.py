"""One tour for every cloud: a lab is made, used as a class would, looked after, and taken away.

The programs reach the cloud as Amazon: by `cloud = aws` and the variables that every AWS tool
hears. What no program of ours does, a plain client's message or a file that is dropped in the
bucket, is done by boto3.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from labapp.programs import find
from tests.clouds.account import Account, until
from tests.clouds.lane import DROP, Outcome
from tests.support.everyday import LIST, NAME, Everyday
from tests.support.steps import LIMIT, Here, clean_environment, expect

#: People who label one picture in the same moment.
CROWD = 8

#: The settings that name the lab's queues, with their defaults.
QUEUES = {
    "LABAPP_REQUEST_QUEUE": "requestQueue",
    "LABAPP_RESPONSE_QUEUE": "responseQueue",
    "LABAPP_IMAGE_INBOX": "imageInbox",
    "LABAPP_IMAGE_OUTBOX": "imageOutbox",
}

#: The bucket where no variable names another.
BUCKET = "labapp-tour"

#: States of what `doctor` looked at and is not as it should be, or cannot be known.
UNWELL = ("broken", "cannot tell")

#: Seconds that deleted queues may be listed for: SQS says 60.
GONE_AFTER = 130.0

#: The answer that a plain client reads.
SENTENCE = "minimum is 1 maximum is 55 average is 18 median is 8 sum is 72"

#: Steps that others need, by their titles.
UP, DEAD, LABELS = "cloud up", "dead letters", f"{CROWD} labels at once"


class CloudTour(Everyday):
    """The steps in their order.

    Args:
        folder: an empty folder.
        variables: how programs find the cloud, its keys included.
        account: the tour's own look into it.
        lacks: steps that the cloud cannot show, by their titles: why.
        finds: checks of `doctor` that do not hold there.
    """

    failures = (*Everyday.failures, ClientError, BotoCoreError)

    def __init__(
        self,
        folder: Path,
        variables: Mapping[str, str],
        account: Account,
        lacks: Mapping[str, str] | None = None,
        finds: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(Here(), folder, cloud_variables(folder, variables))
        self.account = account
        self.names = [self.variables.get(name, usual) for name, usual in QUEUES.items()]
        self.requests, self.responses, self.inbox, self.outbox = self.names
        self.bucket = self.variables["LABAPP_BUCKET"]
        self._lacks, self._finds = lacks or {}, finds
        self._worker: subprocess.Popen[str] | None = None
        self._ready = threading.Event()
        self.lacking: dict[str, str] = {}

    @property
    def outcome(self) -> Outcome:
        """How it went."""
        return Outcome(self.held, self.done, self.failed, self.lacking)

    def step(
        self, title: str, step: Callable[..., None], *arguments: str, needs: Sequence[str] = ()
    ) -> None:
        """Take a step, unless the cloud cannot show it."""
        if title in self._lacks:
            self.lacking[title] = self._lacks[title]
            return
        super().step(title, step, *arguments, needs=needs)

    def go(self) -> None:
        """Take every step; at the end nothing is left in the cloud."""
        try:
            self._make()
            self._use()
            self._look_after()
        finally:
            self.step("the worker stops", self._stop_worker)
            self.step("all is removed", self.remove)
            self.step("nothing left running", self.nothing_left)

    def _make(self) -> None:
        self.step(UP, self._up)
        self.step("cloud up again", self._up_again, needs=[UP])
        self.step("cloud status", self._status, needs=[UP])
        self.step("server.py", self._start_worker, needs=[UP])

    def _use(self) -> None:
        served, uploaded, answered = "server.py", "upload", "answer"
        self.step(f"numbers {LIST}", self.numbers, LIST, needs=[served])
        self.step("numbers -1,2 is refused", self.refused, needs=[served])
        self.step("a plain client's list", self._plain, needs=[served])
        self.step(uploaded, self.upload, needs=[UP])
        self.step("images", self.images, needs=[uploaded])
        self.step(answered, self.answer, needs=[uploaded])
        self.step("stats", self.stats, needs=[answered])
        self.step(LABELS, self._labels, needs=[answered])
        self.step("export", self.export, needs=[answered])
        self.step("import of what was exported", self._import, needs=["export"])
        self.step("image", self.image, needs=[served])
        self.step("image of a folder", self.folder_of_pictures, needs=[served])
        self.step("image of an odd name", self.odd_picture, needs=[served])
        self.step(DROP, self._drop, needs=[served])

    def _look_after(self) -> None:
        served = "server.py"
        self.step("jobs", self.jobs, needs=[served])
        self.step("logs", self._logs, needs=[served])
        self.step("queues", self.queues, needs=[UP])
        self.step("workers", self.workers, needs=[served])
        self.step(DEAD, self._dead_letters, needs=[served])
        self.step("redrive", self._redrive, needs=[DEAD])
        self.step("discard", self._discard, needs=["redrive"])
        self.step("purge", self._purge, needs=[UP])
        if _has("queues prune"):
            self.step("queues prune", self._prune, needs=[UP])
        if _has("cloud policies"):
            self.step("cloud policies", self._policies, needs=[UP])
        if _has("doctor"):
            for program in ("admin.py", "client.py", "server.py"):
                self.step(f"{program} doctor", self._doctor, program, needs=[served])

    def _up(self) -> None:
        made = self._made_by_up()
        lacking = {self.bucket, *self.names} - {one["name"] for one in made}
        expect(not lacking, f"without {sorted(lacking)}")
        unmade = [one["name"] for one in made if one["state"] not in ("made", "there already")]
        unknown = [name for name in unmade if not self._is_lacking(name)]
        expect(not unknown, f"not made: {unknown}")

    def _is_lacking(self, name: str) -> bool:
        """Tell whether it is known of the cloud that it does not keep what 'cloud up' sets."""
        is_drop = DROP in self._lacks and name.startswith("drop/")
        return is_drop or f"bucket: {name}" in self._finds

    def _up_again(self) -> None:
        made = self._made_by_up()
        again = [f"{one['kind']} {one['name']}" for one in made if one["state"] == "made"]
        expect(not again, f"made again: {again}")

    def _made_by_up(self) -> Any:
        """Return what 'cloud up' lists; where drops cannot be had it says so and ends with 1."""
        ended = self.ended("admin.py", "cloud", "up", "--json", limit=4 * LIMIT)
        told = ended.stderr.decode("utf-8", "replace")
        is_well = ended.returncode == 0 or (DROP in self._lacks and "drop/" in told)
        expect(is_well, f"exit code {ended.returncode}: {told[-300:]}")
        return json.loads(ended.stdout)

    def _status(self) -> None:
        found = self.json("admin.py", "cloud", "status")
        told = {name: found[name] for name in ("state", "missing", "bucket")}
        expected = {"state": "reachable", "missing": [], "bucket": self.bucket}
        expect(told == expected, f"told {told}")

    def _start_worker(self) -> None:
        argv = [sys.executable, "server.py", "--plain", "--log-format", "json"]
        with (self.folder / "worker.log").open("w", encoding="utf-8") as log:
            self._worker = subprocess.Popen(
                argv,
                cwd=self.project,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                env={**clean_environment(), **self.variables, "PYTHONUNBUFFERED": "1"},
            )
        until(self._is_ready, "the worker to be ready")

    def _is_ready(self) -> bool:
        told = (self.folder / "worker.log").read_text("utf-8")
        ended = self._worker is None or self._worker.poll() is not None
        expect(not ended, f"the worker ended: {told[-300:]}")
        return '"event": "ready"' in told

    def _stop_worker(self) -> None:
        if self._worker is None:
            return
        self._worker.send_signal(signal.SIGTERM)
        code = self._worker.wait(LIMIT)
        expect(code == 128 + signal.SIGTERM, f"the worker's exit code is {code}")

    def _plain(self) -> None:
        self.account.send(self.requests, LIST)
        found = until(lambda: self.account.take(self.responses), "the plain client's answer")
        expect(found == [SENTENCE], f"answered {found}")

    def _labels(self) -> None:
        """Have a crowd label one picture at once: what was told 'kept' must count."""

        def label(number: int) -> tuple[int, str]:
            given = ("client.py", "answer", self.key, "1", "--annotator", f"student-{number}")
            ended = self.ended(*given)
            return ended.returncode, ended.stderr.decode("utf-8", "replace")

        with ThreadPoolExecutor(CROWD) as crowd:
            ended = list(crowd.map(label, range(CROWD)))
        told = [said for code, said in ended if code]
        self.counted(1 + CROWD - len(told), 100)
        expect(not told, f"{len(told)} of {CROWD} were refused: {' '.join(told[:1])[:200]}")

    def _import(self) -> None:
        kept = self.json("admin.py", "stats")
        self.command("admin.py", "import", "labels")
        now = self.json("admin.py", "stats")
        counts = [[row["answers"] for row in rows] for rows in (kept, now)]
        expect(counts[0] == counts[1], "answers that were there already were put back again")

    def _drop(self) -> None:
        picture = (self.project / "images" / "1.jpg").read_bytes()
        names = ("my cat+1.jpg", f"{NAME}.jpg")
        before = len(self.account.keys(self.bucket, "outbox/"))
        for name in names:
            self.account.s3.put_object(Bucket=self.bucket, Key=f"drop/invert/{name}", Body=picture)

        def results() -> bool:
            return len(self.account.keys(self.bucket, "outbox/")) == before + len(names)

        until(results, f"the results of {len(names)} pictures that were dropped")

    def _logs(self) -> None:
        found = self.json("admin.py", "logs")
        expect(
            any(log["status"] == "done" for log in found), f"{len(found)} logs, none of them done"
        )

    def _dead_letters(self) -> None:
        self.account.send(self.requests, "1,2", labapp="1", job="only-a-job")
        until(self._dead, "the dead letter")

    def _dead(self) -> list[Any]:
        letters: list[Any] = self.json("admin.py", "queues", "dead", self.requests)
        lacking = [one for one in letters if "client is missing" not in one["reason"]]
        expect(not lacking, f"dead letters without their reason: {lacking}")
        return letters

    def _redrive(self) -> None:
        (letter,) = self._dead()
        self.command("admin.py", "queues", "redrive", self.requests)

        def came_back() -> bool:
            return [one["id"] for one in self._dead()] not in ([], [letter["id"]])

        until(came_back, "what was sent back to be put aside again")

    def _discard(self) -> None:
        self.command("admin.py", "queues", "discard", self.requests, "--yes")
        expect(self._dead() == [], "dead letters are there after they were deleted")

    def _purge(self) -> None:
        for number in range(3):
            self.account.send(self.outbox, f"{number}")
        self.json("admin.py", "queues", "purge", self.outbox, "--yes", limit=2 * LIMIT)

        def empty() -> bool:
            rows = self.json("admin.py", "queues")
            return all(row["visible"] == 0 for row in rows if row["name"] == self.outbox)

        until(empty, "the queue that was purged to be empty")
        self.command("client.py", "purge", "--yes", limit=2 * LIMIT)

    def _prune(self) -> None:
        rows = self.json("admin.py", "queues", "prune", "--dry-run")
        expect(isinstance(rows, list | dict), f"told {rows}")

    def _policies(self) -> None:
        for role in ("worker", "client", "labeller", "admin"):
            printed = self.command("admin.py", "cloud", "policies", "--role", role)
            expect("Statement" in json.loads(printed), f"no policy of the {role}")

    def _doctor(self, program: str) -> None:
        ended = self.ended(program, "doctor", "--json")
        try:
            found = json.loads(ended.stdout)["findings"]
        except ValueError:
            expect(False, f"no JSON: {ended.stderr[-200:]!r}")
        wrong = {one["check"]: one["found"] for one in found if one["state"] in UNWELL}
        told = "; ".join(f"{name}: {words}" for name, words in wrong.items())
        expect(wrong.keys() <= self._finds, f"finds {told}")
        expect(ended.returncode == (1 if wrong else 0), f"exit code {ended.returncode}; {told}")

    def remove(self) -> None:
        """Remove all that the tour made in the cloud, and expect that nothing is left."""
        if self.bucket in self.account.buckets():
            self.account.remove_bucket(self.bucket)
        for name in self._made_queues():
            self.account.remove_queue(name)
        until(lambda: not self._made_queues(), "the queues to be gone", GONE_AFTER)
        expect(
            self.bucket not in self.account.buckets(), f"the bucket {self.bucket} is still there"
        )

    def _made_queues(self) -> list[str]:
        return sorted({name for first in self.names for name in self.account.queues(first)})


def cloud_variables(folder: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables with those by which programs in a folder find a cloud that is not local."""
    return {
        "LABAPP_CLOUD": "aws",
        "LABAPP_BUCKET": BUCKET,
        "LABAPP_WAIT_SECONDS": "2",  # a worker that stops waits for its poll
        "LABAPP_REPORT_SECONDS": "1",
        "AWS_CONFIG_FILE": str(folder / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        **variables,
    }


def _has(command: str) -> bool:
    return any(one.name == command for one in find("admin.py").commands)
