"""What of the fleet's stack was changed by hand since: CloudFormation compares, and is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labapp.cloud.aws_errors import translated
from labapp.cloud.fleet import stack
from labapp.cloud.fleet.model import LAB
from labapp.cloud.patience import PATIENT, Patience
from labapp.errors import CloudError

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Seconds for which is waited until all resources are compared.
COMPARING = 300.0


@dataclass(frozen=True)
class Drift:
    """A resource that is not as the stack has it.

    Attributes:
        name: what the template calls it.
        kind: its type.
        status: `MODIFIED` or `DELETED`, in AWS's words.
        properties: what of it differs.
    """

    name: str
    kind: str
    status: str
    properties: tuple[str, ...] = ()


def look(cloud: Cloud, *, patience: Patience = PATIENT) -> tuple[Drift, ...]:
    """Have the stack compared with what there is; return what differs.

    Raises:
        CloudError: it cannot be compared.
    """
    asked = stack.client(cloud)
    with translated(f"compare the stack {LAB} with what there is"):
        id_ = asked.detect_stack_drift(StackName=LAB)["StackDriftDetectionId"]
    status, reason = "", ""

    def is_done() -> bool:
        nonlocal status, reason
        with translated(f"compare the stack {LAB} with what there is"):
            told = stack.client(cloud).describe_stack_drift_detection_status(
                StackDriftDetectionId=id_
            )
        status, reason = told["DetectionStatus"], told.get("DetectionStatusReason", "")
        return status != "DETECTION_IN_PROGRESS"

    waits = replace(patience, seconds=max(patience.seconds, COMPARING))
    if not waits.until(is_done, "CloudFormation compares the stack with what there is"):
        raise CloudError(
            f"CloudFormation has not compared the stack {LAB} in {COMPARING:.0f} seconds",
            "Try again.",
        )
    found = _differing(cloud)
    if status != "DETECTION_COMPLETE" and not found:
        raise CloudError(
            f"cannot compare the stack {LAB} with what there is: {reason or status}", "Try again."
        )
    return found


def _differing(cloud: Cloud) -> tuple[Drift, ...]:
    found: list[Drift] = []
    token: dict[str, str] = {}
    while True:
        with translated(f"read what differs from the stack {LAB}"):
            page = stack.client(cloud).describe_stack_resource_drifts(
                StackName=LAB,
                StackResourceDriftStatusFilters=["MODIFIED", "DELETED"],
                **token,  # type: ignore[arg-type] # one word
            )
        found += [
            Drift(
                one["LogicalResourceId"],
                one["ResourceType"],
                one["StackResourceDriftStatus"],
                tuple(each["PropertyPath"] for each in one.get("PropertyDifferences", ())),
            )
            for one in page["StackResourceDrifts"]
        ]
        if not page.get("NextToken"):
            return tuple(found)
        token = {"NextToken": page["NextToken"]}
