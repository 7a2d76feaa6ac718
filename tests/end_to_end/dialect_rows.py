"""How labs' clients speak, row by row: a dialect's blocks, what is asked by them, what is heard.

Each row has queues of its own, `<row>-in` and `<row>-out`, so that one worker serves them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from labapp.message_attribute import Attribute
from tests.pictures.samples import Frame, photo

#: What an attribute holds, as a row has it: a String, a Binary, or whatever its type says.
Value = str | bytes | Attribute

#: The picture that is in each bucket as `cat.png`, and `photos/cat.png`.
CAT = photo(24, 32)


@dataclass(frozen=True)
class Said:
    """A message: a request, or an answer, whose text may name ids: `<0>` that of the first request.

    Attributes:
        body: its text.
        attributes: by name.
        queue: where it is sent to, or heard; empty for the row's own.
        group: on a FIFO queue.
    """

    body: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    queue: str = ""
    group: str = ""


@dataclass(frozen=True)
class Row:
    """One way to speak.

    Attributes:
        name: what it is about; its queues are called by it.
        blocks: each of the row's blocks, less the lines of its queues.
        asked: the requests, in order.
        heard: all answers, in any order.
        stored: what is in the bucket then, by key: the text, or the picture.
        bucket: which; empty for the lab's own.
        ending: that of the queues' names.
        rule: how the file has the queue of its requests made.
        made: the attributes with which the client makes that queue; None where it makes none.
        comes_first: whether it does so before there is a worker, too.
        on: the queue of its requests, where that is labapp's own.
        account: the number that the client has in the addresses of its queues; empty where it asks.
    """

    name: str
    blocks: Sequence[str]
    asked: Sequence[Said]
    heard: Sequence[Said]
    stored: Mapping[str, str | Frame] = field(default_factory=dict)
    bucket: str = ""
    ending: str = ""
    rule: str = ""
    made: Mapping[str, str] | None = None
    comes_first: bool = False
    on: str = ""
    account: str = ""

    @property
    def requests(self) -> str:
        """The name of the queue of its requests."""
        return self.on or f"{self.name}-in{self.ending}"

    @property
    def answers(self) -> str:
        """The name of the queue of its answers."""
        return f"{self.name}-out{self.ending}"

    @property
    def text(self) -> str:
        """Its part of a dialect's file."""
        queues = f'queue = "{self.requests}"\nanswer = "{self.answers}"\n'
        rule = f'[queue."{self.requests}"]\n{self.rule}\n' if self.rule else ""
        return "".join(f"[[request]]\n{queues}{block}\n" for block in self.blocks) + rule


def number(value: str) -> Attribute:
    return Attribute("Number", value)


SENTENCE = "minimum is 1 maximum is 55 average is 18 median is 8 sum is 72"
LIST = "1,12,55,4"

