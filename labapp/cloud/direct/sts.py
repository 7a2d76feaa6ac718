"""STS by the direct way: whose credentials these are, which names the bucket of an account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labapp.cloud.direct.sending import Asked, Sender

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Bytes of an answer.
_MOST = 65_536

_HEADERS = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
_BODY = b"Action=GetCallerIdentity&Version=2011-06-15"

#: The answer, of which two parts are wanted; neither can hold what XML writes otherwise.
_ACCOUNT, _ARN = re.compile(r"<Account>(\d{12})</Account>"), re.compile(r"<Arn>([!-;=?-~]+)</Arn>")


def caller(cloud: Cloud) -> tuple[str, str] | None:
    """Return the account and the ARN of the credentials in force; None: take the long way."""
    answer = Sender(cloud, "sts").send(Asked("POST", "", _HEADERS, _BODY), most=_MOST)
    if answer is None or answer.status != 200:
        return None
    text = answer.body.decode(errors="replace")
    account, arn = _ACCOUNT.findall(text), _ARN.findall(text)
    return (account[0], arn[0]) if len(account) == len(arn) == 1 and "&" not in arn[0] else None
