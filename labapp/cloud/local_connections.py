"""Connections of boto3's clients to the local cloud, which has to prove itself on each.

A client's connections end with the cloud, and whoever binds its port then would be sent the next
request: pictures, lists, and signatures to be tried elsewhere. So each new connection begins with
the challenge of `state`; one that fails counts as a cloud that does not answer. It is one
round trip a connection, and none a request, for connections are kept.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSHTTPConnection, AWSHTTPConnectionPool
from urllib3.exceptions import NewConnectionError

from labapp.cloud.embedded.state import leads_home


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
        why = "what answers is not the local cloud"
        try:
            if leads_home(self._labapp_home, self.sock):
                return
        except OSError as error:
            why = f"it does not prove itself: {error}"
        self.close()
        raise NewConnectionError(self, why)


class _Pool(AWSHTTPConnectionPool):
    """The connections to one local cloud."""

    ConnectionCls = _Connection
