"""Lets calls to AWS in this process through as IAM would, by the policies that labapp ships.

What moto answers is what Amazon would answer, but for permissions; here each call is judged before
it is sent, and a missing object is told to nobody who may not list the whole bucket.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from labapp.cloud import roles
from labapp.cloud.actions import actions_of
from labapp.cloud.session import Cloud
from labapp.jobs import permissions
from tests.support.iam import allows

#: Where a call's parameters are kept for the hook that judges it.
_ASKED = "labapp_asked"

#: Calls of which S3 tells a missing object.
_READS = frozenset({"GetObject", "HeadObject"})


class Guard:
    """What one person may do.

    Attributes:
        refused: the actions that were refused, in order.
        used: those that were allowed.
    """

    def __init__(self, policies: Sequence[Mapping[str, Any]], account: str, region: str) -> None:
        self._policies = policies
        self._queues = f"arn:aws:sqs:{region}:{account}:"
        self.refused: list[str] = []
        self.used: set[str] = set()

    def may(self, action: str, resource: str, keys: Mapping[str, str] | None = None) -> bool:
        return any(allows(policy, action, resource, keys) for policy in self._policies)

    def note(self, params: Any, context: dict[str, Any], **_: Any) -> None:
        context[_ASKED] = dict(params)

    def judge(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        asked = context.get(_ASKED, {})
        for action in actions_of(model.name):
            if not self._allows(model.name, action, asked):
                self.refused.append(action)
                head = model.http.get("method") == "HEAD"
                return _denied("403" if head else "AccessDenied", "" if head else "Access Denied")
            self.used.add(action)
        return None

    def hide(self, parsed: dict[str, Any], http_response: Any, model: Any, context: Any,
             **_: Any) -> None:  # fmt: skip
        asked = context.get(_ASKED, {})
        if model.name not in _READS or http_response.status_code != 404:
            return
        if not self.may("s3:ListBucket", f"arn:aws:s3:::{asked['Bucket']}"):
            parsed.update(_denied("AccessDenied", "Access Denied")[1])

    def _allows(self, call: str, action: str, asked: Mapping[str, Any]) -> bool:
        if action.startswith("sqs:"):
            name = asked.get("QueueName") or asked.get("QueueUrl", "").rpartition("/")[2]
            return self.may(action, f"{self._queues}{name}" if name else "*")
        bucket = f"arn:aws:s3:::{asked.get('Bucket', '')}"
        key = asked.get("Key", "")
        if call == "CopyObject" and action == "s3:GetObject":
            key = asked["CopySource"]["Key"]
        keys = {"s3:prefix": asked["Prefix"]} if "Prefix" in asked else {}
        # A write on condition of what is there tells of it.
        reads = not asked.get("IfMatch") or self.may("s3:GetObject", f"{bucket}/{key}")
        return reads and self.may(action, f"{bucket}/{key}" if key else bucket, keys)


def _denied(code: str, text: str) -> tuple[Any, dict[str, Any]]:
    told = {"Error": {"Code": code, "Message": text}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    return SimpleNamespace(status_code=403, headers={}), told


def documents(cloud: Cloud, *names: str, client: str = "anna") -> list[dict[str, Any]]:
    """Return the policies of roles, as `admin.py cloud policies` prints them."""
    found = permissions.names_in(cloud)
    return [roles.policy(name, found, client) for name in names]


def without(document: Mapping[str, Any], action: str) -> dict[str, Any]:
    """Return a policy from which an action was left out."""
    statements = []
    for one in document["Statement"]:
        listed = one["Action"] if isinstance(one["Action"], list) else [one["Action"]]
        if kept := [each for each in listed if each != action]:
            statements.append({**one, "Action": kept})
    return {**document, "Statement": statements}


@contextlib.contextmanager
def guarded(cloud: Cloud, *policies: Mapping[str, Any]) -> Iterator[Guard]:
    """Have all calls of the block be those of who has these policies."""
    guard = Guard(policies, cloud.account, cloud.place.region)
    clients: list[Any] = [cloud.s3, cloud.sqs]
    hooks = [
        ("before-parameter-build", guard.note),
        ("before-call", guard.judge),
        ("after-call", guard.hide),
    ]
    for client in clients:
        for event, hook in hooks:
            client.meta.events.register(event, hook)
    try:
        yield guard
    finally:
        for client in clients:
            for event, hook in hooks:
                client.meta.events.unregister(event, hook)


def as_role(
    cloud: Cloud, *names: str, client: str = "anna"
) -> contextlib.AbstractContextManager[Guard]:
    """Have all calls of the block be those of who has these roles."""
    return guarded(cloud, *documents(cloud, *names, client=client))
