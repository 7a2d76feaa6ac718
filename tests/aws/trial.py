"""What one run in a real account acts with: names, clients, the programs; and how it ends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tests.aws.found import Found
from tests.clouds.account import Account
from tests.clouds.tour import QUEUES

#: What all names of a run begin with, and the key of the tag that its buckets and queues have.
PREFIX = "labapp-proof"

#: Regions of which one that is not the run's own gets the bucket that lies elsewhere.
ELSEWHERE = ("us-west-2", "eu-west-1")

#: What is said of a queue that is not there any more.
GONE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})

#: Runs a program with its words: exit code, standard output, standard error.
Program = Callable[[Sequence[str]], tuple[int, str, str]]


@dataclass(frozen=True)
class Names:
    """What a run makes.

    Attributes:
        id: what tells this run from others, 8 hex digits.
        bucket: the lab's bucket.
        locked: a bucket with Object Lock.
        far: a bucket in another region.
        queues: the lab's queues, by the variables of their settings.
        probe: a queue that is deleted and made again.
    """

    id: str
    bucket: str
    locked: str
    far: str
    queues: dict[str, str]
    probe: str

    @property
    def begin(self) -> str:
        """What the name of everything that this run makes begins with."""
        return f"{PREFIX}-{self.id}"

    @property
    def buckets(self) -> tuple[str, ...]:
        """The buckets."""
        return (self.bucket, self.locked, self.far)


def names(run: str) -> Names:
    """Return the names of a run."""
    begin = f"{PREFIX}-{run}"
    ends = dict(zip(QUEUES, ("requests", "answers", "inbox", "outbox"), strict=True))
    queues = {variable: f"{begin}-{end}" for variable, end in ends.items()}
    return Names(run, f"{begin}-lab", f"{begin}-locked", f"{begin}-far", queues, f"{begin}-probe")


@dataclass
class Trial:
    """One run.

    Attributes:
        names: of what it makes.
        account: the clients.
        region: the run's.
        program: runs one of the three programs on this run's lab.
        folder: an empty folder.
        variables: by which the programs find the account and the lab.
        sleep: waits so many seconds.
        patience: seconds that something in the account may take.
        tell: says what is done.
        speed: what the tour found of it.
    """

    names: Names
    account: Account
    region: str
    program: Program
    folder: Path
    variables: dict[str, str]
    sleep: Callable[[float], None] = time.sleep
    patience: float = 90.0
    tell: Callable[[str], object] = print
    speed: Found | None = None

    @property
    def far_region(self) -> str:
        """Another region than the run's."""
        return next(region for region in ELSEWHERE if region != self.region)

    def seconds_until(self, holds: Callable[[], Any]) -> float | None:
        """Return the seconds until something holds; None where it does not in time."""
        began = time.monotonic()
        while not holds():
            if time.monotonic() - began > self.patience:
                return None
            self.sleep(0.2)
        return time.monotonic() - began


def taken(trial: Trial) -> list[str]:
    """Return the names that exist already: a run begins only where none does."""
    there = [name for name in trial.names.buckets if _bucket_is_there(trial.account, name)]
    return [*there, *trial.account.queues(trial.names.begin)]


def _bucket_is_there(account: Account, name: str) -> bool:
    try:
        account.s3.head_bucket(Bucket=name)
    except ClientError as error:
        return error.response.get("Error", {}).get("Code") not in ("404", "NoSuchBucket")
    return True


def remove(trial: Trial) -> list[str]:
    """Remove everything of a run, whatever fails; return the names of what is left."""
    account, left = trial.account, []
    far = Account({}, session_in(trial, trial.far_region))
    for name in {*account.buckets()} & {*trial.names.buckets}:
        home = far if name == trial.names.far else account
        left += _unless_done(trial, name, partial(home.remove_bucket, name))
    # A list of queues may lack those that are new.
    known = {trial.names.probe, *trial.names.queues.values()}
    known |= {f"{name}-dlq" for name in trial.names.queues.values()}
    for name in sorted(known | {*account.queues(trial.names.begin)}):
        left += _unless_done(trial, name, partial(account.remove_queue, name))
    return left


def _unless_done(trial: Trial, name: str, act: Callable[[], None]) -> list[str]:
    """Remove one thing; return its name where it stays."""
    try:
        act()
    except (ClientError, BotoCoreError) as error:
        code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else ""
        if code in GONE:
            return []
        trial.tell(f"cannot remove {name}: {error}")
        return [name]
    trial.tell(f"removed {name}")
    return []


def session_in(trial: Trial, region: str) -> boto3.Session:
    """Return a session with the run's credentials in another region."""
    named = trial.account.session.profile_name
    return boto3.Session(profile_name=named if named != "default" else None, region_name=region)


def tag_set(trial: Trial) -> Any:
    """Return the tag of what this run makes, as S3 takes it."""
    return {"TagSet": [{"Key": PREFIX, "Value": trial.names.id}]}


def variables(names_: Names, region: str, profile: str | None, folder: Path) -> dict[str, str]:
    """Return the variables by which programs find this account and this run's lab.

    Whatever every AWS tool hears of is handed on: the programs find the keys as anybody's would.
    """
    heard = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    home = Path.home() / ".aws"
    return {
        "AWS_CONFIG_FILE": str(home / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "false",
        **heard,
        **({"AWS_PROFILE": profile} if profile else {}),
        "AWS_REGION": region,
        "LABAPP_CLOUD": "aws",
        "LABAPP_BUCKET": names_.bucket,
        **names_.queues,
    }
