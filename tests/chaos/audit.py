"""The ledger held against what happened: one table, and what of it breaks a promise.

Everything here is a comparison of sets; the world is looked at by `look`, and judged by `verdict`,
which needs no world.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from labapp.cloud.queue_names import dead_letters_of
from labapp.jobs import dead_letters, log_reading
from labapp.jobs.log_wanted import LOGS
from labapp.labels.label_file import parse_label_file
from labapp.settings import LOG_NONE
from tests.chaos.journal import Told
from tests.chaos.world import World

#: The queues of requests.
QUEUES = ("requestQueue", "imageInbox")


@dataclass(frozen=True)
class Found:
    """What lay in the cloud at the end.

    Attributes:
        queued: jobs whose requests still wait.
        dead: jobs in the dead-letter queues, and `reasons` why.
        replies: for each job, the clients whose reply queues an answer was put in.
        results: for each job, how many result objects lie below outbox/.
        writes: how often each result was written.
        labels: for each picture, the ids of the lines in its label file, repeated ones too.
        logged: jobs that are logged; None where they are not to be.
    """

    queued: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)
    replies: dict[str, set[str]] = field(default_factory=dict)
    results: Counter[str] = field(default_factory=Counter)
    labels: dict[str, list[str]] = field(default_factory=dict)
    logged: set[str] | None = None


@dataclass(frozen=True)
class Verdict:
    """The table that a run ends with; the counts are of jobs, the last two of label lines."""

    accepted: int
    answered: int
    dead: int
    queued: int
    lost: int
    unlogged: int
    twice: int
    misrouted: int
    wrong: int
    second_results: int
    missing_results: int
    labels_lost: int
    labels_doubled: int

    @property
    def broken(self) -> list[str]:
        """The names of the promises that this run broke."""
        rows = {
            "nothing lost": self.lost or self.queued or self.missing_results or self.unlogged,
            "right client": self.misrouted or self.wrong,
            "shown once": self.twice or self.second_results,
            "labels": self.labels_lost or self.labels_doubled,
        }
        return [name for name, bad in rows.items() if bad]


def look(world: World) -> Found:
    """Read the cloud, past the proxy; what waits in the queues is left there."""
    found = Found(replies=dict(world.proxy.tap.replies))
    for name in QUEUES:
        for letter in dead_letters.look(world.queue(dead_letters_of(name)), 100_000):
            found.dead.add(letter.job or letter.id)
            found.reasons[letter.reason[:60]] += 1
        found.queued.update(one.job or one.id for one in dead_letters.look(world.queue(name)))
    for entry in world.bucket.list("outbox/"):
        job = entry.key.split("/")[-2]  # below its client's folder, or right below outbox/
        found.results[job.split("-")[0]] += 1
    for entry in world.bucket.list("labels/"):
        lines = parse_label_file(world.bucket.get(entry.key).body).entries
        key = "images/" + entry.key.removeprefix("labels/").removesuffix(".txt")
        found.labels[key] = [line.answer_id for line in lines]
    return found if world.settings.get("log") == LOG_NONE else replace(found, logged=_logged(world))


def _logged(world: World) -> set[str]:
    read = log_reading.read(world.bucket, world.bucket.list(LOGS))
    return {log.job for _, logs in read for log in logs}


def verdict(told: Told, found: Found) -> Verdict:
    """Compare what clients were told and saw with what lies in the cloud."""
    answered = told.accepted & set(told.shown)
    rest = told.accepted - answered
    misrouted = {
        job
        for job, clients in found.replies.items()
        if job in told.owner and clients != {told.owner[job]}
    }
    misrouted |= {job for job, seen in told.seen_by.items() if seen != {told.owner.get(job)}}
    done = {job for job in told.pictures & answered if told.statuses_of.get(job) == "done"}
    lines = {key: Counter(ids) for key, ids in found.labels.items()}
    return Verdict(
        accepted=len(told.accepted),
        answered=len(answered),
        dead=len(rest & found.dead),
        queued=len((rest - found.dead) & found.queued),
        lost=len(rest - found.dead - found.queued),
        unlogged=0 if found.logged is None else len(answered - found.logged),
        twice=sum(1 for count in told.shown.values() if count > 1),
        misrouted=len(misrouted),
        wrong=len(told.wrong),
        second_results=sum(1 for job in told.owner if found.results[job] > 1),
        missing_results=sum(1 for job in done if not found.results[job]),
        labels_lost=sum(
            1 for key, ids in told.labels.items() for one in ids if one not in lines.get(key, ())
        ),
        labels_doubled=sum(n - 1 for ids in lines.values() for n in ids.values()),
    )
