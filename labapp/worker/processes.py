"""Several worker processes under one parent, which starts them, watches them and stops them.

Each child is a whole worker with one process, writing its events as JSON lines; the parent reads
them onto its own stats and log, so the console shows all children as one. Where nobody wants more
of them than lines of text, each child writes those, and the parent passes them on: that spares most
of the work. A child whose parent is gone sees its standard input end, and stops by itself: nobody
is left behind, on any platform.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import logging
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from itertools import groupby

from labapp import background, foreign
from labapp.cloud.session import Cloud
from labapp.waits import delay
from labapp.worker import in_hand
from labapp.worker.control import TICK, Runnable
from labapp.worker.local_workers import command
from labapp.worker.logs import together
from labapp.worker.stats import Finished, WorkerStats

log = logging.getLogger(__name__)

#: Seconds beyond the grace period before a child that does not stop is killed.
KILL_AFTER = 30.0

#: Seconds for which a child that has ended is heard out: what it started may hold its pipe open.
HEARD_OUT = 1.0

#: Characters of an event; those of a job have a few thousand. What a picture makes of its process
#: may write to the same pipe, so nothing of an event is taken as it is.
MOST_EVENT = 200_000

#: Bytes of them that are read at once, at most.
CHUNK = 65_536

#: Seconds between two readings of what a child tells: each of them wakes the parent, and for a
#: screen twenty a second are as good as a thousand. Not on Windows, whose pipes are full after
#: 4 KB, and a child would wait.
BETWEEN = 0.0 if sys.platform == "win32" else 0.02

#: The form of lines for people, and how each begins.
_TEXT = "text"
_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z]+ ")

#: What logging calls its levels.
_LEVELS = logging.getLevelNamesMapping()

#: Names of an event that a log record has already, and may not be given.
_TAKEN = frozenset(vars(logging.makeLogRecord({}))) | {"time", "level", "message", "asctime"}

#: What signals that end a process say of why.
_ENDS = {
    "SIGKILL": "somebody killed it, or the system did as memory ran out ('dmesg' tells)",
    "SIGTERM": "somebody ended it",
    "SIGSEGV": "it crashed in native code",
    "SIGABRT": "it crashed in native code",
    "SIGBUS": "it crashed in native code, or a disk is full",
    "SIGXCPU": "its limit of processor time is used up",
}


class Child:
    """One worker process and the thread that reads its events, or its lines of text."""

    #: Whether it has ended: what it tells of its jobs in hand is over with it.
    _is_over = False

    #: Whether it writes lines of text.
    _writes_text = False

    def __init__(self, number: int, cloud: Cloud, stats: WorkerStats, arguments: list[str]) -> None:
        self.number = number
        self._stats = stats
        self._writes_text = _TEXT in arguments
        words, given = command(cloud.settings, *arguments)
        self.process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=given,
            # A Ctrl-C at the terminal is for the parent, which then stops its children in order.
            **background.popen_options(),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def tell(self, word: str) -> None:
        """Write a word to the child's standard input: `pause` or `stop`."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended; the parent's next look sees that
            self.process.stdin.write(f"{word}\n".encode())
            self.process.stdin.flush()

    def over(self) -> None:
        """Hear out what it told before it ended; from then on it has nothing in hand."""
        self._reader.join(HEARD_OUT)
        self._is_over = True
        self._stats.holds(f"process {self.number}", 0)

    def _read(self) -> None:
        stream = self.process.stderr
        assert isinstance(stream, io.BufferedReader)
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        rest = ""
        # What came at once is told at once: the child has written the events of a batch together.
        while came := stream.read1(CHUNK):
            *lines, rest = (rest + decoder.decode(came)).split("\n")
            if len(rest) > MOST_EVENT:
                lines, rest = [*lines, rest], ""
            self._hear_all(lines)
            time.sleep(BETWEEN)
        if rest:
            self._hear_all([rest])

    def _hear_all(self, lines: Sequence[str]) -> None:
        """Hear what came at once."""
        with together():
            for is_made, some in groupby(lines, self._is_made):
                if is_made:
                    text = "\n".join(some)
                    log.info("%s", text, extra={"lines": text})
                    continue
                for line in some:
                    self._hear(line)

    def _is_made(self, line: str) -> bool:
        """Return whether a line is to be passed on as it is."""
        return self._writes_text and bool(_LINE.match(line))

    def _hear(self, line: str) -> None:
        try:
            event = foreign.read_object(line, MOST_EVENT)
            level = _LEVELS[event["level"].upper()]
        except (ValueError, KeyError, TypeError, AttributeError):
            # Not an event: what Python itself says when a child cannot even start.
            event, level = {"message": line.rstrip(), "event": "child"}, logging.ERROR
        self._take(event, level)

    def _take(self, event: dict[str, object], level: int) -> None:
        what = event.get("event")
        if what == "hands":  # for the screen alone
            held, hands = foreign.count(event.get("in_hand")), in_hand.read(event.get("hands"))
            if not self._is_over:
                self._stats.holds(f"process {self.number}", held, hands)
            return
        fields = {k: v for k, v in event.items() if k not in _TAKEN}
        log.log(level, "%s", event.get("message", ""), extra=fields)
        message = foreign.text(event.get("message"), MOST_EVENT)
        kind = foreign.text(event.get("kind"))
        if what == "job" and not event.get("again"):  # one that came again is counted once
            text = {name: foreign.text(event.get(name)) for name in ("job", "client", "status")}
            seconds = foreign.number(event.get("seconds"))
            words = foreign.text(event.get("text"), MOST_EVENT)
            job = Finished(
                time.time(), kind, **text, seconds=seconds, text=words,
                queue=foreign.text(event.get("queue")),
                receives=foreign.count(event.get("receives")),
                wait=foreign.number(event.get("wait")),
            )  # fmt: skip
            self._stats.note_finished(job)
        elif what == "trouble":
            self._stats.trouble = message
        elif what == "recovered":
            self._stats.trouble = ""
        elif what == "refused":
            self._stats.refuse(f"process {self.number}", kind, message)
        elif what == "allowed":
            self._stats.allow(f"process {self.number}", kind)


