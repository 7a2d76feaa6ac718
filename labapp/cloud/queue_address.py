"""What the address of a queue says by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from labapp.addresses import is_amazons

if TYPE_CHECKING:
    from botocore.client import ClientMeta


def arn_of(url: str, service: ClientMeta) -> str:
    """Return the ARN of a queue by its address, `https://sqs.<region>.amazonaws.com/<account>/<name>`.

    Empty where the address is not Amazon's: what other services call their regions is their own.
    Source: Amazon SQS developer guide, "Queue and message identifiers".

    Args:
        url: the address.
        service: what the SQS client knows of its service: partition and region.
    """
    where = urlsplit(url)
    account, _, name = where.path.strip("/").partition("/")
    if not (is_amazons(where.hostname or "") and account.isdecimal() and name):
        return ""
    return f"arn:{service.partition}:sqs:{service.region_name}:{account}:{name}"
