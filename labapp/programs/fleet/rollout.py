"""The steps from a wish to a fleet that answers: for the command and for the menu's pages alike.

`prepare` looks and plans: it has AWS work out what would change, and makes nothing. `carry_out` is
for when that was agreed to: it makes bucket and queues where they are missing, stores the code, and
has AWS do the rest. In between stands the one question. Each step is told when it begins and when
it has ended, events as they come.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.cloud.fleet import (
    account,
    artifact,
    change_sets,
    failures,
    group,
    network,
    parameters,
    stack,
    template,
    wheels,
)
from labapp.cloud.patience import PATIENT, Patience
from labapp.console.figures import duration, plural, size
from labapp.errors import CloudError, LabappError, MissingResourceError
from labapp.jobs import lab
from labapp.jobs.permissions import names_of
from labapp.programs.fleet import proof, steps, table
from labapp.programs.fleet.plan import (
    Plan,
    cost_of,
    short_account,
    told_of_changes,
    told_of_network,
)
from labapp.programs.fleet.steps import Step, Told, follow, until_done

if TYPE_CHECKING:
    from labapp.cloud.fleet.account import Account
    from labapp.cloud.fleet.change_sets import ChangeSet
    from labapp.cloud.fleet.model import Code, Wishes
    from labapp.cloud.fleet.network import Network
    from labapp.cloud.fleet.stack import Stack
    from labapp.cloud.roles import Names
    from labapp.cloud.session import Cloud

#: The steps before the question, and those behind it.
ACCOUNT, RIGHTS, UP, NETWORK, CODE, PLANNED = (
    *("account", "rights", "bucket and queues", "network", "code", "change set"),
)
STACK, WORKER, ANSWER = "stack", table.WORKER, "first answer"
BEHIND = (UP, CODE, STACK, WORKER, ANSWER)

#: Why no worker is waited for.
_ASLEEP = "none: min is 0, so the first starts once something waits"
_PARKED = "none: the fleet is parked; 'deploy wake' starts it"


class Rollout:
    """One change of the fleet, from the wish to the answer of a worker.

    Args:
        cloud: where.
        wishes: what is asked; what is None stays as it is.
        code: what instances are to run, all else staying as it is; None: this checkout's.
        patience: waits for what AWS knows a moment later.
        dry: whether a plan is all that is wanted; then those of others are left as they are.
    """

    def __init__(
        self,
        cloud: Cloud,
        wishes: Wishes,
        *,
        code: Code | None = None,
        patience: Patience = PATIENT,
        dry: bool = False,
    ) -> None:
        self.cloud = cloud
        self.wishes = wishes
        self.plan: Plan | None = None
        #: What the fleet answered, and who reported; empty where nobody was asked.
        self.answer = self.worker = ""
        #: Set where nobody waits any more: AWS goes on.
        self.stop = threading.Event()
        #: Called each second of a wait, for who shows a clock.
        self.tick: Callable[[], object] = lambda: None
        self._code = code
        self._patience = patience
        self._dry = dry
        #: What is known from an earlier plan, and stays.
        self._account: Account | None = None
        self._artifact: artifact.Artifact | None = None

    def prepare(self) -> Iterator[Told]:
        """Look and plan, step by step; `plan` is there at the end.

        Raises:
            CloudError: something cannot be asked or found.
            UsageError: what is asked cannot be.
        """
        self.discard()
        who = yield from self._look()
        present = stack.describe(self.cloud)
        if present is not None and present.is_busy:  # with what an earlier run began, and left
            yield Step(STACK)
            present, _ = yield from follow(self.cloud, present.id, self.pause)
            yield Step(STACK, present.status)
        whole, now = self._whole(who, present), group.describe(self.cloud)
        group.check_sizes(now, parameters.wishes_of(present), whole)
        is_parked = now is not None and now.is_parked
        yield Step(NETWORK)
        kept = self.wishes.subnets is None
        found = network.find(self.cloud, whole, str(whole.type), kept=kept)
        yield Step(NETWORK, told_of_network(found))
        code = yield from self._coded()
        yield Step(PLANNED)
        made = self._change_set(who, whole, code, found, present)
        region = self.cloud.place.region
        self.plan = Plan(
            who, region, whole, code, made, cost_of(whole, self._names(who)), is_parked
        )
        yield Step(PLANNED, told_of_changes(made.changes))

    def carry_out(self) -> Iterator[Told]:
        """Do what was planned, and see that it works, step by step.

        Raises:
            CloudError: AWS could not do it, and has taken it back.
            TimedOutError: no worker reported, or none answered.
        """
        plan, self.plan = self.plan, None  # there is nothing for others to throw away any more
        assert plan is not None  # `prepare` ended with it
        try:
            yield from self._provide(plan)
        except (LabappError, KeyboardInterrupt):
            self.plan = plan
            with contextlib.suppress(CloudError):
                self.discard()
            raise
        began, after = utc.seconds(), stack.newest_event(self.cloud)
        yield Step(STACK)
        change_sets.execute(self.cloud, plan.change_set)
        doing = "make the fleet" if plan.change_set.is_new else "change the fleet"
        yield from until_done(self.cloud, plan.change_set.stack, self.pause, doing, after=after)
        yield Step(STACK, f"done in {duration(int(utc.seconds() - began))}")
        self._prune(plan.code)
        if plan.is_parked or not plan.wishes.least:
            yield Step(WORKER, _PARKED if plan.is_parked else _ASLEEP)
            return
        yield Step(WORKER)
        since = began if plan.renews else None
        self.worker = proof.wait_for_worker(self.cloud, since, self.pause)
        yield Step(WORKER, self.worker)
        yield Step(ANSWER)
        self.answer = proof.answer(self.cloud, self._patience)
        yield Step(ANSWER, self.answer)

    def discard(self) -> None:
        """Throw the plan away, if there is one that nobody carried out."""
        plan, self.plan = self.plan, None
        if plan is not None:
            change_sets.discard(self.cloud, plan.change_set, patience=self._patience)

    def pause(self, seconds: float) -> None:
        """Wait between two looks; errors as of `steps.pause`."""
        steps.pause(seconds, self.stop, self.tick)

    @property
    def is_back(self) -> bool:
        """Whether it goes back to earlier code, and changes nothing else."""
        return self._code is not None

    def _look(self) -> Generator[Told, None, Account]:
        """See who we are, what we may, and whether bucket and queues are there; once."""
        if self._account is not None:
            return self._account
        yield Step(ACCOUNT)
        who = account.look(self.cloud)
        academy = ", of AWS Academy" if who.is_academy else ""
        yield Step(ACCOUNT, f"{short_account(who.id)}{academy}")
        yield Step(RIGHTS)
        account.check_rights(self.cloud, self._body(who))
        yield Step(RIGHTS, "there, as far as AWS tells ahead")
        yield from self._up(dry=True)
        self._account = who
        return who

    def _up(self, *, dry: bool) -> Iterator[Told]:
        """Make bucket and queues where they are missing; dry: tell alone what would be made."""
        yield Step(UP)
        ups = lab.up(self.cloud, dry=dry, patience=self._patience)
        made = sum(one.made is True for one in ups)
        said = f"{plural(made, 'part')} {'to be ' if dry else ''}made" if made else "there"
        yield Step(UP, f"{said}, {self.cloud.bucket_name}")

    def _whole(self, who: Account, present: Stack | None) -> Wishes:
        """Return what is asked with what stays; in AWS Academy its profile is preselected."""
        held = parameters.wishes_of(present)
        if held.profile is None and who.is_academy:
            held = replace(held, profile=who.profile)
        whole = parameters.whole(self.wishes, held)
        account.check_wishes(who, whole)
        return whole

    def _body(self, who: Account) -> str:
        return template.body(self._names(who))

    def _names(self, who: Account) -> Names:
        return names_of(self.cloud.settings, self.cloud.place.region, who.id)

    def _coded(self) -> Generator[Told, None, Code]:
        """Return the code that instances are to run."""
        yield Step(CODE)
        if self._code is not None:
            yield Step(CODE, f"{self._code.short}, as it was")
            return self._code
        if self._artifact is None:
            self._artifact = artifact.build(settings=self.cloud.settings)
        code = self._artifact.code
        yield Step(CODE, f"{code.short}, to be stored unless it is there")
        return code

    def _provide(self, plan: Plan) -> Iterator[Told]:
        """Make and store what instances need beside the stack, unless it is there."""
        yield from self._up(dry=False)
        if self._artifact is None:  # the code of before, which is there
            return
        yield Step(CODE)
        bucket = Bucket(self.cloud)
        is_new = artifact.upload(bucket, self._artifact)
        if plan.wishes.is_vendored:
            wheels.provide(bucket, wheels.machine(str(plan.wishes.type)))
        said = f"{size(len(self._artifact.data))} stored" if is_new else "there"
        yield Step(CODE, f"{plan.code.short}, {said}")

    def _change_set(
        self, who: Account, whole: Wishes, code: Code, found: Network, present: Stack | None
    ) -> ChangeSet:
        """Have AWS work out what would change."""
        packages = self._packages(whole, code)
        if self._code is not None and present is not None:
            asked = {**parameters.with_code(present, code), "WheelsKey": packages}
            return self._planned(None, asked)
        held = present.parameters if present is not None and present.is_there else None
        asked = parameters.of(self.cloud, whole, code, found, wheels=packages, held=held)
        return self._planned(self._body(who), asked)

    def _planned(self, body: str | None, asked: Mapping[str, str]) -> ChangeSet:
        try:
            return change_sets.plan(
                self.cloud, body, asked, clears=not self._dry, patience=self._patience
            )
        except CloudError as error:
            raise failures.where_it_was(error, self.cloud) from error

    def _packages(self, whole: Wishes, code: Code) -> str:
        """Return the key of the code's packages in the bucket; empty where they are from PyPI."""
        if not whole.is_vendored:
            return ""
        key = wheels.key(code.lock, wheels.machine(str(whole.type)))
        if self._code is not None and not wheels.is_there(Bucket(self.cloud), key):
            raise MissingResourceError(
                f"the packages of code {code.short} are not in the bucket any more",
                "Take the checkout that you want, and run 'admin.py deploy up --vendor' there.",
            )
        return key

    def _prune(self, code: Code) -> None:
        """Remove code and packages that nobody goes back to; what cannot be is left to the next."""
        bucket, machines = Bucket(self.cloud), (wheels.INTEL, wheels.ARM)
        with contextlib.suppress(CloudError):
            artifact.prune(bucket, in_use={code.key})
            kept = artifact.stored(bucket)
            wheels.prune(
                bucket, {wheels.key(one.lock, machine) for one in kept for machine in machines}
            )
