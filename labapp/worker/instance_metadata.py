"""What an EC2 instance is told about itself: who it is, and whether it is to go.

The instance metadata service (IMDSv2) answers on a link-local address, to who has a token. It may
be away, as where this is no instance; then nothing is known, and it is asked again.
"""

from __future__ import annotations

import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable

#: Where the service is; the SDK's own variable names another one.
ENDPOINT = "http://169.254.169.254"
VARIABLE = "AWS_EC2_METADATA_SERVICE_ENDPOINT"

#: Seconds that a token is good for, as we ask; it is renewed at half of that.
TOKEN_SECONDS = 21_600

#: Seconds that an answer may take: it comes from the same machine.
TIMEOUT = 2.0

#: Bytes of an answer that are read.
_MOST = 65_536

#: The states of the life cycle that an instance of a group is to be in when it is to end.
_GOING = frozenset({"Terminated"})


class AwayError(Exception):
    """The service does not answer, or not to us."""


class InstanceMetadata:
    """Asks the instance metadata service; not to be shared between threads.

    Args:
        endpoint: where it is.
        now: a clock that only goes forward, in seconds.
    """

    def __init__(self, endpoint: str = "", now: Callable[[], float] = time.monotonic) -> None:
        self._base = (endpoint or os.environ.get(VARIABLE) or ENDPOINT).rstrip("/")
        self._now = now
        self._token, self._renew = "", 0.0
        # No proxy knows a link-local address, though the environment may name one for all others.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def instance_id(self) -> str:
        """Return the instance's id, `i-…`.

        Raises:
            AwayError: the service does not tell.
        """
        found = self._read("instance-id")
        if not found:
            raise AwayError("it has no id for this machine")
        return found

    def is_going(self) -> bool:
        """Tell whether the instance's Auto Scaling group has it end.

        Raises:
            AwayError: the service does not tell.
        """
        return self._read("autoscaling/target-lifecycle-state") in _GOING

    def is_reclaimed(self) -> bool:
        """Tell whether EC2 takes its spare capacity back, in two minutes.

        Raises:
            AwayError: the service does not tell.
        """
        return bool(self._read("spot/instance-action"))

    def _read(self, path: str) -> str:
        """Return what is at a path, less blanks around; empty where there is nothing."""
        for is_last in (False, True):
            try:
                if self._now() >= self._renew:
                    self._fetch_token()
                return self._ask("GET", path, {"X-aws-ec2-metadata-token": self._token})
            except urllib.error.HTTPError as error:
                error.close()
                if error.code == http.HTTPStatus.NOT_FOUND:
                    return ""
                self._renew = 0.0  # as after 401: another token may be taken
                if is_last:
                    raise AwayError(f"it answers {error.code}") from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise AwayError(str(getattr(error, "reason", error))) from error
        raise AssertionError

    def _fetch_token(self) -> None:
        seconds = {"X-aws-ec2-metadata-token-ttl-seconds": str(TOKEN_SECONDS)}
        self._token = self._ask("PUT", "api/token", seconds)
        self._renew = self._now() + TOKEN_SECONDS / 2

    def _ask(self, method: str, path: str, headers: dict[str, str]) -> str:
        where = "" if method == "PUT" else "meta-data/"
        request = urllib.request.Request(
            f"{self._base}/latest/{where}{path}", method=method, headers=headers
        )
        with self._opener.open(request, timeout=TIMEOUT) as answer:
            body: bytes = answer.read(_MOST)
        return body.decode("ascii", "replace").strip()
