"""Several small pictures given to one forked child at once, each with its own deadline.

A child answers in the order in which it was asked. So whoever it is silent over is known: those
before are done, those behind were not begun, and are done again elsewhere. That is also done with
what lies behind a picture that takes long, since nobody knows how much longer.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from labapp.errors import LabappError
from labapp.pictures import line
from labapp.pictures.answers import LieError
from labapp.pictures.caps import Caps, error_of, too_long
from labapp.pictures.forked import Forked
from labapp.pictures.line import GoneError, LateError
from labapp.pictures.task_files import Task

#: Pictures that are given to a child at once, at most: as many as a receive of SQS brings. More
#: would not be cheaper.
MOST_TOGETHER = 10

#: Seconds for which small pictures wait behind one in the same child: a hundred times what such a
#: picture takes, and a sixtieth of what it may.
PATIENCE = 0.5

#: Told of each picture that is done: its place, and its result or what went wrong.
Tell: TypeAlias = Callable[[int, object], None]

#: Given the places of those that are to be done elsewhere.
Leave: TypeAlias = Callable[[Sequence[int]], None]


@dataclass
class Several:
    """Tasks without files, as far as one child does them.

    Args:
        whom: the child.
        is_used: whether it has done pictures before: then what goes wrong may be their fault.
        tasks: all of them.
        left: the places of those that are not done; shortened as they are.
        tell: told of each that is done.
        leave: given those that lie behind one that takes long.
    """

    whom: Forked
    is_used: bool
    tasks: Sequence[Task[Any]]
    left: deque[int]
    tell: Tell
    leave: Leave
    caps: Caps
    #: Whether the child may do more pictures after these.
    is_well: bool = field(default=False, init=False)
    _is_doubted: bool = field(default=False, init=False)

    def run(self) -> bool:
        """Do them; return whether a fresh child is to do the first that is left."""
        while self.left:
            # A fresh one's first is alone with it: nothing else may be why that goes wrong.
            if not self._pass([*self.left] if self.is_used else [self.left[0]]):
                return self._is_doubted
        self.is_well = True
        return False

    def _pass(self, places: Sequence[int]) -> bool:
        """Have some done; return whether the child may go on."""
        began, is_whole = time.monotonic(), True
        try:
            tasks = b"".join(line.message(self.tasks[place]) for place in places)
            self.whom.send(tasks, began + (PATIENCE if len(places) > 1 else self.caps.seconds))
        except LateError:
            is_whole = False
        except LieError as error:
            return self._takes(error)
        for place in places:
            if len(self.left) > 1 and not (is_whole and self.whom.speaks(began + PATIENCE)):
                is_whole = False
                self.leave([self.left.pop() for _ in range(len(self.left) - 1)][::-1])
            if not self._takes(self._heard(place, began + self.caps.seconds)):
                return False
            began = time.monotonic()
            if not self.left:
                break
        return is_whole

    def _heard(self, place: int, until: float) -> object:
        """Return what becomes of one: its result, an error, a lie, or None without a word."""
        task = self.tasks[place]
        try:
            return task.result_of(self.whom.hear(task.most, until), None)
        except (LieError, LabappError) as error:
            return error
        except LateError:
            return too_long(self.caps)
        except GoneError:
            _ = self.whom.ended  # before it is killed, which is no way to end of its own
            return None

    def _takes(self, outcome: object) -> bool:
        """Take in what became of the first that is left; return whether the child may go on."""
        is_wrong = outcome is None or isinstance(outcome, LieError)
        if is_wrong and self.is_used:
            self._is_doubted = True
            return False
        self.is_used = True
        place = self.left.popleft()
        self.tell(place, error_of(self.whom.ended.code, self.caps) if outcome is None else outcome)
        return not is_wrong and not isinstance(outcome, LabappError)
