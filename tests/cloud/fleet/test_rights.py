"""Whatever labapp asks AWS for the fleet is in the policies of who does it."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

import boto3

import labapp
from labapp.cloud import roles

TOP = Path(labapp.__file__).parent

#: The services that only a fleet is made with, and CloudWatch.
SERVICES = ("autoscaling", "cloudformation", "cloudwatch", "ec2", "iam", "ssm")

#: Calls that take no right of their own.
FREE = {"get_paginator", "get_waiter", "can_paginate"}


def asked(path: Path) -> Iterator[str]:
    """Yield the words of a file that may be calls of AWS: methods, and the names of paginators."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def used(calls: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """Return what labapp asks of those services, each as a file and a method."""
    files = [*(TOP / "cloud" / "fleet").glob("*.py"), TOP / "cloud" / "queue_ages.py"]
    return {
        (path.name, method)
        for path in files
        for method in asked(path)
        if method in calls and method not in FREE
    }


@functools.cache
def calls() -> dict[str, set[str]]:
    """Return the actions of each method of the services' clients, by its name."""
    found: dict[str, set[str]] = {}
    for service in SERVICES:
        client = boto3.client(service, "us-east-1")  # type: ignore[call-overload]
        for method, call in client.meta.method_to_api_mapping.items():
            found.setdefault(method, set()).add(f"{service}:{call}")
    return found


def test_every_call_for_the_fleet_is_in_a_policy() -> None:
    given = {action for role in roles.ROLES for action in roles.actions(role.name)}
    found = used(calls())
    assert {("stack.py", "describe_stacks"), ("group.py", "update_auto_scaling_group")} <= found
    assert [one for one in sorted(found) if not calls()[one[1]] & given] == []


def test_who_looks_after_it_is_given_nothing_that_nobody_asks_for() -> None:
    asked_for = {action for _, method in used(calls()) for action in calls()[method]}
    for role in ("admin", "instance"):
        given = {one for one in roles.actions(role) if one.partition(":")[0] in SERVICES}
        assert given - asked_for == set()


def test_who_looks_after_a_fleet_changes_neither_its_stack_nor_any_rights() -> None:
    for role in ("client", "labeller", "uploader", "worker", "instance", "admin"):
        for action in roles.actions(role):
            service, _, call = action.partition(":")
            assert service not in ("iam", "sns", "ssm", "sts"), (role, action)
            if service in ("cloudformation", "ec2", "cloudwatch"):
                assert call.startswith(("Describe", "Get")), (role, action)
