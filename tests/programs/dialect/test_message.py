"""Attributes as they are typed: all types of SQS's, and nothing that SQS would refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.errors import UsageError
from labapp.message_attribute import Attribute
from labapp.programs.dialect.message import attributes


def test_each_type_can_be_typed(tmp_path: Path) -> None:
    file = tmp_path / "raw"
    file.write_bytes(b"\x00\xff")
    assert attributes(
        [
            "Key=a=b.jpg",
            "N:Number=-5.5e3",
            "Kind:String.word=x",
            "Raw:Binary=AP8=",
            f"File:Binary=@{file}",
        ]
    ) == {
        "Key": Attribute("String", "a=b.jpg"),
        "N": Attribute("Number", "-5.5e3"),
        "Kind": Attribute("String.word", "x"),
        "Raw": Attribute("Binary", b"\x00\xff"),
        "File": Attribute("Binary", b"\x00\xff"),
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["Key"], "'Key' is no attribute"),
        (["=x"], "'' is no name"),
        (["AWS.x=1"], "'AWS.x' is no name"),
        (["a..b=1"], "'a..b' is no name"),
        (["a\x1b=1"], "is no name"),
        (["Key="], "is empty"),
        (["N:Int=5"], "'Int' is no type"),
        (["N:Number=five"], "is no number"),
        (["N:Number=NaN"], "is no number"),
        (["N:Number=1_0"], "is no number"),
        (["B:Binary=%"], "not in base64"),
        (["B:Binary=@nowhere"], "cannot read nowhere"),
        (["a=1", "a=2"], "given twice"),
        ([f"a{number}=1" for number in range(11)], "11 attributes"),
    ],
)
def test_what_sqs_would_refuse_is_refused_with_what_helps(words: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=r".+\. .+") as refused:
        attributes(words)
    assert told in str(refused.value)
