"""Accounts for the fleet: one that knows CloudFormation, and one whose groups have instances."""

from __future__ import annotations

from tests.cloud.fleet.moto_fleet import ec2_cloud, group_cloud
from tests.support.ministack_aws import aws

__all__ = ["aws", "ec2_cloud", "group_cloud"]
