"""The tour with a user of IAM for each role, on a service that really denies.

Everybody does what is theirs, and is told what is not: anna sends and is answered, bob cannot see
it, whoever labels does not upload. Then the whole table of roles is asked, allow and deny.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import boto3

from tests.clouds.account import REGION, Account
from tests.clouds.environments import python_with
from tests.clouds.lane import Lane, Outcome
from tests.clouds.principals import Principal, principals
from tests.clouds.role_checks import WHO, failures
from tests.clouds.servers import served
from tests.clouds.tour import UP, CloudTour
from tests.support.everyday import LIST, SAMPLES
from tests.support.ports import free_port
from tests.support.steps import LIMIT, expect

#: The release that enforces IAM; the embedded cloud's own is older and does not.
MINISTACK = ("ministack==1.5.33",)

ROOT = ("rootkey", "rootsecret")

#: Whose command it is, by its first words; else that of who the program is for.
_WHOSE = {
    ("admin.py", "cloud", "up"): "setup",
    ("client.py", "answer"): "labeller",
    ("client.py", "label"): "labeller",
    ("client.py", "upload"): "uploader",
    ("client.py", "doctor"): "student",  # who looks for all that the menu offers
    ("client.py",): "anna",
    ("admin.py",): "admin",
    ("server.py",): "worker",
}


class RoleTour(CloudTour):
    """The steps, each by who has the role for it."""

    #: Who is asked for the table, with their roles.
    has = WHO

    def __init__(
        self, folder: Path, variables: Mapping[str, str], root: Account,
        people: Mapping[str, Principal],
    ) -> None:  # fmt: skip
        super().__init__(folder, variables, root)
        self._people = people
        self._endpoint = {"AWS_ENDPOINT_URL": variables["AWS_ENDPOINT_URL"]}

    def ended(
        self, *arguments: str, limit: int = LIMIT, **variables: str
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one of the programs as who has the role for it, unless `variables` say who."""
        who = self._people[_whose(arguments)].variables
        whole = {**self.variables, **who, **variables}
        return self.carrier.run(arguments, whole, self.project, limit)

    def _start_worker(self) -> None:
        own = self.variables
        self.variables = {**own, **self._people["worker"].variables}
        try:
            super()._start_worker()
        finally:
            self.variables = own

    def _use(self) -> None:
        super()._use()
        self.step("uploader", self._upload, needs=[UP])
        self.step("who only labels does not upload", self._no_upload, needs=[UP])
        self.step("bob cannot see what is anna's", self._apart, needs=["image"])
        self.step("who has no tag is told what lacks", self._untagged, needs=[UP])

    def _look_after(self) -> None:
        super()._look_after()
        self.step("the table of roles", self._table, needs=[UP])

    def _as(self, person: str, *arguments: str) -> tuple[int, str]:
        """Run a command as a person; return its exit code and what it told."""
        whole = {**self.variables, **self._people[person].variables}
        ended = self.carrier.run(arguments, whole, self.project, LIMIT)
        return ended.returncode, ended.stderr.decode("utf-8", "replace")

    def _upload(self) -> None:
        sent = self.json("client.py", "upload", "images", limit=2 * LIMIT)
        states = {one["state"] for one in sent}
        expect(len(sent) == SAMPLES and states <= {"added", "already there"}, f"sent {states}")

    def _no_upload(self) -> None:
        (self.project / "new.gif").write_bytes(_GIF)
        code, told = self._as("labeller", "client.py", "upload", "new.gif")
        expect(code == 4 and "it takes s3:" in told, f"exit code {code}: {told}")

    def _apart(self) -> None:
        done = [one for one in self.json("client.py", "results") if one["status"] == "done"]
        key = done[0]["result"]["key"]
        job = key.split("/")[2]
        client = key.split("/")[1]
        expect(client.startswith("anna-"), f"the result is {key}")
        code, told = self._as("anna", "client.py", "fetch", job, "--out", "again")
        expect(code == 0, f"anna: exit code {code}: {told}")
        code, told = self._as("bob", "client.py", "fetch", f"{client}/{job}", "--out", "bobs")
        expect(code == 4 and "s3:ListBucket" in told, f"bob: exit code {code}: {told}")
        source = key.replace("outbox/", "inbox/")
        bob = self._account("bob")
        for body in (source, key):
            named = {"job": "01M8FBHMTYV0QZXWZR7DVJADTT", "client": "bob-0123456789ab"}
            bob.send(self.inbox, body, labapp="1", **named)
        answers = [letter for letter in self.json("admin.py", "logs") if "bob" in letter["client"]]
        deadline = time.monotonic() + LIMIT
        while len(answers) < 1 and time.monotonic() < deadline:
            time.sleep(0.5)
            logs = self.json("admin.py", "logs")
            answers = [one for one in logs if one["client"].startswith("bob-0123")]
        expect(bool(answers), "bob's request was not answered")
        good = [one for one in answers if one["status"] == "done"]
        expect(not good, f"bob had anna's picture processed: {good}")

    def _untagged(self) -> None:
        code, told = self._as("stranger", "client.py", "numbers", LIST)
        expect(code == 4 and "sqs:" in told and "cloud policies" in told, f"{code}: {told}")

    def _table(self) -> None:
        count, wrong = failures(self.account, self._accounts(), self.has)
        print(f"{count} checks, {len(wrong)} unexpected", flush=True)
        expect(not wrong, "; ".join(wrong))

    def _accounts(self) -> dict[str, Account]:
        return {name: self._account(name) for name in self._people}

    def _account(self, person: str) -> Account:
        own = self._people[person].variables
        session = boto3.Session(
            own["AWS_ACCESS_KEY_ID"],
            own["AWS_SECRET_ACCESS_KEY"],
            own.get("AWS_SESSION_TOKEN"),
            region_name=REGION,
        )
        return Account(self._endpoint, session)


