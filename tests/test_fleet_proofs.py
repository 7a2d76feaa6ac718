"""What the manual says of the fleet's proofs is there: each test and each lane that it names."""

from __future__ import annotations

import re
from pathlib import Path

from tests.clouds.lanes import LANES

TOP = Path(__file__).parent.parent
PAGE = (TOP / "labapp" / "help" / "fleet.md").read_text("utf-8")

#: The table of what is proved: claims, and their proofs.
ROWS = [
    line.strip("| \n").split(" | ")
    for line in PAGE.partition("| claim | proof |")[2].partition("\n\n")[0].splitlines()[2:]
]


def test_each_claim_has_a_proof() -> None:
    assert len(ROWS) > 12
    for claim, proof in ROWS:
        assert re.search(r"`(tests/|python -m tests\.)", proof), claim


def test_each_test_that_is_named_is_there() -> None:
    named = {path for _, proof in ROWS for path in re.findall(r"`(tests/[\w/]+\.py)`", proof)}
    assert len(named) > 15
    for path in sorted(named):
        assert re.search(r"^def test_", (TOP / path).read_text("utf-8"), re.MULTILINE), path


def test_each_lane_that_is_named_is_there() -> None:
    named = set(re.findall(r"`python -m (tests\.\w+)( \w+)?`", "\n".join(map(str, ROWS))))
    assert len(named) > 2
    for module, lane in named:
        assert (TOP / module.replace(".", "/") / "__main__.py").is_file(), module
        assert not lane or lane.strip() in LANES, lane
