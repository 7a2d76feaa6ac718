"""Somebody gives a file, a key, a queue's message or a worker a name that reads as another one.

Marks that turn the direction, letters without width, spaces that are none, ends of lines, tags and
heaps of marks are seen on every screen and in every pipe as what they are; in `--json` they are
JSON's own escapes, so that a program gets the name exactly. Everyday text of any language stays.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labapp.cloud.bucket import TEXT, Bucket
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.console import figures, tables, theme
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.session import ClientSession
from labapp.programs import find
from labapp.programs.shell import output
from labapp.visible import is_unseen, visible, visible_json
from tests.dataset.dataset_kit import picture_bytes
from tests.programs.conftest import Shown
from tests.programs.conftest import shown as shown
from tests.support.platforms import WINDOWS

Capture = pytest.CaptureFixture[str]

#: What a name may hold, and how it is seen; the sources are told in `labapp.visible`.
UNSEEN = {
    "right-to-left override": ("a\u202egnp.exe", r"a\u202egnp.exe"),
    "embedding": ("a\u202ab\u202c", r"a\u202ab\u202c"),
    "isolate": ("a\u2066b\u2069", r"a\u2066b\u2069"),
    "mark": ("a\u200eb\u200f\u061c", r"a\u200eb\u200f\u061c"),
    "zero width": ("a\u200bb\u200c\u200d\u2060\ufeff", r"a\u200bb\u200c\u200d\u2060\ufeff"),
    "invisible operators": ("a\u2061\u2064", r"a\u2061\u2064"),
    "deprecated format": ("a\u206a\u206f", r"a\u206a\u206f"),
    "soft hyphen": ("pay\u00adpal", r"pay\xadpal"),
    "line": ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
    "mongolian": ("a\u180eb\u180b", r"a\u180eb\u180b"),
    "hangul filler": ("a\u3164\u115f\u1160\uffa0", r"a\u3164\u115f\u1160\uffa0"),
    "braille blank": ("a\u2800b", r"a\u2800b"),
    "tags": ("a\U000e0041\U000e007f", r"a\U000e0041\U000e007f"),
    "variation": ("a\ufe0f\U000e0100", r"a\ufe0f\U000e0100"),
    "joiner": ("a\u034fb", r"a\u034fb"),
    "odd spaces": ("a\u00a0b\u2003c\u3000d", r"a\xa0b\u2003c\u3000d"),
    "private": ("a\ue000\U000f0000", r"a\ue000\U000f0000"),
    "unassigned": ("a\u0378", r"a\u0378"),
    "annotation": ("a\ufff9b", r"a\ufff9b"),
    "heap": ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + r"\u0301\u0301"),
    "mark on nothing": ("\u0338a", r"\u0338a"),
}

#: Names that people have: they are shown as they are.
EVERYDAY = [
    *("Zoë", "Zoe\u0308", "größe", "naïve.png", "Łódź", "İstanbul", "Đỗ Việt", "日本語の写真.jpg"),
    *("한국어", "मराठी", "ไทยกำลัง", "שלום", "שָׁלוֹם", "مُحَمَّد", "ქართული", "Ωμέγα", "🌭🍕", "№ 5 ½ €"),
]

#: One name with a bit of all, such as one may give to anything.
EVIL = "x\u202egnp.\u200bm\u2066\u00a0\u2028p\U000e0041l"


@pytest.mark.parametrize(("name", "seen"), UNSEEN.values(), ids=UNSEEN)
def test_what_is_not_seen_is_escaped_wherever_a_name_is_shown(name: str, seen: str) -> None:
    assert visible(name) == figures.one_line(name) == output.cell(name) == seen
    assert output.line(f"{name}\t1") == f"{seen}\t1"
    assert figures.cut(name, 500) == seen
    document = visible_json(output.document([name]))
    assert json.loads(document) == [name]
    assert not {sign for sign in document if is_unseen(sign)} - {"\n"}
    drawn = theme.current().ansi(tables.table(["name"], [[name]]), 200)
    assert seen in drawn


@pytest.mark.parametrize("name", EVERYDAY)
def test_everyday_text_of_any_language_stays(name: str) -> None:
    assert visible(name) == figures.one_line(name) == output.cell(name) == output.line(name) == name
    assert visible_json(output.document(name)) == f'"{name}"'


def test_what_was_shown_once_is_not_escaped_again() -> None:
    assert visible(visible(EVIL)) == visible(EVIL)


def test_a_cell_is_as_wide_as_what_is_shown_in_it() -> None:
    drawn = theme.current().ansi(tables.table(["name", "n"], [[EVIL, 1], ["x" * 60, 2]]), 200)
    *_, evil, plain = drawn.splitlines()
    assert evil.rindex("1") == plain.rindex("2")


@pytest.fixture
def planted(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Have the name stand wherever somebody else may write one."""
    monkeypatch.chdir(tmp_path)
    bucket = Bucket(cloud)
    bucket.put(f"images/{EVIL}.png", picture_bytes(1), "image/png")
    lines = f"1 2026-11-21T10:00:00Z {EVIL.replace(chr(0xA0), '').replace(chr(0x2028), '')} a1\n"
    bucket.put(f"labels/{EVIL}.png.txt", f"{lines}{EVIL}\n".encode(), TEXT)
    log = f"time: 2026-11-21T10:00:00Z\njob: {EVIL}\nkind: numbers\nclient: {EVIL}\n"
    log += f"request: '{EVIL}'\nstatus: {EVIL}\noutcome: {EVIL}\n"
    bucket.put(f"logs/log_2026-11-21-100000_{EVIL}.txt", log.encode(), TEXT)
    report = {"worker": EVIL, "host": EVIL, "pid": 1, "state": EVIL, "complaint": EVIL}
    report |= {"trouble": EVIL, "counts": {"done": 1}, "reported": EVIL, "last_polls": {EVIL: EVIL}}
    bucket.put(f"workers/{EVIL}.json", json.dumps(report).encode(), TEXT)
    Queue(cloud, "requestQueue-dlq").send(Outgoing(EVIL, {"reason": EVIL, "job": EVIL}))
    with ClientSession(cloud) as session:
        job, other = session.submit(NUMBERS, ["1,2", EVIL])
        (picture,) = session.submit(PICTURES, [f"inbox/{EVIL}.png"])
        result = f"outbox/{picture}/{EVIL}"
        settled = "UPDATE jobs SET status = ?, reply = ?, answered_at = 1, shown = 0 WHERE job = ?"
        for row in (("done", EVIL, job), ("refused", EVIL, other), ("done", result, picture)):
            session.ledger._db.execute(settled, row)
    (tmp_path / "photos").mkdir()
    end = "" if WINDOWS else "\n"  # which no name of a file has there
    for name in (f"{EVIL}.png", f"{EVIL}{end}.txt", f"\u202e{EVIL}.jpg"):
        (tmp_path / "photos" / name).write_bytes(b"no picture")
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "labapp.toml").write_text(f'user = "{EVIL}"\nprofile = "{EVIL}"\n', "utf-8")
    return cloud


