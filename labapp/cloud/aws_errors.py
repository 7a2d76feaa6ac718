"""botocore's errors, told in labapp's own.

Everything that talks to a service does so within `translated`, so that no other room ever sees an
exception of botocore's, and the worker can tell what may pass (wait and try again), what needs new
credentials (pause) and what will never work (give up) by the class alone.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, urlsplit

from labapp.addresses import is_amazons, is_loopback
from labapp.cloud import actions, boto, certificates, clock, lost_credentials
from labapp.cloud.embedded import disk
from labapp.cloud.embedded.state import OWNERS_KEY, REFUSED_HEADER
from labapp.errors import (
    CertificateError,
    CloudError,
    CredentialsError,
    ForbiddenError,
    LabappError,
    MissingResourceError,
    StorageError,
    TooSoonError,
    UnreachableError,
)

#: Error codes of a key that is good, but may not do this.
PERMISSION_CODES = frozenset(
    {"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "UnauthorizedOperation", "403"}
)

#: Error codes of an encryption key that may not be used, or cannot be at present; SQS says them
#: with and without the dot.
KMS_CODES = frozenset(
    {
        "KmsAccessDenied",
        "KmsDisabled",
        "KmsInvalidKeyUsage",
        "KmsInvalidState",
        "KmsNotFound",
        "KmsOptInRequired",
        "KMS.AccessDeniedException",
        "KMS.DisabledException",
        "KMS.InvalidKeyUsageException",
        "KMS.InvalidStateException",
        "KMS.KMSInvalidStateException",
        "KMS.NotFoundException",
        "KMS.OptInRequired",
    }
)

#: Error codes of an object that is not there; HEAD has no words, and answers the same of a bucket.
OBJECT_CODES = frozenset({"NoSuchKey", "404"})

#: Error codes of a bucket that is not there; HEAD has a status for one.
NO_BUCKET_CODES = frozenset({"NoSuchBucket", "404", "NotFound"})

#: Error codes of a queue or a bucket that is not there.
MISSING_CODES = frozenset(
    {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "NoSuchBucket"}
)

#: Error codes of what SQS allows once in 60 seconds: a purge, and the name of a deleted queue.
TOO_SOON_CODES = frozenset(
    {
        "AWS.SimpleQueueService.QueueDeletedRecently",
        "QueueDeletedRecently",
        "AWS.SimpleQueueService.PurgeQueueInProgress",
        "PurgeQueueInProgress",
    }
)

#: Seconds after which it does.
TOO_SOON = 60.0

#: Error codes of a bucket that another request is at work on, or that was deleted a moment ago.
BUSY_CODES = frozenset({"OperationAborted"})

#: Error codes that pass, beside every status of 500 and above.
PASSING_CODES = frozenset(
    {
        *TOO_SOON_CODES,
        *BUSY_CODES,
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "SlowDown",
        "RequestTimeout",
        "RequestTimeoutException",
        "InternalError",
        "InternalFailure",
        "ServiceUnavailable",
        "OverLimit",
        "KmsThrottled",
        "KMS.ThrottlingException",
    }
)

#: Error codes of a region to which the address, the bucket or the signature does not belong.
REGION_CODES = frozenset(
    {
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "InvalidLocationConstraint",
        "InvalidRegion",
    }
)

#: The HTTP status by which a proxy asks who we are.
_PROXY_WANTS_USER = 407

#: Where this process has opened the user's own local cloud: host and port. Who meets it down can
#: start it; any other cloud that is not Amazon's is somebody else's.
_own: set[str] = set()


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Translate what botocore raises inside the block.

    Args:
        doing: what is being done and to which thing, as in `receive from requestQueue`.

    Raises:
        CloudError: or one of its kinds, with `doing` in its message.
    """
    try:
        yield
    except LabappError:  # told already; to look at the others imports botocore
        raise
    except Exception as error:
        if told := _told(error, doing):
            raise told from error
        raise


