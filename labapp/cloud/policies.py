"""Policies of buckets and queues: one statement of ours beside whatever is there."""

from __future__ import annotations

from typing import Any

from labapp import foreign
from labapp.errors import CloudError

#: Characters of a policy: S3 takes 20 KB, SQS 8.
_MOST = 50_000


def read(text: str, of: str) -> dict[str, Any]:
    """Read the policy of a bucket or queue; an empty one of an empty text.

    Raises:
        CloudError: it is none: somebody else may have written it.
    """
    try:
        return foreign.read_object(text, _MOST) if text else {}
    except foreign.ForeignError as error:
        raise CloudError(f"the policy of {of} {error}", "Mend it, or delete it.") from None


def with_statement(policy: dict[str, Any], statement: dict[str, Any]) -> dict[str, Any]:
    """Return a policy with a statement in the place of an earlier one of the same Sid.

    A policy that has the statement as it is comes back itself, so that nothing need be written.
    """
    found = policy.get("Statement", [])
    present = [found] if isinstance(found, dict) else foreign.as_list(found)
    if statement in present:
        return policy
    others = [one for one in present if foreign.table(one).get("Sid") != statement["Sid"]]
    return {"Version": "2012-10-17", **policy, "Statement": [*others, statement]}
