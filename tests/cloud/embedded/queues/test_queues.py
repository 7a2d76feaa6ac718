"""Whatever is done to the local cloud's queues, its journal makes the same queues again."""

from __future__ import annotations

import asyncio
import copy
import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ministack.core import persistence
from ministack.services import sqs

from labapp.cloud.embedded import queues as embedded_queues
from labapp.cloud.embedded.disk import Disk
from labapp.cloud.embedded.journal import Journal
from labapp.cloud.embedded.legacy import take_over_queues
from labapp.cloud.embedded.long_queues import LongQueues
from labapp.cloud.embedded.queues import JOURNAL_FILE, Queues
from labapp.cloud.embedded.replay import Replay

ARN = "arn:aws:sqs:us-east-1:000000000000:"


@contextmanager
def fresh(folder: Path) -> Iterator[Queues]:
    """Give MiniStack's SQS as it is at a start, kept in `folder`; put it back afterwards."""
    names = (*LongQueues.FUNCTIONS, "_act_send_message")
    before = {name: getattr(sqs, name) for name in names}
    handlers = dict(sqs._HANDLERS)
    queues = Queues(sqs, folder, Disk(folder))
    sqs.reset()
    try:
        queues.load()
        yield queues
    finally:
        queues._journal.close()
        sqs._HANDLERS.update(handlers)
        for name, value in before.items():
            setattr(sqs, name, value)
        sqs.reset()


def call(action: str, **request: Any) -> dict[str, Any]:
    if "queue" in request:
        request["QueueUrl"] = f"http://localhost:4566/000000000000/{request.pop('queue')}"
    answer: dict[str, Any] = asyncio.run(sqs._dispatch(action, request, ""))
    return answer


def state() -> Any:
    """Return all that SQS has, less the counts that it puts down when it is asked for them."""
    found = {place: copy.deepcopy(queue) for place, queue in sqs._queues.all_items()}
    for queue in found.values():
        for name in [name for name in queue["attributes"] if name.startswith("Approx")]:
            del queue["attributes"][name]
        for message in queue["messages"]:
            del message["visible_at"]
    return found, list(sqs._queue_name_to_url.all_items())


def visible(queue: str) -> list[float]:
    for found in sqs._queues._data.values():
        if found["name"] == queue:
            return [message["visible_at"] for message in found["messages"]]
    return []


def redrive(times: int) -> str:
    return json.dumps({"deadLetterTargetArn": f"{ARN}dead", "maxReceiveCount": times})


QUEUES = st.sampled_from(["a", "b", "c.fifo", "dead"])

STEPS = st.one_of(
    st.tuples(st.just("CreateQueue"), QUEUES),
    st.tuples(st.just("DeleteQueue"), QUEUES),
    st.tuples(st.just("PurgeQueue"), QUEUES),
    st.tuples(st.just("TagQueue"), QUEUES),
    st.tuples(st.just("SetQueueAttributes"), QUEUES, st.integers(0, 100)),
    st.tuples(st.just("SendMessage"), QUEUES, st.text("xyz", min_size=1, max_size=2)),
    st.tuples(st.just("SendMessageBatch"), QUEUES, st.integers(1, 10)),
    st.tuples(st.just("ReceiveMessage"), QUEUES, st.integers(1, 10), st.sampled_from([0, 100])),
    st.tuples(st.just("DeleteMessage"), QUEUES, st.integers(0, 9)),
    st.tuples(st.just("DeleteMessageBatch"), QUEUES, st.integers(0, 9)),
    st.tuples(st.just("ChangeMessageVisibility"), QUEUES, st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.just("ChangeMessageVisibilityBatch"), QUEUES, st.integers(0, 9)),
    st.tuples(st.just("save"), QUEUES),
)


