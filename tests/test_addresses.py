"""Addresses of services: what is none, and whose the host of one is."""

from __future__ import annotations

import pytest

from labapp import addresses


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("localhost:4566", "begins neither"),
        ("ftp://lab", "begins neither"),
        ("http:///bucket", "no host"),
        ("http://", "no host"),
        ("http://:80", "no host"),
        ("http://[", "no host"),
        ("http://lab:99999", "no number from 1 to 65535"),
        ("http://[::1]:99999", "no number from 1 to 65535"),
        ("http://lab:0", "no number from 1 to 65535"),
        ("http://lab:port", "no number from 1 to 65535"),
        ("http://a b", "blank"),
        ("http://lab\n", "blank"),
        ("http://1.2.3.400", "no IP address"),
        ("http://müller.example", "xn--"),
        ("http://my_minio:9000", "letters, digits, hyphens"),
        ("http://-lab", "letters, digits, hyphens"),
        ("http://anna:secret@lab:9000", "signed with keys"),
        ("http://lab?x=1", "ends in a ?"),
        ("http://lab/#x", "ends in a ?"),
    ],
)
def test_what_is_no_address_is_told_by_its_fault(address: str, told: str) -> None:
    assert told in addresses.fault(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:4566",
        "https://s3.example.com/",
        "http://lab-machine:4566/gateway",
        "http://[::1]:4566",
        "HTTPS://S3.EXAMPLE.COM.",
        "https://vpce-1a2b-3c4d.sqs.us-east-1.vpce.amazonaws.com",
    ],
)
def test_an_address_has_no_fault(address: str) -> None:
    assert addresses.fault(address) == ""


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://anna:s3cret@lab:9000/x", "http://***@lab:9000/x"),
        ("http://a:b@c@lab", "http://***@lab"),
        ("anna:s3cret@proxy:3128", "***@proxy:3128"),
        ("http://lab/a@b", "http://lab/a@b"),
        ("http://\udcff", "http://\\udcff"),
    ],
)
def test_an_address_is_shown_without_the_password_in_it(address: str, shown: str) -> None:
    assert addresses.masked(address) == shown


def test_amazons_are_hosts_below_its_names() -> None:
    for host in ("sqs.us-east-1.amazonaws.com", "S3.cn-north-1.amazonaws.com.cn",
                 "sqs.eu-west-1.api.aws", "vpce-1.s3.us-east-1.vpce.amazonaws.com"):  # fmt: skip
        assert addresses.is_amazons(host)
    for host in ("notamazonaws.com", "amazonaws.com.example", "lab", ""):
        assert not addresses.is_amazons(host)


def test_loopback_is_this_machine_by_whatever_name() -> None:
    for host in ("127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "localhost", "LOCALHOST.",
                 "s3.localhost", "s3.localhost.localstack.cloud"):  # fmt: skip
        assert addresses.is_loopback(host)
    for host in ("10.0.0.1", "lab-machine", "localhost.example.com", "::2", ""):
        assert not addresses.is_loopback(host)


def test_a_host_is_in_the_networks_that_are_named() -> None:
    networks = "lab.example, 10.0.0.0/8,nonsense/9,fd00::/8"
    assert addresses.is_in_networks("10.1.2.3", networks)
    assert addresses.is_in_networks("fd00::7", networks)
    assert not addresses.is_in_networks("11.1.2.3", networks)
    assert not addresses.is_in_networks("lab.example", networks), "names are botocore's business"
