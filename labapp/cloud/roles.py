"""Who needs which permissions: a policy of IAM for each role, shipped as a file and filled in here.

The files of `role_policies/` are policies as IAM has them, with words in angle brackets for what is
different in each lab. One that stands for several things, as `<requests>` for the queues of all
kinds of jobs, makes as many resources of the one that it stands in.

A client's ids are its person's name, a dash, and 12 characters without one (see `jobs.slots`). So
`<client>-????????????` is all ids of one name, and none of a longer one that begins alike.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.session import get_session

from labapp import foreign
from labapp.cloud.fleet.model import LAB

#: Where the policies lie, one a role.
FOLDER = Path(__file__).parent / "role_policies"

#: Characters of a managed policy, blanks not counted, that IAM takes (IAM user guide, "IAM and AWS
#: STS quotas").
MOST_CHARACTERS = 6_144

#: The tag of a principal of IAM, a user or a role's session, that names the person.
TAG = "labapp-client"


@dataclass(frozen=True)
class Role:
    """One role: what it is called, what who has it does, and the programs that need it."""

    name: str
    does: str
    program: str


#: Every role, those of people with little first.
ROLES = (
    Role("client", "sends lists and pictures, reads its own answers and results", "client.py"),
    Role("labeller", "labels pictures", "client.py"),
    Role("uploader", "uploads pictures to be labelled", "client.py"),
    Role("worker", "does the jobs", "server.py"),
    Role("instance", "is a worker of the fleet: fetches its code, drains", "server.py"),
    Role("admin", "looks after dataset, queues, logs, workers and fleet", "admin.py"),
    Role("deployer", "makes, changes and removes the fleet: 'admin.py deploy'", "admin.py"),
    Role("setup", "makes and protects bucket and queues: 'admin.py cloud up'", "admin.py"),
)


@dataclass(frozen=True)
class Names:
    """What is called how in one lab.

    Attributes:
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        region: of the queues.
        account: of the queues, 12 digits.
        bucket: the bucket's name.
        requests: the queues of requests, of all kinds of jobs.
        plain_answers: the queues on which plain clients are answered.
        taken: the queues that workers take jobs from: those of requests, and a dialect's.
        told: the queues that labs' own clients are answered on: plain clients', and a dialect's.
        taken_dead: those of the dead letters of `taken`.
        told_dead: those of the dead letters of `told`.
        answers: what clients' reply queues begin with, before their dash.
        plain_sources: the prefix of plain clients' pictures.
        plain_results: that of their results.
        other_buckets: the buckets that a dialect names besides.
        read: what a dialect has workers read, each as a bucket and the beginning of keys.
        written: what it has them write, likewise.
        pictures: patterns of the keys of pictures to label.
        labels: those of their label files.
        kept_pictures: those of `pictures` that are written; none where a layout is only read.
        kept_labels: those of `labels`, likewise.
        label_files: those of `kept_labels` without what an admin decides, which lies among them.
        kept_aside: those of label files whose pictures were taken out, likewise.
        only_read: those of pictures and label files, where they are only read.
        light: those of `taken` that hold jobs of numbers alone, many of which cost what a picture
            does.
        lab: what the fleet is called by: its stack, and with a word behind it what is in it.
    """

    partition: str
    region: str
    account: str
    bucket: str
    requests: tuple[str, ...]
    plain_answers: tuple[str, ...]
    answers: str
    plain_sources: str
    plain_results: str
    taken: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    taken_dead: tuple[str, ...] = ()
    told_dead: tuple[str, ...] = ()
    other_buckets: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ("images/*",)
    labels: tuple[str, ...] = ("labels/*",)
    kept_pictures: tuple[str, ...] = ("images/*",)
    kept_labels: tuple[str, ...] = ("labels/*",)
    label_files: tuple[str, ...] = ("labels/*.txt", "labels/*.part", "labels/.conditions")
    kept_aside: tuple[str, ...] = ("removed/*",)
    only_read: tuple[str, ...] = ()
    light: tuple[str, ...] = ()
    lab: str = LAB


@dataclass(frozen=True)
class Permission:
    """One action that a role may do, on which resources.

    `prefixes` limits a listing to keys that begin so; empty: to none.
    """

    action: str
    resources: tuple[str, ...]
    prefixes: tuple[str, ...] = ()


def partition_of(region: str) -> str:
    """Return the part of AWS that a region is in, as ARNs name it."""
    return str(get_session().get_partition_for_region(region))


def by_tag(tag: str = TAG) -> str:
    """Return what stands for the person where a tag of the principal names it."""
    return f"${{aws:PrincipalTag/{tag}}}"


def policy(role: str, names: Names, client: str) -> dict[str, Any]:
    """Return a role's policy.

    Args:
        role: the name of one of `ROLES`.
        names: how the lab's things are called.
        client: the person's name as ids of clients begin, or what `by_tag` gives.
    """
    words = {name.replace("_", " "): value for name, value in vars(names).items()}
    words["client"] = client
    whole = _written(role)
    statements = [
        {name: _filled(value, words) for name, value in one.items()} for one in whole["Statement"]
    ]
    # What a lab has none of needs no permission.
    return {**whole, "Statement": [one for one in statements if one["Resource"]]}


def permissions(role: str, names: Names, client: str) -> tuple[Permission, ...]:
    """Return the actions of a role's policy one by one; arguments as of `policy`."""
    found = []
    for one in policy(role, names, client)["Statement"]:
        told = one.get("Condition", {}).get("StringLike", {})
        prefixes = tuple(_listed(told.get("s3:prefix", [])))
        resources = tuple(_listed(one["Resource"]))
        found += [Permission(action, resources, prefixes) for action in _listed(one["Action"])]
    return tuple(found)


def actions(role: str) -> tuple[str, ...]:
    """Return the actions of a role's policy, whatever a lab's things are called."""
    return tuple(
        dict.fromkeys(
            action for one in _written(role)["Statement"] for action in _listed(one["Action"])
        )
    )


def characters(document: Mapping[str, Any]) -> int:
    """Return the characters of a policy as IAM counts them, by which it takes `MOST_CHARACTERS`."""
    return sum(not sign.isspace() for sign in json.dumps(document, ensure_ascii=False))


def _written(role: str) -> dict[str, Any]:
    """Return a role's policy as its file has it."""
    text = (FOLDER / f"{role}.json").read_text("utf-8")
    return foreign.read_object(text, len(text))


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _filled(value: Any, words: Mapping[str, str | tuple[str, ...]]) -> Any:
    """Return a part of a policy with its words filled in."""
    if isinstance(value, dict):
        return {name: _filled(part, words) for name, part in value.items()}
    if isinstance(value, list):
        return _without_covered([one for text in value for one in _versions(text, words)])
    made = _versions(value, words)
    return made[0] if len(made) == 1 else made


def _versions(text: str, words: Mapping[str, str | tuple[str, ...]]) -> list[str]:
    """Return a text once for each thing that a word in it stands for; not at all for none."""
    made = [text]
    for word, meant in words.items():
        if f"<{word}>" in text:
            several = meant if isinstance(meant, tuple) else (meant,)
            made = [one.replace(f"<{word}>", each) for one in made for each in several]
    return list(dict.fromkeys(made))


def _without_covered(texts: list[str]) -> list[str]:
    """Return patterns less those that another one includes, as `inbox/*` does `inbox/old/*`."""
    wide = [one for one in texts if one.endswith("/*")]
    return [
        one
        for one in dict.fromkeys(texts)
        if not any(one != other and one.startswith(other[:-1]) for other in wide)
    ]
