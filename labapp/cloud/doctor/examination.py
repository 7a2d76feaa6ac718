"""Checks are made side by side, each as soon as what it needs is known to hold.

One that fails ends nothing: what needs it is told as not tried, and all else is looked at. However
the examination ends, what its probes wrote is removed before it does: they run on for a moment, and
are asked not to wait.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from labapp.cloud.doctor.finding import Finding, of_error
from labapp.errors import LabappError

#: Seconds that one check may take: a call of the doctor's is given up after half of it.
LONGEST = 10.0

#: Seconds that probes are given, at the end, to remove what they wrote.
CLEARING = 8.0


@dataclass(frozen=True)
class Check:
    """One thing to look at.

    Attributes:
        name: what it is called, by people and by checks that need it.
        look: looks, and yields what it found. An error of ours ends it: it is told as what was
            found, and what needs this check is not tried.
        needs: the names of checks before it, without whose end in order it can tell nothing.
        seconds: how long it may take.
        meaning: what it does to the user's work where it ends by an error.
    """

    name: str
    look: Callable[[], Iterable[Finding]]
    needs: tuple[str, ...] = ()
    seconds: float = LONGEST
    meaning: str = ""


@dataclass
class _Made:
    """What became of a check: what it found so far, and what it lacked."""

    check: Check
    findings: list[Finding] = field(default_factory=list)
    failed: bool = False
    lacking: str = ""
    started: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)


class Examination:
    """Makes checks, as a context manager, which ends once all probes have been removed.

    Args:
        checks: in the order in which their findings are told; what one needs stands before it.
        stop: set when nobody waits for what is found any more: checks that wait look at it.
    """

    def __init__(self, checks: Sequence[Check], stop: threading.Event) -> None:
        self._made = {check.name: _Made(check) for check in checks}
        self._stop = stop
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Examination:
        for made in self._made.values():
            thread = threading.Thread(target=self._attend, args=(made,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        until = time.monotonic() + CLEARING
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def findings(self) -> Iterator[Finding]:
        """Yield what is found, in the order of the checks, as soon as each has ended."""
        for made in self._made.values():
            while not made.ended.wait(0.1):
                if made.started and time.monotonic() - made.started > made.check.seconds:
                    break
            yield from self._found_by(made)

    def _found_by(self, made: _Made) -> list[Finding]:
        if made.ended.is_set():
            return made.findings
        name, seconds = made.check.name, made.check.seconds
        made.failed = True
        late = f"no answer within {seconds:.0f} seconds"
        return [*made.findings, Finding(name, "cannot tell", late, "", "Try again later.")]

    def _attend(self, made: _Made) -> None:
        """Wait for what a check needs, and make it."""
        check = made.check
        try:
            lacking = next(filter(None, map(self._lacking, check.needs)), "")
            made.started = time.monotonic()
            if lacking:
                made.lacking, made.failed = lacking, True
                told = f"not tried, see '{lacking}'"
                made.findings.append(Finding(check.name, "cannot tell", told))
            elif not self._stop.is_set():
                for finding in check.look():
                    made.findings.append(finding)
        except LabappError as error:
            made.failed = True
            made.findings.append(of_error(check.name, error, check.meaning))
        except Exception as error:  # noqa: BLE001 - one check's bug must not hide what others find
            made.failed = True
            told = f"an unforeseen error: {type(error).__name__}: {error}"
            made.findings.append(Finding(check.name, "cannot tell", told))
        finally:
            made.ended.set()

    def _lacking(self, name: str) -> str:
        """Wait for a check; return the one that failed first on the way to it, empty if none did.

        A gap in what is known, not each that follows from it, is what people have to mend.
        """
        made = self._made[name]
        while not made.ended.wait(0.1):
            if self._stop.is_set() or made.failed:
                break
        return (made.lacking or name) if made.failed or self._stop.is_set() else ""
