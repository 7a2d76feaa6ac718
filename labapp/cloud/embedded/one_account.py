"""The local cloud is one account in one region, whatever account and region a client names.

A lab's client often has the address of its queue written into it, with the account and region of
whoever wrote it. MiniStack keeps queues apart by both, and takes an access key of twelve digits for
an account: such a client finds its queue by name, and is refused when it deletes by the address, so
that it reads the same answers again. Here any host, account and region in an address, and any
account and region in the ARN of a queue, mean the one queue of that name.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from labapp.cloud.embedded.launcher import REGION

Handler = Callable[[dict[str, Any], str], Any]

#: The account of the local cloud.
ACCOUNT = "000000000000"

#: The attribute in which a queue names another by its ARN.
_REDRIVE = "RedrivePolicy"

#: The ARN of a queue up to its name: ours, and anybody's.
_OURS = f"arn:aws:sqs:{REGION}:{ACCOUNT}:"
_ARN = re.compile(r"arn:aws[a-z-]*:sqs:[a-z0-9-]*:[0-9]*:", re.ASCII)


def ours(text: str) -> str:
    """Return a text, such as an ARN or a policy, in which each ARN of a queue names ours."""
    return _ARN.sub(_OURS, text)


def name_in(address: str) -> str:
    """Return the name of the queue in its address; a bare name is one, too."""
    return address.partition("?")[0].rstrip("/").rpartition("/")[2]


def install(sqs: Any, s3: Any) -> None:
    """Have MiniStack's modules, already imported, know one account and one region."""
    sqs._get_q = _found_by_name(sqs, sqs._get_q)
    by_arn = sqs._queue_by_arn
    sqs._queue_by_arn = lambda arn: by_arn(ours(arn) if isinstance(arn, str) else arn)
    for action in ("CreateQueue", "SetQueueAttributes"):
        sqs._HANDLERS[action] = _redriving_to_ours(sqs._HANDLERS[action])
    put, parse = s3._put_bucket_notification, s3._parse_notification_target_arn

    def put_notification(bucket: str, body: bytes) -> Any:
        return put(bucket, ours(body.decode("utf-8", "replace")).encode())

    def parse_target(service: str, arn: str, region: str) -> Any:
        # MiniStack takes none of another region than the bucket's, which its maker chose.
        return parse(service, ours(arn).replace(f":{REGION}:", f":{region}:", 1), region)

    s3._put_bucket_notification, s3._parse_notification_target_arn = put_notification, parse_target


def install_front(front: Any) -> None:
    """Have MiniStack's front, already imported, take account and region from no request."""
    front.set_request_account_id = front.set_request_region = lambda named: None


def _found_by_name(sqs: Any, find: Callable[[str], Any]) -> Callable[[str], Any]:
    @functools.wraps(find)
    def found(address: str) -> Any:
        return find(sqs._queue_url(name_in(address)))

    return found


def _redriving_to_ours(handler: Handler) -> Handler:
    """Keep the dead letters' queue as ours, so that whoever reads it back finds it."""

    def redriving(request: dict[str, Any], url: str) -> Any:
        policy = (request.get("Attributes") or {}).get(_REDRIVE)
        if isinstance(policy, str):
            attributes = {**request["Attributes"], _REDRIVE: ours(policy)}
            request = {**request, "Attributes": attributes}
        return handler(request, url)

    return redriving


def adopt_queues(sqs: Any) -> bool:
    """Take over what earlier versions kept under other accounts and regions; tell if there was any.

    Where two have one name, the first to be found is taken; ours comes before all.
    """
    moved = False
    for place, queue in list(sqs._queues.all_items()):
        account, region, _ = place
        url = sqs._queue_url_for_account(ACCOUNT, queue["name"])
        here = (ACCOUNT, REGION, url)
        if (account, region) == here[:2] or here in sqs._queues._data:
            continue
        del sqs._queues._data[place]
        queue["url"] = url
        queue["attributes"]["QueueArn"] = _OURS + queue["name"]
        sqs._queues.set_scoped(*here, queue)
        moved = True
    return moved
