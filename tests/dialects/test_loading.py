"""A dialect's file is found, read and named; what is wrong in it is told with its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.dialects import loading
from labapp.dialects.rules import Numbers, Picture
from labapp.errors import SettingError
from tests.support.dialect_files import OF_ATTRIBUTES, OF_ONE_QUEUE, PATH, told


def test_a_file_is_read_as_its_teacher_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "blurs.toml"
    path.write_bytes(b"\xef\xbb\xbf" + OF_ATTRIBUTES.replace("\n", "\r\n").encode())
    dialect = loading.load(path)
    (block,) = dialect.blocks
    assert (dialect.name, dialect.path) == ("blurs", path)
    assert (block.name, block.dialect, block.line) == ("request 1", "blurs", 2)
    assert (block.queue, block.answer, block.bucket) == ("inbox", "outbox", "mybucket975846589")
    assert (block.line_of("picture"), block.line_of("format")) == (6, 2)
    assert isinstance(block.work, Picture)
    (reply,) = block.replies
    assert (reply.queue, list(reply.attributes)) == ("outbox", ["Key"])
    assert block.refusal.attributes == {}, "a refusal has no result to tell"


def test_a_file_of_two_blocks_is_read() -> None:
    average, effect = loading.parse(OF_ONE_QUEUE, PATH).blocks
    assert isinstance(average.work, Numbers)
    assert average.when[0].patterns == ("Average",)
    assert list(average.refusal.attributes) == ["ResponseType"]
    assert (effect.place, effect.line, effect.is_numbers) == (2, 9, False)


def test_no_dialect_is_none() -> None:
    assert loading.chosen("") is None
    assert loading.chosen(" ") is None


def test_a_path_is_read_as_it_is_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("Lab.TOML")
    path.write_text(OF_ATTRIBUTES, "utf-8")
    first = loading.chosen("Lab.TOML")
    assert first
    assert first is loading.chosen(" ./Lab.TOML "), "one that stays as it is, is worked out once"
    path.write_text(OF_ONE_QUEUE, "utf-8")
    changed = loading.chosen("Lab.TOML")
    assert changed
    assert len(changed.blocks) == 2


def test_a_name_is_of_one_that_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = [tmp_path / "ships" / "pairs.toml", tmp_path / "ships" / "positions.toml"]
    monkeypatch.setattr(loading, "shipped", lambda: shipped)
    assert loading.path_of("Pairs") == shipped[0]
    with pytest.raises(SettingError, match=r'no dialect "pears" ships .* Did you mean pairs\?'):
        loading.chosen("pears")
    with pytest.raises(SettingError, match="There are pairs, positions"):
        loading.chosen("x" * 300)
    Path("lab.toml").touch()
    with pytest.raises(SettingError, match=r"For the file in the working folder, write lab.toml"):
        loading.chosen("lab")


def test_those_that_ship_can_be_loaded() -> None:
    for path in loading.shipped():
        assert loading.load(path).about, path


def test_what_is_no_file_of_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"there is no dialect's file lab.toml in "):
        loading.load(Path("lab.toml"))
    with pytest.raises(SettingError, match=r"there is no dialect's file .*lab.toml. Name"):
        loading.load(tmp_path / "lab.toml")
    with pytest.raises(SettingError, match=r"the dialect .* Name a dialect's file"):
        loading.load(tmp_path)
    with pytest.raises(SettingError, match="cannot be read"):
        loading.load(Path("a\0.toml"))
    path = tmp_path / "lab.toml"
    for data, what in (
        (b"\xff\xfe\xff", "is not text in UTF-8"),
        (b" " * 64_001, "has more than 64,000 bytes"),
        (b"a." * 501 + b"a = 1", "has a line of more than 500 dots"),
    ):
        path.write_bytes(data)
        with pytest.raises(SettingError, match=what):
            loading.faults(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has none in folders")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "lab.toml")
    with pytest.raises(SettingError, match="is no plain file"):
        loading.load(tmp_path / "lab.toml")


def test_the_first_fault_is_raised_and_the_others_counted() -> None:
    wrong = OF_ONE_QUEUE.replace("answer ", "anwser ")
    with pytest.raises(SettingError) as error:
        loading.parse(wrong, PATH)
    assert str(error.value) == (
        'lab.toml, line 4: request 1 has the unknown key "anwser". Did you mean answer?'
        " 1 more: 'admin.py dialect check lab.toml' tells all."
    )
    assert [row.partition(":")[0] for row in told(wrong)] == ["4", "11"]


def test_what_is_no_toml_is_told_with_its_line() -> None:
    with pytest.raises(SettingError, match=r"^lab.toml, line 2: this is no value from character 9"):
        loading.parse("[[request]]\nqueue = inbox", PATH)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "0: there is no [[request]] in it. Write one for each way in which a lab asks."),
        ("abuot = 'x'", '1: the file has the unknown key "abuot". Did you mean about?'),
        (
            "numbers = '{body}'",
            '1: the file has the unknown key "numbers". Write [[request]] above it, which'
            " begins a block.",
        ),
        (
            "[[reply]]\nbody = 'x'",
            '1: the file has the unknown key "reply". Write [[request.reply]] behind its'
            " [[request]].",
        ),
        (
            "[when]\nbody = 'x'",
            '1: the file has the unknown key "when". Write [request.when] behind its [[request]].',
        ),
        (
            "[request]\nnumbers = '{body}'",
            "1: request of the file is no list of tables. Begin each with [[request]], in two"
            " brackets.",
        ),
        (
            "[[request]]\nnumbers = '{body}'\n[request.reply]\nbody = 'x'",
            "3: reply of request 1 is no list of tables. Begin each with [[request.reply]], in two"
            " brackets.",
        ),
        (
            "queue = 'x'\n[[request]]\nnumbers = '{body}'",
            "1: queue stands above the first [[request]]. Write [[request]] above it, which begins"
            " a block.",
        ),
        (
            "[[request.reply]]\nbody = 'x'",
            "1: request of the file is no list of tables. Write [[request]] above the first part"
            " of it.",
        ),
        (
            "[queue]\nDelaySeconds = 5",
            '2: queue has "DelaySeconds", which is no table. Begin each queue with [queue."NAME"].',
        ),
    ],
)
def test_what_is_wrong_in_a_whole_file(text: str, expected: str) -> None:
    assert told(text) == [expected]


def test_a_file_may_be_about_queues_alone() -> None:
    dialect = loading.parse("about = '''a\n b'''\n[queue.requestQueue]\nwait = true", PATH)
    assert dialect.about == "a b"
    assert dialect.queues["requestQueue"].wait


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from((OF_ATTRIBUTES, OF_ONE_QUEUE)),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from(("", *"\"'{}[]=.,1a#\n*|:"))), max_size=3),
)
def test_whatever_stands_in_a_file_is_read_or_told(
    text: str, changes: list[tuple[float, str]]
) -> None:
    for where, sign in changes:
        at = int(where * len(text))
        text = text[:at] + sign + text[at + 1 :]
    dialect, faults = loading.examined(text, PATH)
    if faults:
        assert all(one.line and one.what and one.remedy for one in faults)
        with pytest.raises(SettingError, match=r"^lab.toml, line "):
            loading.parse(text, PATH)
    else:
        assert dialect == loading.parse(text, PATH)
