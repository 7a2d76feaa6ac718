"""Somebody packs a `labapp.toml` beside pictures, which sends everything to a place of theirs.

What such a file says of where data and credentials go counts only once the user consented to that
content at that path: not changed, not copied elsewhere, not swapped between the look and the use;
and whatever lies in the file's place, no program waits for it or fails without a word.
"""

from __future__ import annotations

import json
import logging
import os
import textwrap
from argparse import Namespace
from pathlib import Path

import pytest

from labapp import settings, settings_file
from labapp.console.stage import Notice
from labapp.programs import find
from labapp.programs.menus.session import MenuSession
from labapp.programs.shell.context import Context
from labapp.settings_table import DIRECTING
from labapp.worker import local_workers
from tests.support.commands import admin, client
from tests.support.platforms import posix_only

Capture = pytest.CaptureFixture[str]

#: What a foreign file would say of each setting that decides where something goes, or stays.
ELSEWHERE = {
    "cloud": "aws",
    "region": "xx-evil-1",
    "profile": "admin",
    "endpoint_url": "http://evil.example",
    "bucket": "evil-bucket",
    "keep_days": 1,
    "request_queue": "evil-requests",
    "response_queue": "evil-responses",
    "image_inbox": "evil-inbox",
    "image_outbox": "evil-outbox",
    "plain_source_prefix": "secrets/",
    "plain_result_prefix": "public/{job}/",
    "dialect": "positions",
    "images_prefix": "secret/",
    "labels_key": "public/{name}.txt",
    "layout_writes": True,
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def pack(folder: Path, **said: object) -> Path:
    path = folder / "labapp.toml"
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in said.items()]
    path.write_text("".join(lines), "utf-8")
    return path


def trust(program: str = "client.py") -> None:
    assert find(program).main(["config", "trust", "--yes"]) == 0


def in_force(name: str) -> object:
    return getattr(settings.load().settings, name)


def test_every_setting_that_directs_is_tried_here() -> None:
    assert set(ELSEWHERE) == DIRECTING


@pytest.mark.parametrize("name", ELSEWHERE)
def test_no_word_of_where_everything_goes_counts_without_consent(
    here: Path, capsys: Capture, name: str
) -> None:
    pack(here, **{name: ELSEWHERE[name]}, target_answers=7)
    for program in ("client.py", "admin.py", "server.py"):
        assert find(program).main(["config", "--json"]) == 0
        out, err = capsys.readouterr()
        found = json.loads(out)
        assert found[name]["value"] in (getattr(settings.Settings(), name), None)
        assert found[name]["left_out"]["value"] == ELSEWHERE[name]
        assert found["target_answers"] == {"value": 7, "origin": "file labapp.toml"}
        assert f"python {program} config trust" in err
        assert name in err


def test_the_listing_says_what_is_left_out_and_why(here: Path, capsys: Capture) -> None:
    pack(here, bucket="evil-bucket")
    assert admin("config") == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert ["bucket", "", "default, as file labapp.toml is not trusted"] in [r[:3] for r in rows]


def test_after_consent_it_counts_and_is_told_of_no_more(here: Path, capsys: Capture) -> None:
    pack(here, **ELSEWHERE)
    trust()
    out, err = capsys.readouterr()
    assert [line.split("\t") for line in out.splitlines()] == [
        [name, str(value)] for name, value in ELSEWHERE.items()
    ]
    assert f"trusted: {here / 'labapp.toml'}" in err
    assert {name: in_force(name) for name in ELSEWHERE} == ELSEWHERE
    assert find("server.py").main(["config"]) == 0
    assert capsys.readouterr().err == ""


def test_nobody_consents_by_accident(here: Path, capsys: Capture) -> None:
    pack(here, cloud="aws")
    assert client("config", "trust") == 2
    assert "There is no terminal to ask on. Say --yes" in capsys.readouterr().err
    assert in_force("cloud") == "local"


