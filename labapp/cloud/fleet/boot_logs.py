"""How an instance came up and what its worker says: the log of a boot that failed, or its journal.

A boot that fails uploads its log to the bucket, since its instance goes soon after. What a worker
says since stays on its instance (jobs are logged in the bucket), and is asked for there by Systems
Manager.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from labapp.cloud.aws_errors import code_of, translated
from labapp.cloud.bucket import Bucket
from labapp.errors import CloudError, MissingResourceError

if TYPE_CHECKING:
    from types_boto3_ssm import SSMClient

    from labapp.cloud.session import Cloud

#: Where boots that failed leave their logs, each as `<instance>.log`.
PREFIX = "deploy/boot/"

#: Logs of boots that are told of, the newest.
MOST = 20

#: Bytes of a log that are read: one has some 20 KB.
MOST_BYTES = 2_000_000

#: Lines of the worker's journal that are asked for; Systems Manager hands back 24,000 characters.
LINES = 200

#: Seconds for which an instance's answer is waited for.
PATIENCE = 30.0

#: The states of a command that is not done.
_AT_IT = ("Pending", "InProgress", "Delayed")


@dataclass(frozen=True)
class Log:
    """What an instance says.

    Attributes:
        instance: its id.
        source: where it was found: the object's key, or `journal`.
        text: all of it.
    """

    instance: str
    source: str
    text: str


def keys(cloud: Cloud) -> tuple[str, ...]:
    """Return the keys of logs of boots that failed, the newest first.

    Raises:
        CloudError: they cannot be listed.
    """
    found = heapq.nlargest(MOST, Bucket(cloud).list(PREFIX), key=lambda one: one.modified)
    return tuple(one.key for one in found)


def read(cloud: Cloud, instance: str = "", *, sleep: Callable[[float], object] = time.sleep) -> Log:
    """Return what an instance says: how its boot failed, else its worker's journal.

    Args:
        cloud: where.
        instance: its id; empty: the one whose boot failed last.
        sleep: waits between looks.

    Raises:
        MissingResourceError: no boot has failed, and no instance was named.
        CloudError: it cannot be read.
    """
    bucket = Bucket(cloud)
    if not instance:
        found = keys(cloud)
        if not found:
            raise MissingResourceError(
                "no boot has failed", "Name an instance: 'admin.py deploy status' lists them."
            )
        return Log(instance_of(found[0]), found[0], _text(bucket.get(found[0], MOST_BYTES).body))
    key = f"{PREFIX}{instance}.log"
    try:
        return Log(instance, key, _text(bucket.get(key, MOST_BYTES).body))
    except MissingResourceError:
        return journal(cloud, instance, sleep=sleep)


def instance_of(key: str) -> str:
    """Return the id of the instance whose boot's log a key is of."""
    return key.removeprefix(PREFIX).removesuffix(".log")


def journal(cloud: Cloud, instance: str, *, sleep: Callable[[float], object] = time.sleep) -> Log:
    """Ask an instance for the last lines of its worker's journal.

    Raises:
        CloudError: it cannot be asked, or does not answer.
    """
    ssm: SSMClient = cloud.client("ssm")
    doing = f"read the journal of {instance}"
    with translated(doing):
        try:
            command = ssm.send_command(
                InstanceIds=[instance],
                DocumentName="AWS-RunShellScript",
                Parameters={"commands": [f"journalctl -u labapp -n {LINES} --no-pager"]},
            )["Command"]["CommandId"]
        except ClientError as error:
            if code_of(error) != "InvalidInstanceId":
                raise
            raise CloudError(
                f"{instance} does not answer to Systems Manager",
                "It may still boot, or be gone: 'admin.py deploy status' shows it.",
            ) from error
    waited = 0.0
    while True:
        sleep(1.0)
        waited += 1.0
        with translated(doing):
            try:
                told = ssm.get_command_invocation(CommandId=command, InstanceId=instance)
            except ClientError as error:
                if code_of(error) != "InvocationDoesNotExist":  # of a command just sent
                    raise
                told = None
        if told and told["Status"] not in _AT_IT:
            break
        if waited >= PATIENCE:
            raise CloudError(f"{instance} has not answered in {PATIENCE:.0f} seconds", "Try again.")
    if told["Status"] != "Success":
        why = told.get("StandardErrorContent", "").strip() or told.get("StatusDetails", "")
        raise CloudError(f"cannot {doing}: {why}", "'admin.py deploy shell' opens a shell on it.")
    return Log(instance, "journal", told.get("StandardOutputContent", ""))


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
