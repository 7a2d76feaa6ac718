"""What a refusal says of the credentials: which end they came to, and what mends it.

Services share codes and do not share words, so the text decides first, then the code. Pure: who
asks further, where neither tells, is `credential_probe`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from labapp.errors import CredentialsError, SessionEndedError

#: Error codes that are about the credentials, whatever was to be done with them. What the first
#: ones mean in particular is in `_CODES`.
CREDENTIAL_CODES = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "RequestExpired",
        "InvalidAccessKeyId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "AuthFailure",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "IncompleteSignature",
        "InvalidSecurity",
        "TokenRefreshRequired",
        "InvalidIdentityToken",
        "ExpiredCredentials",
    }
)

#: Operations by which botocore takes the credentials of a role.
TAKING = frozenset(
    {"AssumeRole", "AssumeRoleWithWebIdentity", "GetRoleCredentials", "CreateOAuth2Token"}
)

#: Where a parsed answer holds what `credential_probe` found: a pair of `Ending` and `Source`.
VERDICT = "LabappVerdict"


@dataclass(frozen=True)
class Source:
    """Where credentials come from, as far as it is known.

    Attributes:
        method: botocore's name of it, such as `env`, `shared-credentials-file`, `sso`; or empty.
        profile: the profile's name; empty where none is named.
        file: the credentials file.
        key: the access key's id; empty where it is not known.
        has_token: whether a session token goes with it; None where it is not known.
    """

    method: str = ""
    profile: str = ""
    file: str = "~/.aws/credentials"
    key: str = ""
    has_token: bool | None = None

    @property
    def is_temporary(self) -> bool:
        """Whether the key is one of a session, by its first letters."""
        return self.key.upper().startswith("ASIA")

    @property
    def renewal(self) -> str:
        """Where new credentials are to be put, as the end of a sentence."""
        if self.method == "env":
            return (
                "set them as AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN where"
                " this program is started, and start it again: it does not see them change"
            )
        if self.method == "explicit":
            return "name them where this program is started"
        named = f" under [{self.profile}]" if self.profile else ""
        return f"paste them into {self.file}{named}"

    @property
    def own_renewal(self) -> str:
        """What renews credentials that nobody pastes, as a sentence; empty where one does."""
        option = f" --profile {self.profile}" if self.profile and self.profile != "default" else ""
        return {
            "sso": f"Sign in again: 'aws sso login{option}'.",
            "sso-token": f"Sign in again: 'aws sso login{option}'.",
            "login": f"Sign in again: 'aws login{option}'.",
            "assume-role": "The role of the profile must be taken anew: renew the credentials of"
            " its source_profile.",
            "assume-role-with-web-identity": "Renew the token in AWS_WEB_IDENTITY_TOKEN_FILE.",
            "custom-process": "Renew what the profile's credential_process prints.",
            "iam-role": "They are the instance's role's: its metadata service brings new ones; see"
            " that the instance still has the role.",
            "container-role": "They are the container's role's: see that the task still has it.",
        }.get(self.method, "")


@dataclass(frozen=True)
class Ending:
    """An end that credentials come to.

    Attributes:
        name: one word for it, for JSON.
        says: what happened.
        kind: the error that it is.
        begin: what is to be done first, ending where the place of the new credentials follows.
        own: whether such credentials may renew themselves, or are renewed by a command.
    """

    name: str
    says: str
    kind: type[CredentialsError] = field(repr=False)
    begin: str
    own: bool = True

    def remedy(self, source: Source) -> str:
        """Return what to do, for credentials of that source."""
        if self.own and source.own_renewal:
            return source.own_renewal
        return f"{self.begin} {source.renewal}."


LAB_OVER = Ending(
    "lab-over", "the lab session is over", SessionEndedError,
    "Start the lab again, copy its new credentials (AWS Details, AWS CLI) and",
    own=False,
)  # fmt: skip
EXPIRED = Ending(
    "expired", "the session's credentials have expired", SessionEndedError,
    "Begin a new session (in a lab: start it again), copy its new credentials and",
)  # fmt: skip
REVOKED = Ending(
    "revoked", "the session was revoked: these credentials are denied everything",
    SessionEndedError, "Sign in again, copy the new credentials and",
)  # fmt: skip
TOKEN_WRONG = Ending(
    "token-wrong", "the session token is not valid with its access key, or its session is over",
    SessionEndedError,
    "Copy all three lines of the present session (aws_access_key_id, aws_secret_access_key,"
    " aws_session_token) and",
)  # fmt: skip
TOKEN_MISSING = Ending(
    "token-missing", "the access key is temporary, and its session token is missing",
    CredentialsError,
    "Copy all three lines (aws_access_key_id, aws_secret_access_key and aws_session_token) and",
)  # fmt: skip
KEY_UNKNOWN = Ending(
    "key-unknown", "the access key is not known: it was deleted, is inactive or mistyped",
    CredentialsError, "Have it activated, or make new keys and",
)  # fmt: skip
SECRET_WRONG = Ending(
    "secret-wrong", "the secret access key does not belong to the access key", CredentialsError,
    "Copy both lines again and",
)  # fmt: skip
NOT_TAKEN = Ending(
    "not-taken", "the credentials are not taken", CredentialsError,
    "Take new ones and",
)  # fmt: skip

ENDINGS = (
    LAB_OVER, EXPIRED, REVOKED, TOKEN_WRONG, TOKEN_MISSING, KEY_UNKNOWN, SECRET_WRONG, NOT_TAKEN,
)  # fmt: skip

#: What the words say, first match first: services share codes, and mean several ends by one.
_WORDS = tuple(
    (re.compile(words, re.IGNORECASE | re.DOTALL), ending)
    for words, ending in (
        (r"(token|credentials?|session)\b.{0,60}\b(has|have|had|is|are)?\s*expired", EXPIRED),
        (r"\bexpired\b.{0,20}\b(token|credentials?|session)", EXPIRED),
        (r"session\b.{0,20}\brevoked|revoked\b.{0,20}\bsession|aws:TokenIssueTime", REVOKED),
        (r"signature.{0,60}(does not|doesn't|do not) match", SECRET_WRONG),
    )
)

_CODES = {
    "ExpiredToken": EXPIRED,
    "ExpiredTokenException": EXPIRED,
    "ExpiredCredentials": EXPIRED,
    "RequestExpired": EXPIRED,
    "TokenRefreshRequired": EXPIRED,
    "SignatureDoesNotMatch": SECRET_WRONG,
    "InvalidSignatureException": SECRET_WRONG,
    "InvalidToken": TOKEN_WRONG,
}

#: Codes of a key that is not known, or not together with its token.
_UNKNOWN_KEY = frozenset(
    {"InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException", "AuthFailure"}
)

#: What names an explicit deny, and the policies of which it may be one that ends a session: those
#: of an organization, of a resource or an endpoint take away a right, from others too.
_EXPLICIT = re.compile(r"explicit(ly)?[\s-]+(deny|denied|denies)", re.IGNORECASE)
_NOT_OURS = re.compile(
    r"(service|resource)[\s-]+control|resource[\s-]+based|endpoint|boundar", re.IGNORECASE
)
_IMPLICIT = re.compile(r"because\s+no\b.{0,60}\bpolicy\s+allows", re.IGNORECASE | re.DOTALL)

#: The policy by which AWS Academy ends a session, in any of the texts that name it.
_LAB_ENDS = re.compile(r"voc[\s_-]?cancel", re.IGNORECASE)

_ARN = re.compile(r"\barn:[^\s,]+")

#: Roles and policies of AWS Academy's labs, as ARNs and texts name them.
_LAB = re.compile(r"voclabs|vocareum|vocstartsoft|\bvoc-|/LabRole\b", re.IGNORECASE)


def ending_of(code: str, text: str, source: Source | None = None) -> Ending | None:
    """Return the end that a refusal says credentials came to; None where it says nothing of that.

    Args:
        code: the service's error code.
        text: its message, of any service and wording.
        source: where the credentials come from, which tells a missing token from an unknown key.
    """
    if _LAB_ENDS.search(text):
        return LAB_OVER
    said = _ARN.sub("", text)  # people name roles and queues as they like
    for words, ending in _WORDS:
        if words.search(said):
            return ending
    if code in _CODES:
        return _CODES[code]
    if code in _UNKNOWN_KEY:
        if source and source.is_temporary:
            return TOKEN_MISSING if source.has_token is False else TOKEN_WRONG
        return KEY_UNKNOWN
    return NOT_TAKEN if code in CREDENTIAL_CODES else None


def is_explicit(text: str) -> bool:
    """Return whether a text tells of an explicit deny, of a policy that could end a session."""
    return bool(_EXPLICIT.search(text)) and not _NOT_OURS.search(text)


def is_one_right(text: str) -> bool:
    """Return whether a text says that one right lacks: nothing allows it, or another's policy."""
    return bool(_IMPLICIT.search(text) or (_EXPLICIT.search(text) and _NOT_OURS.search(text)))


def is_lab(text: str) -> bool:
    """Return whether an ARN or a text is of a lab of AWS Academy."""
    return bool(_LAB.search(text))
