"""An account in which a fleet can be made, in this process."""

from __future__ import annotations

from tests.support.fleet_aws import aws, fleet_aws

__all__ = ["aws", "fleet_aws"]
