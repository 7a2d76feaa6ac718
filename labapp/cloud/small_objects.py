"""Small objects: written at a third of botocore's CPU time, and read side by side.

What workers and strangers put beside each other in one prefix is read in order, none beyond its
bound, and what is left out is told. One that is too large, or gone since it was listed, ends no
listing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from labapp.cloud import boto, bucket_owner
from labapp.cloud.abilities import Ability
from labapp.cloud.aws_errors import translated
from labapp.cloud.s3_dialect import content_md5
from labapp.cloud.session import Cloud
from labapp.errors import MissingResourceError, TooLargeError

if TYPE_CHECKING:
    from botocore.httpsession import URLLib3Session

    from labapp.cloud.bucket import Bucket, Entry
    from labapp.cloud.signers import S3Signer

#: Objects read at once, and objects that are read ahead of who takes them.
READERS, _AHEAD = 32, 96

#: Objects that a sentence names.
_NAMED = 3

#: Told, in a sentence each, of what is left out of a listing, and why.
Tell = Callable[[str], object]


def tell_nobody(_: str) -> None:
    """Tell nobody of what is left out: for who only counts."""


def read(
    bucket: Bucket, entries: Iterable[Entry], most: int, left_out: Tell = tell_nobody
) -> Iterator[tuple[Entry, bytes]]:
    """Yield objects of a listing with their bytes, in the order given, each as soon as it is there.

    Args:
        bucket: where they lie.
        entries: the listing.
        most: bytes that each may have, of `bounds`.
        left_out: told of those that have more.

    Raises:
        CloudError: one cannot be read.
    """
    too_large: list[Entry] = []

    def body(entry: Entry) -> bytes | None:
        try:
            if entry.size <= most:
                return bucket.get(entry.key, most).body
        except MissingResourceError:
            return None
        except TooLargeError:  # it has grown since
            pass
        too_large.append(entry)
        return None

    rest, pool = iter(entries), ThreadPoolExecutor(READERS)
    try:
        begun = deque((entry, pool.submit(body, entry)) for entry in islice(rest, _AHEAD))
        while begun:
            entry, found = begun.popleft()
            read_bytes = found.result()
            begun.extend((more, pool.submit(body, more)) for more in islice(rest, 1))
            if read_bytes is not None:
                yield entry, read_bytes
    finally:  # who takes no more waits for no more than is on its way
        pool.shutdown(cancel_futures=True)
    if too_large:
        left_out(oversize(too_large, most))


def oversize(entries: list[Entry], most: int) -> str:
    """Say of objects that they are too large to be read, the first few by name and size."""
    named = ", ".join(f"{entry.key} ({entry.size:,} bytes)" for entry in entries[:_NAMED])
    more = f" and {len(entries) - _NAMED:,} more" if len(entries) > _NAMED else ""
    return f"left out, as more than {most:,} bytes are not read: {named}{more}"


#: The header by which an object is stored only where there is none.
NEW = {"If-None-Match": "*"}

#: What became of an object, by S3's status: it is stored; a condition does not hold; or who knows.
STORED, LOST, UNSURE = 200, 412, 0


@dataclass(frozen=True)
class _Route:
    """Where the bucket is, who signs and who sends; good for one generation of clients."""

    generation: int
    base: str
    signer: S3Signer
    http: URLLib3Session
    owner: Mapping[str, str]


class FastPut:
    """Sends small objects to one bucket; shared by threads.

    A worker stores one readable text for each number job, and the client's way to S3 (endpoint
    rules, serialiser, a dozen events, parser) costs more than the job itself. Here the request is
    signed by botocore's own signer and sent by the client's own HTTP session, with its proxies, CA
    bundle and timeouts, and nothing else happens. Whatever is neither plain success nor a condition
    that does not hold is not handled here: the caller then takes the long way, where retries,
    redirects and the meaning of errors are botocore's business. A PUT may be repeated, so that
    loses nothing.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._route: _Route | None = None

    def put(
        self,
        key: str,
        body: bytes,
        content_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """Store `body` under `key`.

        With `headers` S3 is told what else there is: metadata, and `NEW` to replace nothing.

        Returns:
            `STORED`; `LOST`: a condition does not hold; or `UNSURE`: take the long way.

        Raises:
            CredentialsError: there are none to sign with.
        """
        way = self._route
        if way is None or way.generation != self._cloud.generation:
            # Threads that come at once find the same, and one of them is kept.
            way = self._route = self._find_route()
        told = {"Content-Type": content_type, **way.owner, **(headers or {})}
        if self._cloud.abilities.lacks(Ability.NO_CHECKSUM):
            told["Content-MD5"] = content_md5(body)
        from botocore.awsrequest import AWSRequest

        request = AWSRequest(method="PUT", url=way.base + quote(key), data=body, headers=told)
        try:
            way.signer.add_auth(request)
            status = way.http.send(request.prepare()).status_code
        except (boto.BotoCoreError, RuntimeError):  # such as renewed credentials that have expired
            return UNSURE
        return int(status) if status in (STORED, LOST) else UNSURE

    def _find_route(self) -> _Route:
        """Ask botocore where the bucket is and who signs."""
        from labapp.cloud.signers import S3Signer

        cloud = self._cloud
        generation = cloud.generation  # a refresh meanwhile makes what is found here stale
        with translated(f"find the bucket {cloud.bucket_name}"):
            url = cloud.s3.generate_presigned_url(
                "put_object", Params={"Bucket": cloud.bucket_name, "Key": "_"}
            )
        client: Any = cloud.s3
        key: Any = cloud.credentials()
        return _Route(
            generation,
            url.partition("?")[0].removesuffix("_"),
            S3Signer(key, "s3", client.meta.region_name),
            # botocore shows it to nobody. One made here would have to find proxies, their settings,
            # CA bundles and client certificates by the same rules, and would one day find others.
            client._endpoint.http_session,
            {bucket_owner.HEADER: cloud.bucket_owner} if cloud.bucket_owner else {},
        )
