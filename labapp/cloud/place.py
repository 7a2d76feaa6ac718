"""Which cloud a `Cloud` is of: what headers show of it, and what tells its folder here."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from labapp.cloud.endpoints import Endpoints

#: A region's name as all of Amazon's are.
_REGION = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True)
class Place:
    """What every screen's header shows of a cloud.

    Attributes:
        cloud: `local` or `aws`.
        region: the AWS region.
        endpoints: where S3, SQS and STS are.
        lab: what tells labs in one region apart: profile, bucket and queues.
    """

    cloud: str
    region: str
    endpoints: Endpoints = field(default_factory=Endpoints)
    lab: tuple[str, ...] = ()

    @property
    def endpoint(self) -> str:
        """The address of S3 and SQS as it was set, or both where they differ; empty: Amazon's."""
        return self.endpoints.url

    @property
    def scope(self) -> str:
        """A folder name for what this machine keeps about this lab, `aws-eu-west-1-<8 hex>`."""
        if self.cloud == "local":
            return "local"
        told = (self.endpoint, *self.lab)
        region = self.region
        if not _REGION.fullmatch(region):  # as anybody may have set it: no name of a folder
            told, region = (*told, region), "region"
        mark = hashlib.sha256("\n".join(told).encode(errors="replace")).hexdigest()[:8]
        return f"{self.cloud}-{region}-{mark}"


@dataclass(frozen=True)
class MadeQueue:
    """The address of a queue, as SQS gave it when it was made, and when that was (monotonic)."""

    url: str
    at: float
