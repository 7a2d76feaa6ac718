"""Lines of menus, as commands declare them."""

from __future__ import annotations

from labapp.programs.shell.command import Command, Line, lines_of


def command(*lines: Line) -> Command:
    return Command("do", "do it", "a:b", lines=lines)


def test_a_menu_has_its_numbered_lines_first_and_no_other_menus_lines() -> None:
    first = command(Line("Letter", "a:b", key="l"), Line("One", "a:b"), Line("In", "a:b", menu="M"))
    second = command(Line("Two", "a:b"))
    assert [line.title for line in lines_of([first, second])] == ["One", "Two", "Letter"]
    assert [line.title for line in lines_of([first, second], "M")] == ["In"]