#: Every command that lists or tells, and how often the name stands in it at least.
LISTINGS = [
    *(("admin.py queues dead", 2), ("admin.py logs", 3), ("admin.py workers", 2)),
    *(("admin.py stats", 1), ("admin.py stats --annotators", 0), ("admin.py stats --sort key", 1)),
    *((f"admin.py stats --image {EVIL}", 0), ("admin.py images", 1), ("admin.py queues", 0)),
    *((f"admin.py images remove {EVIL} --dry-run", 0), ("admin.py config", 1)),
    *(("admin.py upload photos", 3), ("client.py upload photos --dry-run", 3)),
    *((f"client.py image {EVIL}.png grayscale", 0), ("client.py image photos grayscale", 0)),
    *(("client.py jobs", 2), ("client.py results", 1), ("client.py label --annotator ana", 1)),
    *(
        (f"client.py fetch {EVIL}", 0),
        (f"client.py {EVIL}", 0),
        (f"admin.py queues purge {EVIL}", 0),
    ),
    *((f"admin.py import {EVIL}", 0), (f"client.py numbers --file {EVIL}", 0)),
    *(("client.py config trust --yes", 0), ("server.py config", 1)),
]


def split(line: str) -> list[str]:
    return line.split(" ")


@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize("terminal", [False, True])
def test_no_listing_hides_anything(capsys: Capture, shown: Shown, terminal: bool) -> None:
    for line, count in LISTINGS:
        program, *words = split(line)
        if terminal:
            if "\u2028" in line or "upload" in line or "fetch" in line or "trust" in line:
                continue
            try:
                out = "\n".join(shown(line, columns=400))
            except AssertionError:  # what ends in an error is looked at in the pipe
                continue
            told = out + capsys.readouterr().err
        else:
            find(program).main(words)
            told = "".join(capsys.readouterr())
        left = {f"{ord(sign):04x}" for sign in told if is_unseen(sign)} - {"000a", "0009"}
        assert not left, (line, left, told)
        seen = told.count(r"\u202egnp.")
        assert seen >= count, (line, told)


@pytest.mark.usefixtures("planted")
def test_every_json_gives_the_name_exactly_and_hides_nothing(capsys: Capture) -> None:
    exact = 0
    for line in (
        *("admin.py queues dead", "admin.py logs", "admin.py workers", "admin.py images"),
        *("admin.py stats", "admin.py stats --annotators", "admin.py config", "client.py jobs"),
        *("client.py results", "client.py label --annotator ana", "client.py config"),
        *("admin.py upload photos --dry-run", "client.py upload photos --dry-run"),
    ):
        program, *words = split(line)
        find(program).main([*words, "--json"])
        out, err = capsys.readouterr()
        left = {f"{ord(sign):04x}" for sign in out + err if is_unseen(sign)} - {"000a", "0009"}
        assert not left, (line, left)
        exact += EVIL[:5] in json.dumps(json.loads(out), ensure_ascii=False)
    assert exact >= 10


def test_a_field_of_a_page_shows_what_is_typed_or_completed() -> None:
    from prompt_toolkit.layout.screen import Char

    from labapp.console.screen import show_unseen

    show_unseen()
    assert Char("\u202e").char == r"\u202e"
    assert Char("\u202e").width == 6
    assert Char("\u00a0").char == r"\xa0"
    assert [Char(sign).char for sign in ("é", "e\u0301", "日", "x", "\x1b")] == [
        *("é", "e\u0301", "日", "x", "^["),
    ]