@pytest.mark.parametrize("change", ["cloud = 'aws'\n", "# a comment\n"])
def test_each_change_asks_again(here: Path, change: str) -> None:
    path = pack(here, bucket="ours")
    trust()
    assert in_force("bucket") == "ours"
    path.write_text(path.read_text() + change)
    assert in_force("bucket") == ""


def test_consent_does_not_travel_with_the_file(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pack(here, bucket="ours")
    trust()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "labapp.toml").write_bytes(path.read_bytes())
    monkeypatch.chdir(elsewhere)
    assert in_force("bucket") == ""
    here.rename(tmp_path / "moved")
    monkeypatch.chdir(tmp_path / "moved")
    assert in_force("bucket") == ""


@posix_only("links need a privilege there")
def test_consent_is_to_the_place_whichever_way_one_came(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack(here, bucket="ours")
    trust()
    (tmp_path / "way").symlink_to(here)
    monkeypatch.chdir(tmp_path / "way")
    assert in_force("bucket") == "ours"


@posix_only("links need a privilege there")
def test_a_link_to_a_trusted_file_is_another_file(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pack(here, bucket="ours")
    trust()
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "labapp.toml").symlink_to(path)
    monkeypatch.chdir(tmp_path / "foreign")
    assert in_force("bucket") == ""


def test_what_is_swapped_between_the_look_and_the_use_is_not_used(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pack(here, bucket="ours")
    trust()
    reads: list[Path] = []
    read = settings_file.read_bytes

    def swapping(at: Path, *rest: object) -> bytes | None:
        data = read(at, *rest)  # type: ignore[arg-type]
        if at.name == "labapp.toml" and not at.is_absolute():
            reads.append(at)
            path.write_text('bucket = "evil-bucket"\n')
        return data

    monkeypatch.setattr(settings_file, "read_bytes", swapping)
    assert in_force("bucket") == "ours"
    assert len(reads) == 1
    assert in_force("bucket") == ""


def test_consent_is_to_what_was_shown_even_if_it_is_swapped_meanwhile(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    path = pack(here, bucket="ours")

    def swap(*_: object) -> bool:
        path.write_text('bucket = "evil-bucket"\n')
        return True

    monkeypatch.setattr(Context, "confirm", swap)
    trust()
    assert capsys.readouterr().out == "bucket\tours\n"
    assert in_force("bucket") == ""
    pack(here, bucket="ours")
    assert in_force("bucket") == "ours"


def test_consent_can_be_taken_back(here: Path, capsys: Capture) -> None:
    path = pack(here, bucket="ours")
    trust()
    path.unlink()
    assert admin("config", "distrust") == 0
    assert f"no longer trusted: {path}" in capsys.readouterr().err
    pack(here, bucket="ours")
    assert in_force("bucket") == ""
    assert admin("config", "distrust") == 0
    assert "was not trusted" in capsys.readouterr().err


def test_the_users_own_words_need_no_consent(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (tmp_path / "config").mkdir()
    pack(tmp_path / "config", bucket="of-the-config")
    pack(here, bucket="evil-bucket", region="xx-evil-1", profile="evil")
    assert in_force("bucket") == "of-the-config"
    monkeypatch.setenv("LABAPP_REGION", "eu-west-1")
    flags = ["--bucket", "of-a-flag", "--profile", "mine"]
    assert client(*flags, "config", "--json") == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert [found[n]["value"] for n in ("bucket", "region")] == ["of-a-flag", "eu-west-1"]
    assert err == ""  # nothing of the file would have counted
    monkeypatch.chdir(tmp_path / "config")
    assert in_force("bucket") == "of-the-config"


@pytest.mark.parametrize("value", ["mars", 7, ["aws"], {"x": {"y": 1}}])
def test_a_wrong_value_that_is_left_out_stops_nobody(
    here: Path, capsys: Capture, value: object
) -> None:
    text = json.dumps(value).replace(":", " =")
    (here / "labapp.toml").write_text(f"cloud = {text.replace(chr(34) + 'x' + chr(34), 'x')}\n")
    assert client("config") == 0
    assert "cloud" in capsys.readouterr().err
    assert client("config", "trust", "--yes") == 2
    assert "the setting cloud in labapp.toml is" in capsys.readouterr().err
    assert in_force("cloud") == "local"


@posix_only("pipes and devices are POSIX's")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "huge", "dots", "deep"])
def test_whatever_lies_in_the_files_place_is_told_at_once(
    here: Path, capsys: Capture, kind: str
) -> None:
    path = here / "labapp.toml"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "huge":
            with path.open("wb") as file:
                file.truncate(1 << 40)
        case "dots":
            path.write_text("a." * 30_000 + "a = 1")
        case _:
            path.write_text("bucket = " + "[" * 50_000)
    assert client("config") == 2
    assert "the settings file labapp.toml" in capsys.readouterr().err


@pytest.mark.parametrize(
    "damage", ["[" * 100_000, "{}", '{"files": {"x": 1}}', "null", "x" * 2_000_000, "\0"]
)
def test_a_damaged_list_of_consents_trusts_nothing(
    here: Path, tmp_path: Path, capsys: Capture, damage: str
) -> None:
    path = pack(here, bucket="ours")
    trust()
    (tmp_path / "config" / "trusted.json").write_text(damage)
    capsys.readouterr()
    assert in_force("bucket") == ""
    assert client("config") == 0
    err = capsys.readouterr().err
    assert "not trusted" in err
    assert ("list of trusted files" in err) == (not damage.startswith("{"))
    trust()
    assert in_force("bucket") == "ours"
    assert path.exists()


def test_a_worker_has_what_its_client_had_even_if_somebody_consents_meanwhile(here: Path) -> None:
    pack(here, bucket="evil-bucket", endpoint_url="http://evil.example", user="anna")
    ours = settings.load().settings
    environment = local_workers.environment(ours)
    trust()
    assert settings.load(environment=environment).settings == ours
    trusted = settings.load().settings
    assert trusted.bucket == "evil-bucket"
    environment = local_workers.environment(trusted)
    assert client("config", "distrust") == 0
    there = settings.load(environment=environment)
    assert there.settings == trusted
    assert there.left_out == {}  # so that no worker's log says it again


def test_a_menu_says_it_for_as_long_as_it_is_open(here: Path) -> None:
    pack(here, bucket="evil-bucket")
    menu = MenuSession(Context("admin.py", Namespace(), settings.load()), "admin")
    (notice,) = menu.notices()
    assert notice == Notice(notice.text, "warning")
    assert "bucket" in notice.text
    assert "python admin.py config trust" in notice.text
    menu.announce("a job is done", "done")
    assert [one.kind for one in menu.notices()] == ["warning", "done"]


def test_a_narrow_screen_says_how_to_allow_it_however_much_is_left_out(here: Path) -> None:
    pack(here, **ELSEWHERE)
    told = Context("client.py", Namespace(), settings.load()).left_out
    lines = textwrap.wrap(told, 36)  # of which a screen of 40 columns shows three, a low one two
    assert len(lines) > 3, "it is cut"
    assert "config trust" in " ".join(lines[:2])


def test_a_worker_says_it_in_its_log(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger("labapp")  # it is every test's
    for name, value in (("handlers", []), ("propagate", True), ("level", root.level)):
        monkeypatch.setattr(root, name, value)
    pack(here, endpoint_url="http://evil.example")
    words = ["--plain", "--log-format", "json", "--cloud", "aws", "--profile", "nobody"]
    assert find("server.py").main(words) != 0
    first = json.loads(capsys.readouterr().err.splitlines()[0])
    assert first["level"] == "warning"
    assert "endpoint_url" in first["message"]
