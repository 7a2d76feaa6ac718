"""Dead letters are looked at without harm, sent back without loss, and thrown away only when asked.

On moto in process; and, for what only a real kill shows, on the embedded cloud.
"""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError
from labapp.jobs import dead_letters, letters
from labapp.jobs.dead_letters import BY_SQS
from labapp.programs import find
from tests.jobs.short_polls import short_sighted

Capture = pytest.CaptureFixture[str]

DEAD = "requestQueue-dlq"


@pytest.fixture
def queue(cloud: Cloud) -> Callable[[str], Queue]:
    return lambda name: Queue(cloud, name)


Queues = Callable[[str], Queue]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for the last, empty look: moto overlooks nothing."""
    monkeypatch.setattr(Queue, "sure", 0)


def letter(job: str, reason: str = "'broken'") -> Outgoing:
    attributes = {"job": job, "client": "ada", "reason": reason, "receives": "5", "sent": "1700"}
    return Outgoing(f"body of {job}", attributes)


def held(queue: Queue) -> int:
    """Return how many messages a queue holds: those that wait, and those that are only hidden."""
    counts = queue.counts()
    return counts.visible + counts.in_flight + counts.delayed


def jobs(queue: Queue) -> list[str]:
    """Take all messages of a queue, and return their jobs."""
    found: list[str] = []
    while messages := queue.receive():
        found += [message.attributes.get("job", "") for message in messages]
        queue.delete([message.receipt for message in messages])
    return sorted(found)


def test_a_letter_tells_who_asked_what_and_why_it_is_dead(queue: Queues) -> None:
    queue(DEAD).send(letter("a"))

    (found,) = dead_letters.look(queue(DEAD))

    assert (found.job, found.client, found.body) == ("a", "ada", "body of a")
    assert (found.reason, found.receives, found.first) == ("broken", 5, 1700.0)
    assert found.last > found.first


def test_a_letter_that_sqs_moved_itself_says_so(queue: Queues) -> None:
    queue("requestQueue").send(Outgoing("1,2", {"job": "a", "client": "ada"}))
    for _ in range(5):
        queue("requestQueue").receive(visibility=0)
    assert queue("requestQueue").receive() == []

    (found,) = dead_letters.look(queue(DEAD))

    assert (found.job, found.reason) == ("a", BY_SQS)
    assert found.receives >= 5


def test_looking_leaves_every_letter_to_be_received_at_once(queue: Queues) -> None:
    queue(DEAD).send_batch([letter(f"j{number:02}") for number in range(25)])

    assert len(dead_letters.look(queue(DEAD))) == 25
    assert len(dead_letters.look(queue(DEAD))) == 25
    assert len(jobs(queue(DEAD))) == 25


def test_what_a_poll_without_a_wait_overlooks_is_found(
    queue: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(DEAD).send_batch([letter("a"), letter("b")])
    monkeypatch.setattr(Queue, "sure", 1)
    monkeypatch.setattr(Queue, "receive", short_sighted(Queue.receive))

    assert len(dead_letters.look(queue(DEAD))) == 2
    assert len(list(dead_letters.redrive(queue(DEAD), queue("requestQueue")))) == 2


@pytest.mark.parametrize("hostile", ["nan", "-1", "-1e-9", "1e400", "1e11", "x", "9" * 5000])
def test_what_a_stranger_wrote_for_numbers_counts_as_not_written(
    queue: Queues, hostile: str
) -> None:
    attributes = {"job": "a", "receives": hostile, "sent": hostile}
    queue(DEAD).send(Outgoing("1", attributes))

    (found,) = dead_letters.look(queue(DEAD))

    assert (found.receives, found.first) == (1, found.last)


@pytest.mark.parametrize(("written", "first"), [("0", 0.0), ("99999999999", 99999999999.0)])
def test_a_number_that_may_be_is_taken_as_written(
    queue: Queues, written: str, first: float
) -> None:
    queue(DEAD).send(Outgoing("1", {"receives": written, "sent": written}))

    (found,) = dead_letters.look(queue(DEAD))

    assert (found.receives, found.first) == (int(first), first)


def test_what_is_dead_again_at_once_is_sent_back_once(queue: Queues) -> None:
    queue(DEAD).send_batch([letter(f"j{number:02}") for number in range(12)])
    sent: list[str] = []

    for back in dead_letters.redrive(queue(DEAD), queue("requestQueue")):
        sent.append(back.job)
        for again in queue("requestQueue").receive():
            queue("requestQueue").delete([again.receipt])
            # As a worker does that puts it aside at first sight.
            queue(DEAD).send(Outgoing(again.body, again.attributes))
        assert len(sent) <= 12

    assert len(sent) == len(set(sent)) == 12
    assert len(jobs(queue(DEAD))) == 12


def test_all_letters_go_back_as_they_first_came(queue: Queues) -> None:
    queue(DEAD).send_batch([letter(f"j{number:02}") for number in range(25)])

    back = [one.job for one in dead_letters.redrive(queue(DEAD), queue("requestQueue"))]

    assert sorted(back) == [f"j{number:02}" for number in range(25)]
    assert held(queue(DEAD)) == 0
    messages = queue("requestQueue").receive()
    assert all(set(m.attributes) == {"job", "client", "redriven"} for m in messages)
    assert messages[0].body.startswith("body of j")


def test_a_letter_whose_client_is_no_group_of_sqs_goes_back_and_stops_none(
    queue: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    for client in ("Bad Client", "ada"):
        queue(DEAD).send(Outgoing("1", {"job": client, "client": client}))
    sent: dict[str, str] = {}
    source = queue("requestQueue")
    monkeypatch.setattr(
        source, "send", lambda message: sent.update({message.attributes["client"]: message.group})
    )

    assert len(list(dead_letters.redrive(queue(DEAD), source))) == 2

    assert sent == {"Bad Client": "", "ada": "ada"}


def test_one_letter_goes_back_and_the_others_stay_and_can_be_seen(queue: Queues) -> None:
    queue(DEAD).send_batch([letter(name) for name in ("a", "b", "c")])
    chosen = next(one for one in dead_letters.look(queue(DEAD)) if one.job == "b")

    back = list(dead_letters.redrive(queue(DEAD), queue("requestQueue"), [chosen.id]))

    assert [one.job for one in back] == ["b"]
    assert jobs(queue("requestQueue")) == ["b"]
    assert jobs(queue(DEAD)) == ["a", "c"]


def test_an_id_that_is_not_there_changes_nothing(queue: Queues) -> None:
    queue(DEAD).send(letter("a"))

    assert list(dead_letters.redrive(queue(DEAD), queue("requestQueue"), ["none"])) == []
    assert list(dead_letters.discard(queue(DEAD), ["none"])) == []

    assert jobs(queue(DEAD)) == ["a"]


def test_a_letter_that_cannot_be_sent_stays_dead(
    queue: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(DEAD).send_batch([letter("a"), letter("b")])
    source = queue("requestQueue")
    sent: list[Outgoing] = []

    def fail_at_the_second(message: Outgoing) -> str:
        if sent:
            raise CloudError("no")
        sent.append(message)
        return Queue.send(source, message)

    monkeypatch.setattr(source, "send", fail_at_the_second)

    with pytest.raises(CloudError):
        list(dead_letters.redrive(queue(DEAD), source))

    monkeypatch.undo()
    assert queue(DEAD).counts().in_flight + queue(DEAD).counts().visible == 1
    assert len(jobs(source)) == 1


def test_a_dry_run_tells_all_and_leaves_them_to_be_received_at_once(queue: Queues) -> None:
    queue(DEAD).send_batch([letter(f"j{number:02}") for number in range(12)])
    chosen = dead_letters.look(queue(DEAD))[0]

    back = list(dead_letters.redrive(queue(DEAD), queue("requestQueue"), dry=True))
    gone = list(dead_letters.discard(queue(DEAD), dry=True))
    one = list(dead_letters.discard(queue(DEAD), [chosen.id], dry=True))

    assert len(back) == len(gone) == 12
    assert [letter.id for letter in one] == [chosen.id]
    assert (queue(DEAD).counts().visible, held(queue(DEAD))) == (12, 12)
    assert held(queue("requestQueue")) == 0


def test_letters_that_are_dead_for_another_reason_stay(queue: Queues) -> None:
    queue(DEAD).send_batch([letter("a", "'Out of memory'"), letter("b"), letter("c")])

    back = dead_letters.redrive(queue(DEAD), queue("requestQueue"), reason="memory")
    assert [one.job for one in back] == ["a"]
    assert queue(DEAD).counts().visible == 2
    assert [one.job for one in dead_letters.discard(queue(DEAD), reason="no such")] == []
    assert len(list(dead_letters.discard(queue(DEAD), reason="BROKEN"))) == 2
    assert held(queue(DEAD)) == 0


def test_chosen_letters_of_several_queues_are_settled_and_those_still_there_are_counted(
    cloud: Cloud, queue: Queues
) -> None:
    queue(DEAD).send_batch([letter("a"), letter("b"), letter("c")])
    queue("imageInbox-dlq").send(letter("d"))
    found = dead_letters.look_at_all(cloud, "", 10)
    assert [one.job for one in found if one.queue == "imageInbox"] == ["d"]
    chosen = [one for one in found if one.job in ("a", "d")]

    assert dead_letters.settle(cloud, chosen, back=True) == 2
    assert jobs(queue("requestQueue")) == ["a"]
    assert "d" in jobs(queue("imageInbox")), "beside S3's own message of a test"
    assert dead_letters.settle(cloud, chosen, back=True) == 0
    assert dead_letters.settle(cloud, [one for one in found if one.job != "b"], back=False) == 1
    assert jobs(queue(DEAD)) == ["b"]


def test_discarded_letters_are_gone(queue: Queues) -> None:
    queue(DEAD).send_batch([letter(f"j{number:02}") for number in range(12)])

    assert len(list(dead_letters.discard(queue(DEAD)))) == 12

    assert held(queue(DEAD)) == 0
    assert held(queue("requestQueue")) == 0


def test_of_the_letters_discarded_by_id_the_others_can_be_received_at_once(
    queue: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(DEAD).send_batch([letter(name) for name in ("a", "b", "c")])
    chosen = next(one for one in dead_letters.look(queue(DEAD)) if one.job == "b")

    shown: list[str] = []
    true_hide = Queue.hide

    def hide(dead: Queue, held: list[str], seconds: int) -> list[int]:
        shown.extend(held)
        return true_hide(dead, held, seconds)

    monkeypatch.setattr(Queue, "hide", hide)
    assert [one.job for one in dead_letters.discard(queue(DEAD), [chosen.id])] == ["b"]

    assert len(shown) == 2, "what is settled is left"
    assert (queue(DEAD).counts().visible, queue(DEAD).counts().in_flight) == (2, 0)
    assert jobs(queue(DEAD)) == ["a", "c"]


def test_the_commands_show_send_back_and_ask_before_they_discard(
    queue: Queues, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    admin = find("admin.py")
    queue(DEAD).send_batch([letter("a"), letter("b"), letter("c")])

    assert admin.main(["queues", "dead", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert {(one["job"], one["reason"], one["receives"]) for one in shown} == {
        ("a", "broken", 5), ("b", "broken", 5), ("c", "broken", 5),
    }  # fmt: skip
    assert admin.main(["queues", "discard", "requestQueue"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert len(dead_letters.look(queue(DEAD))) == 3

    assert admin.main(["queues", "redrive", "requestQueue"]) == 0
    assert jobs(queue("requestQueue")) == ["a", "b", "c"]
    assert held(queue(DEAD)) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="the harness of chaos is for POSIX")
def test_a_redrive_that_is_killed_half_way_loses_no_letter(tmp_path: Path) -> None:
    from tests.chaos.world import World, until

    count = 300
    with World(tmp_path) as world:
        dead, source = world.queue(DEAD), world.queue("requestQueue")
        dead.send_batch([letter(f"j{number:03}") for number in range(count)])
        redrive = ["admin.py", "queues", "redrive", "requestQueue"]

        first = world.spawn(redrive, "admin")
        until(lambda: source.counts().visible >= 20, "some letters to be back")
        first.kill()
        after_kill = source.counts().visible
        assert after_kill < count
        # What it had received is hidden for half a minute, and is dead again then; whether before
        # the second has seen the rest, after it, or later is for the machine's load to say.
        second = world.spawn(redrive, "admin")
        assert second.process.wait(60) == 0

        back, left = Counter(jobs(source)), dead.counts()
        still_dead = left.visible + left.in_flight
        assert still_dead <= 10
        # The one that it was killed at may be in both queues, and is sent back again then.
        assert count <= len(back) + still_dead
        assert sum(back.values()) + still_dead <= count + 1


def test_a_reason_is_shown_without_the_quotes_that_it_travels_in(queue: Queues) -> None:
    queue(DEAD).send(letter("a", "'the worker's hand slipped at HTTP 5XX'"))
    (found,) = dead_letters.look(queue(DEAD))
    assert found.reason == "the worker's hand slipped at HTTP 5XX"


def test_once_the_wanted_letters_are_found_no_more_are_hidden(
    queue: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = queue(DEAD)
    dead.send_batch([letter(f"j{number:02}") for number in range(25)])
    first = dead_letters.look(dead)[0]
    received: list[int] = []
    receive = dead.receive

    def counted(*given: Any, **named: Any) -> Any:
        found = receive(*given, **named)
        received.append(len(found))
        return found

    monkeypatch.setattr(dead, "receive", counted)
    assert len(list(dead_letters.discard(dead, [first.id]))) == 1
    assert sum(received) < 25, "it goes on after it has what it wants"
    assert dead.counts().visible == 24


def test_letters_are_hidden_for_half_a_minute_while_they_are_looked_at(
    queue: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = queue(DEAD)
    asked: list[dict[str, int]] = []

    def nothing(**named: int) -> list[Any]:
        asked.append(named)
        return []

    monkeypatch.setattr(dead, "receive", nothing)
    dead_letters.look(dead)
    assert [one["visibility"] for one in asked] == [30]


def test_a_letter_of_a_fifo_queue_goes_back_in_its_group(cloud: Cloud, queue: Queues) -> None:
    for name in ("lab.fifo", "lab-dlq.fifo"):
        cloud.sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})
    lab = queue("lab.fifo")
    dead, source = dead_letters.queues_of(cloud, "lab.fifo")
    for number in range(12):
        lab.send(Outgoing("x", group="Groupe-12", deduplication=str(number)))
    for _ in range(2):
        for message in lab.receive():
            dead.send(letters.letter_of(message, "no block fits"))
            lab.delete([message.receipt])
    assert len(dead_letters.look(dead)) == 12, "though SQS shows ten of a group"
    assert {one.reason for one in dead_letters.redrive(dead, source)} == {"no block fits"}
    assert {(one.body, one.group) for one in source.receive()} == {("x", "Groupe-12")}
    assert source.counts().all == 12
