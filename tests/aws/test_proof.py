"""The proof in an account of moto's, in this process: it looks at all, and leaves nothing behind.

What the three programs do in a tour there is a command: see `python -m tests.aws --help`.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import boto3
import pytest

from labapp import utc
from labapp.cloud.session import Cloud
from tests.aws import __main__ as command
from tests.aws import lab_facts, proof, trial
from tests.aws.facts import Fact, Found, looked_at
from tests.aws.proof import ALL_FACTS, Row, actions, verdict
from tests.aws.trial import Trial
from tests.aws.wrong_clock import clock_off
from tests.clouds.account import Account
from tests.support.commands import run

Capture = pytest.CaptureFixture[str]

#: Facts that want the programs as processes of their own, or an answer from outside.
OUTSIDE = (
    "a tour of the three programs",
    "lists a second",
    "a bucket in another region",
    "the policies of the roles",
)


def in_process(words: Sequence[str]) -> tuple[int, str, str]:
    """Run a program in this process."""
    out, err = io.StringIO(), io.StringIO()
    off, words = (float(words[2]), words[3:]) if words[0] == "-m" else (0.0, words)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), clock_off(off):
        code = run(words[0], *words[1:])
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def there(bare_cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    called = trial.names("0123abcd")
    heard = trial.variables(called, "us-east-1", None, tmp_path)
    for name, value in heard.items():
        monkeypatch.setenv(name, value)
    account = Account({}, boto3.Session(region_name="us-east-1"))
    told: list[str] = []
    made = Trial(
        called, account, "us-east-1", in_process, tmp_path, heard, lambda _: None, 0.2, told.append
    )
    monkeypatch.setattr(utc, "_lacking", 0.0)
    yield made
    # moto reads no conditions: it takes 'nobody without TLS' for 'nobody'.
    assert trial.remove(made) == []
    assert account.buckets() == account.queues("") == []


def test_every_fact_is_looked_at_and_all_is_removed(there: Trial) -> None:
    found = {}
    for fact in ALL_FACTS:
        if fact.name not in OUTSIDE:
            found[fact.name] = looked_at(fact, there)
            _let_moto_in(there)

    words = {name: one.words for name, one in found.items()}
    as_documented = {name for name, one in found.items() if one.holds}
    assert {
        "a queue just made",
        "MessageGroupId on a standard queue",
        "a second purge within 60 s",
        "cloud up",
        "cloud up again",
        "conditions that do not hold",
        "a drop",
        "lifecycle rules of cloud up",
    } <= as_documented, words
    # What moto does not do is told as that.
    assert found["the name of a deleted queue"] == Found("done at once", holds=False)
    assert found["a signature two hours old"].holds is None
    assert found["labapp with a clock two hours behind"].holds is None


class Judge:
    """Stands for IAM, which moto asks nothing of: what a policy's statements name is allowed."""

    def simulate_custom_policy(self, **asked: list[str]) -> dict[str, list[dict[str, str]]]:
        (document,), (action,), (resource,) = asked.values()
        allowed = any(
            action in listed(one["Action"])
            and any(fnmatchcase(resource, form) for form in listed(one["Resource"]))
            for one in json.loads(document)["Statement"]
        )
        return {"EvaluationResults": [{"EvalDecision": "allowed" if allowed else "implicitDeny"}]}


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_the_roles_policies_are_judged(there: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Account.client
    monkeypatch.setattr(
        Account, "client", lambda self, name: Judge() if name == "iam" else client(self, name)
    )

    assert lab_facts.policies(there) == Found("14 judged, wrong: none", holds=True)


def _let_moto_in(there: Trial) -> None:
    with contextlib.suppress(there.account.s3.exceptions.ClientError):
        there.account.s3.delete_bucket_policy(Bucket=there.names.bucket)


def test_nothing_begins_where_a_name_is_taken(there: Trial) -> None:
    assert trial.taken(there) == []

    there.account.s3.create_bucket(Bucket=there.names.locked)
    there.account.sqs.create_queue(QueueName=f"{there.names.begin}-probe")

    assert trial.taken(there) == [there.names.locked, there.names.probe]


def test_other_buckets_and_queues_are_left_alone(there: Trial) -> None:
    account = there.account
    account.s3.create_bucket(Bucket="labapp-proof-ffffffff-lab")
    account.sqs.create_queue(QueueName="labapp-proof-ffffffff-probe")

    assert trial.remove(there) == []

    assert account.buckets() == ["labapp-proof-ffffffff-lab"]
    assert account.queues("") == ["labapp-proof-ffffffff-probe"]
    account.remove_bucket("labapp-proof-ffffffff-lab")
    account.remove_queue("labapp-proof-ffffffff-probe")


def test_what_is_interrupted_is_removed_all_the_same(
    there: Trial, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def half_way(_: Trial) -> Iterator[Row]:
        there.account.s3.create_bucket(Bucket=there.names.bucket)
        yield Row(ALL_FACTS[0], Found("late by 3 s", holds=True))
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "prove", half_way)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        command._run(there, "123456789012", keep=False, as_json=False)

    assert there.account.buckets() == []
    assert (
        "| a queue just made | may be unknown for up to 60 s | late by 3 s | as documented |"
        in (capsys.readouterr().out)
    )


def test_a_dry_run_makes_nothing_and_tells_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture, bare_cloud: Cloud
) -> None:
    monkeypatch.setattr(sys, "argv", ["tests.aws", "--dry-run", "--id", "0123abcd"])

    assert command.main() == 0

    said = capsys.readouterr().err
    assert "less than $0.10" in said
    assert "labapp-proof-0123abcd-lab" in said
    assert "iam:SimulateCustomPolicy" in said
    assert bare_cloud.s3.list_buckets()["Buckets"] == []


def test_what_is_not_allowed_is_not_shown_and_no_verdict(there: Trial) -> None:
    def look(_: Trial) -> Found:
        there.account.sqs.get_queue_url(QueueName="none")
        raise AssertionError

    fact = Fact("x", "y", "z", look)
    assert looked_at(fact, there).holds is False
    assert [verdict(Row(fact, Found("", holds))) for holds in (True, False, None)] == [
        "as documented",
        "NOT so",
        "not shown here",
    ]


def test_each_fact_says_what_is_expected_and_where_that_stands() -> None:
    assert all(fact.name and fact.expected and fact.source for fact in ALL_FACTS)
    assert len({fact.name for fact in ALL_FACTS}) == len(ALL_FACTS)
    assert all(action.partition(":")[0] in ("iam", "s3", "sqs", "sts") for action in actions())
    assert proof.COST < 1
