"""Facts that the programs show: a lab is made, the clock is corrected, roles do as they should."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.aws.facts import Fact, Found, code_of
from tests.aws.trial import PREFIX, Trial, tag_set
from tests.aws.wrong_clock import clock_off

#: Seconds by which a clock is put back: beyond the 15 minutes that S3 allows.
BEHIND = -7200.0

#: The person of the client's policy, and another.
ANNA, BERT = "anna", "bert"

#: The end of a client's id.
SLOT = "-0123456789ab"

#: Actions that one simulation takes at most.
MOST_ACTIONS = 50


def up(trial: Trial) -> Found:
    """Make the lab with 'cloud up'."""
    code, out, err = trial.program(["admin.py", "cloud", "up", "--json"])
    if code:
        return Found(f"exit code {code}: {err.strip()[-200:]}", False)
    made = [one["name"] for one in json.loads(out) if one["state"] == "made"]
    tag(trial)
    return Found(f"{len(made)} things made", trial.names.bucket in made)


def tag(trial: Trial) -> None:
    """Mark what 'cloud up' has made as this run's."""
    account, names = trial.account, trial.names
    account.s3.put_bucket_tagging(Bucket=names.bucket, Tagging=tag_set(trial))
    for queue in account.queues(names.begin):
        account.sqs.tag_queue(QueueUrl=account.url(queue), Tags={PREFIX: names.id})


def up_again(trial: Trial) -> Found:
    """Run it again: nothing is made."""
    code, out, err = trial.program(["admin.py", "cloud", "up", "--json"])
    if code:
        return Found(f"exit code {code}: {err.strip()[-200:]}", False)
    made = [one["name"] for one in json.loads(out) if one["state"] == "made"]
    return Found(f"made again: {', '.join(made) or 'nothing'}", not made)


def skew(trial: Trial) -> Found:
    """Sign with a time of two hours ago, without labapp's correction."""
    account = trial.account
    with clock_off(BEHIND):
        queue = code_of(lambda: account.sqs.list_queues(MaxResults=1))
        bucket = code_of(lambda: account.s3.list_objects_v2(Bucket=trial.names.bucket, MaxKeys=1))
    if queue == bucket == "done":
        return Found("taken all the same: nothing here checks the time", None)
    holds = "InvalidSignature" in queue and "RequestTimeTooSkewed" in bucket
    return Found(f"SQS {queue}; S3 {bucket}", holds)


def corrected(trial: Trial) -> Found:
    """Ask for the lab's state with a clock that is two hours behind."""
    words = ["-m", "tests.aws.wrong_clock", str(BEHIND), "admin.py", "cloud", "status"]
    code, out, err = trial.program(words)
    told = "clock is 2 h behind" in out + err
    if code == 0 and not told:
        return Found("passes, and nothing is told: nothing here checks the time", None)
    return Found(f"exit code {code}; the clock is {'told' if told else 'not told'}", not code)


def policies(trial: Trial) -> Found:
    """Have IAM judge each role's policy: what it is for is allowed, what is another's is not."""
    iam: Any = trial.account.client("iam")
    wrong, judged = [], 0
    for role, wanted, action, resource in _questions(trial):
        document = _policy(trial, role)
        if document is None:
            return Found("'cloud policies' is not there", None)
        answer = iam.simulate_custom_policy(
            PolicyInputList=[document], ActionNames=[action], ResourceArns=[resource]
        )
        allowed = answer["EvaluationResults"][0]["EvalDecision"] == "allowed"
        judged += 1
        if allowed != wanted:
            wrong.append(f"{role} {action} is {'allowed' if allowed else 'denied'}")
    return Found(f"{judged} judged, wrong: {'; '.join(wrong) or 'none'}", not wrong)


def _policy(trial: Trial, role: str) -> str | None:
    words = ["admin.py", "cloud", "policies", "--role", role]
    code, out, _ = trial.program([*words, *(["--client", ANNA] if role == "client" else [])])
    return None if code else out


def _questions(trial: Trial) -> Iterator[tuple[str, bool, str, str]]:
    """Yield role, whether it must be allowed, the action, and on what."""
    account = trial.account.client("sts").get_caller_identity()["Account"]
    names = trial.names

    def queue(variable: str, end: str = "") -> str:
        return f"arn:aws:sqs:{trial.region}:{account}:{names.queues[variable]}{end}"

    requests, answers = queue("LABAPP_REQUEST_QUEUE"), "LABAPP_RESPONSE_QUEUE"
    own, others = queue(answers, f"-{ANNA}{SLOT}"), queue(answers, f"-{BERT}{SLOT}")
    bucket = f"arn:aws:s3:::{names.bucket}"
    yield "client", True, "sqs:SendMessage", requests
    yield "client", True, "sqs:ReceiveMessage", own
    yield "client", False, "sqs:ReceiveMessage", others
    yield "client", False, "sqs:ReceiveMessage", requests
    yield "client", False, "sqs:ReceiveMessage", queue(answers, "-dlq")
    yield "client", True, "s3:PutObject", f"{bucket}/inbox/{ANNA}{SLOT}/1/a.jpg"
    yield "client", False, "s3:GetObject", f"{bucket}/outbox/{BERT}{SLOT}/1/a.jpg"
    yield "labeller", True, "s3:PutObject", f"{bucket}/labels/a.txt"
    yield "labeller", False, "s3:PutObject", f"{bucket}/images/a.jpg"
    yield "worker", True, "sqs:DeleteMessage", requests
    yield "worker", True, "sqs:SendMessage", own
    yield "worker", False, "sqs:DeleteQueue", requests
    yield "worker", False, "s3:PutObject", f"{bucket}/images/a.jpg"
    yield "uploader", True, "s3:PutObject", f"{bucket}/images/a.jpg"


def doctor(trial: Trial) -> Found:
    """Have the doctor look at the lab."""
    code, out, err = trial.program(["admin.py", "doctor", "--json"])
    try:
        json.loads(out)
    except ValueError:
        return Found(f"exit code {code}: {err.strip()[-200:]}", None if code == 2 else False)
    return Found(f"exit code {code}", code == 0)


UP_FACTS = (
    Fact("cloud up", "makes the lab at once", "labapp's own promise", up),
    Fact("cloud up again", "makes nothing", "labapp's own promise", up_again),
)

LAB_FACTS = (
    Fact(
        "a signature two hours old",
        "SQS InvalidSignatureException, S3 RequestTimeTooSkewed",
        "Troubleshoot AWS Signature Version 4, IAM user guide",
        skew,
        ("sqs:ListQueues",),
    ),
    Fact(
        "labapp with a clock two hours behind",
        "goes on, and says so",
        "labapp's own promise",
        corrected,
    ),
    Fact(
        "the policies of the roles",
        "IAM allows what each is for, and nothing of another's",
        "SimulateCustomPolicy, IAM API Reference",
        policies,
        ("iam:SimulateCustomPolicy",),
    ),
    Fact("doctor", "finds nothing wrong", "labapp's own promise", doctor),
)
