"""Errors of ours for a wrong clock, and for credentials that ended or were never found."""

from __future__ import annotations

import os
from typing import Any, cast

from labapp import utc
from labapp.cloud import boto, clock
from labapp.cloud.credential_errors import TAKING, VERDICT, Ending, Source, ending_of
from labapp.errors import ClockError, CredentialsError, SessionEndedError

#: What botocore says, as a bare RuntimeError, of credentials that are new and have expired.
STILL_EXPIRED = "refreshed credentials are still expired"


def wrong_clock(error: boto.ClientError, doing: str) -> ClockError:
    """Return the error for a refused time, with by how much the answer's own time differs."""
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    told = error.response.get("Error", {})
    code, lacking = told.get("Code", ""), clock.lacking(headers, told)
    if lacking is None:
        return ClockError(
            f"cannot {doing}: this machine's clock is wrong ({code})", "Set it, then try again."
        )
    if abs(lacking) < utc.SAME:
        return ClockError(
            f"cannot {doing}: the time of requests is refused ({code}), though this machine's clock"
            " agrees with the service's answers",
            "See whether something between here and there holds requests back, then try again.",
        )
    return ClockError(
        f"cannot {doing}: this machine's clock is {utc.off(lacking)}, and signing with the right"
        f" time did not help ({code})",
        "Set the clock, then try again.",
    )


def ended(error: boto.ClientError, doing: str) -> CredentialsError | None:
    """Return the error for credentials that have ended, or are not taken; None for good ones."""
    told = error.response.get("Error", {})
    code, text = str(told.get("Code", "")), str(told.get("Message", ""))
    found = error.response.get(VERDICT) or (ending_of(code, text), Source())
    ending, source = cast("tuple[Ending | None, Source]", found)
    if ending:
        return ending.kind(f"cannot {doing}: {ending.says} ({code})", ending.remedy(source))
    if error.operation_name in TAKING:
        return CredentialsError(
            f"cannot {doing}: the profile's role is not given:"
            f" {text.strip().rstrip('.') or code} ({code})",
            "Check the profile's role and whose credentials take it, or name another with"
            " --profile.",
        )
    return None


def unfound_kinds() -> tuple[type[Exception], ...]:
    """Return what botocore raises where it finds no credentials, or cannot renew them."""
    return (
        boto.NoCredentialsError,
        boto.PartialCredentialsError,
        boto.ProfileNotFound,
        boto.CredentialRetrievalError,
        boto.MetadataRetrievalError,
        boto.TokenRetrievalError,
        boto.NoAuthTokenError,
        boto.SSOError,
        boto.LoginError,
        boto.UnknownCredentialError,
        boto.ConfigNotFound,
        boto.ConfigParseError,
        boto.InvalidConfigError,
        boto.RefreshWithMFAUnsupportedError,
    )


def unfound(error: Exception, doing: str) -> CredentialsError:
    """Return the error for what botocore says of credentials that it cannot find or renew."""
    told: dict[str, Any] = getattr(error, "kwargs", {})
    kind, says, remedy = CredentialsError, first_line(error), _OTHERS
    if isinstance(error, boto.NoCredentialsError):
        says, remedy = "there are no credentials", _NONE
        if os.environ.get("AWS_SECRET_ACCESS_KEY") and not os.environ.get("AWS_ACCESS_KEY_ID"):
            # Without the id botocore looks for no secret, and says nothing of this one.
            says = "the credentials are not whole: AWS_ACCESS_KEY_ID is missing"
            remedy = f"Set it beside the others ({_place('env')})."
    elif isinstance(error, boto.PartialCredentialsError):
        says = f"the credentials are not whole: {told.get('cred_var')} is missing"
        remedy = f"Set it beside the others ({_place(told.get('provider', ''))})."
    elif isinstance(error, boto.ConfigParseError):
        says, remedy = f"{told.get('path')} is not in the form of such files", _FORM
    elif isinstance(error, boto.ProfileNotFound):
        says = f"there is no profile {told.get('profile')!r} in the AWS files"
        remedy = (
            "'aws configure list-profiles' lists those there are: name one with --profile, the"
            " setting profile or AWS_PROFILE."
        )
    elif isinstance(error, boto.SSOError | boto.TokenRetrievalError | boto.NoAuthTokenError):
        kind, says = SessionEndedError, f"the sign-in has ended: {says}"
        remedy = "Sign in again: 'aws sso login', with --profile where you use one."
    elif isinstance(error, boto.LoginError):
        kind, says = SessionEndedError, f"the sign-in has ended: {says}"
        remedy = "Sign in again: 'aws login', with --profile where you use one."
    elif isinstance(error, boto.RefreshWithMFAUnsupportedError):
        kind, says = SessionEndedError, "the role's session has ended, and a new one wants a code"
        remedy = "Start the program again and give the code of your MFA device."
    elif isinstance(error, boto.CredentialRetrievalError | boto.MetadataRetrievalError):
        says = f"the source of the credentials fails: {says}"
        remedy = _BROKEN.get(str(told.get("provider", "")), _BROKEN["iam-role"])
    return kind(f"cannot {doing}: {says}", remedy)


def still_expired(doing: str) -> SessionEndedError:
    """Return the error for credentials that were renewed and are expired all the same."""
    return SessionEndedError(
        f"cannot {doing}: the credentials were renewed and have expired all the same",
        "Their source gives old ones, or this machine's clock is ahead: mend which it is.",
    )


def _place(provider: str) -> str:
    known = {
        "": "where they are",
        "env": "in the environment",
        "shared-credentials-file": "in the credentials file",
        "config-file": "in the config file",
    }
    return known.get(provider, f"in the {provider}")


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, as a part of a sentence."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


_NONE = (
    "Paste those of your lab (AWS Details, AWS CLI) into ~/.aws/credentials, run 'aws configure',"
    " or name a profile with --profile."
)
_FORM = (
    "Each of its parts begins with a line such as [default], and has lines such as region ="
    " us-east-1 below it: paste the block of your lab again, whole."
)
_OTHERS = "Mend it in the AWS files, or name another profile with --profile."
_BROKEN = {
    "custom-process": "Mend the profile's credential_process: run it by hand to see what it says.",
    "assume-role": "Check the profile's role_arn and source_profile.",
    "assume-role-with-web-identity": "Check web_identity_token_file and role_arn, in the profile or"
    " as AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN.",
    "iam-role": "See that this machine still has its role and reaches the metadata service"
    " (http://169.254.169.254).",
}
