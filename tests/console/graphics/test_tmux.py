"""What tmux writes of its terminal is read as it is, in the set-ups that were tried."""

from __future__ import annotations

import pytest

from labapp.console.graphics import tmux
from labapp.console.graphics.tmux import Tmux, read


def test_what_tmux_says_is_read() -> None:
    assert read("3.5a|/dev/pts/3|1|kitty(0.41.1)|256,RGB,title|9|18|on\n") == Tmux(
        (3, 5), "/dev/pts/3", 1, "kitty(0.41.1)", frozenset({"256", "RGB", "title"}), (9, 18), True
    )
    nobody = read("next-3.6|/dev/pts/3|0||||0|off")
    assert (nobody.version, nobody.clients, nobody.cell, nobody.passes) == ((3, 6), 0, None, False)


def test_the_version_of_its_terminal_is_known_where_it_says_one() -> None:
    assert tmux.version_of("kitty(0.41.1)") == (0, 41)
    assert tmux.version_of("XTerm(398)") == (0, 0)


def test_no_tmux_or_a_strange_one_says_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tmux.ask() is None
    with pytest.raises(ValueError, match="unpack"):
        read("no server running")
