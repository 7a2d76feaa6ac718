"""How large a cell is comes from the window, where it tells."""

from __future__ import annotations

from labapp.console.graphics import cells


def test_a_cell_is_the_window_divided_and_rounded_down() -> None:
    assert cells.told(80, 24, 720, 432) == (9, 18)
    assert cells.told(80, 24, 724, 436) == (9, 18)  # xterm counts its border


def test_what_tells_nothing_is_no_cell() -> None:
    assert cells.told(80, 24, 0, 0) is None
    assert cells.told(0, 0, 720, 432) is None
    assert cells.told(1, 1, 65535, 65535) is None
    assert cells.told(120, 30, 640, 480, is_remote=True) is None
    assert cells.told(80, 24, 640, 480) == (8, 20)


def test_a_pipe_has_no_cells(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with (tmp_path / "file").open("w") as file:
        assert cells.of_terminal(file.fileno()) is None
