"""TLS that does not come about: certificates, trusted authorities, http and https mixed up.

No waiting mends these: somebody has to change an address, a file or a server. So they are told
apart from a cloud that does not answer. A connection that was cut is none of them: that passes.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import SplitResult

from labapp.addresses import is_amazons
from labapp.errors import CertificateError

if TYPE_CHECKING:
    from botocore.session import Session

#: Seconds to find out whether a server that hangs up on http speaks TLS.
PROBE_TIMEOUT = 2.0

#: Seconds for which one that did not is taken for one that does not.
BELIEVED = 60.0

#: Until when (monotonic) that is so, by host and port.
_plain_until: dict[str, float] = {}

#: What OpenSSL says where the other side answers a handshake with something else than TLS.
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST")

#: What it says where the two sides agree on nothing.
_NO_AGREEMENT = re.compile(r"(ALERT_[A-Z_]+|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE)")

#: What servers of TLS answer to a request without: Go's, nginx, Apache.
_WANTS_TLS = re.compile(
    r"HTTP request (was sent )?to (an )?HTTPS|speaking plain HTTP to an SSL-enabled", re.IGNORECASE
)

_TRUST = (
    "Get the file (PEM) of the authority that signed it from whoever runs that server, and name it"
    " by AWS_CA_BUNDLE, or by ca_bundle in the profile."
)
_INSPECTED = (
    "A proxy in between that opens TLS would be the reason: ask for the file (PEM) of its"
    " authority, and name it by AWS_CA_BUNDLE, or by ca_bundle in the profile."
)


def check_trusted(session: Session) -> None:
    """See to it that the file of trusted authorities can be used, where one is named.

    Raises:
        CertificateError: it cannot; says where it is named.
    """
    path, origin = _trusted(session)
    if origin and (why := _why_unreadable(path)):
        raise CertificateError(
            f"the trusted certificates in {path!r}, named by {origin}, cannot be read: {why}",
            "Name a file with certificates in PEM form, or take the name away.",
        )


def _trusted(session: Session) -> tuple[str, str]:
    """Return the file of trusted authorities and who names it; both empty for botocore's own."""
    if (path := os.environ.get("AWS_CA_BUNDLE")) is not None:
        return path, "AWS_CA_BUNDLE"
    if (path := session.get_config_variable("ca_bundle")) is not None:
        return path, "ca_bundle of the profile"
    if (path := os.environ.get("REQUESTS_CA_BUNDLE")) is not None:
        return path, "REQUESTS_CA_BUNDLE"
    return "", ""


def _why_unreadable(path: str) -> str:
    """Return why a file of certificates cannot be used; empty if it can."""
    import ssl  # takes 15 ms, and most requests of a command need none

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return "it holds no certificate"
    except OSError as error:
        return error.strerror or str(error)
    except ValueError:  # a name that no file can have
        return "that is no name of a file"
    return ""


def trouble(text: str, where: SplitResult) -> tuple[str, str]:
    """Return what botocore's SSLError says, and what helps; empty texts where it may pass.

    Args:
        text: the error's own.
        where: the address that was asked.
    """
    loud, host = text.upper().replace(" ", "_"), where.netloc
    certificate = f"the certificate of {host}"
    if "EXPIRED" in loud and "CERTIFICATE" in loud and "VERIFY" in loud:
        return (
            f"{certificate} has expired",
            "Whoever runs that server renews it. If it has not, this machine's clock is wrong.",
        )
    if "NOT_YET_VALID" in loud:
        return (
            f"{certificate} is not yet valid",
            "Look at this machine's clock, and at the server's.",
        )
    if found := re.search(r"doesn't match (.*)|(?:Hostname|IP address) mismatch", text):
        names = f", {found[1]}" if found[1] else ""
        return (
            f"{certificate} is for another name{names}",
            "Write the address with the name that the certificate is for.",
        )
    if "CERTIFICATE_VERIFY_FAILED" in loud:
        reason = text.rpartition("verify failed: ")[2].partition(" (_ssl")[0]
        remedy = _INSPECTED if is_amazons(where.hostname or "") else _TRUST
        return f"{certificate} is not trusted: {reason}", remedy
    if any(words in loud for words in _NO_TLS):
        return (
            f"what answers at {host} speaks no TLS, and the address begins with https://",
            f"Write http://{host} if that server has none; else a proxy or a login page of the"
            " network is in between.",
        )
    if found := _NO_AGREEMENT.search(loud):
        return (
            f"no TLS comes about with {host} ({found[1].lower().replace('_', ' ')})",
            "Ask whoever runs that server which versions and certificates it takes.",
        )
    return "", ""


def asked_without(where: SplitResult) -> tuple[str, str]:
    """Return what to say where http was spoken to a server of TLS, and what helps."""
    return (
        f"what answers at {where.netloc} wants TLS, and the address begins with http://",
        f"Write https://{where.netloc}.",
    )


def wants_tls(text: str) -> bool:
    """Tell whether an answer says that the request should have come by TLS."""
    return bool(_WANTS_TLS.search(text))


def speaks_tls(where: SplitResult) -> bool:
    """Find out whether a server speaks TLS, whatever its certificate; nothing is sent to it.

    One that did not is not asked again for a while: in an outage every call would ask.
    """
    if time.monotonic() < _plain_until.get(where.netloc, 0.0):
        return False
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.suppress(OSError, ValueError):
        address = (where.hostname or "", where.port or 80)
        with (
            socket.create_connection(address, PROBE_TIMEOUT) as plain,
            context.wrap_socket(plain, server_hostname=where.hostname),
        ):
            return True
    _plain_until[where.netloc] = time.monotonic() + BELIEVED
    return False
