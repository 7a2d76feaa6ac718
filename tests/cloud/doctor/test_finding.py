"""What the doctor says has no secret in it, whoever wrote the text."""

from __future__ import annotations

import pytest

from labapp.cloud.doctor.finding import Finding, span

TOKEN = "FwoGZXIvYXdzE" + "Ab9/+" * 40 + "=="


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the key AKIAIOSFODNN7EXAMPLE", "the key AKIAIO...LE"),
        ("ASIAIOSFODNN7EXAMPLE is over", "ASIAIO...LE is over"),
        ("http://anna:s3cret@proxy:3128 by proxy", "http://...@proxy:3128 by proxy"),
        (f"token {TOKEN}.", "token ...."),
        ("arn:aws:sts::123456789012:user/anna", "arn:aws:sts::123456789012:user/anna"),
    ],
)
def test_no_secret_is_in_any_part_of_a_finding(text: str, shown: str) -> None:
    finding = Finding("credentials", "note", text, text, text)
    assert (finding.found, finding.meaning, finding.remedy) == (shown, shown, shown)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (30, "30 s"), (345_600, "4 days"), (90_061, "1 day 1 h"), (252, "4 min 12 s")],
)
def test_times_are_told_in_their_two_largest_units(seconds: float, words: str) -> None:
    assert span(seconds) == words