class Processes(Runnable):
    """Runs as many worker processes as the settings say.

    Args:
        cloud: where they work.
        until_idle: for each of them.
        as_text: whether nobody wants more of their events than lines of text: no stats, no fields.
    """

    def __init__(self, cloud: Cloud, *, until_idle: bool = False, as_text: bool = False) -> None:
        super().__init__()
        self._as_text = as_text
        self._cloud = cloud
        self._until_idle = until_idle
        self._children: list[Child] = []
        self._halted = False
        self._is_to_suspend = False

    def toggle_pause(self) -> bool:
        """Pause the children or have them go on."""
        paused = super().toggle_pause()
        for child in self._children:
            child.tell("pause")
        return paused

    def halt(self, halted: bool) -> None:
        """Have the children receive nothing more while their parent is stopped by Ctrl-Z.

        They finish what they have in flight, and end as ever if the parent never comes back.
        """
        if halted != self._halted and not self._paused.is_set():
            for child in self._children:
                child.tell("pause")
        self._halted = halted

    def suspend(self) -> None:
        """Ask for what Ctrl-Z does: to be stopped until a shell continues it, the children halted.

        Takes no lock, so a signal handler may call it at any moment.
        """
        self._is_to_suspend = True

    def run(self) -> None:
        """Start the children, start again those that die, and stop all when asked to."""
        wanted = self._cloud.settings.processes
        self._children = [self._start(number) for number in range(1, wanted + 1)]
        restarts = 0
        while not self.stopping:
            time.sleep(TICK)
            if self._is_to_suspend:
                self._suspend()
            if all(child.process.poll() == 0 for child in self._children):
                break
            for position, child in enumerate(self._children):
                if child.process.poll() and not self.stopping:
                    restarts += 1
                    child.over()
                    self.stats.allow(f"process {child.number}")
                    self.stats.trouble = ""  # the next one tells of its own
                    log.error(
                        "process %d %s. It is started again; what it had in hand comes back within"
                        " %d s", child.number, how_it_ended(child.process.returncode),
                        self._cloud.settings.visibility_timeout, extra={"event": "child"},
                    )  # fmt: skip
                    self._pass(delay(restarts))
                    if not self.stopping:
                        self._children[position] = self._start(child.number)
        self._wind_down()
        for child in self._children:
            child.over()
        self.stats.state = "stopped"

    def _suspend(self) -> None:
        """Stop here, in the main thread, until continued."""
        self._is_to_suspend = False
        self.halt(True)
        background.stop_here()
        self.halt(False)

    def _pass(self, seconds: float) -> None:
        """Let time pass, less if told to stop meanwhile."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.stopping:
            time.sleep(TICK)

    def _start(self, number: int) -> Child:
        form = _TEXT if self._as_text else "json"
        arguments = ["--plain", "--log-format", form, "--child", "--processes", "1"]
        arguments += ["--until-idle"] if self._until_idle else []
        child = Child(number, self._cloud, self.stats, arguments)
        if self._paused.is_set():
            child.tell("pause")
        return child

    def _wind_down(self) -> None:
        settings = self._cloud.settings
        until = time.monotonic() + settings.grace_seconds + settings.wait_seconds + KILL_AFTER
        for child in self._children:
            child.tell("stop")
        told_again = False
        while any(child.process.poll() is None for child in self._children):
            if self._stops_asked > 1 and not told_again:
                told_again = True
                for child in self._children:
                    child.tell("stop")
            if time.monotonic() > until:
                for child in self._children:
                    child.process.kill()
            time.sleep(TICK)


def how_it_ended(code: int) -> str:
    """Return what an exit code tells of a process's end.

    A negative one names a signal; one beyond 16 bits is how Windows ends what cannot go on.
    """
    if code > 0xFFFF:
        from labapp.pictures.caps import CRASHES  # with all of the pictures' children

        why = CRASHES.get(code, "'certutil -error' says what that is")
        return f"was ended by Windows with 0x{code:08X}: {why}"
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    why = _ENDS.get(name, "somebody ended it")
    return f"was ended by {name}: {why}"
