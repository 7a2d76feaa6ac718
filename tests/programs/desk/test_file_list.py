"""The pointer stays on its file; what is marked, new and found is told."""

from __future__ import annotations

from pathlib import Path

from labapp.pictures.mark import MARK
from labapp.programs.desk.file_list import FileList
from labapp.programs.desk.folder_listing import Contents, Facts, Item, contents_of

TOP = Path("photos")


def contents(*names: str, deep: bool = False) -> Contents:
    items = [Item(TOP / name, name.rstrip("/"), name.endswith("/")) for name in names]
    return Contents(TOP, deep, tuple(items))


def files(*names: str) -> FileList:
    found = FileList(TOP)
    found.take(contents(*names))
    return found


def rows(found: FileList) -> list[str]:
    return [item.name for item in found.rows]


def pointed(found: FileList) -> str:
    return found.pointed.name if found.pointed else ""


RESULT = Facts(10, 5.0, is_result=True)


def test_the_pointer_stays_on_its_file_whatever_comes_or_goes() -> None:
    found = files("a.png", "b.png", "c.png")
    found.index = 1
    found.take(contents("1.png", "2.png", "a.png", "b.png", "c.png"))
    assert (pointed(found), found.index) == ("b.png", 3)
    found.take(contents("b.png", "c.png"))
    assert (pointed(found), found.index) == ("b.png", 0)
    found.take(contents("c.png", "d.png"))  # it is gone: its row stays
    assert pointed(found) == "c.png"
    found.take(contents())
    assert (found.pointed, found.index) == (None, 0)


def test_what_comes_is_new_until_it_is_pointed_at() -> None:
    found = files("a.png", "c.png")
    found.take(contents("a.png", "b.png", "c.png", "d.png"))
    assert {path.name for path in found.new} == {"b.png", "d.png"}
    found.index = 1
    assert {path.name for path in found.new} == {"d.png"}
    found.take(contents("a.png"))
    assert not found.new


def test_a_search_moves_the_pointer_to_what_it_finds_and_back() -> None:
    found = files("a.png", "cat.png", "dog.png", "hot dog.png")
    found.index = 0
    found.search("dog")
    assert (rows(found), pointed(found)) == (["dog.png", "hot dog.png"], "dog.png")
    found.search("")
    assert pointed(found) == "a.png"
    found.search("DOG hot")
    found.found()  # Enter
    found.search("")
    assert pointed(found) == "hot dog.png"
    found.search("nothing such")
    assert found.pointed is None


def test_all_are_marked_but_results_and_sent_in_their_order() -> None:
    found = files("in/", "a.png", "a-blur.png", "b.png")
    found.learn({TOP / "a-blur.png": RESULT}, {})
    assert found.chosen() == []  # a folder is pointed at
    found.index = 3
    assert found.chosen() == [TOP / "b.png"]
    assert found.mark_all() == 1
    assert found.chosen() == [TOP / "a.png", TOP / "b.png"]
    found.mark(TOP / "a-blur.png")
    assert found.chosen() == [TOP / "a.png", TOP / "a-blur.png", TOP / "b.png"]
    found.mark_all()
    assert found.marked == {TOP / "a-blur.png"}
    found.search("blur")
    found.mark_all()  # results alone are marked, too: they were marked, so no longer
    assert not found.marked


def test_a_result_s_source_is_known_by_its_name_or_by_who_knows_better() -> None:
    found = files("a.png", "a-blur.png", "odd.png")
    found.learn({TOP / "a-blur.png": RESULT}, {TOP / "odd.png": TOP / "a.png"})
    assert found.sources == {
        TOP / "a-blur.png": TOP / "a.png",
        TOP / "odd.png": TOP / "a.png",
    }
    assert found.results_of(TOP / "a.png") == [TOP / "odd.png", TOP / "a-blur.png"]
    assert found.is_result(TOP / "odd.png")
    assert not found.is_result(TOP / "a.png")


def test_a_result_saved_elsewhere_stands_below_its_source_as_new() -> None:
    found = files("a.png", "b.png")
    found.index = 1
    found.arrived(Path("results") / "a-blur.png", TOP / "a.png")
    assert rows(found) == ["a.png", "a-blur.png", "b.png"]
    assert pointed(found) == "b.png"
    assert found.new == {Path("results") / "a-blur.png"}
    found.take(contents("a.png", "b.png", "c.png"))
    assert rows(found) == ["a.png", "a-blur.png", "b.png", "c.png"]


def test_a_result_saved_in_the_folder_is_there_before_the_next_look(tmp_path: Path) -> None:
    found = FileList(tmp_path)
    source, result, gone = (tmp_path / f"{name}.png" for name in ("a", "a-blur", "a-gone"))
    found.take(Contents(tmp_path, items=(Item(source, "a.png"),)))
    result.touch()
    for path in (result, gone):
        found.arrived(path, source)
    assert rows(found) == ["a.png", "a-blur.png", "a-gone.png"]
    found.index = 1  # it was looked at
    for _ in range(2):
        found.take(Contents(tmp_path, items=(Item(source, "a.png"), Item(result, "a-blur.png"))))
        assert rows(found) == ["a.png", "a-blur.png"]
        assert not found.new


def test_a_folder_is_left_and_found_again_where_it_was() -> None:
    found = files("in/", "out/", "z.png")
    found.index = 1
    found.mark(TOP / "z.png")
    found.open(TOP / "out", deep=False)
    assert (found.rows, found.marked, found.is_read) == ((), set(), False)
    found.take(contents("late.png"))  # a look into the folder that was left
    assert not found.rows
    found.open(TOP, deep=False)
    found.take(contents("in/", "out/", "z.png"))
    assert pointed(found) == "out"


def test_what_may_be_pointed_at_next_is_told_in_the_pointer_s_direction() -> None:
    found = files("in/", *(f"{number}.png" for number in range(6)))
    found.index = 3
    assert [path.name for path in found.near(2, 1)] == ["3.png", "4.png", "1.png"]
    found.index = 2
    assert [path.name for path in found.near(2, 1)] == ["0.png", "2.png"]


def test_no_result_is_marked_with_all_although_nobody_has_asked_it_yet(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "a-blur.png").write_bytes(MARK)
    found = FileList(tmp_path)
    found.take(contents_of(tmp_path))
    assert found.mark_all() == 1
    assert {path.name for path in found.marked} == {"a.png"}
