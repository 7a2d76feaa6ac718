"""How a store wants its requests: learnt from what it refuses, by hooks of botocore's S3 client.

A request that is refused for its form is sent once more in another form, by whoever sent it: all of
labapp's calls come through these hooks. A form that the store then takes is kept in the cloud's
`Abilities`, and every later request has it from the start. So a store that takes everything is
asked nothing more, and pays one call of a function for an answer.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from labapp.cloud import boto
from labapp.cloud.abilities import Abilities, Ability
from labapp.cloud.aws_errors import code_of, status_of
from labapp.cloud.bucket_owner import bucket_of

#: Where a request's context holds the forms that are tried, and the region it was sent on to.
_TRIED, _REGION = "labapp_tried", "labapp_region"

#: What a client of Amazon's signs and checks of a body by itself.
_CHECKSUM_HEADERS = ("x-amz-checksum-", "x-amz-sdk-checksum-algorithm", "x-amz-trailer")

#: Methods of requests with a body.
_WRITING = frozenset({"PUT", "POST"})

#: Bytes of a file that are hashed at once.
_CHUNK = 256 * 1024


@dataclass(frozen=True)
class _Form:
    """Another form of a request.

    Attributes:
        lacking: what it does without.
        suggested: whether a refusal, by its code and its text in small letters, suggests it.
        fits: whether it makes anything else of a request.
    """

    lacking: Ability
    suggested: Callable[[str, str], bool]
    fits: Callable[[Any], bool] = lambda request: True


def _wants_checksum(code: str, text: str) -> bool:
    named = "content-md5" in text or ("x-amz-checksum" in text and "required" in text)
    return code == "MissingContentMD5" or named


def _refuses_checksums(code: str, text: str) -> bool:
    # The last is what Amazon and MinIO say of any header that they do not know.
    return code != "BadDigest" and (
        "x-amz-checksum" in text
        or "x-amz-sdk-checksum" in text
        or "checksum algorithm" in text
        or (code == "NotImplemented" and "header you provided" in text)
    )


def _refuses_unsigned(code: str, text: str) -> bool:
    # SHA-256 is also named where the clock or a key is wrong: the code decides.
    return code == "XAmzContentSHA256Mismatch" or "unsigned-payload" in text


def _is_checksum(header: str) -> bool:
    return header.lower().startswith(_CHECKSUM_HEADERS)


#: In the order in which they are tried.
_FORMS = (
    _Form(Ability.NO_CHECKSUM, _wants_checksum, lambda request: request["method"] in _WRITING),
    _Form(
        Ability.CHECKSUMS,
        _refuses_checksums,
        lambda request: any(map(_is_checksum, request["headers"])),
    ),
    _Form(Ability.UNSIGNED, _refuses_unsigned),
)


def attach(
    client: Any,
    abilities: Abilities,
    moved: Callable[[], object],
    is_own: Callable[[str], bool],
) -> None:
    """Have an S3 client learn how its store wants requests.

    Args:
        client: the client.
        abilities: what is known, and where it is kept.
        moved: called once the bucket was found in another region than the client's, which then
            serves from there by a redirect each time.
        is_own: tells whether a bucket is the lab's own, whose region alone is followed.
    """
    hooks = _Hooks(client, abilities, moved, is_own)
    client.meta.events.register("before-sign.s3", hooks.shape)
    # Before botocore's own, which have sent a request on once they return.
    client.meta.events.register_first("needs-retry.s3", hooks.learn)


class _Hooks:
    """What one client has botocore call."""

    def __init__(
        self,
        client: Any,
        abilities: Abilities,
        moved: Callable[[], object],
        is_own: Callable[[str], bool],
    ) -> None:
        self._region = client.meta.region_name
        self._abilities = abilities
        self._moved = moved
        self._is_own = is_own

    def shape(self, request: Any, **_: object) -> None:
        """Give a request the form that its store wants, before it is signed."""
        found, tried = self._abilities, request.context.get(_TRIED, ())

        def without(ability: Ability) -> bool:
            return found.lacks(ability) or ability in tried

        if without(Ability.CHECKSUMS):
            had = [name for name in request.headers if _is_checksum(name)]
            for name in had:
                del request.headers[name]
            _add_md5(request, wanted=bool(had))
        if without(Ability.NO_CHECKSUM):
            _add_md5(request, wanted=request.method in _WRITING)
        if without(Ability.UNSIGNED):
            from botocore.config import Config

            signed = Config(s3={"payload_signing_enabled": True})
            before = request.context.get("client_config")
            request.context["client_config"] = before.merge(signed) if before else signed

    def learn(self, response: Any, request_dict: Any, **_: object) -> int | None:
        """Look at an answer; return 0 to have the request sent again in another form."""
        if response is None:
            return None
        (http, parsed), context = response, request_dict["context"]
        if http.status_code < 300:
            self._keep(context)
            return None
        self._look_for_region(parsed, context)
        error = parsed.get("Error", {})
        code, text = str(error.get("Code", "")), str(error.get("Message", "")).lower()
        tried = context.setdefault(_TRIED, set())
        for form in _FORMS:
            new = form.lacking not in tried and not self._abilities.lacks(form.lacking)
            if new and form.fits(request_dict) and form.suggested(code, text):
                tried.add(form.lacking)
                return 0
        return None

    def _look_for_region(self, parsed: Any, context: Any) -> None:
        headers = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        region = headers.get("x-amz-bucket-region") or parsed.get("Error", {}).get("Region")
        if region and region != self._region:
            context[_REGION] = region

    def _keep(self, context: Any) -> None:
        """Keep what a request that has passed owes to its form, or to another region."""
        for ability in context.get(_TRIED, ()):
            self._abilities.note(ability, holds=False)
        if (region := context.get(_REGION)) and self._is_own(bucket_of(context)):
            self._abilities.note_region(region, self._region)
            self._moved()


def has_no_such_call(error: BaseException | None) -> bool:
    """Tell whether a store has answered that it knows no such call."""
    if not isinstance(error, boto.ClientError):
        return False
    named = code_of(error) in {"NotImplemented", "MethodNotAllowed", "UnsupportedOperation"}
    return named or status_of(error) in (405, 501)


def _add_md5(request: Any, *, wanted: bool) -> None:
    if wanted and "Content-MD5" not in request.headers:
        request.headers["Content-MD5"] = content_md5(request.data or b"")


def content_md5(body: bytes | str | IO[bytes]) -> str:
    """Return a body's MD5 as the header has it; a file is left where it stood."""
    digest = hashlib.md5(usedforsecurity=False)
    if isinstance(body, str | bytes | bytearray):
        digest.update(body.encode() if isinstance(body, str) else body)
    else:
        start = body.tell()
        while chunk := body.read(_CHUNK):
            digest.update(chunk)
        body.seek(start)
    return base64.b64encode(digest.digest()).decode()
