"""Whose credentials these are is asked by the direct way, or by botocore's where that is unsure."""

from __future__ import annotations

import pytest

from labapp.cloud import identity
from labapp.cloud.session import Cloud
from labapp.errors import CredentialsError
from tests.cloud.direct.test_looks import Service
from tests.cloud.direct.test_looks import at as at
from tests.cloud.direct.test_looks import service as service

ARN = "arn:aws:sts::123456789012:assumed-role/voclabs/user1=me@example.org"
ANSWER = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    "<GetCallerIdentityResult><Arn>{}</Arn><UserId>x</UserId><Account>{}</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


def test_account_and_role_are_read(service: Service, at: Cloud) -> None:
    service.answers = [(200, ANSWER.format(ARN, "123456789012"))]
    found = identity.identity(at)
    assert (found.account, found.arn, found.is_lab) == ("123456789012", ARN, True)
    assert (service.asked, service.directly) == ([("POST", "/", {})], [True])


@pytest.mark.parametrize("odd", [ANSWER.format("a&amp;b", "123456789012"), ANSWER.format(ARN, "1")])
def test_what_is_not_plain_is_botocores_to_read(service: Service, at: Cloud, odd: str) -> None:
    service.answers = [(200, odd), (200, ANSWER.format(ARN, "210987654321"))]
    assert identity.identity(at).account == "210987654321"
    assert service.directly == [True, False]


def test_a_refusal_is_told_as_botocores_way_tells_it(service: Service, at: Cloud) -> None:
    refused = (
        "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token included in the"
        " request is expired</Message></Error></ErrorResponse>"
    )
    service.answers = [(403, refused)] * 2
    with pytest.raises(CredentialsError, match="have expired"):
        identity.identity(at)
    assert service.directly == [True, False]
