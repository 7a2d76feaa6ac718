"""Whose cloud an address is: Amazon's, our own, or a shared one that somebody else runs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from labapp.settings import Settings

#: The ends of the names of Amazon's hosts, VPC endpoints included.
_AMAZONS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")

#: What a local cloud tells whoever comes without its key.
OWNERS_KEY = (
    "this local cloud takes its owner's key alone: 'python admin.py cloud env' prints it, and"
    " 'python admin.py cloud start --share' opens the cloud to everybody on the machine"
)

#: The header in which a local cloud says by a code that it wants another key.
REFUSED_HEADER = "x-labapp-refused"


def is_amazons(host: str) -> bool:
    """Tell whether a host is one of Amazon's own."""
    return host.lower().endswith(_AMAZONS)


def shared_at(settings: Settings) -> str:
    """Return where the shared cloud of these settings is, `127.0.0.1:4566`; empty if it is none.

    Shared is another's local cloud, or any other address than Amazon's own: whoever runs it starts
    and stops it.
    """
    if settings.cloud != "aws":
        return ""
    try:
        where = urlsplit(settings.endpoint_url)
        return "" if is_amazons(where.hostname or "") else where.netloc
    except ValueError:  # no address at all, which is told when it is used
        return ""
