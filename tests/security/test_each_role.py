"""Each role does its whole work with the permissions that its policy gives, and no other.

Whatever is left out of a policy is named by the error that follows; nobody sees what is another's.
`python -m tests.clouds roles` has the programs do the same on a service that enforces IAM.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud import new_queues, provision, queues, roles
from labapp.cloud.aws_errors import translated
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.roles import Permission
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError
from labapp.jobs import lab, permissions
from labapp.labels.object_keys import content_name
from tests.pictures.samples import PNG, file_of, photo
from tests.security.wire_kit import Worker
from tests.support.commands import admin, client, document
from tests.support.role_guard import as_role, documents, guarded, without

pytestmark = pytest.mark.usefixtures("short_polls")

Capture = pytest.CaptureFixture[str]


#: What programs look at as they start, and go on without: whether bucket and queues are there.
LOOKS = {"s3:ListBucket", "sqs:GetQueueUrl"}


@pytest.fixture
def anna(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABAPP_USER", "anna")


def work(cloud: Cloud) -> None:
    """Do what waits, as the worker may."""
    with as_role(cloud, "worker") as guard:
        Worker(cloud).work()
    assert guard.refused == []


@pytest.mark.usefixtures("anna")
def test_a_client_sends_and_is_answered_and_nobody_else_sees_it(
    cloud: Cloud, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cat.png").write_bytes(PNG)
    with as_role(cloud, "client") as guard:
        assert client("numbers", "1,2", "--timeout", "0") == 5
        capsys.readouterr()
        assert client("jobs", "--json") == 0
        number = json.loads(capsys.readouterr().out)[0]["job"]
        sent = ("image", str(tmp_path / "cat.png"), "--op", "invert", "--no-wait", "--json")
        assert client(*sent) == 0
        picture = json.loads(capsys.readouterr().out)[0]["job"]
    assert set(guard.refused) <= LOOKS
    work(cloud)
    with as_role(cloud, "client") as guard:
        assert client("wait", number) == 0
        assert "sum is 3" in capsys.readouterr().out
        assert client("wait", picture) == 0
        assert (tmp_path / "cat-invert.png").is_file()
        assert client("fetch", picture, "--out", str(tmp_path / "again")) == 0
        assert client("jobs") == 0
        assert client("purge", "--yes") == 0
    assert set(guard.refused) <= LOOKS
    with as_role(cloud, "client"):
        told = document(capsys, "client.py", "trace", number)
    assert told["verdict"].startswith("done, answered and read in ")
    assert set(told["unseen"]) == {"log", "queues", "replies", "workers"}
    with as_role(cloud, "admin") as guard:
        told = document(capsys, "admin.py", "trace", picture[:12])
        assert (told["unseen"], told["receives"]) == ([], 1)
        assert [one["state"] for one in told["steps"]] == ["done"] * 7
    assert guard.refused == []
    (key,) = (entry.key for entry in Bucket(cloud).list("outbox/"))
    box, owner, job, _ = key.split("/")
    assert (box, owner.rpartition("-")[0], job) == ("outbox", "anna", picture)

    capsys.readouterr()
    monkeypatch.setenv("LABAPP_USER", "bob")
    monkeypatch.setenv("LABAPP_DATA_DIR", str(tmp_path / "bobs"))
    with as_role(cloud, "client", client="bob"):
        assert client("fetch", f"{owner}/{job}", "--out", str(tmp_path / "bobs")) == 4
        assert "it takes s3:ListBucket" in capsys.readouterr().err
        bucket = Bucket(cloud)
        for take in (
            lambda: bucket.get(key),
            lambda: Queue(cloud, f"responseQueue-{owner}").receive(),
            lambda: bucket.put(key.replace("outbox", "inbox"), PNG, "image/png"),
        ):
            with pytest.raises(ForbiddenError):
                take()


def test_who_labels_uploads_nothing_and_who_uploads_may(
    cloud: Cloud, tmp_path: Path, capsys: Capture
) -> None:
    files = [tmp_path / f"{number}.png" for number in range(2)]
    for number, path in enumerate(files):
        path.write_bytes(file_of(photo(30, 40 + number), "PNG"))
    with as_role(cloud, "uploader") as guard:
        assert client("upload", *map(str, files), "--json") == 0
        key = json.loads(capsys.readouterr().out)[0]["key"]
        assert client("upload", *map(str, files)) == 0
    assert set(guard.refused) <= LOOKS
    with as_role(cloud, "labeller") as guard:
        for label in ("1", "0"):
            assert client("answer", key, label, "--annotator", "ada") == 0
    assert set(guard.refused) <= LOOKS
    capsys.readouterr()
    with as_role(cloud, "labeller"):
        (tmp_path / "new.png").write_bytes(file_of(photo(20, 20), "PNG"))
        assert client("upload", str(tmp_path / "new.png")) == 4
    assert "it takes s3:" in capsys.readouterr().err


def test_in_a_labs_own_layout_people_label_and_the_admin_looks(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = dataclasses.replace(
        cloud.settings,
        images_prefix="pics/",
        labels_key="files/{name}.txt",
        layout_writes=True,
    )
    for name in ("images_prefix", "labels_key", "layout_writes"):
        monkeypatch.setenv(f"LABAPP_{name.upper()}", f"{getattr(changed, name)}".lower())
    names = permissions.names_of(changed, cloud.place.region, cloud.account)
    Bucket(cloud).put("pics/cat.png", PNG, "image/png")
    with guarded(cloud, roles.policy("labeller", names, "anna")) as guard:
        assert client("answer", "pics/cat.png", "1", "--annotator", "ada") == 0
        assert client("answers", "--annotator", "ada") == 0
    assert set(guard.refused) <= {*LOOKS, "s3:GetObject"}
    with guarded(cloud, roles.policy("admin", names, "anna")) as guard:
        for words in (
            "stats", "annotators leave-out anonymous", f"export --format csv --out {tmp_path}/out",
            "classes set --question Why?",
        ):  # fmt: skip
            assert admin(*words.split()) == 0
    assert set(guard.refused) <= LOOKS


def test_the_admin_looks_after_everything(cloud: Cloud, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    name = content_name(hashlib.sha256(PNG).hexdigest(), "a.png")
    line = b"1 2026-11-21T10:00:00Z ana id1\n"
    Bucket(cloud).put(f"labels/{name}.txt", line, "text/plain")
    with as_role(cloud, "worker"):
        Queue(cloud, "requestQueue-dlq").send(Outgoing("1,2"))
    with as_role(cloud, "admin") as guard:
        for words in (
            f"upload {tmp_path / 'a.png'}", "images", "stats", "annotators", "broken",
            "annotators leave-out ana", "annotators withdraw ana --yes", f"verdict {name} 1",
            f"export --format csv --out {tmp_path / 'out'}", "images remove *-a.png --yes",
            "queues", "queues dead", "queues redrive requestQueue",
            "queues purge requestQueue --yes", "queues prune --yes", "logs", "workers",
        ):  # fmt: skip
            assert admin(*words.split()) == 0, (words, capsys.readouterr().err)
    assert guard.refused == []


def test_who_sets_up_makes_and_protects_all(bare_cloud: Cloud, capsys: Capture) -> None:
    with as_role(bare_cloud, "setup") as guard:
        assert admin("cloud", "up", "--dry-run") == 0, capsys.readouterr().err
        assert admin("cloud", "up") == 0, capsys.readouterr().err
    assert guard.refused == []
    assert lab.missing(bare_cloud) == []


def concrete(pattern: str) -> str:
    """Return a name that a policy's pattern takes."""
    return pattern.rpartition(":")[2].replace("????????????", "0123456789ab").replace("*", "x")


