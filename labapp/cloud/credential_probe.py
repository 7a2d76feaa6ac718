"""Ask further where a refusal does not tell whether a right lacks or the credentials have ended.

A lab session that is over, like a role whose sessions were revoked, keeps keys that are good: a
policy denies them everything but `sts:GetCallerIdentity`. That shows only when something else is
asked. HEAD has no words at all, and is asked again as GET. What is found goes into the parsed
answer under `VERDICT`, from where `aws_errors` takes it.

Many threads are refused in the same moment: one of them asks, and what it finds is good for
`GOOD_FOR` seconds, so that an ended session brings no storm of requests.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from labapp.cloud import boto, clock
from labapp.cloud.aws_errors import PERMISSION_CODES, status_of
from labapp.cloud.credential_errors import (
    LAB_OVER,
    REVOKED,
    TAKING,
    VERDICT,
    Ending,
    ending_of,
    is_explicit,
    is_lab,
    is_one_right,
)
from labapp.errors import CloudError

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Seconds for which it is not asked again whether everything is denied.
GOOD_FOR = 10.0

#: The same where it was found that not everything is: a session may end the next moment.
SOON = 3.0

#: Error codes of an answer to HEAD, which has no words.
_WORDLESS = frozenset({"400", "403", ""})

#: The first HTTP status that tells of a fault of the service, and nothing of a request.
_FAULTS = 500

#: What the refusals of a service say of everything: that it is denied, that one right lacks or a
#: call passed, or nothing.
_DENIED, _PASSED, _UNSAID = "denied", "passed", "unsaid"

#: Where a request's context keeps what it was asked with.
_ASKED = "labapp_asked"


class CredentialProbe:
    """Finds out for the clients of one session what their refusals mean.

    Args:
        cloud: the clients' own; what of its bucket and queues is known is asked for.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._lock = threading.Lock()
        self._asking = threading.local()
        self._found: tuple[float, Ending | None] = (float("-inf"), None)

    def register(self, events: Any) -> None:
        """Hear of all answers to a session's clients, by the emitter of its events."""
        for head in ("HeadBucket", "HeadObject"):
            events.register(f"before-parameter-build.s3.{head}", _keep_parameters)
        events.register("after-call", self._look)

    def _look(
        self, http_response: Any, parsed: Any, model: Any, context: Any = None, **_: object
    ) -> None:
        """Note in a refusal what it means for the credentials; botocore's event `after-call`."""
        if http_response.status_code not in (400, 401, 403):
            return
        if getattr(self._asking, "now", False):
            return
        error = parsed.setdefault("Error", {})
        if str(error.get("Code", "")) in _WORDLESS and model.name in _AS_GET:
            error.update(self._words(model.name, (context or {}).get(_ASKED, {})))
        code, text = _code_and_text(error)
        if clock.means_clock(code, text):
            return
        source = self._cloud.credential_source
        found = ending_of(code, text, source)
        # While credentials are taken, nothing else can be signed.
        asks = code in PERMISSION_CODES and model.name not in TAKING and not is_one_right(text)
        if found is None and asks:
            found = self._everything_denied(text)
        if found is not None:
            parsed[VERDICT] = (found, source)

    def _words(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the error of a HEAD in words; empty where GET passes or says nothing more."""
        ask = _AS_GET[operation]
        error = self._error(lambda: ask(self._cloud.s3, asked)) or {}
        return {} if str(error.get("Code", "")) in _WORDLESS else error

    def _everything_denied(self, text: str) -> Ending | None:
        """Return the end behind a refusal, where all else is refused too; None where it is not."""
        with self._lock:
            at, found = self._found
            if time.monotonic() - at >= (GOOD_FOR if found else SOON):
                found = self._ask_all(text)
                self._found = time.monotonic(), found
            return found

    def _ask_all(self, text: str) -> Ending | None:
        """Ask both services for something harmless of our own, and judge by what they say."""
        texts = [text]
        said = [_DENIED if is_explicit(text) else _UNSAID]
        for ask in (self._list_bucket, self._find_queue):
            error = self._error(ask)
            what = str(error.get("Message", "")) if error else ""
            said.append(_said(error))
            texts.append(what)
            if said[-1] == _PASSED:
                return None
            if error and (
                told := ending_of(str(error.get("Code", "")), what, self._cloud.credential_source)
            ):
                return told
        lab = any(map(is_lab, texts))
        if not lab:
            lab = is_lab(self._arn())
        if _DENIED not in said and not lab:
            return None  # two services without words: nobody says that it is more than rights
        return LAB_OVER if lab else REVOKED

    def _error(self, ask: Callable[[], object]) -> dict[str, Any] | None:
        """Return the error that a call meets; None where it passes.

        Of a call that nobody answers, or that fails there, nothing is known: its error is empty.
        """
        self._asking.now = True
        try:
            ask()
        except boto.ClientError as error:
            told = {"Code": "", **error.response.get("Error", {})}
            return told if status_of(error) < _FAULTS else {}
        except boto.BotoCoreError:
            return {}
        finally:
            self._asking.now = False
        return None

    def _list_bucket(self) -> object:
        if bucket := self._cloud.known_bucket:
            return self._cloud.s3.list_objects_v2(Bucket=bucket, MaxKeys=1)
        return self._cloud.s3.list_buckets()

    def _find_queue(self) -> object:
        return self._cloud.sqs.get_queue_url(QueueName=self._cloud.known_queue)

    def _arn(self) -> str:
        """Return who the credentials are, which is told to all but unknown ones; else empty."""
        self._asking.now = True
        try:
            with contextlib.suppress(boto.BotoCoreError, boto.ClientError, CloudError):
                return str(self._cloud.sts.get_caller_identity().get("Arn", ""))
        finally:
            self._asking.now = False
        return ""


def _code_and_text(error: Mapping[str, Any]) -> tuple[str, str]:
    return str(error.get("Code", "")), str(error.get("Message", ""))


def _said(error: dict[str, Any] | None) -> str:
    if error is None:
        return _PASSED
    code, text = _code_and_text(error)
    if is_explicit(text):
        return _DENIED
    # That a thing is not there is told only to who may look for it.
    return _UNSAID if code in PERMISSION_CODES and not is_one_right(text) else _PASSED


def _keep_parameters(params: Any, context: Any, **_: object) -> None:
    context[_ASKED] = params


def _get_object(s3: Any, asked: Mapping[str, Any]) -> object:
    return s3.get_object(Bucket=asked["Bucket"], Key=asked["Key"], Range="bytes=0-0")


def _list_objects(s3: Any, asked: Mapping[str, Any]) -> object:
    owner = {k: asked[k] for k in ("ExpectedBucketOwner",) if k in asked}
    return s3.list_objects_v2(Bucket=asked["Bucket"], MaxKeys=1, **owner)


#: What asks for the same right as a HEAD, and is refused in words.
_AS_GET: Mapping[str, Callable[[Any, Mapping[str, Any]], object]] = {
    "HeadBucket": _list_objects,
    "HeadObject": _get_object,
}