def _whose(arguments: tuple[str, ...]) -> str:
    return next(who for words, who in _WHOSE.items() if arguments[: len(words)] == words)


#: A picture of one pixel that is not in the sample set.
_GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\x00\x7f\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00"
    b"\x00\x02\x02D\x01\x00;"
)


@contextlib.contextmanager
def enforcing(cache: Path, folder: Path, services: str) -> Iterator[Account]:
    """Have MiniStack at work with its IAM enforced; yield its owner's look into it."""
    python = python_with(cache, "ministack", MINISTACK)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    variables = {
        "GATEWAY_PORT": f"{port}",
        "BIND_HOST": "127.0.0.1",
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": ROOT[0],
        "AWS_SECRET_ACCESS_KEY": ROOT[1],
        "SERVICES": services,
        "IOT_MTLS_ENABLED": "0",  # these two would listen beyond loopback
        "SFTP_ENABLED": "0",
    }
    with served(
        [str(python), "-m", "ministack"], f"{url}/_ministack/health", folder / "service",
        variables, folder,
    ):  # fmt: skip
        yield Account({"AWS_ENDPOINT_URL": url}, boto3.Session(*ROOT, region_name=REGION))


def run(cache: Path, folder: Path) -> Outcome:
    """Bring MiniStack up with its IAM, take the tour with users of it, and end it."""
    with enforcing(cache, folder, "s3,sqs,sts,iam") as root:
        variables = {**root.variables, "AWS_REGION": REGION}
        tour = RoleTour(folder / "tour", variables, root, principals(root))
        try:
            tour.go()
        finally:
            tour.end()
    return tour.outcome


LANE = Lane(
    "roles",
    "MiniStack 1.5.33 with its IAM enforced (AUTH=true), a user for each role",
    "policies by a principal's tag: it fills in no variables; delays of IAM; what S3 answers of a"
    " missing object to who may not list the bucket",
    run,
)
