"""Values that pages read from memory while a thread fetches them."""

from __future__ import annotations

import threading

from labapp.programs.menus.refresher import Refresher


def test_a_live_value_tells_of_changes_only() -> None:
    values = iter([1, 1, 2, 2, 3, 3])
    told: list[int] = []
    done = threading.Event()

    def fetch() -> int:
        value = next(values, None)
        if value is None:
            done.set()
            return 3
        return value

    with Refresher(fetch, 0.0, lambda: told.append(1)) as fresh:
        assert done.wait(15)
        assert (len(told), fresh.changes) == (3, 3)
