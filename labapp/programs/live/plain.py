"""The lab in words: for windows too small for the picture, and for who has it read out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console import figures, theme
from labapp.programs.live import parts
from labapp.programs.live.model import ANSWERS, REQUESTS, labels
from labapp.programs.live.parts import cut_off, folded_to, text
from labapp.programs.live.view import head

if TYPE_CHECKING:
    from rich.text import Text

    from labapp.programs.live.model import QueueNow, WorkerNow
    from labapp.programs.live.view import View
    from labapp.worker.in_hand import JobInHand

#: Lines of the job that is followed, at most, and rows from which they are more than one.
MOST_LINES, LEAST_ROWS = 3, 7

#: Things of a kind that are read out, at most.
MOST_READ = 12


def small(view: View, columns: int, rows: int) -> list[Text]:
    """Return the picture's plain form: sums, queues, workers, and one line of what is newest."""
    lab = view.lab
    last = _last(view, columns, rows)
    found = head(view, columns)[: 1 + bool(lab.trouble)]
    room = rows - len(found) - len(last)
    queues = lab.of(REQUESTS)
    share = max(1, room - min(len(queues), room // 2))
    workers = cut_off(_workers(view, columns), share, "workers")
    found += cut_off(
        [_queue(view, queue, columns) for queue in queues], max(1, room - len(workers)), "queues"
    )
    return [*found, *workers, *last][:rows]


def _queue(view: View, queue: QueueNow, columns: int) -> Text:
    counts = f"{figures.count(queue.waiting + queue.delayed):>6}"
    flies = f" +{queue.in_flight}" if queue.in_flight else ""
    dead = f" {theme.current().glyphs.failed}{queue.dead}" if queue.dead else ""
    name = min(14, columns // 2)
    depth = parts.bar(queue, max(1, columns - name - 12), view.scale)
    return text(
        f"{figures.cut_middle(queue.name, name):<{name}}",
        (counts, "strong"), (f"{flies:<4}", "good"), (dead, "bad"), " ", depth,
    )  # fmt: skip


def _workers(view: View, columns: int) -> list[Text]:
    workers, found = view.lab.workers, []
    doings = [_does(worker) for worker in workers]
    names = labels(workers, columns - max(map(len, doings), default=0) - 12)
    for worker, does in zip(workers, doings, strict=True):
        kind, sign = parts.state_of(worker)
        name = figures.cut_middle(names[worker.worker], max(5, columns - len(does) - 12))
        held = parts.dots(worker.in_hand, 3, "accent" if worker.is_at_work else "bad")
        found.append(text((f"{sign} ", kind), name, " ", held, (does, "muted")))
    return found or [text(("no worker is at work", "warn"))]


def _does(worker: WorkerNow) -> str:
    """Return what a worker does, or how it is where it is not well."""
    if worker.hands and worker.is_at_work:
        job = worker.hands[0]
        return figures.one_line(f" {parts.short(job.job)} {job.step}")
    return "" if parts.state_of(worker)[0] == "good" else figures.one_line(f" {worker.state}")


def _last(view: View, columns: int, rows: int) -> list[Text]:
    """Return a line or two of the followed job, else one of the newest answer, if any."""
    if view.followed:
        line = figures.one_line(f"{parts.short(view.followed.job)}: {view.followed.where}")
        most = 1 if rows < LEAST_ROWS else MOST_LINES
        return [text((one, "accent")) for one in folded_to(line, columns, most)]
    if view.lab.answers:
        return [parts.answer_line(view.lab.answers[0], columns, 6)]
    return []


def _again(job: JobInHand) -> str:
    return f", received for the {parts.ordinal(job.receives)} time" if job.receives > 1 else ""


def spoken(view: View) -> list[Text]:
    """Return the lab as sentences, the sums first."""
    lab = view.lab
    when = f"{'Paused at' if view.paused else 'As of'} {figures.moment(lab.at)}"
    oldest = f", the oldest for {figures.duration(lab.oldest)}" if lab.oldest else ""
    found = [lab.trouble] if lab.trouble else []
    waiting = "1 job waits" if lab.waiting == 1 else f"{figures.count(lab.waiting)} jobs wait"
    flying = "1 is" if lab.in_flight == 1 else f"{figures.count(lab.in_flight)} are"
    found.append(f"{when}: {waiting}{oldest}; {flying} in flight.")
    if view.followed:
        found.append(f"Job {view.followed.job}: {view.followed.where}.")
        found += [f"{figures.moment(one.at)}: {one.text}." for one in view.followed.told]
    for queue in lab.of(REQUESTS)[:MOST_READ]:
        dead = f", {figures.plural(queue.dead, 'dead letter')}" if queue.dead else ""
        waits = queue.waiting + queue.delayed
        found.append(f"Queue {queue.name}: {waits} waiting, {queue.in_flight} in flight{dead}.")
    for worker in lab.workers[:MOST_READ]:
        rate = f", {worker.rate:.1f} jobs a second" if worker.rate else ""
        found.append(f"Worker {worker.worker}: {worker.state}, {worker.in_hand} in hand{rate}.")
        found += [
            f"It has {job.job} of {job.client}: {job.step}{_again(job)}."
            if worker.is_at_work
            else f"It had {job.job} of {job.client}, which comes back."
            for job in worker.hands[:MOST_READ]
        ]
    if not lab.at_work:
        found.append("No worker is at work.")
    for queue in (*lab.of(ANSWERS), *lab.replies):
        if queue.held:
            unread = figures.plural(queue.held, "answer")
            found.append(f"{queue.client or queue.name} has {unread} to read.")
    for one in lab.answers[:MOST_READ]:
        found.append(f"Answered: {one.job} of {one.client}, {one.status}: {one.answer}.")
    return [text(figures.one_line(line)) for line in (*found, *lab.unseen)]
