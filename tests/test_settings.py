from __future__ import annotations

import dataclasses
import getpass
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labapp import settings as room
from labapp.errors import SettingError
from labapp.settings import Settings, load

NAMES = st.sampled_from(room.names())
VALUES = st.one_of(
    st.text(max_size=60),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.lists(st.integers(), max_size=3),
    st.just(16**5000),
)

KEYS = st.one_of(NAMES, st.from_regex(r"[a-z_]{1,12}", fullmatch=True))
LINES = st.one_of(
    st.builds(lambda key, value: f"{key} = {value!r}".encode(), KEYS, st.integers()),
    st.builds(
        lambda key, value: f'{key} = "{value}"'.encode(), KEYS, st.text("ab-/:.", max_size=9)
    ),
    st.binary(max_size=40),
)


def only_setting_errors(**where: object) -> None:
    try:
        loaded = load(**{"environment": {}, "files": (), **where})  # type: ignore[arg-type]
    except SettingError as error:
        told = str(error)
    else:
        told = ""
        assert set(loaded.origins) == set(room.names())
    assert len(told) < 2000, "one that can be read on a terminal"


@given(st.dictionaries(st.one_of(NAMES, st.text(max_size=8)), VALUES, max_size=4))
def test_any_flags_are_taken_or_told_as_wrong_settings(flags: Mapping[str, object]) -> None:
    only_setting_errors(flags=flags)


@given(st.dictionaries(NAMES.map(lambda name: "LABAPP_" + name.upper()), st.text(max_size=30)))
def test_any_variables_are_taken_or_told_as_wrong_settings(variables: dict[str, str]) -> None:
    only_setting_errors(environment=variables)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES, max_size=4).map(b"\n".join))
def test_any_bytes_of_a_file_are_taken_or_told_as_wrong_settings(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labapp.toml"
        path.write_bytes(content)
        only_setting_errors(files=(path,))


@pytest.mark.parametrize(
    "content",
    [
        b"timeout = 1" + b"0" * 400,
        b"timeout = 1" + b"0" * 5000,
        b"max_integers = 0x" + b"f" * 5000,
        b"port = " + b"[" * 5000,
        b"timeout = nan",
        b"timeout = inf",
        b"\xff\xfec\x00l\x00",
        b'[cloud]\nx = "y"',
        b"port = 2020-01-01",
        b"port = true",
    ],
)
def test_a_hostile_file_is_a_setting_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "labapp.toml"
    path.write_bytes(content)
    with pytest.raises(SettingError) as caught:
        load(environment={}, files=(path,))
    assert str(path) in str(caught.value)


def test_a_file_from_a_windows_editor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "labapp.toml"
    path.write_bytes(b'\xef\xbb\xbfbucket = "hot-dogs"\r\n')
    assert load(environment={}, files=(path,)).settings.bucket == "hot-dogs"


def test_flag_beats_environment_beats_working_folder_beats_config_folder_beats_default(
    tmp_path: Path,
) -> None:
    here, config = tmp_path / "here.toml", tmp_path / "config.toml"
    config.write_text('user = "config"\nbucket = "config"\ncloud = "aws"\nport = 1001\n')
    here.write_text('user = "here"\nbucket = "here"\ncloud = "local"\n')
    variables = {"LABAPP_USER": "environment", "LABAPP_BUCKET": "environment"}
    loaded = load({"user": "flag", "cloud": None}, variables, (here, config))
    found = dataclasses.asdict(loaded.settings)
    assert [found[name] for name in ("user", "bucket", "cloud", "port", "color")] == [
        "flag",
        "environment",
        "local",
        1001,
        "auto",
    ]
    assert [str(loaded.origins[n]) for n in ("user", "bucket", "cloud", "port", "color")] == [
        "flag --user",
        "environment LABAPP_BUCKET",
        f"file {here}",
        f"file {config}",
        "default",
    ]


def test_the_files_are_those_of_the_working_and_the_config_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "labapp.toml").write_text('user = "config"\nport = 1001')
    (tmp_path / "labapp.toml").write_text('user = "here"')
    loaded = load()
    assert (loaded.settings.user, loaded.settings.port) == ("here", 1001)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("lab.toml", "{}/lab.toml"), ("deep/lab", "{}/deep/lab"), ("pairs", "pairs"), ("", "")],
)
def test_a_dialects_path_in_a_file_begins_in_that_files_folder(
    tmp_path: Path, said: str, meant: str
) -> None:
    file = tmp_path / "labapp.toml"
    file.write_text(f'dialect = "{said}"', "utf-8")
    found = load(environment={}, files=(file,)).settings.dialect
    assert found == (str(Path(meant.format(tmp_path))) if "{}" in meant else meant)
    assert load({"dialect": said}, {}, ()).settings.dialect == said


