"""What is read of AWS's settings without botocore is what botocore reads, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.cloud import aws_setup
from labapp.cloud.boto_session import BotoSession
from labapp.cloud.session import Cloud
from labapp.errors import CloudError
from labapp.settings import Settings

KEYS = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s"}
TOKEN = {"AWS_SESSION_TOKEN": "t"}
LAB = "[default]\naws_access_key_id = ASIA1\naws_secret_access_key=s\naws_session_token = t=/+\n"
TWO = LAB + "[two]\naws_access_key_id = AKIA2\naws_secret_access_key = two\n"
CONFIG = "[default]\nregion = eu-west-1\n[profile two]\nregion = us-west-2\noutput = json\n"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder in which the files of AWS's tools are looked for."""
    for name in (*KEYS, *TOKEN):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return tmp_path


def _write(folder: Path, credentials: str, config: str) -> None:
    for name, text in (("credentials", credentials), ("config", config)):
        if text:
            (folder / name).write_text(text, "utf-8")


ENVIRONMENTS: list[dict[str, str]] = [
    {},
    KEYS,
    KEYS | TOKEN,
    KEYS | {"AWS_SESSION_TOKEN": ""},
    {"AWS_PROFILE": "two"},
    {"AWS_PROFILE": "two", "AWS_DEFAULT_PROFILE": "default"},
    KEYS | {"AWS_PROFILE": "two"},
    {"AWS_DEFAULT_REGION": "eu-north-1"},
    {"AWS_DEFAULT_REGION": ""},
]

#: Texts of the credentials file and of the config file.
FILES = [
    (TWO, ""),
    (TWO, CONFIG),
    ("", TWO.replace("[two]", "[profile two]")),
    (TWO, CONFIG + "[profile 3]\nrole_arn = r\ns3 =\n  addressing_style = path\n"),
    ("[DEFAULT]\naws_access_key_id = AKIA0\naws_secret_access_key = 0\n" + TWO, CONFIG),
    (TWO + "[two words]\nx = 1\n", CONFIG + "[profile default]\nregion = eu-west-3\n"),
]

EVERY = [
    *((setting, {}, *FILES[1]) for setting in ({"profile": "two"}, {"region": "ap-south-1"})),
    ({"profile": "two"}, KEYS | TOKEN, *FILES[1]),
    ({"region": "ap-south-1"}, {"AWS_DEFAULT_REGION": "eu-north-1"}, *FILES[2]),
    *(({}, environment, *FILES[1]) for environment in ENVIRONMENTS),
    *(({}, environment, *texts) for environment in ENVIRONMENTS[3:6] for texts in FILES),
]


@pytest.mark.parametrize(("settings", "environment", "credentials", "config"), EVERY)
def test_what_is_simple_is_read_as_botocore_reads_it(
    settings: dict[str, str],
    environment: dict[str, str],
    credentials: str,
    config: str,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _write(files, credentials, config)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    cloud = Cloud(Settings(cloud="aws", **settings))  # type: ignore[arg-type] # only texts
    found, theirs = aws_setup.read(cloud.settings), BotoSession(cloud, None)
    assert found
    assert found.keys
    told = theirs.setup()
    assert (found.region, found.profile, found.config_file) == (
        told.region,
        told.profile,
        told.config_file,
    )
    assert dict(found.lines) == told.lines
    held = theirs.session.get_credentials()
    assert held
    assert (found.keys.access_key, found.keys.secret_key) == (held.access_key, held.secret_key)
    assert (found.keys.token, found.keys.method) == (held.token or None, held.method)


@pytest.mark.parametrize(
    ("environment", "credentials", "config"),
    [
        ({}, "", ""),
        ({"AWS_ACCESS_KEY_ID": "AKIA1"}, LAB, ""),
        (KEYS | {"AWS_SECRET_ACCESS_KEY": "hid den"}, "", ""),
        (KEYS | {"AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"}, "", ""),
        (KEYS | {"AWS_SECURITY_TOKEN": "t"}, "", ""),
        (KEYS | {"AWS_CA_BUNDLE": "/x.pem"}, "", ""),
        (KEYS | {"AWS_USE_FIPS_ENDPOINT": "true"}, "", ""),
        (KEYS | {"AWS_PROFILE": "none"}, LAB, ""),
        (KEYS | {"AWS_PROFILE": ""}, LAB, ""),
        ({}, LAB.replace("s\n", "\n"), ""),
        ({}, "aws_access_key_id = ASIA1\n", ""),
        ({}, "\udcff[default]\n", ""),
        ({}, LAB + "[default]\nregion = twice\n", ""),
        ({}, LAB, "[default]\nrole_arn = r\nsource_profile = x\n"),
        ({}, LAB, "[default]\ncredential_process = /bin/true\n"),
        ({}, LAB, "[default]\nsso_session = x\n[sso-session x]\nsso_region = y\n"),
        ({}, LAB, "[default]\nservices = lab\n[services lab]\ns3 =\n  endpoint_url = http://x\n"),
        ({}, LAB, "[default]\nuse_dualstack_endpoint = true\n"),
        ({}, LAB, "[default]\ns3 =\n  addressing_style = path\n"),
        ({}, LAB, "[profile 'a b']\nregion = x\n"),
        ({}, LAB, "[profile other]\ns3 =\n  no block\n"),
        ({}, LAB, "[default]\nregion = us\n  east-1\n"),
    ],
)
def test_what_is_not_simple_is_left_to_botocore(
    environment: dict[str, str],
    credentials: str,
    config: str,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _write(files, credentials.replace("\udcff", ""), config)
    if "\udcff" in credentials:
        (files / "credentials").write_bytes(b"\xff" + credentials.encode(errors="ignore"))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert aws_setup.read(Settings(cloud="aws")) is None


def test_a_refresh_that_fails_leaves_all_as_it_was(files: Path) -> None:
    _write(files, LAB, "")
    cloud = Cloud(Settings(cloud="aws"))
    (files / "credentials").write_text("aws_access_key_id", "utf-8")
    with pytest.raises(CloudError):
        cloud.refresh()
    assert cloud.keys
    assert cloud.credentials().token == "t=/+"
    assert cloud.generation == 0


def test_clients_sign_with_the_keys_that_were_read(files: Path) -> None:
    """Botocore would read the file anew, and renewed keys want a refresh: all go by the same."""
    _write(files, LAB, "")
    cloud = Cloud(Settings(cloud="aws"))
    _write(files, TWO.replace("ASIA1", "ASIA2"), "")
    held = cloud._session.get_credentials()
    assert (held.access_key, held.method) == ("ASIA1", "shared-credentials-file")
    cloud.refresh()
    assert cloud._session.get_credentials().access_key == "ASIA2"
