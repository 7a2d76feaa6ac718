"""The calls that the fleet's engine makes of AWS, as its files have them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3

from labapp.cloud import fleet
from labapp.cloud.endpoints import OF_THE_FLEET

FOLDER = Path(str(fleet.__file__)).parent


def calls() -> Iterator[tuple[str, set[str]]]:
    """Yield each call that the engine makes, with the actions that it may take, by its method."""
    named: dict[str, set[str]] = {}
    clients: Any = boto3
    for service in OF_THE_FLEET:
        client = clients.client(service, region_name="us-east-1")
        for method, call in client.meta.method_to_api_mapping.items():
            named.setdefault(method, set()).add(f"{service}:{call}")
    words = {word for path in FOLDER.glob("*.py") for word in _words(path)}
    yield from ((word, named[word]) for word in sorted(words & named.keys()))


def _words(path: Path) -> Iterator[str]:
    """Yield what may name a call: methods, and texts, by one of which a paginator is had."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
