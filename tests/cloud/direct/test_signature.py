"""Signatures are those that AWS publishes, and botocore's to the letter."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from labapp.cloud.aws_setup import Keys
from labapp.cloud.direct.signature import authorization, digest, stamp

SUITE = Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
S3_GUIDE = Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


@pytest.mark.parametrize(
    ("method", "headers", "signature"),
    [
        ("GET", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", {}, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "GET",
            {"my-header1": "value2,value2,value1"},
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        ),
    ],
)
def test_it_is_that_of_awss_test_suite(
    method: str, headers: dict[str, str], signature: str
) -> None:
    told = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z", **headers}
    made = authorization(SUITE, ("us-east-1", "service"), (method, "/", ""), told, digest(b""))
    assert made == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
        f" SignedHeaders={';'.join(sorted(told))}, Signature={signature}"
    )


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "signature"),
    [
        (
            "GET",
            "/test.txt",
            {"range": "bytes=0-9"},
            b"",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test%24file.text",
            {
                "date": "Fri, 24 May 2013 00:00:00 GMT",
                "x-amz-storage-class": "REDUCED_REDUNDANCY",
            },
            b"Welcome to Amazon S3.",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
    ],
)
def test_it_is_that_of_the_guide_to_s3(
    method: str, path: str, headers: dict[str, str], body: bytes, signature: str
) -> None:
    told = {
        "host": "examplebucket.s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-content-sha256": digest(body),
        **headers,
    }
    made = authorization(S3_GUIDE, ("us-east-1", "s3"), (method, path, ""), told, digest(body))
    assert made.endswith(f"Signature={signature}")


WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)
VALUES = st.lists(WORDS, min_size=1, max_size=3).map("  ".join)
NAMES = st.from_regex(r"x-amz-meta-[a-z0-9]{1,8}", fullmatch=True)


@given(
    st.sampled_from(["s3", "sqs"]),
    st.tuples(WORDS, WORDS, st.none() | WORDS),
    st.dictionaries(NAMES, VALUES, max_size=3),
    st.binary(max_size=50),
)
def test_it_is_botocores(
    service: str, keys: tuple[str, str, str | None], headers: dict[str, str], body: bytes
) -> None:
    path = "/a/b%20c" if service == "s3" else "/"
    signer: Any = S3SigV4Auth if service == "s3" else SigV4Auth
    request: Any = AWSRequest("PUT", f"https://lab.example{path}", dict(headers), body)
    signer(Credentials(*keys), service, "eu-west-1").add_auth(request)
    told = {name.lower(): str(value) for name, value in request.headers.items()}
    wanted = told.pop("authorization")
    assert told.get("x-amz-content-sha256", digest(body)) == digest(body)
    signed = {"host": "lab.example", **told}
    asked = "PUT", path, ""
    assert wanted == authorization(Keys(*keys), ("eu-west-1", service), asked, signed, digest(body))


def test_a_moment_is_written_as_signatures_have_it() -> None:
    assert stamp(0) == "19700101T000000Z"
    assert stamp(1440938160) == "20150830T123600Z"
