"""JSON is found by paths, within bounds, and written as it was read."""

from __future__ import annotations

import pytest

from labapp.dialects.documents import as_json
from labapp.dialects.facts import Facts, reader
from tests.support.dialect_blocks import message


@pytest.mark.parametrize("body", ["", "[1, 2]", "{", '{"a": ' * 40 + "1" + "}" * 40, '{"a": NaN}'])
def test_a_body_that_is_no_json_object_within_bounds_has_no_such_facts(body: str) -> None:
    assert reader("body.a")(Facts(message(body))) is None


def test_json_is_written_as_it_was_read() -> None:
    body = '{"a": {"b": [1.50, "1.50", true, null, {"c": 1e3}]}}'
    document = message(body).document
    assert document is not None
    assert as_json(document) == body
    assert reader("body.a.b.4.c")(Facts(message(body))) == "1e3"
    assert reader("body.a.b.5")(Facts(message(body))) is None
    assert reader("body.a.b.99999999999")(Facts(message(body))) is None