def test_the_names_every_aws_tool_knows_are_heard_and_our_own_come_first() -> None:
    variables = {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-2",
        "AWS_PROFILE": "lab",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:5000",
        "LABAPP_PROFILE": "ours",
    }
    loaded = load(environment=variables, files=())
    assert loaded.settings.region == "eu-west-2"
    assert loaded.settings.profile == "ours"
    assert loaded.settings.endpoint_url == "", "a service's own variable is stronger"
    assert loaded.value_of("endpoint_url") == "http://127.0.0.1:5000"
    assert str(loaded.origins["endpoint_url"]) == "environment AWS_ENDPOINT_URL"
    assert str(loaded.origins["region"]) == "environment AWS_REGION"


@pytest.mark.parametrize("file", ["", 'profile = "file"'])
def test_aws_profile_is_shown_and_left_to_boto3(tmp_path: Path, file: str) -> None:
    path = tmp_path / "labapp.toml"
    path.write_text(file)
    loaded = load(environment={"AWS_PROFILE": "team"}, files=(path,))
    assert loaded.settings.profile == "", "named to boto3, it would hide exported keys"
    assert loaded.value_of("profile") == "team"
    assert str(loaded.origins["profile"]) == "environment AWS_PROFILE"
    for flags, variables in (({"profile": "ours"}, {}), ({}, {"LABAPP_PROFILE": "ours"})):
        loaded = load(flags, {"AWS_PROFILE": "team", **variables}, (path,))
        assert (loaded.settings.profile, loaded.value_of("profile")) == ("ours", "ours")


def test_an_empty_standard_variable_counts_as_not_set() -> None:
    loaded = load(environment={"AWS_PROFILE": "", "AWS_REGION": ""}, files=())
    assert str(loaded.origins["profile"]) == "default"


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("LABAPP_BUKET", "unknown setting 'buket' in the variable LABAPP_BUKET"),
        ("LABAPP_", "unknown setting ''"),
    ],
)
def test_an_unknown_variable_is_named(variable: str, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        load(environment={variable: "x"}, files=())


def test_an_unknown_key_is_answered_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "labapp.toml"
    path.write_text('buckt = "x"')
    with pytest.raises(SettingError) as caught:
        load(environment={}, files=(path,))
    assert "'buckt'" in caught.value.message
    assert str(path) in caught.value.message
    assert "Did you mean bucket?" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        ("cloud", "azure", "local or aws"),
        ("port", "http", "a whole number"),
        ("port", "65536", "a number from 1 to 65535"),
        ("port", "0", "a number from 1 to 65535"),
        ("timeout", "-1", "a number, 0 or more"),
        ("timeout", "soon", "a number"),
        ("allow_negative", "perhaps", "true or false"),
        ("bucket", "Not A Bucket", "what matches"),
        ("request_queue", "my queue", "what matches"),
        ("endpoint_url", "localhost:4566", "an address such as http://127.0.0.1:4566"),
        ("color", "mauve", "auto or never or 16 or 256 or truecolor"),
        ("user", "\udcff", "text"),
    ],
)
def test_a_wrong_value_is_told_with_its_name_and_what_is_taken(
    name: str, value: str, takes: str
) -> None:
    with pytest.raises(SettingError) as caught:
        load(environment={"LABAPP_" + name.upper(): value}, files=())
    assert caught.value.message.startswith(f"the setting {name} in the variable LABAPP_")
    assert takes in caught.value.remedy
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("word", ["1", "true", "YES", "on"])
def test_words_for_true_are_heard(word: str) -> None:
    assert load(environment={"LABAPP_ALLOW_NEGATIVE": word}, files=()).settings.allow_negative


def test_every_setting_has_a_meaning_and_a_default_that_it_takes_itself() -> None:
    defaults = dataclasses.asdict(Settings())
    assert dataclasses.asdict(load(defaults, {}, ()).settings) == defaults
    assert all(room.meaning(name) for name in room.names())


def test_a_settings_file_that_is_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="cannot be read"):
        load(environment={}, files=(tmp_path,))


def test_the_name_shown_is_the_setting_or_the_login() -> None:
    assert room.user_name(Settings(user="ada")) == "ada"
    assert room.user_name(Settings())


def test_the_login_is_looked_up_once_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def look() -> str:
        looked.append("ada")
        return looked[-1]

    monkeypatch.setattr(getpass, "getuser", look)
    room._login_name.cache_clear()
    assert [room.user_name(Settings()) for _ in range(3)] == ["ada"] * 3
    assert len(looked) == 1
    room._login_name.cache_clear()