def request(step: tuple[Any, ...], handles: dict[str, list[str]]) -> dict[str, Any]:
    action, queue, *values = step
    made: dict[str, Any] = {"queue": queue}
    known = handles.setdefault(queue, [])
    at = values[0] if values and isinstance(values[0], int) else 0
    handle = known[at % len(known)] if known else "none"
    entry: dict[str, Any] = {"Id": "0", "ReceiptHandle": handle, "VisibilityTimeout": 0}
    if action == "CreateQueue":
        made = {"QueueName": queue, "Tags": {"t": "1"}}
    elif action == "TagQueue":
        made["Tags"] = {"lab": "x"}
    elif action == "SetQueueAttributes":
        made["Attributes"] = {"VisibilityTimeout": str(values[0])}
        if queue != "dead":
            made["Attributes"]["RedrivePolicy"] = redrive(1 + values[0] % 2)
    elif action == "SendMessage":
        sides = {"MessageGroupId": "g", "MessageDeduplicationId": values[0]}
        made |= {"MessageBody": values[0], **(sides if queue.endswith("fifo") else {})}
    elif action == "SendMessageBatch":
        sides = {"MessageGroupId": "g", "MessageDeduplicationId": "d"}
        made["Entries"] = [
            {"Id": str(n), "MessageBody": str(n), **(sides if queue.endswith("fifo") else {})}
            for n in range(values[0])
        ]
    elif action == "ReceiveMessage":
        made |= {"MaxNumberOfMessages": values[0], "VisibilityTimeout": values[1]}
    elif action.endswith("Batch"):
        made["Entries"] = [entry]
    else:
        made |= {**entry, "VisibilityTimeout": values[-1] if values else 0}
    return made


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_the_journal_makes_the_same_queues_whatever_was_done(steps: list[tuple[Any, ...]]) -> None:
    handles: dict[str, list[str]] = {}
    with TemporaryDirectory() as name, fresh(Path(name)) as queues:
        for queue in ("a", "b", "c.fifo", "dead"):
            call("CreateQueue", QueueName=queue)
        for step in steps:
            if step[0] == "save":
                queues.save()
                continue
            try:
                answer = call(step[0], **request(step, handles))
            except sqs._Err:
                continue
            for message in answer.get("Messages", []):
                handles[step[1]].append(message["ReceiptHandle"])
        expected = state()
        moments = {queue: visible(queue) for queue in ("a", "b", "c.fifo", "dead")}
        with fresh(Path(name)):
            assert state() == expected
            for queue, then in moments.items():
                # Told by two clocks that are read one after the other.
                assert visible(queue) == pytest.approx(then, abs=1.0)


def refuse(*_: object, number: int = errno.ENOSPC) -> None:
    raise OSError(number, os.strerror(number))


CHANGES: tuple[dict[str, Any], ...] = (
    {"action": "CreateQueue", "QueueName": "new"},
    {"action": "DeleteQueue"},
    {"action": "PurgeQueue"},
    {"action": "TagQueue", "Tags": {"a": "b"}},
    {"action": "SetQueueAttributes", "Attributes": {"VisibilityTimeout": "7"}},
    {"action": "SendMessage", "MessageBody": "1"},
    {"action": "SendMessageBatch", "Entries": [{"Id": "1", "MessageBody": "1"}]},
    {"action": "ReceiveMessage", "MaxNumberOfMessages": 10},
    {"action": "DeleteMessage", "ReceiptHandle": "HANDLE"},
    {"action": "DeleteMessageBatch", "Entries": [{"Id": "1", "ReceiptHandle": "HANDLE"}]},
    {"action": "ChangeMessageVisibility", "ReceiptHandle": "HANDLE", "VisibilityTimeout": 0},
    {
        "action": "ChangeMessageVisibilityBatch",
        "Entries": [{"Id": "1", "ReceiptHandle": "HANDLE", "VisibilityTimeout": 0}],
    },
)


@pytest.fixture
def queues(tmp_path: Path) -> Iterator[Queues]:
    with fresh(tmp_path) as found:
        call("CreateQueue", QueueName="dead")
        call("CreateQueue", QueueName="a", Attributes={"RedrivePolicy": redrive(1)})
        for text in ("held", "waiting"):
            call("SendMessage", queue="a", MessageBody=text)
        yield found


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change["action"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_what_cannot_be_written_is_refused_and_has_not_happened(
    queues: Queues, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], number: int
) -> None:
    (held,) = call("ReceiveMessage", queue="a", VisibilityTimeout=100)["Messages"]
    fields = json.loads(json.dumps(change).replace("HANDLE", held["ReceiptHandle"]))
    action = fields.pop("action")
    wanted = fields if action == "CreateQueue" else {"queue": "a", **fields}
    before, moments = state(), visible("a")
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", partial(refuse, number=number))
        with pytest.raises(sqs._Err, match="disk") as caught:
            call(action, **wanted)
    assert caught.value.status == 507
    assert (state(), visible("a")) == (before, moments)
    call(action, **wanted)
    assert (state(), visible("a")) != (before, moments)


def test_a_move_to_the_dead_letters_that_cannot_be_written_has_not_happened(
    queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("ReceiveMessage", queue="a", VisibilityTimeout=0)
    before = state()
    with monkeypatch.context() as patch:
        patch.setattr(
            Journal, "append", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, ""))
        )
        with pytest.raises(sqs._Err):
            call("ReceiveMessage", queue="a", VisibilityTimeout=0)
    assert state() == before
    call("ReceiveMessage", queue="a", VisibilityTimeout=0)
    assert len(visible("dead")) == 1
    expected = state()
    with fresh(queues._journal._path.parent):
        assert state() == expected


