"""The manual's pages on dialects tell what there is, with clients that are whole programs."""

from __future__ import annotations

import re

import pytest

from labapp.dialects import facts, keys, loading
from labapp.programs.shell import manual
from tests.support.examples import Example, examples

EXAMPLES = examples()


def rows(heading: str) -> str:
    """Return the first cells of the table below a heading of the page."""
    text = (manual.FOLDER / "dialects.md").read_text("utf-8")
    part = re.search(rf"^## {heading}$(.*?)^## ", text, re.M | re.S)
    assert part
    return " ".join(re.findall(r"^\| (`.*?`) \|", part[1], re.M))


def test_each_key_of_a_block_is_told() -> None:
    assert sorted(re.findall(r"`(\w+)`", rows("Blocks"))) == sorted(keys.OF_BLOCKS)


def test_each_placeholder_is_told() -> None:
    names = re.findall(r"\{([^}]+)\}", rows("Placeholders"))
    known = {facts.known(name).name for name in names}
    assert known == {fact.name for fact in facts.FACTS}


def test_each_file_that_ships_is_shown_as_it_is() -> None:
    shown = {example.name: example.file for example in EXAMPLES.values()}
    assert shown == {path.stem: path.read_text("utf-8") for path in loading.shipped()}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_a_client_is_short_and_needs_nothing_of_labapp(example: Example) -> None:
    assert "labapp" not in example.client
    assert example.client.count("\n") <= 20
    assert max(map(len, example.client.splitlines())) <= 100
