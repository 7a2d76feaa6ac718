"""Each end that credentials come to has its own sentence and its own remedy."""

from __future__ import annotations

import pytest

from labapp.cloud.credential_errors import (
    ENDINGS,
    EXPIRED,
    KEY_UNKNOWN,
    LAB_OVER,
    NOT_TAKEN,
    REVOKED,
    SECRET_WRONG,
    TOKEN_MISSING,
    TOKEN_WRONG,
    Ending,
    Source,
    ending_of,
    is_explicit,
    is_lab,
    is_one_right,
)

SESSION = Source("shared-credentials-file", "default", key="ASIA1", has_token=True)
TOKENLESS = Source("shared-credentials-file", "default", key="ASIA1", has_token=False)
USER = Source("shared-credentials-file", "lab", key="AKIA1", has_token=False)


@pytest.mark.parametrize(
    ("code", "text", "source", "ending"),
    [
        ("ExpiredToken", "The provided token has expired.", SESSION, EXPIRED),
        ("ExpiredToken", "The security token included in the request is expired", None, EXPIRED),
        ("ExpiredTokenException", "", SESSION, EXPIRED),
        ("RequestExpired", "Request has expired.", SESSION, EXPIRED),
        ("InvalidClientTokenId", "The security token included in the request is EXPIRED", USER,
         EXPIRED),
        ("AccessDenied", "Your session has expired. Please log in.", SESSION, EXPIRED),
        ("InvalidClientTokenId", "The security token included in the request is invalid.", USER,
         KEY_UNKNOWN),
        ("InvalidClientTokenId", "The security token included in the request is invalid.", SESSION,
         TOKEN_WRONG),
        ("InvalidClientTokenId", "The security token included in the request is invalid.",
         TOKENLESS, TOKEN_MISSING),
        ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.",
         USER, KEY_UNKNOWN),
        ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.",
         TOKENLESS, TOKEN_MISSING),
        ("UnrecognizedClientException", "", USER, KEY_UNKNOWN),
        ("InvalidToken", "The provided token is malformed or otherwise invalid.", SESSION,
         TOKEN_WRONG),
        ("SignatureDoesNotMatch", "The request signature we calculated does not match the"
         " signature you provided. Check your key and signing method.", USER, SECRET_WRONG),
        ("InvalidSignatureException", "The request signature we calculated does not match", USER,
         SECRET_WRONG),
        ("AccessDenied", "User: arn:x is not authorized to perform: sqs:SendMessage with an"
         " explicit deny in an identity-based policy: arn:aws:iam::1:policy/voc-cancel-cred",
         SESSION, LAB_OVER),
        ("AccessDenied", "denied by VOC_Cancel_Cred", None, LAB_OVER),
        ("AccessDenied", "explicit deny: AWSRevokeOlderSessions (aws:TokenIssueTime)", None,
         REVOKED),
        ("MissingAuthenticationToken", "Missing Authentication Token", USER, NOT_TAKEN),
        ("AccessDenied", "Access Denied", SESSION, None),
        ("AccessDenied", "User: arn:aws:sts::1:assumed-role/x/session-has-expired is not authorized"
         " to perform: sqs:SendMessage", SESSION, None),
        ("NoSuchBucket", "The bucket does not exist", SESSION, None),
    ],
)  # fmt: skip
def test_the_text_decides_and_then_the_code(
    code: str, text: str, source: Source | None, ending: Ending | None
) -> None:
    assert ending_of(code, text, source) is ending


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.name)
@pytest.mark.parametrize("method", ["env", "shared-credentials-file", "sso", "iam-role", ""])
def test_each_end_has_a_remedy_for_where_its_credentials_are(ending: Ending, method: str) -> None:
    remedy = ending.remedy(Source(method, "lab"))
    assert remedy.endswith(".")
    if method == "env":
        assert "start it again" in remedy
    elif not method or method.endswith("file"):
        assert "~/.aws/credentials under [lab]" in remedy
    elif ending is not LAB_OVER:
        assert ("aws sso login --profile lab" in remedy) == (method == "sso")


def test_no_two_ends_say_the_same() -> None:
    assert (
        len({ending.says for ending in ENDINGS}) == len({e.name for e in ENDINGS}) == len(ENDINGS)
    )


@pytest.mark.parametrize(
    ("text", "explicit", "one"),
    [
        ("with an explicit deny in an identity-based policy", True, False),
        ("with an Explicit Deny in a session policy", True, False),
        ("explicitly denied", True, False),
        ("with an explicit deny in a service control policy", False, True),
        ("with an explicit deny in a resource-based policy", False, True),
        ("with an explicit deny in a permissions boundary", False, True),
        ("because no identity-based policy allows the sqs:SendMessage action", False, True),
        ("Access Denied", False, False),
        ("", False, False),
    ],
)
def test_which_deny_may_end_a_session(text: str, explicit: bool, one: bool) -> None:
    assert (is_explicit(text), is_one_right(text)) == (explicit, one)


@pytest.mark.parametrize(
    ("text", "lab"),
    [
        ("arn:aws:sts::1:assumed-role/voclabs/user1=A", True),
        ("arn:aws:sts::1:assumed-role/LabRole/i-0abc", True),
        ("arn:aws:sts::1:assumed-role/Grader/ada", False),
        ("arn:aws:iam::1:user/avocado", False),
    ],
)
def test_a_lab_is_known_by_its_roles(text: str, lab: bool) -> None:
    assert is_lab(text) == lab