def test_the_journal_stays_short_however_much_goes_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_queues, "LEAST_BYTES", 20_000)
    with fresh(tmp_path):
        call("CreateQueue", QueueName="a")
        for number in range(200):
            call("SendMessage", queue="a", MessageBody=f"{number} {'x' * 100}")
            (message,) = call("ReceiveMessage", queue="a")["Messages"]
            if number != 77:
                call("DeleteMessage", queue="a", ReceiptHandle=message["ReceiptHandle"])
        assert (tmp_path / JOURNAL_FILE).stat().st_size < 30_000
    with fresh(tmp_path):
        (kept,) = next(iter(sqs._queues._data.values()))["messages"]
        assert kept["body"].startswith("77 ")


def test_a_journal_that_cannot_be_written_anew_refuses_nothing(
    queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues._limit = 1
    monkeypatch.setattr(Journal, "replace", refuse)
    for _ in range(3):
        call("SendMessage", queue="a", MessageBody="1")
    assert len(visible("a")) == 5


@pytest.mark.parametrize("action", ["DeleteMessage", "DeleteMessageBatch", "PurgeQueue"])
def test_a_change_for_which_the_journal_is_written_anew_is_in_it(
    queues: Queues, tmp_path: Path, action: str
) -> None:
    call("ReceiveMessage", queue="a", VisibilityTimeout=100)
    (one,) = call("ReceiveMessage", queue="a", VisibilityTimeout=100)["Messages"]
    entry = {"Id": "1", "ReceiptHandle": one["ReceiptHandle"]}
    queues._limit = 1
    call(action, queue="a", **({"Entries": [entry]} if action.endswith("Batch") else entry))
    expected = state()
    with fresh(tmp_path):
        assert state() == expected


FOREIGN: tuple[list[Any], ...] = (
    ["fold", f"{ARN}a"],
    ["send", f"{ARN}a", [["1", "body", "md5", None, {}, {}, 1.0, "one", "too many", {}]]],
    ["take", f"{ARN}a", ["1", "2"], "too many"],
    ["queue", "too few"],
    ["send"],
    [],
)


@pytest.mark.parametrize("record", FOREIGN, ids=str)
def test_a_record_that_is_none_of_ours_is_set_aside_and_the_queues_are_there(
    queues: Queues, tmp_path: Path, caplog: pytest.LogCaptureFixture, record: list[Any]
) -> None:
    queues._journal.append(record)
    call("SendMessage", queue="a", MessageBody="after")
    expected = state()
    queues._journal.close()
    with fresh(tmp_path):
        assert state() == expected
    assert "1 lines of" in caplog.text
    assert list(tmp_path.glob(f"{JOURNAL_FILE}.damaged-*"))
    with fresh(tmp_path):
        assert state() == expected
    assert len(list(tmp_path.glob("*.damaged-*"))) == 1


def test_nothing_is_read_of_a_newer_labapps_journal_which_is_set_aside_whole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(tmp_path / JOURNAL_FILE)
    journal.replace([["labapp", 2], ["gone", f"{ARN}a"], ["fold", f"{ARN}a"]])
    journal.close()
    before = (tmp_path / JOURNAL_FILE).read_bytes()
    with fresh(tmp_path):
        assert not sqs._queues._data
        call("CreateQueue", QueueName="a")
    assert "newer labapp" in caplog.text
    (aside,) = tmp_path.glob("*.damaged-*")
    assert aside.read_bytes() == before
    with fresh(tmp_path):
        assert len(sqs._queues._data) == 1


def test_an_empty_journal_does_not_hide_what_an_earlier_labapp_kept(
    queues: Queues, tmp_path: Path
) -> None:
    kept = {"payload": sqs.get_state()}
    (tmp_path / "sqs.json").write_text(json.dumps(kept, default=persistence._json_default))
    expected = state()
    journal = tmp_path / "other.journal"
    journal.touch()  # as a full disk, or a kill, leaves it
    sqs.reset()
    take_over_queues(sqs, tmp_path, journal)
    assert state() == expected
    sqs.reset()
    journal.write_text("what the queues became since")
    take_over_queues(sqs, tmp_path, journal)
    assert not sqs._queues._data


def test_what_an_earlier_labapp_kept_is_set_aside_where_it_is_damaged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "sqs.json").write_text('{"payload": {')
    take_over_queues(sqs, tmp_path, tmp_path / JOURNAL_FILE)
    assert "sqs.json" in caplog.text
    assert list(tmp_path.glob("sqs.json.damaged-*"))
    assert not (tmp_path / "sqs.json").exists()


def test_records_of_a_queue_whose_own_was_lost_do_no_harm() -> None:
    replay = Replay()
    lost = f"{ARN}lost"
    replay.apply(["send", lost, [{}]])
    replay.apply(["move", lost, f"{ARN}b", [], 0])
    for kind in ("take", "show", "delete"):
        replay.apply([kind, lost, []])
    for kind in ("purge", "gone"):
        replay.apply([kind, lost])
    assert list(replay.queues()) == []
