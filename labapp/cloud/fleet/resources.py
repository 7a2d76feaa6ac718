"""How much a fleet's stack has in it, for who is asked whether to remove it."""

from __future__ import annotations

from botocore.exceptions import ClientError

from labapp.cloud.aws_errors import translated
from labapp.cloud.fleet import stack
from labapp.cloud.fleet.model import LAB
from labapp.cloud.session import Cloud

#: The end of the status of what is not there any more.
_GONE = "DELETE_COMPLETE"


def count(cloud: Cloud) -> int:
    """Return how many resources the stack has; 0 where there is none.

    Raises:
        CloudError: they cannot be listed.
    """
    with translated(f"list what is in the stack {LAB}"):
        pages = stack.client(cloud).get_paginator("list_stack_resources").paginate(StackName=LAB)
        try:
            found = [one for page in pages for one in page["StackResourceSummaries"]]
        except ClientError as error:
            if stack.is_none(error):
                return 0
            raise
    return sum(one["ResourceStatus"] != _GONE for one in found)
