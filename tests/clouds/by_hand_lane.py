"""The manual's page on a worker by hand: each of its commands, by AWS's own program, on moto.

The ids that the page's reader puts in are put in here; so is the image: moto looks none up.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.clouds.account import KEYS, REGION, Account
from tests.clouds.environments import python_with
from tests.clouds.lane import Lane, Outcome
from tests.clouds.services import moto
from tests.support.by_hand import IMAGE, INSTANCE, aws_commands, file_named

TOP = Path(__file__).resolve().parents[2]

#: AWS's own program; PyPI has its version 1, whose commands these are too.
AWS_CLI = "awscli==1.46.3"

#: Seconds that a command may take: the slowest waits for what moto has at once.
PATIENCE = 120.0


class _Reader:
    """Who goes by the page: what was told of ids is put in where the page has others."""

    def __init__(self, aws: Path, folder: Path, variables: Mapping[str, str]) -> None:
        self._aws = aws
        self._folder = folder
        self._environment = {**os.environ, **KEYS, "AWS_DEFAULT_REGION": REGION, **variables}
        self._ids: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self.done = 0

    def files(self) -> None:
        """Write the files that the page shows, and the worker's policy as the page says."""
        asked = file_named("instance.json")
        parameter = asked["ImageId"].removeprefix("resolve:ssm:")
        told = self._run(["ssm", "get-parameter", "--name", parameter])
        asked["ImageId"] = told["Parameter"]["Value"]
        for name, content in (("instance", asked), ("trust", file_named("trust.json"))):
            (self._folder / f"{name}.json").write_text(json.dumps(content), "utf-8")
        program = [sys.executable, str(TOP / "admin.py"), "--cloud", "aws"]
        policy = subprocess.run(
            [*program, "cloud", "policies", "--role", "worker", "--account", "123456789012"],
            env=self._environment, capture_output=True, check=True, timeout=PATIENCE,
        )  # fmt: skip
        (self._folder / "worker.json").write_bytes(policy.stdout)

    def does(self, words: Sequence[str]) -> None:
        """Run one command of the page; keep the ids that it tells."""
        self.done += 1
        given = [self._ids.get(word, word) for word in words]
        try:
            told = self._run(given)
        except (subprocess.SubprocessError, ValueError) as error:
            said = getattr(error, "stderr", b"") or b""
            self.failed[" ".join(words)] = f"{error}: {said.decode('utf-8', 'replace')}"
            return
        if isinstance(told, dict) and (made := told.get("Instances")):
            self._ids.setdefault(INSTANCE, made[0]["InstanceId"])
        if isinstance(told, dict) and "ImageId" in told:
            self._ids[IMAGE] = told["ImageId"]

    def _run(self, words: Sequence[str]) -> Any:
        own = [] if "--output" in words else ["--output", "json"]
        done = subprocess.run(
            [self._aws, *words, *own],
            env=self._environment, cwd=self._folder, capture_output=True, check=True,
            timeout=PATIENCE,
        )  # fmt: skip
        return json.loads(done.stdout) if own and done.stdout.strip() else None


def _run(cache: Path, folder: Path) -> Outcome:
    aws = python_with(cache, "awscli", [AWS_CLI]).with_name("aws")
    with moto(folder) as url:
        variables = {"AWS_ENDPOINT_URL": url}
        reader = _Reader(aws, folder, variables)
        reader.files()
        for _, *words in aws_commands("text", "sh"):
            print(f"aws {' '.join(words)}", flush=True)
            reader.does(words)
        _look(Account(variables), reader)
    return Outcome(reader.done - len(reader.failed), reader.done, reader.failed)


def _look(account: Account, reader: _Reader) -> None:
    """See that nothing is left of what the page made."""
    reader.done += 1
    ec2, iam = account.client("ec2"), account.client("iam")
    found = [one for told in ec2.describe_instances()["Reservations"] for one in told["Instances"]]
    ours = [one for one in found if one["State"]["Name"] != "terminated"]
    groups = [one["GroupName"] for one in ec2.describe_security_groups()["SecurityGroups"]]
    left = {
        "instances": len(ours) - 2,  # those two that were started of the image have other ids
        "keys": len(ec2.describe_key_pairs()["KeyPairs"]),
        "groups": groups.count("labapp-worker"),
        "images": len(ec2.describe_images(Owners=["self"])["Images"]),
        "roles": len(iam.list_roles()["Roles"]),
        "profiles": len(iam.list_instance_profiles()["InstanceProfiles"]),
    }
    if any(left.values()):
        reader.failed["nothing is left"] = str(left)


LANE = Lane(
    "by-hand",
    f"the page by-hand, by {AWS_CLI}, on moto's server",
    "whether an instance comes up, and what stands on it",
    _run,
)
