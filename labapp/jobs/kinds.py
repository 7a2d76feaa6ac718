"""All kinds of jobs, and what derives from them: a new kind is its own file and one line here."""

from __future__ import annotations

from labapp.errors import SettingError
from labapp.jobs.kind import JobKind, queue_name
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.picture_kind import PICTURES
from labapp.settings import Settings

#: Every kind of job by its name, in the order in which people are told of them.
KINDS: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    """Add a kind of job to those that are sent, provisioned, worked on and shown.

    Raises:
        ValueError: another kind has its name, or takes its requests from the same queue.
    """
    if any(kind.name == one.name or kind.request_queue == one.request_queue for one in all_kinds()):
        raise ValueError(f"another kind is called {kind.name}, or takes from {kind.request_queue}")
    KINDS[kind.name] = kind


def all_kinds() -> tuple[JobKind, ...]:
    """Return every kind of job."""
    return tuple(KINDS.values())


def kind_of(name: str) -> JobKind:
    """Return the kind of a name; one that shows all as it came where this labapp knows none."""
    return KINDS.get(name) or JobKind(name, "", "", "")


def attributes() -> tuple[str, ...]:
    """Return the attributes that requests of any kind have beside those of every request."""
    return tuple(dict.fromkeys(name for kind in all_kinds() for name in kind.attributes))


def queues() -> tuple[str, ...]:
    """Return the queues of jobs and of plain clients' answers as kinds name them, each once."""
    pairs = ((kind.request_queue, kind.plain_replies) for kind in all_kinds())
    return tuple(dict.fromkeys(queue for pair in pairs for queue in pair))


def queue_settings() -> tuple[str, ...]:
    """Return the settings that name such queues."""
    return tuple(queue for queue in queues() if queue in Settings.__dataclass_fields__)


def queue_names(settings: Settings) -> tuple[str, ...]:
    """Return the names of those queues."""
    return tuple(queue_name(settings, queue) for queue in queues())


def check_queues(settings: Settings) -> None:
    """See to it that no worker would take its own answers, or another kind of job, for requests.

    Raises:
        SettingError: it would.
    """
    kinds = all_kinds()
    requests = [kind.request_queue for kind in kinds]
    every = dict.fromkeys([*requests, *(kind.plain_replies for kind in kinds)])
    named = queue_settings()
    for inbound in requests:
        name = queue_name(settings, inbound)
        for other in every:
            if other != inbound and name == queue_name(settings, other):
                both = [queue for queue in (inbound, other) if queue in named]
                alike = f"settings {' and '.join(both)} are both {name!r}"
                taken = f"setting {both[0]} is {name!r}, the name of another kind of job's queue"
                raise SettingError(
                    f"the {alike if len(both) > 1 else taken}", "Give each queue a name of its own."
                )
        # A client called by the rest of that name would be answered there: `<this>-<client>`. The
        # queue's dead letters, `<name>-dlq`, are a client's queue only where the queue is one.
        replies = settings.response_queue + "-"
        if name.startswith(replies):
            what = f"setting {inbound}" if inbound in named else "queue of a kind of job"
            raise SettingError(
                f"the {what} is {name!r}, where a client {name.removeprefix(replies)!r}"
                f" would be answered, as response_queue is {settings.response_queue!r}",
                f"Give it a name that does not begin with {replies!r}.",
            )


register(NUMBERS)
register(PICTURES)
