"""What would be made of a wish, in the words in which it is told and asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labapp.cloud.fleet import prices, template
from labapp.console.figures import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.cloud.fleet.account import Account
    from labapp.cloud.fleet.change_sets import ChangeSet
    from labapp.cloud.fleet.model import Change, Code, Wishes
    from labapp.cloud.fleet.network import Network
    from labapp.cloud.fleet.prices import Cost
    from labapp.cloud.roles import Names

#: What is said in an account of AWS Academy.
ACADEMY = (
    "this is AWS Academy, where no roles can be made: instances get the profile {}, and everybody"
    " in the account may do everything"
)

#: What is said of a fleet that an update leaves parked.
PARKED = "the fleet is parked, and stays so: 'deploy wake' starts it"

#: What has instances replaced where it is changed: a group alone is changed under them.
_TEMPLATE = "WorkerTemplate"


@dataclass(frozen=True)
class Plan:
    """What would be made of a wish.

    Attributes:
        account: whose.
        region: where.
        wishes: what is asked and what stays, whole.
        code: what instances would run.
        change_set: what AWS would do; an empty one: nothing.
        cost: what it would cost.
        is_parked: whether nothing would run until somebody wakes the fleet.
    """

    account: Account
    region: str
    wishes: Wishes
    code: Code
    change_set: ChangeSet
    cost: Cost
    is_parked: bool = False

    @property
    def changes(self) -> tuple[Change, ...]:
        """What would be done to which resource."""
        return self.change_set.changes

    @property
    def question(self) -> str:
        """What is asked before it is done."""
        verb = "Make" if self.change_set.is_new else "Change"
        where = f"account {short_account(self.account.id)}, {self.region}"
        return f"{verb} this in {where}, at {self.cost.sentence}?"

    @property
    def notes(self) -> list[str]:
        """What else there is to know before it is done."""
        told = []
        if self.account.is_academy and self.wishes.profile:
            told.append(ACADEMY.format(self.wishes.profile))
        if self.is_parked:
            told.append(PARKED)
        return told

    @property
    def renews(self) -> bool:
        """Whether instances are made, or made anew."""
        return self.change_set.is_new or any(one.name == _TEMPLATE for one in self.changes)


def short_account(number: str) -> str:
    """Return an account's number as it is shown: `1234…9012`."""
    return f"{number[:4]}…{number[-4:]}" if len(number) > 8 else number


def cost_of(whole: Wishes, names: Names) -> Cost:
    """Return what a fleet of these wishes costs in a lab of these names."""
    least, most, queues = whole.least or 0, whole.most or 0, len(names.taken)
    scaled, polled = min(queues, template.MOST_SCALED), min(queues, template.MOST_POLLED)
    alarms = prices.alarms(queues, scaled, polled, least)
    return prices.monthly(str(whole.type), least, most, alarms=alarms, is_spot=bool(whole.is_spot))


def told_of_network(found: Network) -> str:
    """Return which network was found, as a step tells it."""
    zones = len(set(found.zones))
    return f"{found.vpc}, {plural(len(found.subnets), 'subnet')} in {plural(zones, 'zone')}"


def told_of_changes(changes: Sequence[Change]) -> str:
    """Return how much would change, as a step tells it."""
    counts = dict.fromkeys(("add", "change", "replace", "remove"), 0)
    for one in changes:
        counts[one.action] = counts.get(one.action, 0) + 1
    told = [f"{count} to {action}" for action, count in counts.items() if count]
    return ", ".join(told) or "nothing would change"