def _told(error: Exception, doing: str) -> CloudError | None:
    """Return what an error of botocore's, or of what it stands on, is told as; None for others."""
    if isinstance(error, boto.ClientError):
        return from_response(error, doing)
    if isinstance(error, boto.S3UploadFailedError):
        # boto3 wraps what went wrong in a sentence of its own.
        cause = error.__context__
        if isinstance(cause, boto.ClientError):
            return from_response(cause, doing)
        return _unreachable(doing, cause or error)
    if isinstance(error, lost_credentials.unfound_kinds()):
        return lost_credentials.unfound(error, doing)
    if isinstance(
        error,
        boto.HTTPClientError | boto.ConnectionError | boto.IncompleteReadError | boto.HTTPError,
    ):
        return _unreachable(doing, error)
    if isinstance(error, RuntimeError) and lost_credentials.STILL_EXPIRED in str(error):
        return lost_credentials.still_expired(doing)
    if isinstance(error, boto.InvalidRegionError):
        name = str(error.kwargs.get("region_name", ""))
        return CloudError(f"cannot {doing}: {name!r} is no name of a region", _REGION_NAME)
    if isinstance(error, boto.BotoCoreError):
        return CloudError(f"cannot {doing}: {lost_credentials.first_line(error)}")
    if isinstance(error, boto.ResponseParserError | KeyError) or _is_of_the_parser(error):
        return _of_another_tongue(doing, str(error))
    return None


def _is_of_the_parser(error: Exception) -> bool:
    """Tell whether botocore stumbled over an answer of other types than AWS's."""
    step, module = error.__traceback__, ""
    while step is not None and module != "botocore.parsers":
        module, step = step.tb_frame.f_globals.get("__name__", ""), step.tb_next
    return module in ("botocore.parsers", "botocore.endpoint")  # the latter as the last


@contextmanager
def reading() -> Iterator[None]:
    """Read an answer in the block, within `translated`, which tells of one of other types so too.

    Raises:
        ResponseParserError: botocore's own, as its parser looks at few of them.
    """
    try:
        yield
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise boto.ResponseParserError(str(error)) from error


def own_cloud(endpoint: str) -> None:
    """Know the address of the user's own local cloud, which they can start themselves."""
    _own.add(urlsplit(endpoint).netloc)


def _unreachable(doing: str, error: BaseException) -> CloudError:
    """Return the error for a cloud that does not answer, by what stands between or who runs it."""
    about = getattr(error, "kwargs", {})
    where = urlsplit(str(about.get("endpoint_url", "")))
    if isinstance(error, boto.ProxyConnectionError):
        proxy = urlsplit(str(about.get("proxy_url", ""))).netloc.rpartition("@")[2]
        return UnreachableError(f"cannot {doing}: the proxy{_why_proxy(proxy, error)}", _PROXY)
    found = ("", "")
    if isinstance(error, boto.SSLError):
        found = certificates.trouble(str(error), where)
    elif isinstance(error, boto.ConnectionClosedError) and _may_want_tls(where):
        found = certificates.asked_without(where)
    if found[0]:
        return CertificateError(f"cannot {doing}: {found[0]}", found[1])
    if where.hostname and not is_amazons(where.hostname):
        whose, remedy = "", _ANOTHERS
        if where.netloc in _own:
            whose, remedy = "local ", "Start it with 'python admin.py cloud start'."
        elif is_loopback(where.hostname):  # an emulator, another's local cloud, or a tunnel
            remedy = _HERE
        what = f"the {whose}cloud at {where.netloc} does not answer"
        if isinstance(getattr(about.get("error"), "__cause__", None), socket.gaierror):
            what = f"no host of the name {where.hostname} is found"
        return UnreachableError(f"cannot {doing}: {what}", remedy)
    why = lost_credentials.first_line(error)
    return UnreachableError(f"cannot {doing}: the cloud does not answer ({why})", _RETRY)


def _why_proxy(proxy: str, error: boto.ProxyConnectionError) -> str:
    """Return which proxy refuses and how, or that it does not answer."""
    cause = str(error.kwargs.get("error", ""))
    refused = re.search(r"Tunnel connection failed: (\d+[^'\"]*)", cause)
    return (
        f" at {proxy} refuses ({refused[1].strip()})" if refused else f" at {proxy} does not answer"
    )


def _may_want_tls(where: SplitResult) -> bool:
    """Tell whether a server that hung up on http was one of TLS; ours never is."""
    return where.scheme == "http" and where.netloc not in _own and certificates.speaks_tls(where)


