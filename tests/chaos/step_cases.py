"""The ways to ask, and what each leaves, for the kills at each step of a job."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.jobs.steps import STORED, VALIDATED, Step
from labapp.jobs.wire import Request
from labapp.message_attribute import Attribute
from tests.pictures.samples import file_of, photo
from tests.support.stepped_worker import Stepped
from tests.support.waiting import until

#: What S3 says once, as it is told to tell of what is dropped.
EVENT = '{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "labapp"}'

#: Who asks in the name of labapp's own clients.
CLIENT = "tester"


@dataclass(frozen=True)
class Case:
    """One way to ask.

    Attributes:
        queue: where the request goes.
        answers: where its answers come; empty for none.
        send: sends it.
        dialect: the dialect that is spoken.
        never: steps that it does not take.
    """

    queue: str
    answers: str
    send: Callable[[Cloud], None]
    dialect: str = ""
    never: tuple[Step, ...] = ()


def _asks(queue: str, outgoing: Outgoing) -> Callable[[Cloud], None]:
    def send(cloud: Cloud) -> None:
        Queue(cloud, queue).send(outgoing)

    return send


def _own(body: str) -> Outgoing:
    return Request(body, "a-job", CLIENT).outgoing()


def _put(cloud: Cloud, key: str) -> None:
    Bucket(cloud).put(key, file_of(photo(20, 30), "PNG"), "image/png")


def _picture(cloud: Cloud) -> None:
    _put(cloud, "inbox/a-job/cat.png")
    steps = {"pipeline": json.dumps([{"op": "invert"}])}
    Queue(cloud, "imageInbox").send(
        Request("inbox/a-job/cat.png", "a-job", CLIENT, steps).outgoing()
    )


def _object(cloud: Cloud) -> None:
    Bucket(cloud).put_text("lists/four.txt", "1,12,55,4")
    key = {"Key": Attribute("String", "lists/four.txt")}
    Queue(cloud, "requestQueue").send(Outgoing("please", {}, "", key))


def _found(cloud: Cloud) -> None:
    """Ask for a picture, which a worker stores, and hands back as it is to stop."""
    _picture(cloud)
    with Stepped(cloud, "imageInbox") as first:
        first.go_to(STORED)


def _plain_picture(cloud: Cloud) -> None:
    _put(cloud, "inbox/cat.png")
    Queue(cloud, "imageInbox").send(Outgoing("cat.png"))


def _effect(cloud: Cloud) -> None:
    _put(cloud, "cat.png")
    Queue(cloud, "imageInbox").send(Outgoing("cat.png,2"))


def _dropped(cloud: Cloud) -> None:
    """Put a picture where S3 tells of it."""
    _put(cloud, "drop/grayscale/cat.png")
    queue = Queue(cloud, "imageInbox")
    until(lambda: queue.counts().visible, "S3 to tell")


def _in_a_group(cloud: Cloud) -> None:
    one = Outgoing("1,2", {}, "a-group", {}, uuid.uuid4().hex)
    Queue(cloud, "requests.fifo").send(one)


def _received_often(cloud: Cloud) -> None:
    """Ask, and have it received as often as it may be, but once."""
    queue = Queue(cloud, "requestQueue")
    queue.send(_own("1,2"))
    for _ in range(cloud.settings.max_receives - 1):
        queue.hide([message.receipt for message in queue.receive()], 0)


OWN, PLAIN = f"responseQueue-{CLIENT}", "responseQueue"
CASES = {
    "numbers": Case("requestQueue", OWN, _asks("requestQueue", _own("1,2"))),
    "refused": Case("requestQueue", OWN, _asks("requestQueue", _own("1,x")), "", (VALIDATED,)),
    "plain": Case("requestQueue", PLAIN, _asks("requestQueue", Outgoing("1,2"))),
    "picture": Case("imageInbox", OWN, _picture),
    "fifo": Case("requests.fifo", "responses.fifo", _in_a_group, "fifo"),
    "object": Case("requestQueue", PLAIN, _object, "s3-objects"),
    "last": Case("requestQueue", OWN, _received_often),
    "found": Case("imageInbox", OWN, _found),
    "plain picture": Case("imageInbox", "imageOutbox", _plain_picture),
    "effect": Case("imageInbox", "imageOutbox", _effect, "picture-fields"),
    "dropped": Case("imageInbox", "", _dropped),
    "event": Case("imageInbox", "", _asks("imageInbox", Outgoing(EVENT)), "", (VALIDATED,)),
    "aside": Case(
        "imageInbox", "", _asks("imageInbox", Outgoing('{"a": 1}')), "", (VALIDATED, "done")
    ),
}