NUMBERS = (
    Row(
        "positions",
        ['numbers = "{body}"\nbody = "{min} {max} {mean} {median}"'],
        [Said("17,52,51,49"), Said("1 2")],
        [Said("17 52 42.25 50"), Said("1 2 1.5 1.5")],
    ),
    Row(
        "pairs",
        ['numbers = "{body}"\nnumber = ".1f"\nbody = "Mean {mean} Min {min} n {count} is {sum}"'],
        [Said(LIST)],
        [Said("Mean 18.0 Min 1 n 4 is 72")],
    ),
    Row(
        "repeated",
        ['numbers = "{body}"\nbody = "{message_id}: {body} -> {mean:float}, {sorted:/}"'],
        [Said("4,1")],
        [Said("<0>: 4,1 -> 2.5, 1/4")],
    ),
    Row(
        "echoed",
        ['numbers = "{body}"\necho = ["Group", "x*"]\nattributes = { Of = "{attr.Group}" }'],
        [Said(LIST, {"Group": "Gruppe 12", "x1": number("7"), "xb": b"\xff\0", "client": "us"})],
        [
            Said(
                SENTENCE,
                {"Group": "Gruppe 12", "x1": number("7"), "xb": b"\xff\0", "Of": "Gruppe 12"},
            )
        ],
    ),
    Row(
        "carried",
        [
            'numbers = "{body}"\n'
            'attributes = { all = "{json}", N = { type = "Number", value = "{count}" },'
            ' raw = "{attr.raw}" }'
        ],
        [Said("2", {"raw": Attribute("Binary.blob", b"\1\2")})],
        [
            Said(
                "minimum is 2 maximum is 2 average is 2 median is 2 sum is 2",
                {
                    "all": '{"min": 2, "max": 2, "mean": 2, "median": 2, "sum": 2, "count": 1}',
                    "N": number("1"),
                    "raw": Attribute("Binary.blob", b"\1\2"),
                },
            )
        ],
    ),
    Row(
        "in-an-attribute",
        ['numbers = "{attr.List}"\nbody = "{sum} {attr.Name|nobody}"'],
        [Said("x", {"List": LIST}), Said("x", {"List": b"1 2", "Name": "Eve"})],
        [Said("72 nobody"), Said("3 Eve")],
    ),
    Row(
        "in-several",
        ['numbers = "{attr.entier*}"\nbody = "{integers}"'],
        [Said("x", {f"entier{n}": number(str(n * n)) for n in (10, 9, 2, 1)})],
        [Said("1,4,81,100")],
    ),
    Row(
        "in-fields",
        ['numbers = "{field2+}"\nbody = "{field1} {sum}"'],
        [Said("lab4;1;2;3")],
        [Said("lab4 6")],
    ),
    Row(
        "in-json",
        [
            'numbers = "{body.values}"\nbody = \'{"id": {body.id:json}, "mean": {mean}}\'\n'
            'error = \'{"id": {body.id:json|null}, "status": {status:json}}\''
        ],
        [Said('{"id": 7, "values": [1, 12, 55, 4]}'), Said('{"values": ["x"]}')],
        [Said('{"id": 7, "mean": 18}'), Said('{"id": null, "status": "refused"}')],
    ),
    Row(
        "chosen",
        [
            'numbers = "{body}"\nbody = "{pick}"\n'
            'pick = { by = "{attr.S}", mean = "{mean}", else = "?" }'
        ],
        [Said(LIST, {"S": "mean"}), Said(LIST, {"S": "mode"})],
        [Said("18"), Said("?")],
    ),
    Row(
        "slashes",
        ['numbers = "{body}"\nseparators = "/"\nbody = "{sorted:/}"'],
        [Said("55/1/12")],
        [Said("1/12/55")],
    ),
    Row(
        "no-digits",
        ['numbers = "{body}"\nseparators = "non-digit"\nbody = "{sum}"'],
        [Said("3 apples and 4 pears")],
        [Said("7")],
    ),
    Row(
        "refused",
        [
            'numbers = "{attr.List}"\nattributes = { Of = "{attr.N}", Sum = "{sum}" }\n'
            'error = { body = "KO", attributes = { Status = "{status}", Of = "{attr.N|?}" } }'
        ],
        [Said("x", {"List": "1,x", "N": "2"}), Said("x")],
        [
            Said("KO", {"Status": "refused", "Of": "2"}),
            Said("KO", {"Status": "refused", "Of": "?"}),
        ],
    ),
    Row(
        "several",
        [
            'numbers = "{body}"\n[[request.reply]]\nbody = "min {min}"\n'
            '[[request.reply]]\nbody = "max {max}"\nattributes = { Last = "yes" }\n'
            '[[request.reply]]\nanswer = "several-more"\nbody = "{sum}"'
        ],
        [Said(LIST)],
        [Said("min 1"), Said("max 55", {"Last": "yes"}), Said("72", queue="several-more")],
    ),
    Row(
        "in-order",
        ['numbers = "{body}"\nbody = "{sum} {group}"'],
        [Said("1", group="a"), Said("2", group="b"), Said("3", group="a")],
        [Said("1 a", group="a"), Said("2 b", group="b"), Said("3 a", group="a")],
        ending=".fifo",
    ),
    Row(
        "in-objects",
        [
            'numbers = { object = "{attr.Key}" }\nresult = "{stem}-out.json"\n'
            'content = "{json}"\nattributes = { Key = "{result}" }'
        ],
        [Said("x", {"Key": "lists/four.txt"})],
        [Said(SENTENCE, {"Key": "four-out.json"})],
        {"four-out.json": '{"min": 1, "max": 55, "mean": 18, "median": 8, "sum": 72, "count": 4}'},
    ),
)

