"""What a worker writes while it works: a line for each event, for people or for machines."""

from __future__ import annotations

import atexit
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import IO, Any

from labapp import utc
from labapp.visible import ascii_json, is_utf8, visible, visible_json, visible_lines
from labapp.worker.embedded_metrics import with_metrics

#: The root of all loggers of labapp.
ROOT = "labapp"

#: The fields of an event that go into its JSON line, where it has them.
FIELDS = (
    *("event", "kind", "job", "client", "status", "seconds", "text", "again", "in_hand", "hands"),
    *("dialect", "attributes", "worker", "host", "queue", "receives", "wait"),
    *("visible", "in_flight", "dead"),
)


#: Made once: `json.dumps` makes another each time that it is asked for more than ASCII.
_encode = json.JSONEncoder(ensure_ascii=False).encode


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, message, and the event's fields.

    Args:
        ascii: whether it is all ASCII, for streams that are not in UTF-8.
        metrics: whether CloudWatch is to make metrics of it; see `embedded_metrics`.
    """

    def __init__(self, *, ascii: bool = False, metrics: bool = False) -> None:
        super().__init__()
        self._metrics = metrics
        self._visible = ascii_json if ascii else visible_json

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line = {
            "time": f"{_utc_second(int(record.created))}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        held = vars(record)
        line |= {name: held[name] for name in FIELDS if name in held}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        text = _encode(line)
        if self._metrics:
            text = with_metrics(text, line, record.created + utc.correction())
        return self._visible(text)


class TextFormatter(logging.Formatter):
    """One line an event, whatever the names in it hold; the lines of a traceback follow it.

    An event with `lines` has them from another process, whose formatter made them.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the event's line, or lines."""
        lines = vars(record).get("lines")
        return visible_lines(lines) if lines else super().format(record)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """Return the moment of an event, of which there are many in each second."""
        return _second(int(record.created), datefmt or self.default_time_format)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Return the line."""
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        """Return the traceback."""
        return visible_lines(super().formatException(ei))


@lru_cache(4)
def _second(seconds: int, form: str) -> str:
    return time.strftime(form, time.localtime(seconds))


@lru_cache(4)
def _utc_second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


class _Held(threading.local):
    """The events that a thread holds back, each with what is to write it; None: it holds none."""

    events: list[tuple[LinesHandler, logging.LogRecord]] | None = None


_held = _Held()


class LinesHandler(logging.StreamHandler[IO[str]]):
    """Writes a line for each event; those that came `together` at once.

    Each writing lets other threads in, and is waited for by those that have something to write.
    """

    def handle(self, record: logging.LogRecord) -> bool:
        """Write an event, or hold it back; a warning is never held, it may be long to the end."""
        if _held.events is None:
            return bool(super().handle(record))
        _held.events.append((self, record))
        if record.levelno >= logging.WARNING:
            _write_held()
        return True

    def write(self, records: list[logging.LogRecord]) -> None:
        """Write what was held back."""
        self.acquire()
        try:
            lines = [f"{self.format(record)}{self.terminator}" for record in records]
            self.stream.write("".join(lines))
            self.flush()
        except Exception:  # noqa: BLE001 - as a StreamHandler has it: no event ends what it tells of
            self.handleError(records[-1])
        finally:
            self.release()


def _write_held() -> None:
    """Write what this thread holds back."""
    events, _held.events = _held.events or [], []
    for handler in dict.fromkeys(handler for handler, _ in events):
        handler.write([record for to, record in events if to is handler])


@contextmanager
def together() -> Iterator[None]:
    """Have what this thread logs within the block written at its end."""
    _held.events = []
    try:
        yield
    finally:
        _write_held()
        _held.events = None


def to_handler(handler: logging.Handler, formatter: logging.Formatter) -> None:
    """Have all events of labapp written by one handler, instead of any before it; none at the end.

    Python cuts off the threads that are still at work when it ends, such as jobs that outlast their
    grace period. One that is cut off within a write keeps the stream's lock for good, and Python
    aborts over that (`_enter_buffered_busy`). So at its end the handler is held against them.
    """
    handler.setFormatter(formatter)
    root = logging.getLogger(ROOT)
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    root.propagate = False
    # Nobody is told where in the code an event was logged, or in which thread: a third of its cost.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    atexit.register(handler.acquire)


def to_stream(stream: IO[str], *, as_json: bool = False, metrics: bool = False) -> None:
    """Have all events written as lines of text, or of JSON; `metrics` as of `JsonFormatter`."""
    text = TextFormatter("%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S")
    ascii = not is_utf8(getattr(stream, "encoding", None))
    lines = JsonFormatter(ascii=ascii, metrics=metrics)
    to_handler(LinesHandler(stream), lines if as_json else text)


def warn(text: str) -> None:
    """Write one line, if it is not empty, of what holds for as long as the worker runs."""
    if text:
        logging.getLogger(ROOT).warning("%s", text)
