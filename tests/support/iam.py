"""Decides as IAM does of identity-based policies: enough of it for the policies that labapp ships.

Source: "Policy evaluation logic" and "IAM JSON policy elements" of the IAM user guide. `*` and `?`
of a pattern take any characters, those of a variable's value none but themselves; a variable
without a value, and a condition of a key that the request has not, match nothing.

`python -m tests.clouds.iam` asks a service that enforces IAM the same questions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_VARIABLE = re.compile(r"\$\{aws:PrincipalTag/([^}]+)\}")


def allows(
    policy: Mapping[str, Any],
    action: str,
    resource: str,
    keys: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> bool:
    """Return whether a policy allows an action; `keys` are those that conditions may ask for."""
    matching = [
        one["Effect"]
        for one in policy["Statement"]
        if any(_like(action.lower(), pattern.lower(), {}) for pattern in _listed(one["Action"]))
        and any(_like(resource, pattern, tags or {}) for pattern in _listed(one["Resource"]))
        and _holds(one.get("Condition", {}), keys or {}, tags or {})
    ]
    return "Allow" in matching and "Deny" not in matching


def _holds(condition: Mapping[str, Any], keys: Mapping[str, str], tags: Mapping[str, str]) -> bool:
    assert set(condition) <= {"StringLike"}, "teach this file what else the policies have"
    asked = condition.get("StringLike", {})
    return all(
        key in keys and any(_like(keys[key], pattern, tags) for pattern in _listed(patterns))
        for key, patterns in asked.items()
    )


def _like(text: str, pattern: str, tags: Mapping[str, str]) -> bool:
    parts = _VARIABLE.split(pattern)  # at odd places the tags' names
    if any(name not in tags for name in parts[1::2]):
        return False
    made = [
        re.escape(tags[part]) if place % 2 else _expression(part)
        for place, part in enumerate(parts)
    ]
    return bool(re.fullmatch("".join(made), text, re.DOTALL))


def _expression(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
