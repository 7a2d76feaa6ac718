from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from labapp.cloud.doctor import probe


@pytest.mark.parametrize("place", ["images/", "labels/*.txt", "deploy/code-"])
def test_a_probe_is_where_a_policy_lets_it_be_and_nobody_elses(place: str) -> None:
    keys = {probe.new_key(place) for _ in range(3)}
    assert len(keys) == 3
    for key in keys:
        assert fnmatchcase(key, place if "*" in place else f"{place}*")
        assert probe.NAME in key
        assert "*" not in key
