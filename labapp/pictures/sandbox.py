"""Do foreign pictures in processes of their own, so that whatever one does hurts nobody.

A thread cannot be killed, and a decoder fed by strangers may hang, crash, eat all memory or be
taken over. On Linux a child is forked from a process that has OpenCV and NumPy loaded and warm.
While pictures follow one another it does the next one too, since fresh memory costs a fifth of a
picture's time; a second without one, or one that goes wrong, ends it, and all its memory is given
back. Only a fresh child's word is taken for what goes wrong by crash or memory: a used one may
suffer from its past.

On macOS, where a fork of a process that has loaded OpenCV and Accelerate is not safe, and on other
systems a child is started anew, which takes half a second. So it stays for longer, and also after
a picture that it has refused; and a worker begins the next one ahead, while nobody waits for it.

The parent holds the deadline, opens the files and believes no answer that it has not checked
(`answers`); the child caps its own memory and CPU time, and gives up all else that the platform
lets it (`confinement`): whoever takes it over can give a wrong picture, and no more. What it cannot
bound itself, the parent bounds where it can (`started`); what is bound nowhere is told.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from labapp import waits
from labapp.errors import JobFailedError, LabappError, RefusedError
from labapp.pictures import answers, begin, child, line, task_files
from labapp.pictures.answers import LieError
from labapp.pictures.caps import Caps, EndedError, error_of, too_long, too_much_memory
from labapp.pictures.forked import Forked
from labapp.pictures.line import FullError, GoneError, LateError, Most
from labapp.pictures.several import MOST_TOGETHER, Leave, Several, Tell
from labapp.pictures.started import OverPipes, OverSocket
from labapp.pictures.task_files import Task

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["Caps", "EndedError", "Sandbox", "Task"]

Result = TypeVar("Result")

#: One process.
Child: TypeAlias = Forked | OverSocket | OverPipes

#: Whether children are forked. Elsewhere than on Linux it is not known of what is loaded whether it
#: survives that.
FORKS = sys.platform == "linux"

#: Whether children that are not forked are handed their files, over a socket.
HANDS_FILES = sys.platform != "win32" and hasattr(socket, "send_fds")

#: What a child does.
_work = child.work


class Sandbox:
    """The processes that do pictures; shared by threads, as many at once as there are.

    The first starts with the first picture: a worker that only sums up numbers never pays for it.

    Args:
        caps: what each picture may take.
        preload: the module that the process loads which children are forked from; there is one for
            each such module in a program.
    """

    def __init__(self, caps: Caps, preload: str) -> None:
        self._caps = caps
        self._preload = preload
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._next: Future[Child] | None = None
        #: What the last child that was begun could not give up; None before there was one.
        self.missing: tuple[str, ...] | None = None

    def run(self, task: Task[Result]) -> Result:
        """Do a task.

        Raises:
            RefusedError: the picture or its pipeline breaks a rule, or needs more memory than it
                may.
            JobFailedError: it took too long, or its process crashed; it would again.
            EndedError: the process was ended from outside, or none could be begun.
        """
        used = self._take()
        outcome = self._ask(used, task) if used else None
        if outcome is None or isinstance(outcome, LieError | FullError):
            fresh = self._begun_ahead() or self._begin()
            outcome = self._ask(fresh, task) or error_of(fresh.ended.code, self._caps)
        found = self._told(outcome)
        if isinstance(found, LabappError):
            raise found
        return cast("Result", found)

    @property
    def together(self) -> int:
        """How many tasks are worth being given to `run_all` at once."""
        return MOST_TOGETHER if FORKS else 1

    def run_all(self, tasks: Sequence[Task[Any]], tell: Tell, leave: Leave) -> None:
        """Do small tasks without files, one after the other, in one child while all goes well.

        Each goes as by `run`, by its own caps; who goes wrong does so alone.

        Args:
            tasks: at most as many as are done `together`.
            tell: told at once of each that is done: its place, its result or its LabappError.
            leave: given the places of those that lie behind one that takes long: this does them no
                more.
        """

        def tell_of(place: int, outcome: object) -> None:
            tell(place, self._told(outcome))

        left, is_doubted = deque(range(len(tasks))), False
        while left:
            used = None if is_doubted else self._take()
            try:
                whom = used or self._begin()
            except LabappError as error:
                for place in left:
                    tell(place, error)
                return
            assert isinstance(whom, Forked)
            several = Several(whom, used is not None, tasks, left, tell_of, leave, self._caps)
            try:
                is_doubted = several.run()
            finally:
                self._put_back(whom, kept=several.is_well)

    def _told(self, outcome: object) -> object:
        """Return what is told of an outcome, which may be no error to tell."""
        if isinstance(outcome, LieError):
            said = f"the process of the picture gave no answer that can be: {outcome}"
            return JobFailedError(said, "Send another picture.")
        return too_much_memory(self._caps) if isinstance(outcome, FullError) else outcome

    def prepare(self) -> None:
        """Begin a child behind, and with it what children are forked from, unless one waits."""
        with self._lock:
            if self._idle:
                return
        self._begin_ahead()

    def _begin(self) -> Child:
        """Begin a child, and hear what it could not give up."""
        fresh = begun(self._preload)
        until = time.monotonic() + begin.BEGIN_SECONDS
        try:
            said = fresh.ask(line.message((_work, self._caps)), (), Most(answers.MOST_WORDS), until)
            missing = answers.value_of(child.Ready, answers.read(said.words)).missing
            self.missing = fresh.hold(self._caps.memory, missing)
        except GoneError:
            ended = fresh.ended
            fresh.end()
            why = ended.unbegun or error_of(ended.code, self._caps).message
            raise unbegun(why) from None
        except (LateError, LieError, LabappError) as error:
            fresh.end()
            raise unbegun("it is not ready") from error
        return fresh

    def _begin_ahead(self) -> None:
        """Begin a child behind, unless there is one that was begun ahead."""
        from concurrent.futures import Future  # not where children are forked

        with self._lock:
            if self._next is not None:
                return
            ahead = self._next = Future()

        def begin_it() -> None:
            try:
                ahead.set_result(self._begin())
            except Exception as error:  # noqa: BLE001 - raised where it is asked for
                ahead.set_exception(error)

        threading.Thread(target=begin_it, daemon=True).start()

    def _begun_ahead(self) -> Child | None:
        """Return the child that was begun ahead, once it is ready; None where there is none."""
        with self._lock:
            ahead, self._next = self._next, None
        with contextlib.suppress(LabappError):  # what another one says of the reason is newer
            return waits.result(ahead) if ahead is not None else None
        return None

    def _ask(self, whom: Child, task: Task[Result]) -> object:
        """Have a child do a picture, and keep it for the next; None where it ended without a word.

        Who gave no result is killed, unless another is dear and it is well: it refused the picture.
        """
        outcome: object = None
        try:
            outcome = self._answer(whom, task)
        finally:
            failed = outcome is None or isinstance(outcome, LabappError | LieError | FullError)
            kept = not failed or (whom.is_dear and isinstance(outcome, RefusedError))
            self._put_back(whom, kept=kept)
            if failed and task.result is not None:
                with contextlib.suppress(OSError):  # another program looks at it just now
                    task.result.unlink(missing_ok=True)
            if whom.is_dear and (self._caps.on_worker or not kept):
                self._begin_ahead()
        return outcome

    def _put_back(self, whom: Child, *, kept: bool) -> None:
        """Keep a child for the next picture, or end it."""
        if not kept:
            whom.end()
            return
        with self._lock:
            self._idle.append(whom)

    def _answer(self, whom: Child, task: Task[Result]) -> object:
        """Return what becomes of a picture: its result, an error, a lie, too much, or None."""
        until = time.monotonic() + self._caps.seconds
        opened: list[int] = []
        try:
            opened = task_files.descriptors(task)
            if not whom.takes_files:  # it opens them itself, now that it is known that it can
                task_files.close(opened)
                opened = []
            travels, beside = task_files.apart(task) if whom.takes_files else (task, [])
            opened = [*beside, *opened]
            said = whom.ask(line.message(travels), opened, task.most, until)
            return task.result_of(said, opened[-1] if opened and task.result else None)
        except (LieError, LabappError, FullError) as error:
            return error
        except OSError as error:
            return EndedError(f"the picture's files cannot be opened: {error.strerror or error}")
        except LateError:
            return too_long(self._caps)
        except GoneError:  # before it spoke, or in the middle of it
            _ = whom.ended  # before it is killed, which is no way to end of its own
            return None
        finally:
            task_files.close(opened)

    def _take(self) -> Child | None:
        """Return a child that waits for a picture; None where there is none."""
        with self._lock:
            waiting = self._idle.pop() if self._idle else None
            gone = [one for one in self._idle if one.is_gone()]
            self._idle = [one for one in self._idle if one not in gone]
        for one in gone:
            one.end()
        return waiting


def begun(preload: str) -> Child:
    """Begin a child.

    Args:
        preload: the module that is loaded before the first picture comes.

    Raises:
        EndedError: none could be begun.
    """
    try:
        if FORKS:
            return Forked(preload)
        return OverSocket(preload) if HANDS_FILES else OverPipes(preload)
    except OSError as error:  # no memory, too many processes or open files
        raise unbegun(error.strerror or str(error)) from error


def unbegun(why: str) -> EndedError:
    """Return the error for a child that could not be begun."""
    return EndedError(f"no process could be begun for the picture: {why}")
