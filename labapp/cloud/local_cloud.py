"""What boto3's clients do with the local cloud alone: authenticate it, and ask it for queue ages.

A client's connections end with the cloud, and whoever binds its port then would be sent the next
request: pictures, lists, and signatures to be tried elsewhere. So each new connection begins with
the challenge of `state`; one that fails counts as a cloud that does not answer. It is one
round trip a connection, and none a request, for connections are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSHTTPConnection, AWSHTTPConnectionPool, AWSRequest
from botocore.exceptions import BotoCoreError
from urllib3.exceptions import NewConnectionError

from labapp import foreign
from labapp.cloud.embedded.state import AGES_PATH, LOOPBACK, proves_itself, read_state
from labapp.errors import CloudError

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Bytes of an answer with ages: a name and a number for each of a thousand queues.
_MOST = 1_000_000


def queue_ages(cloud: Cloud, waiting: Mapping[str, int]) -> dict[str, int]:
    """Return for each queue in which a message waits how many seconds the oldest has waited.

    The local cloud tells, however many messages wait. A queue of which nothing is known is left
    out. For all clouds see `queue_ages`.

    Args:
        cloud: the cloud; on any but the local one nothing is known.
        waiting: how many messages each queue holds; nobody is asked where there are none.
    """
    if not cloud.is_local or not any(waiting.values()):
        return {}
    request = AWSRequest("GET", cloud.place.endpoint + AGES_PATH)
    client: Any = cloud.sqs
    try:
        SigV4Auth(cloud.credentials(), "sqs", cloud.place.region).add_auth(request)
        content = client._endpoint.http_session.send(request.prepare()).content
        found = foreign.read_object(content, _MOST)
        return {str(name): round(float(age)) for name, age in found.items()}
    except (BotoCoreError, CloudError, ValueError, TypeError, AttributeError):
        return {}  # it is a convenience: the counts are there without it


def prove(client: Any, home: Path) -> None:
    """Have a boto3 client talk to the local cloud of `home` alone, whatever answers at its port."""
    # botocore shows it to nobody, and takes no connection class from outside.
    manager = client._endpoint.http_session._manager
    manager.pool_classes_by_scheme = {"http": partial(_Pool, labapp_home=home)}


class _Connection(AWSHTTPConnection):
    """A connection to the local cloud of one folder."""

    def __init__(self, *args: Any, labapp_home: Path, **more: Any) -> None:
        super().__init__(*args, **more)
        self._labapp_home = labapp_home

    def connect(self) -> None:
        """Connect, and be sure to whom.

        Raises:
            NewConnectionError: the listener is not that cloud.
        """
        super().connect()
        state, why = read_state(self._labapp_home), "what answers is not the local cloud"
        try:
            if (
                state is not None
                and (self.host, self.port) == (LOOPBACK, state.port)
                and proves_itself(state, self.sock) is not None
            ):
                return
        except OSError as error:
            why = f"it does not prove itself: {error}"
        self.close()
        raise NewConnectionError(self, why)


class _Pool(AWSHTTPConnectionPool):
    """The connections to one local cloud."""

    ConnectionCls = _Connection
