from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labapp import settings
from labapp.console import theme
from labapp.console.accessible import mode
from labapp.programs import find
from tests.support.commands import admin, client


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "working-folder"
    folder.mkdir()
    (tmp_path / "config").mkdir()
    monkeypatch.chdir(folder)
    return folder


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert client(*words, "--json") == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_every_setting_is_shown_with_its_value_and_origin(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = shown(capsys, "config")
    assert tuple(found) == settings.names()
    assert found["port"] == {"value": 4566, "origin": "default"}


def test_the_accessible_mode_is_told_with_what_turned_it_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mode, "_reason", "")  # both as they were, after this
    monkeypatch.setattr(theme, "_current", None)
    found = shown(capsys, "config", "--accessible")
    assert found["accessible"] == {"value": True, "origin": "flag --accessible"}
    monkeypatch.setattr(mode, "by_terminal", lambda: "TERM is dumb")
    found = shown(capsys, "config")
    assert found["accessible"] == {"value": True, "origin": "terminal (TERM is dumb)"}
    assert found["images"]["why"].startswith("menus are numbered lists")


def test_how_pictures_are_shown_is_told_with_the_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABAPP_IMAGES", "kitty")
    assert shown(capsys, "config")["images"] == {
        "value": "kitty",
        "origin": "environment LABAPP_IMAGES",
        "in_force": "blocks",
        "why": "this is no terminal that has pages, for all that images = kitty in environment"
        " LABAPP_IMAGES",
    }


def test_each_origin_hides_the_weaker_ones(
    tmp_path: Path,
    working_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert shown(capsys, "config")["user"]["origin"] == "default"
    config = tmp_path / "config" / "labapp.toml"
    config.write_text('user = "config"')
    assert shown(capsys, "config")["user"] == {"value": "config", "origin": f"file {config}"}
    (working_folder / "labapp.toml").write_text('user = "here"')
    assert shown(capsys, "config")["user"] == {"value": "here", "origin": "file labapp.toml"}
    monkeypatch.setenv("LABAPP_USER", "env")
    found = shown(capsys, "config")["user"]
    assert found == {"value": "env", "origin": "environment LABAPP_USER"}
    for words in (["--user", "flag", "config"], ["config", "--user", "flag"]):
        found = shown(capsys, *words)["user"]
        assert found == {"value": "flag", "origin": "flag --user"}


def test_the_addresses_that_aws_tools_find_are_shown_where_ours_names_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def found() -> dict[str, str | None]:
        said: dict[str, str | None] = shown(capsys, "config", "--cloud", "aws")["endpoint_url"]
        return said

    assert found() == {"value": None, "origin": "default"}
    config = tmp_path / "aws-config"
    config.write_text("[default]\nendpoint_url = http://profile.example\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    origin = f"endpoint_url of the profile in {config}"
    assert found() == {"value": "http://profile.example", "origin": origin}
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://10.0.0.7:9000")
    assert found() == {
        "value": "s3 http://10.0.0.7:9000, sqs http://profile.example",
        "origin": f"environment AWS_ENDPOINT_URL_S3, {origin}",
    }
    assert client("config", "--cloud", "aws") == 0
    assert "s3 http://10.0.0.7:9000, sqs http://profile.example" in capsys.readouterr().out
    monkeypatch.setenv("LABAPP_ENDPOINT_URL", "http://ours.example")
    ours = {"value": "http://ours.example", "origin": "environment LABAPP_ENDPOINT_URL"}
    assert found() == ours


def test_the_profile_that_boto3_finds_itself_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "team")
    found = shown(capsys, "config")["profile"]
    assert found == {"value": "team", "origin": "environment AWS_PROFILE"}


def test_without_json_it_is_a_line_for_each_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert admin("config") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in lines] == list(settings.names())
    assert "allow_negative\tfalse\tdefault\twhether lists may hold integers below zero" in lines


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("buckt = 'x'", "unknown setting 'buckt' in labapp.toml. Did you mean bucket?"),
        ("port = 'http'", "the setting port in labapp.toml is 'http'. It takes a whole number"),
        ("cloud = ", "the settings file labapp.toml is not TOML. Write lines"),
        ("port = 1\ncloud = x", "is not TOML from character 9 of line 2 on. Write lines"),
        ("user = 'Zoë'", "the settings file labapp.toml is not text in UTF-8. Save it"),
    ],
)
def test_a_wrong_file_is_usage_and_names_the_key(
    working_folder: Path, capsys: pytest.CaptureFixture[str], content: str, told: str
) -> None:
    (working_folder / "labapp.toml").write_text(content, "latin-1")
    assert client("config") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--cloud", "azure", "config"], "the setting cloud given as --cloud is 'azure'"),
        (["config", "--max-integers", "0"], "the setting max_integers given as --max-integers"),
    ],
)
def test_a_wrong_flag_is_usage_and_names_the_key(
    capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert client(*words) == 2
    assert told in capsys.readouterr().err


def test_a_wrong_variable_is_usage_and_names_the_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABAPP_BUKET", "x")
    assert find("server.py").main(["config"]) == 2
    assert "unknown setting 'buket' in the variable LABAPP_BUKET" in capsys.readouterr().err


#: Settings whose flag belongs to the commands that wait, or that label.
OWN = ("timeout", "annotator")


def test_every_setting_has_a_flag_before_the_command() -> None:
    parser = find("client.py").parser()
    for name in settings.names():
        if name not in OWN:
            default = str(getattr(settings.Settings(), name))
            found = parser.parse_args([f"--{name.replace('_', '-')}={default}", "config"])
            assert getattr(found, f"setting_{name}") == default


def test_the_time_to_wait_is_a_flag_of_commands_that_wait(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert client("numbers", "1", "--timeout", "soon") == 2
    assert "the setting timeout given as --timeout is 'soon'" in capsys.readouterr().err
