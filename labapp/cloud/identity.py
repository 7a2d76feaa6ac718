"""Who we are to the cloud: whose credentials, of which kind, from where, and until when."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labapp import utc
from labapp.cloud import boto
from labapp.cloud.aws_errors import translated
from labapp.cloud.aws_setup import CONFIG_FILE, SENDABLE, Keys
from labapp.cloud.credential_errors import Source, is_lab
from labapp.cloud.direct import sts as direct_sts
from labapp.errors import CredentialsError

if TYPE_CHECKING:
    from boto3 import Session

    from labapp.cloud.session import Cloud

#: What people call the places where botocore finds credentials, by its own names.
_PLACES = {
    "env": "environment",
    "explicit": "named by the program",
    "shared-credentials-file": "credentials file",
    "config-file": "config file",
    "assume-role": "role taken by a profile",
    "assume-role-with-web-identity": "role taken by a web identity token",
    "sso": "IAM Identity Center (aws sso login)",
    "login": "console sign-in (aws login)",
    "custom-process": "credential_process of a profile",
    "iam-role": "role of the EC2 instance",
    "container-role": "role of the container",
}


@dataclass(frozen=True)
class Identity:
    """Whose the credentials in force are.

    Attributes:
        account: the account's id of twelve digits.
        arn: the user's or the role session's ARN.
    """

    account: str
    arn: str

    @property
    def is_lab(self) -> bool:
        """Whether this is a session of an AWS Academy lab."""
        return is_lab(self.arn)


def identity(cloud: Cloud) -> Identity:
    """Ask AWS who we are. Even a lab session that is over is told.

    Raises:
        CredentialsError: AWS does not know us, or there are no credentials.
        ClockError: it refuses this machine's time.
        CloudError: it cannot be asked.
    """
    if cloud.place.endpoints.have_sts and (found := direct_sts.caller(cloud)):
        return Identity(*found)
    with translated("ask AWS who we are"):
        answer = cloud.sts.get_caller_identity()
        return Identity(answer["Account"], str(answer.get("Arn", "")))


def source_of(session: Session) -> Source:
    """Return where a session's credentials come from, without asking anybody but that place."""
    profile = session.profile_name or ""
    try:
        found: Any = session.get_credentials()
    except (boto.BotoCoreError, OSError, ValueError):
        found = None
    if found is None:
        return Source(profile=profile)
    method = str(getattr(found, "method", "") or "")
    # Those that renew themselves would do so for their public names: within a renewal, for ever.
    renews = hasattr(found, "_access_key")
    key = (found._access_key if renews else found.access_key) or ""
    token = found._token if renews else found.token
    return source_of_keys(Keys(key, "", token, method), profile)


def source_of_keys(keys: Keys, profile: str) -> Source:
    """Return where keys come from that do not renew themselves; `profile` is the one in force."""
    named = "" if keys.method in ("env", "explicit") else profile
    file = _shown(credential_files()[keys.method == CONFIG_FILE])
    return Source(keys.method, named, file, keys.access_key, bool(keys.token))


def place_of(source: Source) -> str:
    """Return where credentials come from, for people: `credentials file [lab]`."""
    found = _PLACES.get(source.method, source.method or "unknown")
    return f"{found} [{source.profile}]" if source.profile else found


def expiry(credentials: object) -> datetime | None:
    """Return when credentials expire, where their source told; None where nobody knows.

    A credentials file does not tell, so of a lab session it is None.
    """
    found = getattr(credentials, "_expiry_time", None)
    return found if isinstance(found, datetime) else None


def load(session: Session) -> Any:
    """Return a session's credentials, made ready to renew themselves; None where there are none.

    Raises:
        CredentialsError: their source fails, such as a `credential_process`.
    """
    from botocore.credentials import Credentials

    with translated("find the credentials"):
        try:
            found: Any = session.get_credentials()
        except (OSError, ValueError, KeyError) as error:
            raise boto.CredentialRetrievalError(
                provider="custom-process", error_msg=f"{type(error).__name__}: {error}"
            ) from error
    if type(found) is Credentials:
        _check(found.access_key, found.secret_key, found.token)
    if hasattr(found, "_time_fetcher") and found._time_fetcher is not utc.now:
        _check(found._access_key, found._secret_key, found._token)
        found._time_fetcher = utc.now  # else a clock that is ahead finds new ones expired
        found._refresh_using = _renewal(found._refresh_using, str(found.method))
    return found


def _check(key: str | None, secret: str | None, token: str | None) -> None:
    """See to it that credentials can be sent at all; what they are is told to nobody.

    Raises:
        CredentialsError: they hold spaces or line breaks, which no header may.
    """
    parts = {"access key": key, "secret key": secret, "token": token}
    odd = [name for name, text in parts.items() if text and not SENDABLE.fullmatch(text)]
    if odd:
        raise CredentialsError(
            f"the credentials' {' and '.join(odd)} {'holds' if len(odd) == 1 else 'hold'} spaces,"
            " line breaks or other signs that none has",
            "Copy them anew, without quotes and with nothing behind them. A file with Windows' line"
            " ends brings a sign that nobody sees.",
        )


def require_credentials(session: Session) -> Any:
    """Return a session's credentials; errors as of `load`, and there may be none."""
    found = load(session)
    if found is None:
        with translated("sign a request"):
            raise boto.NoCredentialsError
    return found


def _renewal(renew: Callable[[], Any], method: str) -> Callable[[], Any]:
    """Return what renews credentials, its own errors told as botocore tells others."""

    def renewed() -> Any:
        try:
            found = renew()
        except (OSError, ValueError, KeyError) as error:
            raise boto.CredentialRetrievalError(
                provider=method, error_msg=f"{type(error).__name__}: {error}"
            ) from error
        _check(*(found.get(part) for part in ("access_key", "secret_key", "token")))
        return found

    return renewed


def credential_files() -> list[Path]:
    """Return the files in which a renewed key may appear: the credentials, the configuration."""
    home = Path.home() / ".aws"
    return [
        Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials").expanduser(),
        Path(os.environ.get("AWS_CONFIG_FILE") or home / "config").expanduser(),
    ]


def credential_stamps() -> list[tuple[int, int]]:
    """Return what changes when one of these files is written: its time and size."""
    stamps = []
    for path in credential_files():
        try:
            status = path.stat()
            stamps.append((status.st_mtime_ns, status.st_size))
        except OSError:
            stamps.append((0, 0))
    return stamps


def _shown(path: Path) -> str:
    """Return a path as people write it."""
    home = Path.home()
    if sys.platform != "win32" and path.is_relative_to(home):
        return f"~/{path.relative_to(home)}"
    return str(path)
