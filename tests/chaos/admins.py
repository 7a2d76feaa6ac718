"""Admins who decide by real commands while people label, killed at any moment and begun again.

Each has annotators and pictures of its own to decide on, so that what it was told is done last is
what is to hold; all of them write the same small file and the same label files.
"""

from __future__ import annotations

import random
import subprocess
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from labapp.errors import CloudError, MissingResourceError
from labapp.labels import annotator_file
from tests.chaos.tally_labels import Decided
from tests.chaos.world import World

#: The part of commands that is killed, and seconds after their start, from and to.
KILLED, AFTER = 0.4, (0.2, 2.0)

#: Times that a command may fail in a row, in an outage, and seconds between two.
_PATIENCE, _REST = 40, 0.5

#: What a command is told.
Words = tuple[str, ...]


@dataclass(frozen=True)
class Duty:
    """What an admin is there for.

    Attributes:
        name: the admin's own name.
        withdraws: whose answers it withdraws and restores.
        leaves_out: whom it leaves out and takes back; empty for nobody.
        merges: a name and whom it counts as; empty for none.
        keys: the pictures that it settles.
    """

    name: str
    withdraws: str
    leaves_out: str
    merges: tuple[str, ...]
    keys: tuple[str, ...]


class Deciding:
    """One admin's acts, each of them tried until it is told to be done.

    Args:
        duty: what it does.
        seed: what it is drawn from.
        tried: does an act; returns whether it told that it is done, and what else it told.
        kept: returns what the bucket keeps of annotators.
    """

    def __init__(
        self,
        duty: Duty,
        seed: int,
        tried: Callable[[Words], tuple[bool, str]],
        kept: Callable[[], str],
    ) -> None:
        self.decided = Decided()
        #: Acts told done, by what they are; and what was told done and does not stand.
        self.acts = Counter[str]()
        self.broken: list[str] = []
        self.chance = random.Random(f"{seed}:{duty.name}")
        self._duty = duty
        self._tried = tried
        self._kept = kept

    def go_on(self) -> None:
        """Decide one thing more."""
        duty, decided = self._duty, self.decided
        ways: list[Words] = [
            ("restore" if duty.withdraws in decided.gone else "withdraw", duty.withdraws)
        ]
        if duty.leaves_out:
            verb = "take-back" if duty.leaves_out in decided.left_out else "leave-out"
            ways.append((verb, duty.leaves_out))
        if duty.merges:
            is_one = duty.merges[0] in decided.same
            ways.append(("split", duty.merges[0]) if is_one else ("merge", *duty.merges))
        key, word = self.chance.choice(duty.keys), self.chance.choice(("1", "0", "--undo"))
        self._do(self.chance.choice([*ways, *[("verdict", key, word)] * len(ways)]))

    def end(self) -> None:
        """Withdraw the rest of those who went on labelling after their withdrawal."""
        for name in [*self.decided.gone]:
            self._do(("withdraw", name))

    def _do(self, words: Words) -> None:
        for _ in range(_PATIENCE):
            is_done, told = self._tried(words)
            self.decided.note(words, is_done=is_done)
            if is_done:
                self.acts[words[0]] += 1
                self._check(words)
                return
        raise RuntimeError(f"{' '.join(words)} was never done: {told}")

    def _check(self, words: Words) -> None:
        """Note where what this admin was told is done does not stand, whatever others decided."""
        said = tomllib.loads(self._kept())
        duty, decided = self._duty, self.decided
        out, same = said.get("left_out", []), said.get("same", {})
        if duty.leaves_out and (duty.leaves_out in out) != (duty.leaves_out in decided.left_out):
            self.broken.append(f"{words}: left out {out}")
        if duty.merges and same.get(duty.merges[0]) != decided.same.get(duty.merges[0]):
            self.broken.append(f"{words}: same {same}")


def together(admins: Iterable[Deciding]) -> Decided:
    """Return what all have decided; no two decide on the same."""
    found = Decided()
    for decided in (admin.decided for admin in admins):
        found.gone |= decided.gone
        found.left_out |= decided.left_out
        found.same |= decided.same
        found.verdicts |= decided.verdicts
    return found


class Admin(threading.Thread):
    """An admin at a terminal of its own.

    Args:
        world: where.
        duty: what it does there.
        most: acts that it does at least.
        is_over: whether nobody labels any more; until then it goes on.
    """

    def __init__(self, world: World, duty: Duty, most: int, is_over: Callable[[], bool]) -> None:
        super().__init__(name=duty.name, daemon=True)
        self.deciding = Deciding(duty, world.faults.seed, self._tried, self._kept)
        self.kills = 0
        self._world = world
        self._most = most
        self._is_over = is_over
        self._error: Exception | None = None

    def run(self) -> None:
        """Decide one thing after the other."""
        try:
            while self.deciding.acts.total() < self._most or not self._is_over():
                self.deciding.go_on()
            self.deciding.end()
        except Exception as error:  # noqa: BLE001 - told where the thread is waited for
            self._error = error

    def end(self) -> None:
        """Wait until it is through.

        Raises:
            RuntimeError: it could not do what it was to do.
        """
        self.join(900)
        if self._error is not None or self.is_alive():
            raise RuntimeError(f"{self.name} did not come through") from self._error

    def _tried(self, words: Words) -> tuple[bool, str]:
        """Run a command, and kill it perhaps."""
        argv = ["admin.py", *(() if words[0] == "verdict" else ("annotators",)), *words]
        argv += ["--yes"] * (words[0] == "withdraw")
        begun = self._world.spawn(argv, f"admin-{self.name}", user=self.name)
        chance = self.deciding.chance
        try:
            begun.process.wait(chance.uniform(*AFTER) if chance.random() < KILLED else 120)
        except subprocess.TimeoutExpired:
            begun.kill()
            self.kills += 1
            return False, "killed"
        if begun.process.returncode:
            time.sleep(_REST)
        return begun.process.returncode == 0, begun.log.read_text()[-1000:]

    def _kept(self) -> str:
        """Return what is decided in the bucket, which may be away just now."""
        for _ in range(_PATIENCE):
            try:
                return self._world.bucket.get(annotator_file.KEY).body.decode()
            except MissingResourceError:
                return ""
            except CloudError:
                time.sleep(_REST)
        raise RuntimeError("the bucket was away for too long")