PICTURES = (
    Row(
        "key-in-an-attribute",
        [
            'picture = "{attr.Key}"\nsteps = "rotate:angle={attr.Angle|180}"\n'
            'result = "{folder}{stem}_{attr.Angle|0}{ext}"\nbody = "Réponse à {message_id}"\n'
            'attributes = { Key = "{result}" }'
        ],
        [Said("x", {"Key": "photos/cat.png", "Angle": number("90")})],
        [Said("Réponse à <0>", {"Key": "photos/cat_90.png"})],
        {"photos/cat_90.png": np.rot90(CAT)},
    ),
    Row(
        "effect-in-a-field",
        [
            'picture = "{field1}"\nresult = "{field2}-{name}"\n'
            'steps = { by = "{field2}", 1 = "flip", 2 = "invert flip" }\nerror = "KO"'
        ],
        [Said("cat.png,1"), Said("cat.png,2"), Said("cat.png,3"), Said("none.png,1")],
        [Said("1-cat.png"), Said("2-cat.png"), Said("KO"), Said("KO")],
        {"1-cat.png": CAT[:, ::-1], "2-cat.png": 255 - CAT[:, ::-1]},
    ),
    Row(
        "source-and-result",
        ['bucket = "lab-pictures"\npicture = "{field1}"\nsteps = "flip"\nresult = "{field2}"'],
        [Said("cat.png flipped.png")],
        [Said("flipped.png")],
        {"flipped.png": CAT[:, ::-1]},
        "lab-pictures",
    ),
    Row(
        "another-format",
        [
            'bucket = "lab-pictures"\nresult_bucket = "lab-results"\npicture = "{attr.Key}"\n'
            'steps = "invert"\nformat = "{attr.Output_Type}"\nresult = "{stem}{ext}"\n'
            'body = "{result} {status}"'
        ],
        [Said("x", {"Key": "cat.png", "Output_Type": "bmp"})],
        [Said("cat.bmp done")],
        {"cat.bmp": 255 - CAT},
        "lab-results",
    ),
    Row(
        "one-for-both",
        [
            'when = { "attr.Kind" = "n*" }\nnumbers = "{body}"\necho = "*"',
            'when = { "attr.Kind" = true, body = "*.png" }\npicture = "{body}"\nsteps = "flip"\n'
            'result = "both-{name}"\necho = ["Kind"]',
        ],
        [Said(LIST, {"Kind": "numbers"}), Said("cat.png", {"Kind": "picture"})],
        [Said(SENTENCE, {"Kind": "numbers"}), Said("both-cat.png", {"Kind": "picture"})],
        {"both-cat.png": CAT[:, ::-1]},
    ),
)

#: Clients that make their own queue, each time they start; SQS refuses other attributes than those
#: it has.
MAKERS = tuple(
    Row(
        name,
        ['numbers = "{body}"\nbody = "{sum}"'],
        [Said("1 2 3")],
        [Said("6")],
        rule=rule,
        made={"DelaySeconds": "1"},
        comes_first=comes_first,
    )
    for name, rule, comes_first in (
        ("client-first", "DelaySeconds = 1", True),
        ("labapp-first", "DelaySeconds = 1", False),
        ("told-of-none", "", True),
        ("waited-for", "wait = true", False),
    )
)

#: A client into which somebody's account is written: moto's, on the local cloud anybody's.
FROZEN = Row(
    "frozen",
    ['numbers = "{body}"\nbody = "{sum}"'],
    [Said("1"), Said("2")],
    [Said("1"), Said("2")],
    account="123456789012",
)

#: A client on the queue of our own.
BESIDE = Row(
    "beside",
    ['numbers = "{body}"\nbody = "{sum}"'],
    [Said("1,2", {"client": "desk 7", "job": "x"})],
    [Said("3")],
    on="requestQueue",
)

ROWS = (*NUMBERS, *PICTURES, *MAKERS, FROZEN, BESIDE)
