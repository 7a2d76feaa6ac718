"""What queues are called that belong to each other; nothing of the cloud is loaded for it."""

from __future__ import annotations

#: What a dead-letter queue is called: its queue's name and this.
_DEAD_LETTERS = "-dlq"

#: How the name of a FIFO queue ends, that of its dead-letter queue too: SQS takes no other there.
FIFO = ".fifo"


def dead_letters_of(name: str) -> str:
    """Return the name of a queue's dead-letter queue."""
    stem, ending = _parts(name)
    return f"{stem}{_DEAD_LETTERS}{ending}"


def source_of(name: str) -> str:
    """Return the name of the queue whose dead letters are meant, whichever of the two is named."""
    stem, ending = _parts(name)
    return stem.removesuffix(_DEAD_LETTERS) + ending


def is_of_dead_letters(name: str) -> bool:
    """Tell whether a queue is called as those for dead letters are."""
    return source_of(name) != name


def _parts(name: str) -> tuple[str, str]:
    """Return a queue's name and its ending: that of a FIFO queue, or none."""
    stem = name.removesuffix(FIFO)
    return stem, name[len(stem) :]
