"""What was changed by hand, as CloudFormation finds it; neither emulator can."""

from __future__ import annotations

from typing import Any, cast

import pytest

from labapp.cloud import session
from labapp.cloud.fleet import drift
from labapp.cloud.fleet.drift import Drift
from labapp.cloud.patience import Patience
from labapp.errors import CloudError
from tests.cloud.fleet.scripted import Cloud
from tests.support.clock import Clock

AT_IT, DONE = ({"DetectionStatus": f"DETECTION_{word}"} for word in ("IN_PROGRESS", "COMPLETE"))
FOUND = [
    {
        "StackResourceDrifts": [
            {
                "LogicalResourceId": "WorkerGroup",
                "ResourceType": "AWS::EC2::SecurityGroup",
                "StackResourceDriftStatus": "MODIFIED",
                "PropertyDifferences": [{"PropertyPath": "/SecurityGroupIngress/0"}],
            }
        ],
        "NextToken": "more",
    },
    {
        "StackResourceDrifts": [
            {
                "LogicalResourceId": "HoldCpu",
                "ResourceType": "AWS::AutoScaling::ScalingPolicy",
                "StackResourceDriftStatus": "DELETED",
            }
        ]
    },
]


def look(monkeypatch: pytest.MonkeyPatch, *told: Any, found: Any = FOUND) -> tuple[Drift, ...]:
    clock = Clock()
    monkeypatch.setattr("labapp.cloud.patience.time", clock)
    cloud = Cloud(
        cloudformation={
            "detect_stack_drift": [{"StackDriftDetectionId": "d-1"}],
            "describe_stack_drift_detection_status": list(told),
            "describe_stack_resource_drifts": found,
        }
    )
    return drift.look(cast("session.Cloud", cloud), patience=Patience(sleep=clock.sleep))


def test_what_was_changed_by_hand_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(monkeypatch, AT_IT, AT_IT, DONE) == (
        Drift("WorkerGroup", "AWS::EC2::SecurityGroup", "MODIFIED", ("/SecurityGroupIngress/0",)),
        Drift("HoldCpu", "AWS::AutoScaling::ScalingPolicy", "DELETED"),
    )


def test_where_nothing_was_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(monkeypatch, DONE, found=[{"StackResourceDrifts": []}]) == ()


def test_a_comparison_that_fails_is_no_sign_that_all_is_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failed = {"DetectionStatus": "DETECTION_FAILED", "DetectionStatusReason": "it may not look"}
    with pytest.raises(CloudError, match="it may not look"):
        look(monkeypatch, failed, found=[{"StackResourceDrifts": []}])
    assert len(look(monkeypatch, failed)) == 2  # what it found counts all the same


def test_one_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CloudError, match="has not compared the stack labapp in 300 seconds"):
        look(monkeypatch, AT_IT)