#: What takes an action, of a queue's name.
OF_QUEUES: dict[str, Callable[[Cloud, str], object]] = {
    "sqs:GetQueueUrl": lambda cloud, name: Queue(cloud, name).exists(),
    "sqs:GetQueueAttributes": lambda cloud, name: Queue(cloud, name).counts(),
    "sqs:CreateQueue": new_queues.make,
    "sqs:SetQueueAttributes": lambda cloud, name: cloud.sqs.set_queue_attributes(
        QueueUrl=Queue(cloud, name).url, Attributes={"DelaySeconds": "0"}
    ),
    "sqs:SendMessage": lambda cloud, name: Queue(cloud, name).send_batch([Outgoing("1")] * 2),
    "sqs:ReceiveMessage": lambda cloud, name: Queue(cloud, name).receive(),
    "sqs:DeleteMessage": lambda cloud, name: Queue(cloud, name).delete(["receipt"]),
    "sqs:ChangeMessageVisibility": lambda cloud, name: Queue(cloud, name).hide(["receipt"], 0),
    "sqs:PurgeQueue": lambda cloud, name: Queue(cloud, name).purge(),
    "sqs:DeleteQueue": lambda cloud, name: cloud.sqs.delete_queue(
        QueueUrl=Queue(cloud, "requestQueue").url.replace("requestQueue", name)
    ),
    "sqs:ListQueues": lambda cloud, _: queues.names(cloud),
}

#: The same, of an object's key.
OF_OBJECTS: dict[str, Callable[[Cloud, str], object]] = {
    "s3:GetObject": lambda cloud, key: Bucket(cloud).get(key),
    "s3:PutObject": lambda cloud, key: Bucket(cloud).put(key, b"1", "text/plain"),
    "s3:DeleteObject": lambda cloud, key: Bucket(cloud).delete(key),
    "s3:AbortMultipartUpload": lambda cloud, key: cloud.s3.abort_multipart_upload(
        Bucket=cloud.bucket_name, Key=key, UploadId="none"
    ),
}

PRIVATE, ENCRYPTED, VERSIONED, TLS = provision.PROTECTIONS

