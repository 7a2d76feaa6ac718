"""Whatever the fleet's engine asks of AWS, who deploys may do, or an instance of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3

from labapp.cloud import fleet, roles
from labapp.cloud.endpoints import OF_THE_FLEET

#: A call of a client of boto3's, by its method or by the name that a paginator is given.
_CALL = re.compile(r'get_paginator\("(\w+)"\)|\.(\w+)\(')

FOLDER = Path(str(fleet.__file__)).parent


def calls() -> Iterator[tuple[str, set[str]]]:
    """Yield each call that the engine makes, with the actions that it may take, by its method."""
    named: dict[str, set[str]] = {}
    clients: Any = boto3
    for service in OF_THE_FLEET:
        client = clients.client(service, region_name="us-east-1")
        for method, call in client.meta.method_to_api_mapping.items():
            named.setdefault(method, set()).add(f"{service}:{call}")
    text = "\n".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    words = {word for found in _CALL.findall(text) for word in found if word}
    yield from ((word, named[word]) for word in sorted(words & named.keys()))


def test_every_call_is_allowed_to_who_makes_it() -> None:
    makers = ("deployer", "admin", "instance")
    allowed = {action for role in makers for action in roles.actions(role)}
    made = dict(calls())
    assert {"create_change_set", "execute_change_set", "describe_scaling_activities"} <= made.keys()
    assert len(made) > 25
    assert {name for name, actions in made.items() if not actions & allowed} == set()
