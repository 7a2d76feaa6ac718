"""Somebody stores objects under keys that are paths out of the bucket, and back into another.

Each is stored under exactly that key in its own bucket, listed, read and kept over a restart; or it
is refused. None is acknowledged and lost, and no file lies outside the cloud's own folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from labapp.cloud.embedded import launcher
from labapp.cloud.embedded.launcher import Running
from tests.cloud.embedded.embedded_kit import s3, signed
from tests.security.local_clouds import sent
from tests.support.ports import free_port

#: Keys as a program gives them.
KEYS = [
    *("..", "../x", "a/../b", "a/..", "./a", ".", "a/.", "a//b", "/a", "//a", "a/", "../../../x"),
    *(
        "../other/kept",
        "..\\x",
        "a\\..\\b",
        "C:\\x",
        "a.",
        "a. ",
        "a...",
        "...",
        "%2e%2e/x",
        "a%2fb",
    ),
    *("..%2fother%2fkept", "aux", "a:b", "a\x00b", "a?b#c", "é/../x", "\u202ex", "~", "x" * 900),
]

#: Paths as bytes on the wire, and the key in the bucket `labapp` that each names; none: refused.
PATHS = {
    "/labapp/../other/r1": "../other/r1",
    "/labapp/%2e%2e/other/r2": "../other/r2",
    "/labapp/%2e%2e%2fother%2fr3": "../other/r3",
    "/labapp/a/../../other/r4": "a/../../other/r4",
    "/labapp//r5": "/r5",
    "/labapp/./r6": "./r6",
    "/labapp/%5c..%5cr7": "\\..\\r7",
    "/labapp/..%00r8": "..\x00r8",
    "/labapp/..;/r9": "..;/r9",
    "//labapp/r": "",
    "/./labapp/r": "",
    "/../labapp/r": "",
    "/%2e%2e/labapp/r": "",
    "/other/../labapp%2fr": "../labapp/r in other",
    "/labapp%2fr": "",
    "/labapp/%ff": "",
    "/labapp/..%c0%af": "",
    "/..": "",
    "/.%2e/r": "",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("dots") / "data" / "local"
    running = launcher.ensure(folder, free_port())
    for bucket in ("labapp", "other"):
        s3(running).create_bucket(Bucket=bucket)
    s3(running).put_object(Bucket="other", Key="kept", Body=b"as it was")
    yield folder
    launcher.stop(folder)


def everything(running: Running) -> dict[str, dict[str, bytes]]:
    """Return all objects of all buckets, by listing and reading them."""
    there = s3(running)
    found: dict[str, dict[str, bytes]] = {}
    for bucket in there.list_buckets()["Buckets"]:
        name = bucket["Name"]
        listed = there.list_objects_v2(Bucket=name).get("Contents", [])
        found[name] = {
            one["Key"]: there.get_object(Bucket=name, Key=one["Key"])["Body"].read()
            for one in listed
        }
    return found


def test_every_key_is_its_own_within_its_bucket_or_refused(home: Path) -> None:
    running = launcher.find(home)
    assert running
    wanted: dict[str, bytes] = {}
    for key in KEYS:
        s3(running).put_object(Bucket="labapp", Key=key, Body=key.encode())
        wanted[key] = key.encode()
    others = {"kept": b"as it was"}
    for path, key in PATHS.items():
        request = signed(running, "PUT", path, body=path.encode(), service="s3")
        answer = sent(running, request).split()[1]
        assert answer == (b"200" if key else answer), path
        assert key or answer in (b"400", b"403", b"404"), path
        if key.endswith(" in other"):
            others[key.removesuffix(" in other")] = path.encode()
        elif key:
            wanted[key] = path.encode()
    found = everything(running)
    assert found == {"labapp": wanted, "other": others}

    files = {path for path in home.parents[1].rglob("*") if path.is_file()}
    assert all(path.is_relative_to(home) for path in files)
    held = {path for path in files if path.parent.parent.name == "objects"}
    assert len(held) == len(wanted) + len(others)

    launcher.stop(home)
    assert everything(launcher.ensure(home, running.port)) == found


def test_neither_a_copy_nor_an_upload_in_parts_reaches_another_bucket(home: Path) -> None:
    running = launcher.find(home)
    assert running
    there = s3(running)
    with pytest.raises(ClientError, match="NoSuchKey"):
        there.copy_object(Bucket="labapp", Key="copied", CopySource="labapp/../other/missing")
    upload = there.create_multipart_upload(Bucket="labapp", Key="../other/kept")["UploadId"]
    part = there.upload_part(
        Bucket="labapp", Key="../other/kept", UploadId=upload, PartNumber=1, Body=b"parts"
    )
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    there.complete_multipart_upload(
        Bucket="labapp",
        Key="../other/kept",
        UploadId=upload,
        MultipartUpload=parts,  # type: ignore[arg-type]
    )
    for number in ("..", "../../other", "../../../../x"):
        with pytest.raises(ClientError):
            there.upload_part(
                Bucket="labapp", Key="k", UploadId=number, PartNumber=1, Body=b"parts"
            )
        with pytest.raises(ClientError):
            there.abort_multipart_upload(Bucket="labapp", Key="k", UploadId=number)
    for bucket in ("..", "...", "a..b", "..other"):
        with pytest.raises(ClientError):
            there.create_bucket(Bucket=bucket)
    assert there.get_object(Bucket="other", Key="kept")["Body"].read() == b"as it was"
    there.delete_objects(Bucket="labapp", Delete={"Objects": [{"Key": "../other/kept"}]})
    assert there.get_object(Bucket="other", Key="kept")["Body"].read() == b"as it was"
    keys = [one["Key"] for one in there.list_objects_v2(Bucket="labapp").get("Contents", [])]
    assert "../other/kept" not in keys