def code_of(error: boto.ClientError) -> str:
    """Return the service's own code of an error, such as `NoSuchBucket` or `412`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: boto.ClientError) -> int:
    """Return the HTTP status of an error; 0 where there was none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def from_response(error: boto.ClientError, doing: str) -> CloudError:
    """Return the error of ours that says what a service's refusal means."""
    code, text = code_of(error), str(error.response.get("Error", {}).get("Message", ""))
    if REFUSED_HEADER in error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}):
        # An answer to HEAD has no words of its own.
        return CredentialsError(f"cannot {doing}: {OWNERS_KEY}", _OWNERS)
    if code == disk.CODE:
        return StorageError(f"cannot {doing}: {text}", disk.remedy(text))
    what = _said(doing, code, text)
    if clock.means_clock(code, text):
        return lost_credentials.wrong_clock(error, doing)
    if told := lost_credentials.ended(error, doing) or _of_the_way(error, doing, text):
        return told
    if code in KMS_CODES:
        return ForbiddenError(what, _KEY)
    if code in PERMISSION_CODES or (status_of(error) == 403 and code not in PASSING_CODES):
        call = error.operation_name
        return ForbiddenError(what + actions.lacking(call), actions.remedy(call))
    if code in OBJECT_CODES:
        return MissingResourceError(what, GONE)
    if code in MISSING_CODES:
        return MissingResourceError(what, "Run 'python admin.py cloud up', which makes it.")
    if code in PASSING_CODES or status_of(error) >= 500:
        return _passing_error(code, what)
    return CloudError(what)


def not_there(doing: str, code: str, text: str) -> MissingResourceError:
    """Return the error for an object that is not there, by a service's code and text."""
    return MissingResourceError(_said(doing, code, text), GONE)


def _said(doing: str, code: str, text: str) -> str:
    return f"cannot {doing}: {text.strip().rstrip('.') or code} ({code})"


def _passing_error(code: str, what: str) -> UnreachableError:
    if code in TOO_SOON_CODES:
        return TooSoonError(
            what, f"SQS allows it at {_clock_in(TOO_SOON)}, or before: try again then."
        )
    return UnreachableError(what, _BUSY if code in BUSY_CODES else _RETRY)


def _clock_in(seconds: float) -> str:
    """Return what this machine's clock shows in some seconds, such as `14:03:20`."""
    return time.strftime("%H:%M:%S", time.localtime(time.time() + seconds))


def _of_the_way(error: boto.ClientError, doing: str, text: str) -> CloudError | None:
    """Return the error where not the service refuses but what is asked there, or lies between."""
    if certificates.wants_tls(text):
        return CertificateError(f"cannot {doing}: {_PLAIN}", _SECURE)
    if status_of(error) == _PROXY_WANTS_USER:
        return UnreachableError(f"cannot {doing}: the proxy wants a user and a password", _PROXY)
    if code_of(error) in REGION_CODES:
        return CloudError(f"cannot {doing}: {text.rstrip('.')} ({code_of(error)})", _REGION)
    return None


def _of_another_tongue(doing: str, text: str) -> CloudError:
    """Return the error for an answer that is not as AWS's are."""
    if certificates.wants_tls(text):
        return CertificateError(f"cannot {doing}: {_PLAIN}", _SECURE)
    return CloudError(
        f"cannot {doing}: what answers there does not speak as AWS does",
        "Check the address: 'python admin.py config' shows the setting endpoint_url.",
    )


_REGION = (
    "Check the region: --region, AWS_REGION, or the profile's; and the address, if one is set."
)
_REGION_NAME = (
    "Name one such as us-east-1 where it is set: --region, LABAPP_REGION or the setting region,"
    " AWS_REGION, or the AWS profile's."
)
_OWNERS = "Ask its owner for one of both; if it is yours, use what 'cloud env' prints."
_KEY = (
    "It is encrypted with a key of AWS KMS: ask the key's owner for kms:Decrypt and"
    " kms:GenerateDataKey, or to enable it again."
)
_HERE = (
    "Start the service there, or correct the address (AWS_ENDPOINT_URL, or the setting"
    " endpoint_url). Check the network or the tunnel if it runs; a class's shared cloud is its"
    " teacher's to start, by 'python admin.py cloud start' there."
)
_BUSY = (
    "Another program sets the bucket up, or it was deleted a moment ago: try again in a minute. The"
    " name of one that was in another region, or another's, may take an hour to be free."
)
_ANOTHERS = (
    "Check the address, the network and the proxy, if there is one; whoever runs that cloud starts"
    " it."
)
#: What to do about an object that is not there.
GONE = "It was removed, or never there: look at what there is."
_PLAIN = "what answers there wants TLS, and the address begins with http://"
_SECURE = "Write the address with https://."
_PROXY = (
    "Check HTTPS_PROXY and HTTP_PROXY, and a user and a password in them if it wants one; NO_PROXY"
    " names what is reached without it."
)
_RETRY = "Check the network and 'python admin.py cloud status', then try again."
