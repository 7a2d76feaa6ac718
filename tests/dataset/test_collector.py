"""Looks for garbage are rare only while very much is made."""

from __future__ import annotations

import gc

from labapp.dataset import collector


def test_garbage_is_looked_for_as_before_once_the_last_who_makes_much_is_done() -> None:
    before = gc.get_threshold()
    with collector.rarely():
        with collector.rarely():
            assert gc.get_threshold()[0] > before[0]
        assert gc.get_threshold()[0] > before[0]
    assert gc.get_threshold() == before
