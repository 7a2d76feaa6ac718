"""Answers of HTTP/1.1 are read as they are, however they come; what is none is told."""

from __future__ import annotations

import contextlib
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from labapp.cloud.direct import answers
from labapp.cloud.direct.answers import ClosedError, MalformedError

MOST = 1000


class Pieces:
    """Bytes that come in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.left = [piece for piece in pieces if piece]

    def recv(self, most: int, /) -> bytes:
        if not self.left:
            return b""
        piece = self.left.pop(0)
        if len(piece) > most:
            self.left.insert(0, piece[most:])
        return piece[:most]


COUNTED = b'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 5\r\n\r\nhello'
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX-Trailer: 1\r\n\r\n"
)
AFTER_OTHERS = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + COUNTED


@given(st.sampled_from([COUNTED, CHUNKED, AFTER_OTHERS]), st.lists(st.integers(0, 150)))
@example(CHUNKED, list(range(150)))
def test_an_answer_is_the_same_in_whatever_pieces_it_comes(said: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(said)) for cut in cuts), len(said)]
    pieces = [said[a:b] for a, b in pairwise(edges)]
    found = answers.read(Pieces(*pieces), MOST)
    assert (found.status, found.body, found.stays) == (200, b"hello", True)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_an_answer_or_one_of_two_errors(said: bytes) -> None:
    for head in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"):
        with contextlib.suppress(ClosedError, MalformedError):
            answers.read(Pieces(head + said), MOST)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nwithout a length",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello6\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nETag : x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\n\r\n" + COUNTED,
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001,
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 5000,
    ],
)
def test_what_is_no_plain_answer_is_told(said: bytes) -> None:
    with pytest.raises(MalformedError):
        answers.read(Pieces(said), MOST)


def test_an_end_before_the_first_byte_is_told_apart() -> None:
    with pytest.raises(ClosedError):
        answers.read(Pieces(), MOST)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n",
    ],
)
def test_a_connection_that_ends_or_says_more_is_good_for_no_other_request(said: bytes) -> None:
    assert answers.read(Pieces(said), MOST).stays is False


def test_an_answer_to_head_has_a_length_and_no_body() -> None:
    found = answers.read(Pieces(COUNTED.removesuffix(b"hello")), 0, bodiless=True)
    assert (found.headers["content-length"], found.body, found.stays) == ("5", b"", True)


def test_headers_have_small_names_and_what_comes_twice_is_joined() -> None:
    said = b"HTTP/1.1 404 No\r\nVia: a\r\nVIA:\tb \r\nContent-Length: 0\r\n\r\n"
    assert answers.read(Pieces(said), MOST).headers == {"via": "a, b", "content-length": "0"}
