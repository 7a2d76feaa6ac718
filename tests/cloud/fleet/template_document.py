"""The fleet's template, read as a document: what stands in it of one resource, and its numbers."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from labapp.cloud.fleet import template
from labapp.cloud.roles import Names
from labapp.jobs import permissions
from labapp.settings import Settings

#: An account that is nobody's, for what a lab's things are called in it.
ACCOUNT = "123456789012"


class _Loader(yaml.SafeLoader):  # type: ignore[misc] # which ships no types
    """Reads YAML with CloudFormation's tags, as `!Ref x`."""


def _tagged(loader: _Loader, tag: str, node: Any) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {tag if tag == "Ref" else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _tagged)


@functools.cache
def _document(names: Names) -> Document:
    return Document(yaml.load(template.body(names), _Loader))


@dataclass(frozen=True)
class Document:
    """A template as CloudFormation reads it."""

    whole: Mapping[str, Any]

    @classmethod
    def of_the_lab(cls, settings: Settings | None = None) -> Document:
        """Return the template for a lab of these settings; of the defaults where none are given."""
        return cls.of(permissions.names_of(settings or Settings(), "us-east-1", ACCOUNT))

    @classmethod
    def of(cls, names: Names) -> Document:
        """Return the template for a lab whose things are called so."""
        return _document(names)

    def properties(self, name: str) -> Mapping[str, Any]:
        """Return the properties of a resource."""
        found: Mapping[str, Any] = self.whole["Resources"][name]["Properties"]
        return found

    def number(self, value: Any) -> float:
        """Return a number of the template: itself, or the default of the parameter it refers to."""
        if isinstance(value, Mapping):
            value = self.whole["Parameters"][value["Ref"]]["Default"]
        return float(value)
