"""Rows about jobs and answers: nothing lost, right client, shown once, poison apart."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

from labapp.cloud.queues import Outgoing
from tests.chaos import audit, storm
from tests.chaos.figures import Figure, Size
from tests.chaos.probe import Probe, p95
from tests.chaos.storm import Plan, Storm
from tests.chaos.world import World, until

#: Reply targets that nobody may be answered at, each with an otherwise good request.
FORGED = ("../x", "Tester", "dlq", "a" * 41, "http://127.0.0.1/q", "x y", "tester\n", "*", "dlq ")

#: What makes a request one of labapp's, and not another lab's whose attributes are called so too.
MARKED = {"labapp": "1"}

#: Requests that are wrong in ways of their own: refused, or put aside with the reason.
MALFORMED = ("", "one,two", "1,-2", "9" * 5000, "1,,2,x", "{}", "\u0661,2", "1;2;three", ",")


def nothing_lost(size: Size, mutant: str = "") -> Figure:
    """Run the storm, and hold what went in against what came out."""
    plan = Plan(numbers=300, pictures=9, kill_every=3.0, minutes=2.0, mutant=mutant)
    if size.full:
        plan = Plan(numbers=10_000, pictures=500, machines=4, minutes=20.0, outages=True)
    with World(size.folder, size.seed) as world:
        outcome = Storm(world, plan).run()
    storm.show(outcome, f"nothing lost: storm with seed {size.seed}")
    found = outcome.verdict
    kept = not found.broken and found.accepted == found.answered + found.dead
    return Figure(
        "lost 0; accepted = answered + dead letters",
        f"accepted {found.accepted} = answered {found.answered} + dead {found.dead};"
        f" lost {found.lost}, kills {sum(outcome.kills.values())},"
        f" faults {sum(outcome.faults.values())}",
        kept,
    )


def cloud_killed(size: Size) -> Figure:
    """Kill the local cloud five times while jobs go through it."""
    plan = Plan(numbers=400, pictures=4, faults=0.0, kill_every=0.0, cloud_kills=5, minutes=2.0)
    if size.full:
        plan = replace(plan, numbers=10_000, pictures=200, machines=4, minutes=20.0)
    with World(size.folder, size.seed, visibility_timeout=3) as world:
        outcome = Storm(world, plan).run()
    storm.show(outcome, f"cloud killed: storm with seed {size.seed}")
    found, kills = outcome.verdict, outcome.kills.get("cloud SIGKILL", 0)
    return Figure(
        "5 kills -9 of the local cloud under load: accepted = answered",
        f"accepted {found.accepted}, answered {found.answered}, lost {found.lost},"
        f" dead {found.dead}, kills {kills}, labels lost {found.labels_lost}",
        kills == plan.cloud_kills and not found.broken and found.accepted == found.answered,
    )


def right_client(size: Size, mutant: str = "") -> Figure:
    """Have 50 clients ask at once, then forge reply targets."""
    machines, sessions, numbers = (10, 5, 5000) if size.full else (2, 25, 400)
    plan = Plan(numbers=numbers, pictures=0, machines=machines, sessions=sessions, workers=2,
                kill_every=0.0, writers=0, mutant=mutant)  # fmt: skip
    if mutant:  # answers that went astray are waited for in vain
        plan = replace(plan, machines=1, sessions=3, numbers=30, minutes=0.2, calm=1.0)
    with World(size.folder, size.seed) as world:
        outcome = Storm(world, plan).run()
        verdict = outcome.verdict
        if mutant:
            kept = not verdict.misrouted
            return Figure("misrouted 0", f"misrouted {verdict.misrouted}", kept)
        for number, client in enumerate(FORGED):
            attributes = {**MARKED, "job": f"forged-{number}", "client": client}
            world.queue("requestQueue").send(Outgoing("1,2", attributes))
        until(world.at_rest, "the forged requests to be taken")
        letters = audit.look(world)
        answered = [job for job in world.proxy.tap.replies if job.startswith("forged")]
    aside = sum(count for reason, count in letters.reasons.items() if "client" in reason)
    return Figure(
        "50 clients: misrouted 0; a forged reply target refused every time",
        f"{verdict.answered} answers to {len(set(outcome.told.owner.values()))} clients,"
        f" misrouted {verdict.misrouted}, wrong {verdict.wrong};"
        f" forged {len(FORGED)}, put aside {aside}, answered {len(answered)}",
        not verdict.broken and aside == len(FORGED) and not answered,
    )


def shown_once(size: Size, mutant: str = "") -> Figure:
    """Drop the deletions of finished work, so that its messages come again."""
    count = 50 if size.full else 6
    arguments = ["--pictures", *(["--mutant", mutant] if mutant else [])]
    with World(size.folder, size.seed, visibility_timeout=4) as world, Probe(world, "c") as probe:
        storm.make_pictures(world.folder / "pictures")
        worker = world.odd_worker(*arguments)
        world.faults.dropped = {"DeleteMessageBatch"}
        for number in range(count):
            path = world.folder / "pictures" / f"p{number % 3}.png"
            key = f"inbox/job{number}/{path.name}"
            world.bucket.upload(path, key, "image/png")
            probe.send(f"job{number}", key, '[{"op": "invert"}]')
        probe.wait(count)
        worker.wait_for("job", count)
        before = dict(world.proxy.tap.puts)

        def again() -> int:
            told = [event["job"] for event in worker.events("job")]
            return sum(told.count(f"job{number}") > 1 for number in range(count))

        # None is deleted before all have come again: a job is told of before its deletion.
        until(lambda: again() == count, "every finished job to be delivered again")
        world.faults.dropped = set()
        until(lambda: world.at_rest("imageInbox"), "the finished jobs to be settled")
        writes = sum(world.proxy.tap.puts.values()) - sum(before.values())
        objects = sum(audit.look(world).results.values())
    return Figure(
        "a forced redelivery of finished work is answered without a second result object",
        f"{count} finished pictures, {again()} of them delivered again and answered again:"
        f" {objects} result objects, {writes} second writes",
        objects == count and writes == 0,
    )


def poison_apart(size: Size) -> Figure:
    """Send good jobs at a steady pace, in turns with and without 1% of malformed ones."""
    rounds, block = (60, 100) if size.full else (12, 100)
    wrong = 0
    with World(size.folder, size.seed) as world, Probe(world, "c") as probe:
        world.worker()
        probe.time_of("warm")
        times: dict[bool, list[float]] = {False: [], True: []}
        for turn in range(rounds):
            poisoned = turn % 2 == 1
            jobs = [f"{turn}-{number}" for number in range(block)]
            for number, job in enumerate(jobs):
                probe.send(job)
                if poisoned and number == block // 2:
                    _poison(world, wrong)
                    wrong += 1
                time.sleep(0.01)
            until(lambda jobs=jobs: all(j in probe.seconds for j in jobs), "a block")  # type: ignore[misc]
            times[poisoned].append(p95([probe.seconds[job] for job in jobs]))
        until(world.at_rest, "the queue to be empty")
        found = audit.look(world)
    # The machine is noisy: of the blocks' p95, the one in the middle.
    good, beside = (statistics.median(times[kind]) for kind in (False, True))
    refused = sum(job.startswith("bad") for job in probe.statuses)
    return Figure(
        "1% malformed: all refused or in dead letters on first receive; good p95 < 10% worse",
        f"{wrong} malformed: {refused} refused, {len(found.dead)} put aside; good p95"
        f" {good * 1000:.0f} ms without, {beside * 1000:.0f} ms with ({beside / good - 1:+.0%})",
        refused + len(found.dead) == wrong and beside < 1.1 * good,
    )


def _poison(world: World, number: int) -> None:
    """Send one malformed request: in turns a wrong body, and a wrong sender."""
    queue = world.queue("requestQueue")
    if number % 2:
        client = FORGED[number % len(FORGED)]
        queue.send(Outgoing("1,2", {**MARKED, "job": f"bad-{number}", "client": client}))
    else:
        body = MALFORMED[number % len(MALFORMED)] or " "
        queue.send(Outgoing(body, {**MARKED, "job": f"bad-{number}", "client": "c"}))
