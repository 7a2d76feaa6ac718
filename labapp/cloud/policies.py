"""Policies of buckets and queues: one statement of ours beside whatever is there."""

from __future__ import annotations

from typing import Any


def with_statement(policy: dict[str, Any], statement: dict[str, Any]) -> dict[str, Any]:
    """Return a policy with a statement in the place of an earlier one of the same Sid.

    A policy that has the statement as it is comes back itself, so that nothing need be written.
    """
    found = policy.get("Statement", [])
    present = [found] if isinstance(found, dict) else found
    if statement in present:
        return policy
    others = [one for one in present if one.get("Sid") != statement["Sid"]]
    return {"Version": "2012-10-17", **policy, "Statement": [*others, statement]}
