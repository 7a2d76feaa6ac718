"""A label file and its parts make one file: nothing lost, nothing twice, in whatever order."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.labels import object_keys
from labapp.labels.effective import labels_of
from labapp.labels.label_file import Entry, Label, append, format_line, parse_label_file
from labapp.labels.layout import OWN
from labapp.labels.parts import added_lines, join, part_name

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
KEY = "images/0a1b2c3d4e5f6071-lunch.jpg"

LABELS = st.sampled_from([Label.ONE, Label.ZERO, Label.SKIP, Label.RETRACTION])
SAID = st.lists(
    st.tuples(LABELS, st.sampled_from(["ana", "Ana", "bo"]), st.booleans()), max_size=12
)


def entries_of(said: list[tuple[Label, str, bool]]) -> list[Entry]:
    """Make entries of what was said, a second apart; a retraction takes back the last answer."""
    found: list[Entry] = []
    for number, (label, who, _) in enumerate(said):
        own = [one for one in found if one.annotator == who and one.label != Label.RETRACTION]
        if label is Label.RETRACTION and not own:
            continue
        undone = own[-1].answer_id if label is Label.RETRACTION else ""
        at = START + timedelta(seconds=number)
        found.append(Entry(label, at, who, f"id{number}", undone))
    return found


@settings(max_examples=40)
@given(SAID, st.integers(0, 12), st.randoms(use_true_random=False))
def test_file_and_parts_say_what_one_file_says(
    said: list[tuple[Label, str, bool]], cut: int, rng: random.Random
) -> None:
    entries = entries_of(said)
    file = b"".join(map(format_line, entries[:cut]))
    parts = [format_line(one) for one in entries[cut:]]
    rng.shuffle(parts)
    twice = [*parts, *parts[:2], *(format_line(one) for one in entries[:cut][:2])]
    whole = b"".join(map(format_line, entries))
    one, other = (parse_label_file(body) for body in (join(file, twice), whole))
    found, wanted = labels_of(KEY, one), labels_of(KEY, other)
    assert set(found.answers) == set(wanted.answers)
    assert set(found.skips) == set(wanted.skips)
    assert (set(one.entries), one.duplicates) == (set(other.entries), 0)
    assert join(file, twice).startswith(file)


@settings(max_examples=40)
@given(SAID, st.integers(0, 12), st.integers(0, 12))
def test_what_is_added_is_what_was_not_there(
    said: list[tuple[Label, str, bool]], cut: int, bare: int
) -> None:
    entries = entries_of(said)
    before = b"".join(map(format_line, entries[:cut])) + b"1\n" * bare
    body = before + b"".join(map(format_line, entries[cut:])) + b"1\n"
    added = added_lines(body, before)
    assert added == b"".join(map(format_line, entries[cut:])) + b"1\n"
    assert added_lines(before, before) == b""
    assert sorted(join(before, [added]).splitlines()) == sorted(body.splitlines())


def test_a_part_stands_before_what_was_said_later_and_after_what_was_said_earlier() -> None:
    first, second, third = (
        Entry(Label.ONE, START + timedelta(seconds=n), "ana", f"id{n}") for n in range(3)
    )
    file = format_line(first) + format_line(third)
    assert join(file, [format_line(second)]) == b"".join(map(format_line, (first, second, third)))
    other = join(format_line(first), [format_line(third), format_line(second)])
    assert other == b"".join(map(format_line, (first, second, third)))


def test_answers_of_one_second_stand_in_the_order_of_their_ids() -> None:
    one, other = (
        Entry(label, START, "ana", f"01M7Y17TSX24YQ6Q58P948AX5{end}")
        for label, end in ((Label.ONE, "A"), (Label.ZERO, "B"))
    )
    for parts in ((one, other), (other, one)):
        file = parse_label_file(join(b"", [format_line(each) for each in parts]))
        assert labels_of(KEY, file).answers == (other,)


def test_what_is_no_line_of_ours_is_kept_and_bare_lines_all_count() -> None:
    joined = join(b"1\nodd", [b"1\n1\n", b"what\n", b"\n"])
    assert sorted(joined.splitlines()) == [b"1", b"1", b"1", b"odd", b"what"]
    assert join(b"", []) == b""
    assert join(b"odd", []) == b"odd"


def test_a_part_is_named_by_its_lines_and_bare_ones_by_what_was_there_before() -> None:
    line = append(b"", Entry(Label.ONE, START, "ana", "id1"))
    assert line
    assert part_name(line, b"") == part_name(line, b"1\n")
    assert part_name(b"1\n", b"") != part_name(b"1\n", b"1\n")
    assert part_name(b"1\n", b"") == part_name(b"1\n", b"")


def test_a_parts_key_lies_beside_its_file_and_is_that_of_no_file() -> None:
    for picture in (KEY, "images/a", "images/f/odd name.txt", f"{KEY}.txt.{'a' * 20}"):
        file = OWN.label_key(picture)
        part = object_keys.part_key(file, part_name(b"1\n", b""))
        assert part.startswith(f"{file}.")
        assert part.count("/") == file.count("/")
        assert not OWN.is_label_key(part)
        assert object_keys.whole_file_key(part) == file
        assert object_keys.whole_file_key(file) == file