#: The same, of the bucket's name.
OF_BUCKET: dict[str, Callable[[Cloud, str], object]] = {
    "s3:ListBucket": lambda cloud, _: cloud.s3.head_bucket(Bucket=cloud.bucket_name),
    "s3:CreateBucket": lambda cloud, _: provision.make_bucket(cloud),
    "s3:GetBucketPublicAccessBlock": PRIVATE.is_set,
    "s3:PutBucketPublicAccessBlock": PRIVATE.set,
    "s3:GetEncryptionConfiguration": ENCRYPTED.is_set,
    "s3:PutEncryptionConfiguration": ENCRYPTED.set,
    "s3:GetBucketVersioning": VERSIONED.is_set,
    "s3:PutBucketVersioning": VERSIONED.set,
    "s3:GetBucketPolicy": TLS.is_set,
    "s3:PutBucketPolicy": lambda cloud, name: cloud.s3.put_bucket_policy(Bucket=name, Policy=""),
    "s3:GetLifecycleConfiguration": lambda cloud, name: cloud.s3.get_bucket_lifecycle_configuration(
        Bucket=name
    ),
    "s3:PutLifecycleConfiguration": lambda cloud, name: cloud.s3.put_bucket_lifecycle_configuration(
        Bucket=name, LifecycleConfiguration={"Rules": []}
    ),
    "s3:GetBucketNotification": lambda cloud, name: cloud.s3.get_bucket_notification_configuration(
        Bucket=name
    ),
    "s3:PutBucketNotification": lambda cloud, name: cloud.s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={}
    ),
}


def deed(cloud: Cloud, permission: Permission) -> Callable[[], object]:
    """Return what takes a permission."""
    name, action = concrete(permission.resources[0]), permission.action
    if permission.prefixes:
        return lambda: list(Bucket(cloud).list(concrete(permission.prefixes[0])))
    if action.startswith("sqs:"):
        return lambda: OF_QUEUES[action](cloud, name)
    name, _, key = name.partition("/")
    return lambda: OF_OBJECTS[action](cloud, key) if key else OF_BUCKET[action](cloud, name)


def put_everything(cloud: Cloud, policy: Mapping[str, Any]) -> None:
    """Make the queues and objects that a policy is tried on, where there are none."""
    for statement in policy["Statement"]:
        listed = statement["Resource"]
        if ":s3:" not in json.dumps(listed) and ":sqs:" not in json.dumps(listed):
            continue
        for name in map(concrete, listed if isinstance(listed, list) else [listed]):
            bucket, _, key = name.partition("/")
            if key:
                cloud.s3.put_object(Bucket=bucket, Key=key, Body=b"1")
            elif name.startswith("responseQueue-"):
                new_queues.make(cloud, name)


def test_whatever_is_left_out_of_a_policy_is_named_by_who_misses_it(cloud: Cloud) -> None:
    names = permissions.names_in(cloud)
    for role in roles.ROLES:
        (whole,) = documents(cloud, role.name)
        put_everything(cloud, whole)
        for permission in roles.permissions(role.name, names, "anna"):
            if permission.action.startswith(("s3:", "sqs:")):
                leave_out(cloud, whole, permission)


def leave_out(cloud: Cloud, whole: Mapping[str, Any], permission: Permission) -> None:
    """Do what takes a permission, with a whole policy and with one that has not its action."""
    do, action = deed(cloud, permission), permission.action
    with guarded(cloud, whole) as guard, contextlib.suppress(CloudError), translated("do it"):
        do()
    assert guard.refused == []
    assert action in guard.used
    lacking = guarded(cloud, without(whole, action))
    with lacking as guard, pytest.raises(ForbiddenError) as caught, translated("do it"):
        do()
    assert action in guard.refused
    assert action in caught.value.message
    assert "'python admin.py cloud policies'" in caught.value.remedy


@pytest.mark.usefixtures("anna")
def test_whose_permissions_are_for_another_name_is_told_of_it(
    cloud: Cloud, capsys: Capture
) -> None:
    with as_role(cloud, "client", client="annabel"):
        assert client("numbers", "1,2", "--timeout", "0") == 4
    told = " ".join(capsys.readouterr().err.split())
    assert "for another name than anna, set LABAPP_USER to it" in told


@pytest.mark.usefixtures("anna")
def test_what_a_client_lacks_is_told_by_the_program(cloud: Cloud, capsys: Capture) -> None:
    (whole,) = documents(cloud, "client")
    for action, words in {
        "sqs:GetQueueUrl": "numbers 1,2 --timeout 0",
        "sqs:CreateQueue": "numbers 1,2 --timeout 0",
        "sqs:SendMessage": "numbers 1,2 --timeout 0",
        "sqs:ReceiveMessage": "numbers 1,2 --timeout 1",
        "s3:PutObject": "image images/1.jpg --op invert --no-wait",
    }.items():
        with guarded(cloud, without(whole, action)):
            assert client(*words.split()) == 4
        assert f"it takes {action}" in " ".join(capsys.readouterr().err.split())
