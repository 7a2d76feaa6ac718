"""The end of a fleet, and of the lab's data with it where that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labapp.cloud.fleet import failures, resources, stack
from labapp.cloud.fleet.model import LAB
from labapp.console.figures import plural
from labapp.errors import UsageError
from labapp.jobs import lab_removal
from labapp.programs.fleet import looking
from labapp.programs.fleet.steps import Step, Told, until_done

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: The steps.
FLEET, DATA = "fleet", "data"


@dataclass(frozen=True)
class Removal:
    """What would be removed.

    Attributes:
        resources: how many the stack has; 0: there is no fleet.
        bucket: the bucket's name.
        queues: the queues that go too; None: bucket and queues stay.
    """

    resources: int
    bucket: str
    queues: list[str] | None = None

    @property
    def question(self) -> str:
        """What is asked before it is done."""
        fleet = f"the fleet {LAB} ({plural(self.resources, 'resource')})"
        if self.queues is None:
            return f"Remove {fleet}? The bucket {self.bucket} and its queues stay."
        what = f"{fleet}, the" if self.resources else "the"
        return (
            f"Remove {what} bucket {self.bucket} with all that is in it, for good, and"
            f" {plural(len(self.queues), 'queue')}?"
        )

    @property
    def word(self) -> str:
        """What has to be typed; empty: y is enough."""
        return "" if self.queues is None else self.bucket

    @property
    def scripted(self) -> str:
        """What scripts say instead."""
        return f"--yes --bucket-name {self.word}" if self.word else "--yes"

    def check_name(self, named: str, *, is_asked: bool) -> None:
        """See to it that who deletes data without being asked names the bucket.

        Args:
            named: the name that was given; empty: none was.
            is_asked: whether it will be asked for, or nothing is removed.

        Raises:
            UsageError: it is another bucket's, or is lacking, or there is no data to go.
        """
        if named and not self.word:
            raise UsageError("--bucket-name is for --with-data alone: without it the bucket stays")
        if named and named != self.word:
            raise UsageError(
                f"nothing was removed: the bucket is {self.word}, and not {named}",
                f"Say --bucket-name {self.word} to delete it with all that is in it.",
            )
        if self.word and not named and not is_asked:
            raise UsageError(
                f"nothing was removed: --with-data deletes the bucket {self.word} with all that is"
                " in it, for good, and --yes alone is not enough for that",
                f"Say {self.scripted} to do it.",
            )


def look(cloud: Cloud, *, with_data: bool) -> Removal:
    """Return what would be removed.

    Raises:
        MissingResourceError: there is nothing to remove.
        RefusedError: with the lab's data that of others would go.
        CloudError: the stack of that name is somebody else's.
    """
    if with_data:
        lab_removal.check_own(cloud)
    count = resources.count(cloud)
    found = stack.describe(cloud)
    if found is not None:
        failures.check_ours(found, cloud)
    if found is None or not found.is_there:
        count = 0
        if not with_data:
            looking.existing(cloud)  # says that there is none
    queues = lab_removal.queues_of(cloud) if with_data else None
    return Removal(count, cloud.bucket_name, queues)


def steps(cloud: Cloud, what: Removal, pause: Callable[[float], object]) -> Iterator[Told]:
    """Remove it, step by step.

    Raises:
        CloudError: something could not be removed.
    """
    after = stack.newest_event(cloud)
    if gone := stack.remove(cloud):
        yield Step(FLEET)
        yield from until_done(cloud, gone.id, pause, "remove the fleet", after=after, removed=True)
        yield Step(FLEET, f"{plural(what.resources, 'resource')} removed")
    if what.queues is not None:
        yield Step(DATA)
        told = list(lab_removal.remove(cloud))
        yield Step(DATA, f"{told[0]}, {plural(len(told) - 1, 'queue')} removed")
