"""Accounts for the fleet: one that knows CloudFormation, and one whose groups have instances."""

from __future__ import annotations

from tests.support.ministack_aws import aws

__all__ = ["aws"]
