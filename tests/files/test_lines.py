"""Lines are the same however their bytes come, and hold nothing that is too long."""

from __future__ import annotations

import io
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.files.lines import RawLine, chunks_of, lines_of

MOST = 12


def whole(text: bytes) -> list[RawLine]:
    return list(lines_of([text] if text else [], MOST))


@settings(max_examples=40)
@given(text=st.binary(max_size=60), cuts=st.lists(st.integers(0, 60), max_size=6))
def test_it_does_not_matter_in_which_pieces_they_come(text: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(text)]
    pieces = [text[a:b] for a, b in itertools.pairwise(places) if a < b]
    assert list(lines_of(pieces, MOST)) == whole(text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"1\r\n2", [b"1", b"2"]),
        (b"\xef\xbb\xbf1\n\xef\xbb\xbf2\n", [b"1", b"\xef\xbb\xbf2"]),
        (b"x" * 12 + b"\n" + b"y" * 13 + b"\n3", [b"x" * 12, None, b"3"]),
        ("1,2\r\n3\n".encode("utf-16"), [b"1,2", b"3"]),
        ("1,2\n3".encode("utf-16-le"), [b"1,2", b"3"]),
        (b"\xfe\xff" + "1\n2".encode("utf-16-be"), [b"1", b"2"]),
        (b"\xff\xfe1\x00\n\x00\x00\xd8", [b"1", "\ufffd".encode()]),
    ],
)
def test_ends_marks_and_encodings(text: bytes, lines: list[bytes | None]) -> None:
    assert [line.data for line in whole(text)] == lines
    assert [line.number for line in whole(text)] == list(range(1, len(lines) + 1))
    assert list(lines_of(chunks_of(io.BytesIO(text)), MOST)) == whole(text)


def test_a_digest_tells_of_all_lines_up_to_it() -> None:
    one, other = whole(b"1\n2\n3\n"), whole(b"1\n9\n3\n")
    same = [a.digest == b.digest for a, b in zip(one, other, strict=True)]
    assert same == [True, False, False]
    assert one[0].digest != whole(b"11\n2\n")[0].digest


def test_a_line_that_is_too_long_is_told_before_its_end() -> None:
    endless = itertools.chain([b"1\n"], itertools.repeat(b"1,2,3"))
    lines = lines_of(endless, MOST)
    assert [next(lines).data, next(lines).data] == [b"1", None]
    one, other = whole(b"x" * 20 + b"\n1\n"), whole(b"x" * 19 + b"y\n1\n")
    assert [a.digest == b.digest for a, b in zip(one, other, strict=True)] == [True, False]
