"""`python -m tests.chaos.steps`: what `server.py --step` says of a kill is so, at each step.

For each way to ask, and each step, a worker is killed there, and a second one goes on with what it
left. What came of both is held against every sentence that the first one said.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from labapp import settings as settings_room
from labapp.cloud.bucket import Bucket
from labapp.cloud.queue_names import FIFO, dead_letters_of
from labapp.cloud.queues import Message, Queue
from labapp.cloud.session import Cloud
from labapp.jobs import lab as labs
from labapp.jobs.steps import DELETED, STEPS, Step
from tests.chaos.step_cases import CASES, OWN, Case
from tests.support.stepped_worker import Killed, Stepped, killed_at
from tests.support.waiting import until

#: A visibility timeout that no test waits for: what a killed worker had is then shown by hand.
LONG = 600


@dataclass(frozen=True)
class World:
    """What others see: objects by key, answers, dead letters, and who has the message."""

    objects: dict[str, bytes]
    answers: int
    dead: int
    in_flight: int
    visible: int


def look(cloud: Cloud, case: Case) -> World:
    """Look at all that a job may have changed, and change nothing."""
    bucket, counts = Bucket(cloud), Queue(cloud, case.queue).counts()
    keys = [entry.key for entry in bucket.list("")]
    own = ("workers/", "inbox/", "lists/", "drop/", "cat.png")
    return World(
        {key: bucket.get(key).body for key in keys if not key.startswith(own)},
        Queue(cloud, case.answers).counts().visible if case.answers else 0,
        Queue(cloud, dead_letters_of(case.queue)).counts().visible,
        counts.in_flight,
        counts.visible,
    )


@dataclass(frozen=True)
class Proof:
    """What a killed worker said, and what came of it: before, after the kill, and in the end."""

    said: Killed
    before: World
    killed: World
    end: World
    answers: list[Message]
    receives: int = 0
    #: Messages of the same group that others could receive after the kill.
    behind: int = 0
    found: bool = False

    @property
    def is_new(self) -> set[str]:
        """The keys of what the killed worker stored."""
        return self.killed.objects.keys() - self.before.objects.keys()

    @property
    def kept(self) -> bool:
        """Whether what it stored is there in the end, and nothing beside it."""
        return self.end.objects.keys() == self.killed.objects.keys()

    @property
    def alike(self) -> bool:
        """Whether all answers are the same."""
        told = {(one.body, json.dumps(one.attributes, sort_keys=True)) for one in self.answers}
        return len(told) == 1

    @property
    def results(self) -> bool:
        """Whether the results are as they were, byte by byte."""
        keys = [key for key in self.killed.objects if not key.startswith("logs/")]
        return all(self.end.objects[key] == self.killed.objects[key] for key in keys)


def _comes_again(proof: Proof) -> bool:
    hidden = (proof.killed.in_flight, proof.killed.visible) == (1, 0)
    return hidden and proof.receives == proof.said.receives + 1 and _is_over(proof.end)


def _is_over(world: World) -> bool:
    return not world.in_flight


def _nothing_yet(proof: Proof) -> bool:
    return not proof.is_new and not proof.killed.answers and not proof.killed.dead


def _once(proof: Proof) -> bool:
    return not proof.killed.answers and len(proof.answers) == 1


#: Each sentence, or a part of one, and what proves it.
SENTENCES: dict[str, Callable[[Proof], object]] = {
    "The message is visible again within": _comes_again,
    ", and the rest of its group waits for it": lambda p: (p.behind, p.end.visible) == (0, 1),
    "the next worker begins with it anew. Nothing is lost.": _nothing_yet,
    "The work is lost, the job is not.": _nothing_yet,
    "The work is lost.": _nothing_yet,
    "What is stored stays; the answer is not sent.": lambda p: (
        p.killed.objects and not p.killed.answers
    ),
    "The client has its answer.": lambda proof: proof.killed.answers == 1,
    "The answer can be read.": lambda proof: proof.killed.answers == 1,
    "the next worker does the job again under the same key": lambda p: p.kept and p.results,
    "the next worker does the job again": lambda p: (
        not p.found and p.end.objects != p.before.objects
    ),
    "the next worker refuses it again, where nothing has changed": lambda p: p.alike,
    "the next worker finds the result and processes nothing again": lambda p: (
        p.found and p.kept and p.results
    ),
    "the next worker does it again where it cannot tell that the result is there: the same, under "
    "its key": lambda p: p.kept and p.results and not p.found,
    "the next worker finds the result as well": lambda p: p.found,
    "the next worker has nothing to do with it but to delete it": lambda p: not p.is_new,
    "the next worker comes to the same end with it": lambda proof: proof.end.dead >= 1,
    "The dead letters then have it twice.": lambda p: (p.killed.dead, p.end.dead) == (1, 2),
    "The client sees one answer.": _once,
    "This was receive 5 of 5: the first poll after": lambda p: p.said.receives == 5,
    "has SQS move the message to the dead letters, and no worker does it again.": lambda p: (
        (p.end.dead, len(p.answers)) == (1, p.killed.answers)
    ),
    ", and sends the same answer a second time; SQS drops that within five minutes of the first.": (
        lambda p: p.killed.answers == 1 and len(p.answers) == 1
    ),
    ", and sends the same answer a second time": lambda p: len(p.answers) == 2 and p.alike,
    "the client knows what it has seen, and shows it once.": lambda p: p.alike,
    "who reads responseQueue gets it twice.": lambda proof: len(proof.answers) == 2,
    "who reads imageOutbox gets it twice.": lambda proof: len(proof.answers) == 2,
    "Nothing: there is nothing left to be done, or done again.": lambda p: _is_over(p.killed),
}


def prove(name: str, step: Step, folder: Path, *, wait: bool = False) -> Proof:
    """Kill a worker at a step of a job, have a second one go on, and hold it against what was said.

    Args:
        name: of the case.
        step: where.
        folder: for what the killed worker leaves.
        wait: whether the visibility timeout is waited for, the shortest there is.
    """
    case, found = CASES[name], settings_room.load(files=()).settings
    visibility = 3 if wait else LONG
    settings = replace(found, dialect=case.dialect, visibility_timeout=visibility)
    cloud = Cloud(settings, start=False)
    for _ in labs.up(cloud):
        pass
    cloud.sqs.create_queue(QueueName=OWN)
    asked = (case.queue, dead_letters_of(case.queue), case.answers)
    for queue in {*asked, OWN, "imageInbox"} - {""}:  # S3 says in the last one that it can send
        Queue(cloud, queue).purge()
    for entry in Bucket(cloud).list(""):
        Bucket(cloud).delete(entry.key)
    case.send(cloud)
    before = look(cloud, case)
    variables = {"LABAPP_DIALECT": case.dialect, "LABAPP_VISIBILITY_TIMEOUT": str(visibility)}
    said = killed_at(step, case.queue, variables, folder)
    killed = look(cloud, case)
    proof = Proof(said, before, killed, killed, [])
    if step != DELETED:
        proof = _gone_on_with(cloud, case, proof, wait=wait)
    proof = replace(proof, answers=_answers(cloud, case))
    check(proof)
    return proof


def _gone_on_with(cloud: Cloud, case: Case, proof: Proof, *, wait: bool) -> Proof:
    """Have a second worker take what a killed one had; return what came of it."""
    queue, said = Queue(cloud, case.queue), proof.said
    if queue.name.endswith(FIFO):
        case.send(cloud)
        proof = replace(proof, behind=len(queue.receive(visibility=0)))
    if not wait:
        queue.hide([said.receipt], 0)
    with Stepped(cloud, case.queue) as second:
        if said.receives == cloud.settings.max_receives:
            letters = Queue(cloud, dead_letters_of(case.queue))
            until(lambda: letters.counts().visible, "SQS to move it away")
            return replace(proof, end=look(cloud, case))
        stood = second.go_to(DELETED)
    found = any(stand.found for stand in stood)
    return replace(proof, receives=stood[-1].message.receives, found=found, end=look(cloud, case))


def _answers(cloud: Cloud, case: Case) -> list[Message]:
    if not case.answers:
        return []
    queue, count = Queue(cloud, case.answers), look(cloud, case).answers
    found: list[Message] = []
    while len(found) < count:  # of a FIFO queue's group one comes after the other
        messages = queue.receive()
        queue.delete([message.receipt for message in messages])
        found += messages
    return found


def check(proof: Proof) -> None:
    """Hold each sentence against what came of it; none may be there that nothing proves."""
    left = proof.said.killed
    for sentence, holds in SENTENCES.items():
        if sentence in left:
            assert holds(proof), f"{proof.said.title}: {sentence}\n{proof}"
            left = left.replace(sentence, "")
    rest = left.replace(f"{LONG} s", "").replace("3 s", "").strip(" .;:,")
    assert not rest, f"nothing proves: {rest}"


def main() -> int:
    """Prove all cases at all steps, or those that are named."""
    only = sys.argv[1:]
    import os

    from labapp.cloud.embedded import launcher
    from labapp.cloud.session import local_home
    from tests.end_to_end.lab import Lab

    with tempfile.TemporaryDirectory() as name:
        lab = Lab(Path(name), os.environ.__setitem__)
        lab.start_cloud()
        try:
            for case, asked in CASES.items():
                if only and case not in only:
                    continue
                for step in STEPS:
                    if step not in asked.never:
                        proof = prove(case, step, Path(name))
                        print(f"{case}, {proof.said.title}: {proof.said.killed}")
        finally:
            launcher.stop(local_home())
    return 0


if __name__ == "__main__":
    sys.exit(main())
